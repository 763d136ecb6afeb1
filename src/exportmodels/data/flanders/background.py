"""Section A of the questionnaire: size, turnover, product, market, R&D, owners and the respondent."""

import numpy as np

from .dealing import chance, deal, deal_by
from .groups import FIRMS, left_for_middle, printed, shares
from .maxent import with_mean

Answers = dict[str, np.ndarray]

SCALE = np.array([[0, 0, 0, 0.6, 0.4], [0, 0, 1, 0, 0], [0.45, 0.55, 0, 0, 0]])
DISTINCT = np.array([[0, 0.05, 0.2, 0.4, 0.35], [0.05, 0.15, 0.4, 0.3, 0.1], [0.15, 0.3, 0.35, 0.15, 0.05]])
"""Product scale and difference from competitors, by group; assumed (nothing is published within the groups)."""

SIZE_CLASSES = ("micro", "small", "medium", "large")
HEADCOUNTS = ((np.arange(10), 4.0), (np.arange(10, 51), 22.0), (np.arange(51, 251), 110.0))
"""Employees of micro, small and medium firms, and their mean; assumed, the mean of large firms follows from all."""
LARGEST = (300, 400, 500, 575, 650)

TURNOVER = np.array([[5, 5, 3, 6, 1, 0], [0, 0, 0, 8, 10, 1], [0, 0, 0, 0, 1, 6], [0, 0, 0, 0, 0, 2]])
"""Firms by size and turnover: the columns add up to figure 9, 7 micro firms sell for more than a million, and those
above ten million are 1 small, 6 medium and 2 large firms. Which micro and medium firm sells for 5 to 10 is assumed."""

OFFERINGS = ("consumer", "business", "service")
MARKETS = ("local", "european", "global")
EXPERIENCES = ("limited", "average", "substantial")
SERVICES = ("engineering", "software", "logistics", "business consultancy", "design")
GOODS = ("metal products", "machinery", "food", "textiles", "furniture", "chemicals", "electronics", "plastics")
POSITIONS = ("managing director", "owner", "export manager", "sales manager", "financial manager")


def background(rng: np.random.Generator, group: np.ndarray) -> Answers:
    """Draw section A for firms whose product group (0 niche, 1 middle, 2 mass) is given."""
    count = len(group)
    employees, turnover = _size(rng, count)
    offering = 1 + deal(rng, np.array([printed("offering", category=name) for name in OFFERINGS]), count)
    words = [GOODS if kind < 3 else SERVICES for kind in offering]
    family = np.array([printed("family", category=name) for name in ("yes", "external")])
    experience = np.array([printed("experience", category=name) for name in EXPERIENCES])
    return {
        "A1_description": np.array([rng.choice(names) for names in words], dtype=object),
        "A2": employees,
        "A4": turnover,
        "A5": offering,
        "A6": 1 + deal_by(rng, group, rd_shares()),
        "A7": 1 + deal_by(rng, group, SCALE),
        "A8": 1 + deal_by(rng, group, DISTINCT),
        "A9": 1 + deal_by(rng, group, shares("market", MARKETS, FIRMS)),
        "A10": 1 + deal(rng, np.array([*family, 1 - family.sum()]), count),
        "A11": np.where(chance(rng, np.full(count, printed("listed"))), 1, 2),
        "A12": 1 + deal(rng, experience, count),
        "A13": rng.choice(np.array(POSITIONS, dtype=object), count),
        "A14": np.clip(np.round(rng.normal(46, 9, count)), 24, 75),
        "A15": np.where(chance(rng, np.full(count, printed("respondent_male"))), 1, 2),
    }


def _size(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return employees and turnover bracket: the size class first, then both within the class."""
    classes = np.array([printed("size", category=name, statistic="count") for name in SIZE_CLASSES])
    total = printed("employees", statistic="mean") * classes.sum()
    rest = sum(mean * firms for (_, mean), firms in zip(HEADCOUNTS, classes, strict=False))
    drawn = [*HEADCOUNTS, (np.array(LARGEST), (total - rest) / classes[3])]
    size = deal(rng, classes, count)
    employees = np.zeros(count)
    for which, (values, mean) in enumerate(drawn):
        here = size == which
        employees[here] = values[deal(rng, with_mean(values, mean), here.sum())]
    return employees, 1 + deal_by(rng, size, TURNOVER, along=employees + rng.normal(0, 1 + employees / 4))


def rd_shares() -> np.ndarray:
    """Return the R&D classes by group: figure 23, high R&D split alike, no R&D as common in the middle as in all."""
    overall = np.array([printed("rd", category=name) for name in ("0%", "0-1%", "2-4%", ">4%")])
    high = np.array([printed("rd_high", "niche"), 0.0, printed("rd_high", "mass")])
    high[1] = left_for_middle(overall[2:].sum(), high[0], high[2], FIRMS)
    none = np.array([printed("rd", "niche", "0%"), overall[0], 0.0])
    none[2] = (overall[0] * FIRMS.sum() - none[:2] @ FIRMS[:2]) / FIRMS[2]
    return np.column_stack([none, 1 - none - high, np.outer(high, overall[2:] / overall[2:].sum())])
