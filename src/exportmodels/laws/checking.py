"""Holding an estimator to the laws: a table for a notebook, one test a law for pytest, all laws at once for us."""

import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from .adapter import Adapter, NoEstimate, adapt
from .case import Case
from .catalogue import LAWS, applicable
from .law import Law, LawBroken, Trial
from .strategies import cases


@dataclass(frozen=True)
class Counterexample:
    """The smallest case that was found on which a law does not hold.

    Parameters
    ----------
    law : Law
        The law.
    case : Case
        The data.
    message : str
        What does not hold.
    code : str
        Python that shows it.
    """

    law: Law
    case: Case
    message: str
    code: str


@dataclass
class Verdict:
    """Which laws an estimator holds.

    Parameters
    ----------
    name : str
        The estimator.
    table : DataFrame
        law, verdict ("held", "broken", "does not apply", "never tried") and what was found; one row a law.
    counterexamples : dict of str to Counterexample
        Of the laws that are broken.
    """

    name: str
    table: pd.DataFrame
    counterexamples: dict[str, Counterexample] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether no law is broken."""
        return not self.counterexamples

    def __str__(self) -> str:
        counts = self.table["verdict"].value_counts()
        lines = [f"{self.name}: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
        for found in self.counterexamples.values():
            lines += ["", f"{found.law.name}: {found.law.sentence}", f"  {found.message}", "", found.code]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<h4>{self.name}</h4>" + self.table.to_html(index=False)

    __repr__ = __str__


def check_estimator(estimator: Any, *, examples: int = 50, seed: int = 0, **options: Any) -> Verdict:
    """Hold an estimator to all laws that speak of it.

    Parameters
    ----------
    estimator : type, object or Adapter
        An estimator of this package, statsmodels, lifelines, scikit-survival or in scikit-learn's manner, or an
        `Adapter` of your own.
    examples : int, default 50
        How many data sets each law is tried on.
    seed : int, default 0
        Where the draws begin; the same seed gives the same data.
    **options
        The estimator's options, such as `link="probit"`.

    Returns
    -------
    Verdict
        A table of the laws, and for each broken one the smallest counterexample as Python that runs.

    Examples
    --------
    >>> from exportmodels import laws
    >>> from exportmodels.strategy import Logit
    >>> verdict = laws.check_estimator(Logit, examples=2)
    >>> verdict.held
    True
    """
    adapter = adapt(estimator, **options)
    rows, found = [], {}
    for law in LAWS:
        why = law.missing(adapter)
        if why:
            rows.append((law.name, "does not apply", why))
            continue
        broken, tried = find(law, adapter, examples, seed)
        if broken is not None:
            found[law.name] = broken
        verdict = "broken" if broken else "held" if tried else "never tried"
        rows.append((law.name, verdict, broken.message if broken else f"on {tried} data sets"))
    return Verdict(adapter.name, pd.DataFrame(rows, columns=["law", "verdict", "found"]), found)


def find(law: Law, adapter: Adapter, examples: int, seed: int) -> tuple[Counterexample | None, int]:
    """Look for the smallest counterexample to one law; return it, or None, and on how many data sets it was tried."""
    from hypothesis import given
    from hypothesis import seed as seeded

    last: list[Counterexample] = []
    tried = [0]

    @seeded(seed)
    @_settings(examples)
    @given(cases(adapter.kind, adapter.capabilities, adapter.rows))
    def holds(case: Case) -> None:
        tried[0] += attempt([law], adapter, case, last)

    try:
        holds()
    except LawBroken:
        return last[-1], tried[0]
    return None, tried[0]


def attempt(laws: Sequence[Law], adapter: Adapter, case: Case, found: list[Counterexample] | None = None) -> int:
    """Hold an estimator to laws on one case; return how many of them had something to say.

    Raises
    ------
    LawBroken
        Of the first law that does not hold, its counterexample appended to `found`.
    """
    trial, said = Trial(adapter), 0
    for law in laws:
        trial.fits.clear()
        try:
            law.check(trial, case)
        except NoEstimate:
            continue
        except LawBroken as broken:
            message = str(broken)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"
        else:
            said += 1
            continue
        code = snippet(trial)
        if found is not None:
            found.append(Counterexample(law, case, message, code))
        raise law.broken(f"{adapter.name} breaks the law of {law.name}: {law.sentence}\n{message}\n\n{code}\n")
    return said


def snippet(trial: Trial) -> str:
    """Return what a trial fitted as Python that runs."""
    lines = ["import pandas as pd", *trial.adapter.imports]
    shown = None
    for case, covariance in trial.fits[:4]:
        if case is not shown:
            lines += ["", case.code("data", ["clusters"] if covariance == "clustered" else [])]
        lines.append(trial.adapter.call(case, covariance))
        lines.append(trial.adapter.show)
        shown = case
    return "\n".join(lines)


def suite(estimator: Any, *, examples: int | None = None, **options: Any) -> type:
    """Return a class of tests for pytest, one a law; assign it to a name that begins with `Test`.

    Parameters
    ----------
    estimator : type, object or Adapter
        As in `check_estimator`.
    examples : int, optional
        How many data sets each law is tried on; by default what the Hypothesis profile says.
    **options
        The estimator's options.

    Examples
    --------
    In a test file::

        from exportmodels import laws
        from mine import MyEstimator

        TestLaws = laws.suite(MyEstimator)
    """
    adapter = adapt(estimator, **options)
    tests = {f"test_{law.name.replace(' ', '_').replace('-', '_')}": _test(law, adapter, examples)
             for law in applicable(adapter)}  # fmt: skip
    return type(f"TestLawsOf{type(adapter).__name__}", (), tests)


def _test(law: Law, adapter: Adapter, examples: int | None) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        tried = hold([law], adapter, examples)
        assert tried, f"{adapter.name} had an estimate on none of the data sets"

    test.__doc__ = law.sentence
    return test


def hold(
    laws: Sequence[Law], adapter: Adapter, examples: int | None = None, *, seed: int | None = None, shrink: bool = True
) -> int:
    """Hold an estimator to several laws on the same data sets, fits shared; return how often a law was tried.

    Parameters
    ----------
    laws : sequence of Law
        The laws.
    adapter : Adapter
        The estimator.
    examples : int, optional
        How many data sets; by default what the Hypothesis profile says.
    seed : int, optional
        Where the draws begin; by default what the Hypothesis profile says.
    shrink : bool, default True
        Whether to look for the smallest counterexample.

    Raises
    ------
    LawBroken
        Of one law that does not hold.
    """
    from hypothesis import given
    from hypothesis import seed as seeded

    tried = [0]

    @_settings(examples, shrink)
    @given(cases(adapter.kind, adapter.capabilities, adapter.rows))
    def holds(case: Case) -> None:
        tried[0] += attempt(laws, adapter, case)

    (holds if seed is None else seeded(seed)(holds))()
    return tried[0]


def _settings(examples: int | None, shrink: bool = True) -> Any:
    from hypothesis import HealthCheck, Phase, settings

    chosen: dict[str, Any] = {} if examples is None else {"max_examples": examples}
    return settings(
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        **chosen,
    )
