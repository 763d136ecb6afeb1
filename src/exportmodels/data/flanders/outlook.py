"""Sales abroad and what is expected of them: the second half of section B."""

import numpy as np

from .background import rd_shares
from .dealing import deal, deal_by, text_where
from .groups import EXPORTERS, left_for_middle, printed
from .maxent import least_informative, with_mean

LOW_OF_NICHE = np.array([1.5, 1.5, 3.0]) / 6
"""How niche firms below 50% of foreign sales spread over the three lowest brackets; assumed."""
LOW_OF_MIDDLE = 0.59
"""Share of the lowest bracket in the two lowest, among middle firms; assumed."""
TOP_BRACKET = np.array([0.6, 0.4, 0.3])
"""Share of the highest bracket (over 75%) in the two highest, by group; assumed."""
LESS_THAN_QUARTER = 0.48
"""Share of exporters that sell less than 25% abroad: almost half (figure 13)."""

OUTSIDE_EU_MIDDLE = np.array([0.6, 0.4])
OUTSIDE_EU_TOP = np.array([0.7, 0.3])
"""Splits of the share of sales outside the EU between 10% and 50%, and above; assumed."""
OVER_HALF_OUTSIDE = 0.052
FROM_BELGIUM = np.array([0.03, 0.04, 0.08, 0.15, 0.70])
"""Brackets of the share of exports that leave from Belgium; assumed."""

RISES = np.array([2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150])
FALLS = np.array([5, 10, 15, 20, 25])
PAST_FALL = 10.0
"""Mean fall of past exports, in percent; assumed (one firm reported a fall)."""
PLANS = np.array([0.30, 0.37, 0.33])
"""Plans to enter new markets: no, not yet known, yes; a third say yes (section 5.2), the rest assumed."""

TRENDS = ("increase", "stable", "decrease")
REASONS = ("current customers", "new customers", "new markets", "product range")
REASON_CODES = np.array([1, 2, 3, 6])
HIGH = slice(2, 4)


def outlook(
    rng: np.random.Generator, group: np.ndarray, rd: np.ndarray, countries: np.ndarray, outside: np.ndarray
) -> dict[str, np.ndarray]:
    """Draw items B13 to B20b of exporters, given product group, R&D class, countries and exports outside the EU."""
    size = len(group)
    breadth = np.log(countries) + rng.normal(0, 0.7, size)
    past = 1 + deal(rng, past_shares(), size)
    surprise = np.where(past == 1, 0.6, 0.0) + rng.normal(0, 1, size)
    plans = 1 + deal(rng, PLANS, size)
    expected, reason = _expectations(rng, group, rd)
    return {
        "B13": plans,
        "B13_text": text_where(plans == 3, _regions_named(rng, size)),
        "B14": 1 + deal_by(rng, group, foreign_shares(), along=breadth),
        "B15": _share_outside(rng, outside),
        "B16": 1 + deal(rng, FROM_BELGIUM, size),
        "B17": past,
        "B17_percent": _change(rng, past, printed("past_change", "exports increased", "", "mean"), PAST_FALL),
        "B18": 1 + deal(rng, surprise_shares(), size, along=surprise),
        "B19": expected,
        "B19_percent": _change(
            rng,
            expected,
            printed("expected_change", "exports expected to increase", "", "mean"),
            -printed("expected_change", "exports expected to decrease", "", "mean"),
        ),
        "B20a": reason,
        **_decrease_reason(rng, expected),
    }


def past_shares() -> np.ndarray:
    """Return the shares of past increase, stability and the one decrease."""
    one, stable = 1 / EXPORTERS.sum(), printed("past_trend", category="stable")
    return np.array([1 - stable - one, stable, one])


def surprise_shares() -> np.ndarray:
    """Return the shares below, equal to and (one firm) above expectations."""
    one, equal = 1 / EXPORTERS.sum(), printed("expectation", category="equal")
    return np.array([1 - equal - one, equal, one])


def foreign_shares() -> np.ndarray:
    """Return the brackets of foreign sales by group: figure 34, the middle group's from figure 13."""
    over_half = np.array([printed("foreign_share", "niche", ">50%"), 0.0, printed("foreign_share", "mass", ">50%")])
    over_half[1] = left_for_middle(printed("foreign_share", category=">50%"), over_half[0], over_half[2], EXPORTERS)
    lowest = np.zeros((3, 3))
    lowest[0] = (1 - over_half[0]) * LOW_OF_NICHE
    lowest[2, :2] = [printed("foreign_share", "mass", bracket) for bracket in ("<10%", "10-25%")]
    quarter = left_for_middle(LESS_THAN_QUARTER, lowest[0, :2].sum(), lowest[2, :2].sum(), EXPORTERS)
    lowest[1, :2] = quarter * LOW_OF_MIDDLE, quarter * (1 - LOW_OF_MIDDLE)
    lowest[1:, 2] = 1 - over_half[1:] - lowest[1:, :2].sum(axis=1)
    top = over_half[:, None] * np.column_stack([1 - TOP_BRACKET, TOP_BRACKET])
    return np.column_stack([lowest, top])


