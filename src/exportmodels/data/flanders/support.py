"""Section D: which organizations firms know and use, how satisfied they are, what support they need and received."""

from functools import cache

import numpy as np

from .dealing import chance, deal
from .groups import printed
from .maxent import least_informative

KNOWN = {
    "agoria": 0.40,
    "awex": 0.30,
    "bmi": 0.25,
    "brussels_export": 1 / 3,
    "delcredere": 2 / 3,
    "een": 1 / 3,
    "finexpo": 0.30,
    "fit": 0.80,
    "iwt": 0.50,
    "unizo": 0.93,
    "vlao": 0.75,
    "voka": 0.93,
}
"""Share of firms that know each organization: figure 20 and the summary where they give one (for Unizo and Voka more
than 90%), otherwise assumed."""
ASSUMED_USE = {"agoria": 0.03, "awex": 0.01, "bmi": 0.01, "een": 0.02, "finexpo": 0.02}
"""Share of firms that used organizations of which nothing is published; VLAO's follows from the mean number used."""

SATISFIED = {"fit": 0.79, "vlao": 0.76, "unizo": 0.70, "voka": 0.70, "iwt": 0.59}
"""Share of users satisfied or very satisfied (figure 21); less than a quarter for all other organizations."""
MEAN_SATISFACTION = {"voka": 3.85, "iwt": 3.6}
"""Mean satisfaction where figure 21 gives none, assumed; 4 for the best three, 3.05 for all others."""
OTHERS_SATISFIED, OTHERS_MEAN = 0.2, 3.05

NEEDS = (
    "market_information",
    "partner_identification",
    "partner_contacts",
    "skills",
    "flemish_network",
    "finance",
    "formalities",
    "legal",
    "promotion",
    "product_development",
)
NICHE_NEEDS = {"partner_contacts": 0.18, "flemish_network": 0.18, "promotion": 0.29}
"""Needs of niche firms that figure 35 only says to be less common than those of mass firms; assumed."""
RECEIVED = dict(zip(NEEDS, (0.30, 0.12, 1.0, 0.1, 0.12, 0.25, 1.0, 0.25, 0.28, 0.0), strict=True))
"""Support received for each firm that needs it: as much as needed for contacts and formalities, none for product
development (figure 22); the rest assumed."""


def support(rng: np.random.Generator, group: np.ndarray) -> dict[str, np.ndarray]:
    """Draw section D."""
    sets, chances = used_sets()
    used = sets[deal(rng, chances, len(group))] == 1
    answers: dict[str, np.ndarray] = {}
    for place, (name, known) in enumerate(KNOWN.items()):
        share = use_shares()[place]
        aware = used[:, place] | chance(rng, np.where(used[:, place], 0, (known - share) / (1 - share)))
        answers[f"D1_{name}"] = 1 + aware.astype(int) + used[:, place]
    for place, name in enumerate(KNOWN):
        users = used[:, place]
        answers[f"D2_{name}"] = np.full(len(group), np.nan)
        answers[f"D2_{name}"][users] = 1 + deal(rng, satisfaction(name), users.sum())
    needed = {name: chance(rng, need_shares(name)[group]) for name in NEEDS}
    for name, needs in needed.items():
        answers[f"D3_{name}"] = needs
    for name, needs in needed.items():
        answers[f"D4_{name}"] = needs & chance(rng, np.full(len(group), RECEIVED[name]))
    return answers


def use_shares() -> np.ndarray:
    """Return the share of firms that used each organization, in the order of `KNOWN`."""
    shares = {
        name: KNOWN[name] * printed(f"support_used_{name}", "aware of it")
        for name in ("fit", "iwt", "unizo", "voka", "delcredere", "brussels_export")
    }
    shares |= ASSUMED_USE
    total = printed("support_used_any") * printed("support_organizations_used", "supported", "", "mean")
    shares["vlao"] = total - sum(shares.values())
    return np.array([shares[name] for name in KNOWN])


@cache
def used_sets() -> tuple[np.ndarray, np.ndarray]:
    """Return every set of organizations used and its probability: the shares of use and of firms that used any."""
    sets = (np.arange(2 ** len(KNOWN))[:, None] >> np.arange(len(KNOWN))) & 1
    shares = use_shares()
    sets = sets[~sets[:, shares == 0].any(axis=1)]
    features = np.column_stack([sets[:, shares > 0], sets.any(axis=1)]).astype(float)
    targets = np.array([*shares[shares > 0], printed("support_used_any")])
    return sets, least_informative(features, targets, np.ones(len(sets)))


@cache
def satisfaction(name: str) -> np.ndarray:
    """Return the distribution of the satisfaction scores 1 to 5 of an organization's users."""
    best = SATISFIED.get(name)
    mean = MEAN_SATISFACTION.get(name, OTHERS_MEAN if best is None else 4.0)
    scores = np.arange(1.0, 6.0)
    features = np.column_stack([scores, scores >= 4])
    return least_informative(features, np.array([mean, OTHERS_SATISFIED if best is None else best]), np.ones(5))


def need_shares(name: str) -> np.ndarray:
    """Return the share of each group that needs a kind of support, the middle group's half way between."""
    mass = printed(f"need_{name}", "mass")
    niche = NICHE_NEEDS[name] if name in NICHE_NEEDS else printed(f"need_{name}", "niche")
    return np.array([niche, (niche + mass) / 2, mass])
