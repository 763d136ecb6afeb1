"""What answers to the questionnaire cannot be: impossible numbers and years, and answers that contradict each other."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.errors import OptionError
from .answered import Answered
from .tables import items, options

EARLIEST_YEAR = 1600
YEARS = ("B2", "B6", "B8", "C2")
ACTIVITIES = ("C1_subsidiary", "C1_plant", "C1_license", "C1_joint_venture", "C1_network", "C1_other")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name : str
        The kind of fault.
    item : str
        The item, or question, that is named as being at fault.
    needs : tuple of str
        The items that the rule compares; it says nothing about a file that lacks one.
    broken : callable
        From the answers to a boolean array, one element for each row.
    message : str
        The fault in words; `{item}` stands for the answer to an item.
    """

    name: str
    item: str
    needs: tuple[str, ...]
    broken: Callable[[Answered], np.ndarray]
    message: str


def rules(surveyed: int) -> list[Rule]:
    """Return every rule, for answers given in the year `surveyed`."""
    surveyed = year_of_survey(surveyed)
    years = [item.id for item in items().values() if item.type == "year"]
    return [
        *(_possible_year(item) for item in years),
        *(_not_in_future(item, surveyed) for item in years),
        *(_not_before_founding(item) for item in YEARS),
        *NUMBERS,
        *CONTRADICTIONS,
    ]


def year_of_survey(surveyed: int) -> int:
    """Return the year in which answers were given, or say that it is none."""
    if isinstance(surveyed, bool) or not isinstance(surveyed, int | np.integer) or not 1900 <= surveyed <= 2100:
        raise OptionError(f"surveyed is {surveyed!r}; it is the year in which the answers were given, such as 2008")
    return int(surveyed)


def _possible_year(item: str) -> Rule:
    def broken(a: Answered) -> np.ndarray:
        return _fraction(a[item]) | (a[item] < EARLIEST_YEAR)

    message = f"{item} is {{{item}}}, which is no year since {EARLIEST_YEAR}; a year has four digits"
    return Rule("impossible year", item, (item,), broken, message)


def _not_in_future(item: str, surveyed: int) -> Rule:
    message = f"{item} is {{{item}}}, after the survey in {surveyed}"
    return Rule("future year", item, (item,), lambda a: a[item] > surveyed, message)


def _not_before_founding(item: str) -> Rule:
    message = f"{item} is {{{item}}}, before the firm was founded (A3 is {{A3}})"
    return Rule("before founding", item, ("A3", item), lambda a: a[item] < a["A3"], message)


def _possible_change(trend: str) -> tuple[Rule, Rule]:
    percent = f"{trend}_percent"
    name, shown = "impossible number", f"{percent} is {{{percent}}}"
    return (
        Rule(
            name, percent, (percent,), lambda a: a[percent] < 0, f"{shown}; {trend} gives the direction, this its size"
        ),
        Rule(
            name,
            percent,
            (trend, percent),
            lambda a: (a[trend] == 3) & (a[percent] > 100),
            f"{shown}; exports cannot fall by more than 100%",
        ),
    )


def _fraction(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values) & (values != np.round(values))


def _outside(values: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    return (values < lowest) | (values > highest)


def _ticked(a: Answered, boxes: tuple[str, ...]) -> np.ndarray:
    """Return how many of the boxes are ticked, NaN where none of them has an answer."""
    answers = np.array([a[box] for box in boxes])
    return np.where(np.isnan(answers).all(axis=0), np.nan, np.nansum(answers, axis=0))


def _distinct_regions(a: Answered) -> np.ndarray:
    """Return how many regions that share no country the firm exports to; the neighbours are part of the EU-15."""
    both = (a["B12_neighbours"] == 1) & (a["B12_eu15"] == 1)
    return _ticked(a, options("B12")) - both


def _trades(a: Answered) -> np.ndarray:
    return np.isin(a["B1"], (1, 2, 3)) | np.isin(a["B5"], (1, 2, 3))


def _rank_twice(a: Answered) -> np.ndarray:
    ranks = np.sort(np.array([a[reason] for reason in options("B21")]), axis=0)
    return (ranks[1:] == ranks[:-1]).any(axis=0)


NUMBERS = (
    Rule("impossible number", "A2", ("A2",), lambda a: a["A2"] < 0, "A2 is {A2}; employees are 0 or more"),
    Rule(
        "impossible number",
        "A14",
        ("A14",),
        lambda a: _outside(a["A14"], 15, 110) | _fraction(a["A14"]),
        "A14 is {A14}; an age is a whole number between 15 and 110",
    ),
    Rule(
        "impossible number",
        "B11",
        ("B11",),
        lambda a: _outside(a["B11"], 0, 250) | _fraction(a["B11"]),
        "B11 is {B11}; countries are a whole number between 0 and 250",
    ),
    *(rule for trend in ("B17", "B19") for rule in _possible_change(trend)),
)

CONTRADICTIONS = (
    Rule(
        "before first export",
        "B8",
        ("B6", "B8"),
        lambda a: a["B8"] < a["B6"],
        "B8 is {B8}: the first export outside the EU lies before the first export of all (B6 is {B6})",
    ),
    Rule(
        "contradiction",
        "B11",
        ("B5", "B11"),
        lambda a: np.isin(a["B5"], (1, 2, 3)) & (a["B11"] == 0),
        "the firm exports (B5 is {B5}), but to no country (B11 is 0)",
    ),
    Rule(
        "contradiction",
        "B11",
        ("B11", *options("B12")),
        lambda a: (a["B11"] > 0) & (a["B11"] < _distinct_regions(a)),
        "B11 is {B11}: the firm exports to fewer countries than regions are ticked in B12",
    ),
    Rule(
        "contradiction",
        "B3",
        ("B1", *options("B3")),
        lambda a: np.isin(a["B1"], (1, 2, 3)) & (_ticked(a, options("B3")) == 0),
        "the firm imports (B1 is {B1}), but from no region of B3",
    ),
    Rule(
        "contradiction",
        "B12",
        ("B5", *options("B12")),
        lambda a: np.isin(a["B5"], (1, 2, 3)) & (_ticked(a, options("B12")) == 0),
        "the firm exports (B5 is {B5}), but to no region of B12",
    ),
    Rule("contradiction", "B21", options("B21"), _rank_twice, "B21 gives the same rank to two reasons"),
    Rule(
        "contradiction",
        "C1_none",
        ("C1_none", "B1", "B5"),
        lambda a: (a["C1_none"] == 1) & _trades(a),
        "C1_none is ticked: no international activities, but the firm trades (B1 is {B1}, B5 is {B5})",
    ),
    Rule(
        "contradiction",
        "C1_none",
        ("C1_none", "C1_only_trade", *ACTIVITIES),
        lambda a: (a["C1_none"] == 1) & (_ticked(a, ("C1_only_trade", *ACTIVITIES)) > 0),
        "C1_none is ticked: no international activities, but so is another box of C1",
    ),
    Rule(
        "contradiction",
        "C1_only_trade",
        ("C1_only_trade", *ACTIVITIES),
        lambda a: (a["C1_only_trade"] == 1) & (_ticked(a, ACTIVITIES) > 0),
        "C1_only_trade is ticked: imports or exports only, but so is another activity of C1",
    ),
    Rule(
        "contradiction",
        "C1_only_trade",
        ("C1_only_trade", "B1", "B5"),
        lambda a: (a["C1_only_trade"] == 1) & (a["B1"] == 4) & (a["B5"] == 4),
        "C1_only_trade is ticked: imports or exports only, but the firm does neither (B1 and B5 are {B5})",
    ),
)