def _share_outside(rng: np.random.Generator, outside: np.ndarray) -> np.ndarray:
    """Draw the share of foreign sales outside the EU: the lowest bracket for firms that never sold there."""
    size, here = len(outside), np.flatnonzero(outside)
    lowest = max(0.0, printed("share_outside_eu", category="<10%") * size - (~outside).sum())
    top = OVER_HALF_OUTSIDE * size
    expected = np.array([lowest, *OUTSIDE_EU_MIDDLE * max(0.0, len(here) - lowest - top), *OUTSIDE_EU_TOP * top])
    answers = np.ones(size)
    answers[here] = 1 + deal(rng, expected, len(here))
    return answers


def _change(rng: np.random.Generator, trend: np.ndarray, rise: float, fall: float) -> np.ndarray:
    change = np.full(len(trend), np.nan)
    for code, values, mean in ((1, RISES, rise), (3, FALLS, fall)):
        here = trend == code
        change[here] = values[deal(rng, with_mean(values, mean), here.sum())]
    return change


def _expectations(rng: np.random.Generator, group: np.ndarray, rd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw the expected trend and the reason for an increase, given group and R&D class."""
    answers = deal_by(rng, 4 * group + rd - 1, expectation_chances())
    rises = answers < len(REASONS)
    trend = np.where(rises, 1, answers - len(REASONS) + 2)
    return trend, np.where(rises, REASON_CODES[np.minimum(answers, len(REASONS) - 1)], np.nan)


def expectation_chances() -> np.ndarray:
    """Return the chances of the four reasons for an increase, stability and decrease, by group and R&D class.

    Figures 31 and 32 by group, 14 and 31 for all, 33 by R&D; a row for each group and R&D class.
    """
    rd = rd_shares()
    group, level, answer = np.indices((3, 4, len(REASONS) + 2)).reshape(3, -1)
    high = (level >= HIGH.start) & (answer < len(REASONS))
    low = (level < HIGH.start) & (answer < len(REASONS))
    answers = answer_shares()
    cells = [(group == g) & (level == k) for g in range(3) for k in range(4)][1:]
    weights = (EXPORTERS[:, None] * rd).ravel()[1:] / EXPORTERS.sum()
    by_group = [(group == g) & (answer == a) for g in range(3) for a in range(len(REASONS) + 1)]
    reached = (EXPORTERS[:, None] * answers)[:, :-1].ravel() / EXPORTERS.sum()
    by_rd = [
        (high * ((answer == REASONS.index("product range")) - printed("increase_reason", "rd_high", "product range"))),
        (high * ((answer == REASONS.index("new markets")) - printed("increase_reason", "rd_high", "new markets"))),
        (low * ((answer == REASONS.index("new customers")) - printed("increase_reason", "rd_low", "new customers"))),
    ]
    features = np.column_stack([*cells, *by_group, *by_rd]).astype(float)
    targets = np.array([*weights, *reached, *np.zeros(len(by_rd))])
    joint = least_informative(features, targets, np.ones(len(group))).reshape(12, -1)
    return joint / joint.sum(axis=1, keepdims=True)


def answer_shares() -> np.ndarray:
    """Return the chances of the reasons for an increase, stability and decrease, by group."""
    trends = np.array([[printed("expected_trend", who, name) for name in TRENDS] for who in ("niche", "all", "mass")])
    trends[1] = left_for_middle(trends[1], trends[0], trends[2], EXPORTERS).clip(0)
    reasons = np.array(
        [[printed("increase_reason", who, name) for name in REASONS] for who in ("niche", "all", "mass")]
    )
    rising = trends[:, 0] * EXPORTERS
    reasons[1] = left_for_middle(reasons[1], reasons[0], reasons[2], rising).clip(0)
    return np.column_stack([trends[:, :1] * reasons, trends[:, 1:]])


def _decrease_reason(rng: np.random.Generator, expected: np.ndarray) -> dict[str, np.ndarray]:
    """Draw the reason for an expected decrease: lower sales in the main market or, written in, the financial crisis."""
    falls = expected == 3
    reason = np.full(len(expected), np.nan)
    reason[falls] = np.array([2, 7])[deal(rng, np.array([0.5, 0.5]), falls.sum())]
    return {"B20b": reason, "B20b_text": text_where(reason == 7, "financial crisis")}


def _regions_named(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.choice(np.array(["Eastern Europe", "Middle East", "Far East"], dtype=object), size)
