"""The report's own classes: types of international firms, motives, drivers of growth."""

from typing import Any

import pandas as pd

from ..core.errors import DataError, rows_that
from ..core.frames import column, listed, numbers, to_pandas
from ..core.options import checked

TYPES = ("local", "international", "internationalized", "global")
MOTIVES = ("reactive external", "reactive internal", "proactive external", "proactive internal")
OF_TRIGGER = {
    "unsolicited": "reactive external",
    "local_partner": "reactive external",
    "foreign_partner": "reactive external",
    "prospection": "proactive external",
}
OF_REASON = {
    "survival": "reactive internal",
    "growth": "proactive internal",
    "competitiveness": "reactive external",
    "markets": "proactive external",
    "capital": "proactive external",
    "knowledge": "proactive external",
    "suppliers": "proactive external",
    "staff": "proactive external",
    "capacity": "reactive internal",
    "home costs": "reactive external",
    "home legislation": "reactive external",
}
DRIVERS = ("present markets", "new markets", "new products", "circumstances")
OF_INCREASE = {
    "current customers": "present markets",
    "new customers": "present markets",
    "new markets": "new markets",
    "product range": "new products",
    "economic situation": "circumstances",
    "price": "circumstances",
    "other": "circumstances",
}


@checked
def typology(firms: Any) -> pd.Series:
    """Classify firms by whether they source and sell abroad.

    Parameters
    ----------
    firms : data frame
        A firms table with `importer` and `exporter` (1, 0).

    Returns
    -------
    Series of category
        local (neither), international (sources abroad, sells at home), internationalized (sells abroad, sources at
        home), global (both); missing where one of the two is not known. The report's figure 6 counts the countries of
        each; its questionnaire asks whether there are any.

    Raises
    ------
    DataError
        If a column is missing or holds something else than 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import typology
    >>> typology(pd.DataFrame({"importer": [0, 1, 0, 1], "exporter": [0, 0, 1, 1]})).to_list()
    ['local', 'international', 'internationalized', 'global']
    """
    frame = to_pandas(firms)
    buys, sells = (_yes(frame, name) for name in ("importer", "exporter"))
    number = buys + 2 * sells
    return _category(number.map(dict(enumerate(TYPES))), TYPES, "typology")


def _yes(frame: pd.DataFrame, name: str) -> pd.Series:
    given = column(frame, name, "the firms table")
    values = pd.Series(numbers(given, f"column {name!r}", frame.index, finite=False), frame.index)
    wrong = (values.notna() & ~values.isin([0, 1])).to_numpy()
    if wrong.any():
        raise DataError(f"column {name!r} must hold 0 and 1; {rows_that('do', frame.index[wrong])} not")
    return values


def _category(values: pd.Series, levels: tuple[str, ...], name: str) -> pd.Series:
    return values.astype(pd.CategoricalDtype(list(levels))).rename(name)


@checked
def motives(firms: Any) -> pd.DataFrame:
    """Classify what made firms start abroad: proactive or reactive, internal or external to the firm.

    Parameters
    ----------
    firms : data frame
        A firms table with `start_trigger`, and `start_reason` where the firm has activities beyond trade.

    Returns
    -------
    DataFrame
        `trigger` and `reason` (reactive external, reactive internal, proactive external, proactive internal), and
        `proactive`: 1 or 0 by the trigger, which every firm with international activities tells.

    Raises
    ------
    DataError
        If a column is missing or holds a level that the questionnaire does not have.

    Notes
    -----
    The classes are those of section 2.1 of the report: unsolicited orders and encouragement by partners are reactive
    and external, prospecting is proactive and external. Of the reasons, growth is proactive internal; markets, capital,
    knowledge, suppliers and staff abroad proactive external; survival and idle capacity reactive internal; competition,
    costs and laws at home reactive external. That assignment is ours where the report gives no example.

    References
    ----------
    .. [1] Morgan, R. E. and Katsikeas, C. S. (1997). Export stimuli: export intention compared with export activity.
       International Business Review 6, 477-499.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import motives
    >>> firms = pd.DataFrame({"start_trigger": ["unsolicited", "prospection"], "start_reason": [None, "growth"]})
    >>> print(motives(firms).to_string())
                 trigger              reason  proactive
    0  reactive external                 NaN        0.0
    1  proactive external  proactive internal        1.0
    """
    frame = to_pandas(firms)
    trigger = _mapped(frame, "start_trigger", OF_TRIGGER, MOTIVES)
    reason = _mapped(frame, "start_reason", OF_REASON, MOTIVES)
    proactive = trigger.astype(object).str.startswith("proactive").astype(float).where(trigger.notna())
    return pd.DataFrame({"trigger": trigger, "reason": reason, "proactive": proactive})


@checked
def growth_drivers(firms: Any) -> pd.Series:
    """Classify the main reason for which firms expect their foreign sales to increase.

    Parameters
    ----------
    firms : data frame
        A firms table with `increase_reason`.

    Returns
    -------
    Series of category
        present markets (current or new customers there), new markets, new products (a wider range), circumstances
        (the economy, prices, others); missing where no increase is expected.

    Raises
    ------
    DataError
        If the column is missing or holds a level that the questionnaire does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import growth_drivers
    >>> growth_drivers(pd.DataFrame({"increase_reason": ["new customers", "product range", None]})).to_list()
    ['present markets', 'new products', nan]
    """
    return _mapped(to_pandas(firms), "increase_reason", OF_INCREASE, DRIVERS).rename("growth_driver")


def _mapped(frame: pd.DataFrame, name: str, classes: dict[str, str], levels: tuple[str, ...]) -> pd.Series:
    values = column(frame, name, "the firms table").astype(object)
    strange = sorted(set(values.dropna()) - set(classes))
    if strange:
        raise DataError(f"column {name!r} holds {listed(strange)}; the questionnaire has {listed(list(classes))}")
    return _category(values.map(classes), levels, name)
