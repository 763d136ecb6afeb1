"""Regression tables: models side by side, in LaTeX, HTML, Word and Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked
from ..core.results import Results
from .rendering import RegressionTable
from .terms import EQUATIONS, in_words, known_labels, split

STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
COEFFICIENTS, FIT = "coefficients", "fit"
_FIT_NAMES = {"N": "Firms", "Pseudo R2": "Pseudo R²"}


@checked
def table(
    results: Results | Sequence[Results] | Mapping[str, Results],
    format: str | None = None,
    *,
    heads: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    stars: bool = False,
    digits: int = 3,
    rows: Mapping[str, Sequence[str]] | None = None,
    title: str = "",
    notes: Sequence[str] = (),
) -> Any:
    """Put models side by side: coefficients, standard errors in parentheses, fit statistics, notes.

    Parameters
    ----------
    results : Results, sequence or mapping of Results
        The fits, of any families; a mapping gives the heads of the columns.
    format : {None, "tex", "html", "docx", "md"}
        LaTeX (booktabs), HTML and Markdown come back as text, Word as bytes; None returns the table itself, which
        shows in notebooks and saves to files of any of these kinds.
    heads : sequence of str, optional
        Heads of the columns; names of the estimators by default.
    labels : mapping of str to str, optional
        Column of the data -> its name in the table. Columns of the firms table (a frame that `survey` made, or
        one with its columns `exporter` and `founded`) have names of their own.
    stars : bool, default False
        Mark p-values below 0.10, 0.05 and 0.01.
    digits : int, default 3
        Decimals of coefficients and standard errors.
    rows : mapping of str to sequence of str, optional
        Further rows of the fit, one text a model.
    title : str, optional
        The caption.
    notes : sequence of str, optional
        Further notes under the table.

    Returns
    -------
    RegressionTable, str or bytes
        As `format` says.

    Raises
    ------
    OptionError
        If there are no results, or the heads are not one a model, or the format is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels import report
    >>> from exportmodels.strategy import FirthLogit
    >>> firms = pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    >>> fit = FirthLogit.from_formula("plant ~ niche", firms).fit()
    >>> words = {"plant": "Foreign plant", "niche": "Niche product"}
    >>> print(report.table(fit, "md", labels=words))
    |                 | Foreign plant  |
    | :-------------- | :------------: |
    |                 | FirthLogit     |
    |                 | (1)            |
    | Niche product   | 2.843 (1.561)  |
    | Constant        | -3.664 (1.469) |
    | Firms           | 36             |
    | Log-likelihood  | -10.78         |
    | Pseudo R²       | 0.257          |
    | AIC             | 25.6           |
    | Standard errors | nonrobust      |
    <BLANKLINE>
    Standard errors in parentheses: from the observed information (nonrobust).
    """
    fits, heads = _columns(results, heads)
    known = {name: text for fit in fits for name, text in known_labels(fit.model.frame).items()}
    words = {**known, **(labels or {})}
    cells = pd.concat(
        [_coefficients(fits, words, stars, digits), _statistics(fits, rows or {})], keys=[COEFFICIENTS, FIT]
    )
    levels = [[words.get(fit.model.endog_names, fit.model.endog_names) for fit in fits], heads]
    cells.columns = pd.MultiIndex.from_arrays([*levels, [f"({k})" for k in range(1, len(fits) + 1)]])
    said = [_errors(fits), *(["* p < 0.10, ** p < 0.05, *** p < 0.01."] if stars else []), *notes]
    made = RegressionTable(cells, title, tuple(said))
    return made if format is None else made.render(format)


def _columns(results: Any, heads: Sequence[str] | None) -> tuple[list[Results], list[str]]:
    named = results if isinstance(results, Mapping) else None
    fits = list(named.values()) if named is not None else [results] if isinstance(results, Results) else list(results)
    if not fits:
        raise OptionError("a regression table needs at least one model")
    if heads is None:
        heads = [str(name) for name in named] if named is not None else [type(fit.model).__name__ for fit in fits]
    if len(heads) != len(fits):
        raise OptionError(f"heads must name {len(fits)} models; there are {len(heads)} heads")
    return fits, list(heads)


def _coefficients(fits: list[Results], words: Mapping[str, str], stars: bool, digits: int) -> pd.DataFrame:
    columns = [{name: _cell(fit, name, stars, digits) for name in fit.params.index} for fit in fits]
    names = sorted(dict.fromkeys(name for column in columns for name in column), key=_place)
    rows = {_row(name, words): [column.get(name, "") for column in columns] for name in names}
    return pd.DataFrame.from_dict(rows, orient="index")


def _place(name: str) -> tuple[bool, bool, bool]:
    """Covariates first, then the constant and what belongs to the time axis, then further equations."""
    equation, term = split(name)
    return bool(equation), term == "Intercept" or _of_time(term), _of_time(term)


def _of_time(term: str) -> bool:
    return term.startswith(("t=", "log(t", "t^", "s(t")) or term == "t"


def _row(name: str, words: Mapping[str, str]) -> str:
    equation, term = split(name)
    if not equation:
        return in_words(term, words)
    head = EQUATIONS.get(equation, equation.replace("_", " "))
    return f"{head}: {in_words(term, words)}" if term else head


def _cell(fit: Results, name: str, stars: bool, digits: int) -> str:
    mark = next((mark for limit, mark in STARS if fit.pvalues[name] < limit), "") if stars else ""
    return f"{fit.params[name]:.{digits}f}{mark}\n({fit.bse[name]:.{digits}f})"


def _statistics(fits: list[Results], further: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    names = list(dict.fromkeys(name for fit in fits for name in fit.default_model_infos))
    rows: dict[str, Sequence[str]] = dict(further)
    for name in names:
        values = [fit.default_model_infos[name](fit) if name in fit.default_model_infos else "nan" for fit in fits]
        if any(value != "nan" for value in values):
            rows[_FIT_NAMES.get(name, name)] = ["" if value == "nan" else value for value in values]
    rows["Standard errors"] = [fit.cov_type for fit in fits]
    if any(fit.model.sample.weights is not None for fit in fits):
        rows["Sampling weights"] = ["no" if fit.model.sample.weights is None else "yes" for fit in fits]
    return pd.DataFrame.from_dict(rows, orient="index")


def _errors(fits: list[Results]) -> str:
    kinds = {
        "nonrobust": "from the observed information (nonrobust)",
        "robust": "robust (sandwich of the score contributions)",
        "clustered": "clustered",
        "bootstrap": "from the bootstrap",
        "jackknife": "from the jackknife",
    }
    used = list(dict.fromkeys(fit.cov_type for fit in fits))
    return f"Standard errors in parentheses: {'; '.join(kinds.get(kind, kind) for kind in used)}."
