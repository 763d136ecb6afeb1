"""Every error and warning of the package: one family, so that a script can catch what we raise and nothing else."""

from collections.abc import Iterable


class ExportModelsError(ValueError):
    """Base of every error that the package raises on purpose."""


class FormulaError(ExportModelsError):
    """A formula cannot be read, or names a column or level that the data do not have."""


class DataError(ExportModelsError):
    """A column breaks a rule: not finite, constant, collinear, missing where it may not be, of the wrong length."""


class OutcomeError(DataError):
    """An outcome cannot be what the estimator models: a negative duration, a share of 45, one class only."""


class WeightError(DataError):
    """Weights, frequencies or clusters cannot be used as given."""


class SeparationError(ExportModelsError):
    """A maximum-likelihood estimate does not exist: some column or cell predicts the outcome perfectly."""


class ConvergenceError(ExportModelsError):
    """The likelihood was not maximized; the message says how far the fit got and what usually helps."""


class OptionError(ExportModelsError):
    """An option has a value that the estimator does not know, or two options contradict each other."""


class AnswersError(DataError):
    """A file of answers cannot be read as the questionnaire, or holds answers that contradict it."""


class ExportModelsWarning(UserWarning):
    """Base of every warning of the package: the result stands, but the reader must know this."""


class BoundaryError(ConvergenceError):
    """The maximum lies at the end of a parameter's range: a variance or a share of zero."""


class SmallSampleWarning(ExportModelsWarning):
    """Few events per parameter, a boundary estimate, or few clusters."""


class IdentificationWarning(ExportModelsWarning):
    """The data do not identify an effect by themselves: it rests on an assumed law or form."""


def rows(labels: Iterable[object], most: int = 5) -> str:
    """Name the first offending rows: `rows 3, 8, 9 and 12 more`."""
    listed = [str(label) for label in labels]
    shown = ", ".join(listed[:most])
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return f"row{'s' if len(listed) != 1 else ''} {shown}{more}"


def rows_that(verb: str, labels: Iterable[object]) -> str:
    """Say what the first offending rows do: `row 3 holds`, `rows 3, 8 hold`."""
    listed = list(labels)
    if len(listed) == 1:
        verb = {"do": "does"}.get(verb, f"{verb}s")
    return f"{rows(listed)} {verb}"


def shown(value: object) -> str:
    """Write a cell as Python does, numbers of numpy as the numbers that they are."""
    return repr(value.item() if hasattr(value, "item") else value)
