"""Who imports and exports, what, and from where: the first half of section B."""

import numpy as np

from ..places import REGIONS
from .background import OFFERINGS, Answers
from .dealing import deal, deal_by
from .groups import FIRMS, IMPORTERS, TRADE, left_for_middle, printed
from .maxent import least_informative

TYPES = ("goods", "services", "both")
GOODS_CATEGORIES = ("raw materials", "intermediate goods", "final goods")
LIKELY = np.array([[1, 0.1, 0.4], [1, 0.1, 0.4], [0.1, 1, 0.6]])
"""How well goods, services or both go with a consumer product, a business product and a service; assumed."""

IMPORT_REGIONS = {
    "neighbours": (0.60, 0.68),
    "eu15": (0.70, 0.40),
    "rest_europe": (0.30, 0.40),
    "middle_east": (0.06, 0.03),
}
"""Import regions of niche and mass importers where nothing is published; mass firms import as often from the EU-15 as
from the rest of Europe (figure 28)."""
MIDDLE_REGIONS = {"rest_europe": 0.35, "north_america": 0.10, "middle_east": 0.05, "asia_pacific": 0.20}


def subsets() -> np.ndarray:
    """Return every set of regions but the empty one, a row of 0 and 1 each."""
    return (np.arange(1, 2 ** len(REGIONS))[:, None] >> np.arange(len(REGIONS))) & 1


def trading(rng: np.random.Generator, group: np.ndarray, offering: np.ndarray) -> Answers:
    """Draw what firms import and export, and the regions and categories of imports."""
    status = deal_by(rng, group, TRADE / FIRMS[:, None])
    imports, exports = np.isin(status, (0, 2)), np.isin(status, (0, 1))
    answers = {"B1": _types(rng, "imports", imports, offering), "B5": _types(rng, "exports", exports, offering)}
    regions = np.full((len(group), len(REGIONS)), np.nan)
    sets = subsets()
    for which in range(len(FIRMS)):
        here = np.flatnonzero(imports & (group == which))
        regions[here] = sets[deal(rng, _region_sets(which), len(here))]
    answers |= {f"B3_{name}": regions[:, place] for place, name in enumerate(REGIONS)}
    answers["B4"] = _main_category(rng, answers["B1"])
    return answers


def _types(rng: np.random.Generator, flow: str, trades: np.ndarray, offering: np.ndarray) -> np.ndarray:
    """Return 1 goods, 2 services, 3 both, 4 neither: the published shares, tied to what the firm offers."""
    kinds = np.array([printed(flow, category=name) for name in TYPES])
    offers = np.array([printed("offering", category=name) for name in OFFERINGS])
    cells = np.indices(LIKELY.shape).reshape(2, -1)
    indicators = [cells[0] == place for place in range(2)] + [cells[1] == place for place in range(2)]
    targets = np.array([*offers[:2], *(kinds / kinds.sum())[:2]])
    joint = least_informative(np.column_stack(indicators).astype(float), targets, LIKELY.ravel())
    joint = joint.reshape(LIKELY.shape)
    answers = np.full(len(trades), 4)
    answers[trades] = 1 + deal_by(rng, offering[trades] - 1, joint / joint.sum(axis=1, keepdims=True))
    return answers


def _region_sets(which: int) -> np.ndarray:
    """Return the probability of each set of import regions in a group."""
    sets = subsets()
    wanted = import_regions()[which]
    possible = (sets[:, wanted == 0] == 0).all(axis=1)
    chances = np.zeros(len(sets))
    columns = wanted > 0
    chances[possible] = least_informative(
        sets[possible][:, columns].astype(float), wanted[columns], np.ones(possible.sum())
    )
    return chances


def import_regions() -> np.ndarray:
    """Return the share of importers that import from each region, by group."""
    wanted = np.zeros((len(FIRMS), len(REGIONS)))
    for place, name in enumerate(REGIONS):
        column = f"import_{name}"
        if name in ("north_america", "asia_pacific"):
            niche, mass = printed(column, "niche"), printed(column, "mass")
        elif name in IMPORT_REGIONS:
            niche, mass = IMPORT_REGIONS[name]
        else:
            continue
        middle = MIDDLE_REGIONS.get(name)
        if middle is None:
            overall = printed(column) * FIRMS.sum() / IMPORTERS.sum()
            middle = left_for_middle(overall, niche, mass, IMPORTERS)
        wanted[:, place] = niche, middle, mass
    return wanted


def _main_category(rng: np.random.Generator, imports: np.ndarray) -> np.ndarray:
    """Return the main category of imports; firms that import services alone get one of the services."""
    goods = np.array([printed("import_category", category=name) for name in GOODS_CATEGORIES])
    answers = np.full(len(imports), np.nan)
    services, others = imports == 2, np.isin(imports, (1, 3))
    answers[services] = np.array([3, 5])[deal(rng, np.array([0.5, 0.5]), services.sum())]
    answers[others] = np.array([1, 2, 4])[deal(rng, goods, others.sum())]
    return answers
