"""Section C: activities beyond trade, and what made the firm start abroad."""

import numpy as np

from ..places import REGIONS
from .dealing import deal, deal_by, text_where
from .groups import EXPORTERS, FIRMS, TRADE, left_for_middle, printed

MODES = ("subsidiary", "plant", "license", "joint_venture", "network", "other")
PORTFOLIOS = (
    (0, ("subsidiary", "plant", "joint_venture")),
    (0, ("subsidiary", "joint_venture", "network")),
    (0, ("subsidiary", "network")),
    (0, ("license", "network")),
    (1, ("subsidiary", "plant")),
    (1, ("network",)),
    (2, ("subsidiary", "network")),
    (2, ("network",)),
)
"""The eight firms with activities beyond trade, by group: the one way, up to the order of modes within the niche group,
in which figure 29, section 5.4 (two subsidiaries with a plant, two with a joint venture, three with a network) and the
shares of all firms agree."""

TRIGGERS = ("unsolicited", "local_partner", "foreign_partner", "prospection")
UNSOLICITED_OF_MASS = 3 / 11
"""Share of mass firms that started with an unsolicited order; figure 30 says slightly less than of niche firms."""

REASONS = np.array([0.25, 0.45, 0.15, 0.15])
"""Survival, growth, competitiveness, access to markets: reasons for starting abroad; section 5.3 names the first three
without numbers, so their shares are assumed."""

NEAR_EUROPE = np.array([0.5, 0.7, 0.5, 0.15, 0.05, 0.1, 0.15, 0.1])
"""Chance that an activity beyond trade lies in each region; section 5.4 says mostly in Europe, the rest is assumed."""


def activity_share() -> np.ndarray:
    """Return the share of exporters of each group with activities beyond trade."""
    firms = np.array([printed("activities_beyond_trade", "niche"), 0.0, printed("activities_beyond_trade", "mass")])
    firms[1] = left_for_middle(printed("activities_beyond_trade"), firms[0], firms[2], FIRMS)
    named = np.array([sum(group == which for group, _ in PORTFOLIOS) for which in range(len(FIRMS))])
    return np.maximum(firms * FIRMS, named) / EXPORTERS


def active(rng: np.random.Generator, group: np.ndarray, exports: np.ndarray) -> np.ndarray:
    """Draw the modes of each firm, a column each; none for firms that do not export."""
    modes = np.zeros((len(group), len(MODES)))
    for which, firms in enumerate(EXPORTERS):
        own = [chosen for member, chosen in PORTFOLIOS if member == which]
        options = np.array([[name in chosen for name in MODES] for chosen in [*own, ("other",), ()]], dtype=float)
        share = activity_share()[which]
        chances = [*[1 / firms] * len(own), share - len(own) / firms, 1 - share]
        here = np.flatnonzero(exports & (group == which))
        modes[here] = options[deal(rng, np.array(chances), len(here))]
    return modes


def activities(
    rng: np.random.Generator, group: np.ndarray, trades: np.ndarray, modes: np.ndarray
) -> dict[str, np.ndarray]:
    """Draw section C but for the year C2, given the modes."""
    has = np.asarray(modes.any(axis=1))
    answers: dict[str, np.ndarray] = {f"C1_{name}": modes[:, place] for place, name in enumerate(MODES)}
    answers |= {"C1_none": ~trades, "C1_only_trade": trades & ~has}
    answers["C1_other_text"] = text_where(modes[:, -1] == 1, "foreign warehouse")
    places = np.full((len(group), len(REGIONS)), np.nan)
    places[has] = rng.random((has.sum(), len(REGIONS))) < NEAR_EUROPE
    places[has, 1] = np.where(places[has].any(axis=1), places[has, 1], 1)
    answers |= {f"C3_{name}": places[:, place] for place, name in enumerate(REGIONS)}
    answers["C4"] = _where(has, 1 + deal(rng, REASONS, len(group)))
    answers["C5"] = np.full(len(group), np.nan)
    answers["C5"][trades] = 1 + deal_by(rng, group[trades], trigger_shares())
    return answers


def trigger_shares() -> np.ndarray:
    """Return what prompted firms to start abroad, by group: figure 30, the middle group's from figure 15."""
    overall = np.array([printed("start_trigger", category=name) for name in TRIGGERS])
    niche = np.array([0.0, *(printed("start_trigger", "niche", name) for name in TRIGGERS[1:])])
    niche[0] = 1 - niche.sum()
    mass = np.array(
        [
            printed("start_trigger", "mass", name) if name in ("local_partner", "prospection") else 0.0
            for name in TRIGGERS
        ]
    )
    mass[0] = UNSOLICITED_OF_MASS
    mass[2] = 1 - mass.sum()
    middle = left_for_middle(overall, niche, mass, TRADE[:, :3].sum(axis=1)).clip(0)
    return np.array([niche, middle / middle.sum(), mass])


def _where(asked: np.ndarray, answers: np.ndarray) -> np.ndarray:
    return np.where(asked, answers, np.nan)
