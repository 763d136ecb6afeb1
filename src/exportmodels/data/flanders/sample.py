"""Drawing complete questionnaires: the blocks of questions one after the other, along the routes."""

import re
from typing import Any

import numpy as np
import pandas as pd

from ...core.options import at_least, checked
from ..places import REGIONS
from ..synthetic import NOTE, SYNTHETIC
from .activities import active, activities
from .background import background
from .barriers import barriers
from .dealing import deal
from .destinations import PLACES, first_destinations, first_outside, main_destinations
from .groups import FIRMS
from .history import history
from .markets import markets, outside
from .outlook import outlook
from .support import support
from .trading import trading

NUMBERS = {"A2", "A3", "A14", "B2", "B6", "B8", "B11", "B17_percent", "B19_percent", "C2"}


@checked
def synthetic_flanders(n: int = 50, seed: int = 0) -> pd.DataFrame:
    """Draw complete questionnaires that agree with the published figures; they are synthetic, no firm's answers.

    The product group (niche, middle, mass) is drawn first, everything else given the group, in the order of the
    questions and along its routes. Published shares and means of niche and mass firms are kept, and the middle group
    is what they leave of the published figures of all firms. Where several figures bear on one another (countries and
    regions; eras of founding, waits and groups; R&D, expectations and reasons) the least informative joint
    distribution that has them all is used. Frequencies are dealt, not tossed: they agree with their probabilities
    to within one firm or two even among fifty, so draws are exchangeable, not independent. What no figure speaks of
    is assumed and noted as such in `exportmodels.data.flanders`; `synthetic_targets` lists figures that cannot hold.

    Parameters
    ----------
    n : int, default 50
        Number of firms.
    seed : int, default 0
        Seed of the random numbers.

    Returns
    -------
    pandas.DataFrame
        One row a firm: `firm`, then the items of the questionnaire as `survey.read` returns them (codes as `Int64`,
        numbers as `Float64`, text as `string`), missing where a firm is not asked. `attrs["synthetic"]` is True,
        `attrs["source"]` says so in a sentence, and firms are named `synthetic-1`, ..., so that a file of them is known
        for what it is when `survey.read` reads it.

    Raises
    ------
    OptionError
        If `n` is not a positive whole number, or `seed` is negative.

    Examples
    --------
    >>> from exportmodels import data, survey
    >>> answers = data.synthetic_flanders(50, seed=1)
    >>> answers.attrs["synthetic"], len(survey.check(answers))
    (True, 0)
    >>> survey.derive(answers)["product"].value_counts().to_dict()
    {'mass': 19, 'niche': 17, 'middle': 14}
    """
    n = at_least("n", n, 1)
    rng = np.random.default_rng(at_least("seed", seed, 0))
    group = deal(rng, FIRMS, n)
    answers = background(rng, group)
    answers |= trading(rng, group, answers["A5"])
    imports, exports = answers["B1"] < 4, answers["B5"] < 4
    countries, regions = markets(rng, group, exports)
    abroad = np.asarray(exports & outside(rng, regions))
    modes = active(rng, group, exports)
    answers |= history(rng, group, imports, exports, abroad, np.any(modes, axis=1))
    answers |= {"B11": countries} | {f"B12_{name}": regions[:, place] for place, name in enumerate(REGIONS)}
    exporters = np.flatnonzero(exports)
    _place(answers, exporters, _destinations(rng, answers, exporters, regions, abroad))
    sold = outlook(rng, group[exporters], answers["A6"][exporters], countries[exporters], abroad[exporters])
    _place(answers, exporters, sold)
    others = np.flatnonzero(~exports)
    _place(answers, others, barriers(rng, len(others)))
    answers |= activities(rng, group, imports | exports, modes)
    answers |= support(rng, group)
    return _frame(answers, n)


def _destinations(
    rng: np.random.Generator,
    answers: dict[str, np.ndarray],
    exporters: np.ndarray,
    regions: np.ndarray,
    abroad: np.ndarray,
) -> dict[str, np.ndarray]:
    own = regions[exporters]
    main = main_destinations(rng, own)
    first = first_destinations(rng, main, answers["B8"][exporters] == answers["B6"][exporters])
    outside_eu = first_outside(rng, first, own)
    return {"B7": PLACES[first], "B9": np.where(abroad[exporters], PLACES[outside_eu], None), "B10": PLACES[main]}


def _place(answers: dict[str, np.ndarray], rows: np.ndarray, drawn: dict[str, np.ndarray]) -> None:
    """Put the answers of some firms among those of all, missing for the others."""
    size = len(answers["A3"])
    for item, values in drawn.items():
        text = values.dtype == object
        answers[item] = np.full(size, None if text else np.nan, dtype=object if text else float)
        answers[item][rows] = values


def _frame(answers: dict[str, np.ndarray], size: int) -> pd.DataFrame:
    """Put the answers in the order of the questionnaire, in the types that `survey.read` gives them."""
    columns: dict[str, Any] = {}
    for item in sorted(answers, key=_question):
        values = answers[item]
        if values.dtype == object:
            columns[item] = pd.array(values, dtype="string")
        else:
            columns[item] = pd.array(values.astype(float), dtype="Float64").astype(
                "Float64" if item in NUMBERS else "Int64"
            )
    frame = pd.DataFrame({"firm": [f"{SYNTHETIC}{number}" for number in range(1, size + 1)], **columns})
    frame.attrs = {"synthetic": True, "source": NOTE}
    return frame


def _question(item: str) -> tuple[str, int, str]:
    section, number, part = re.findall("([A-E])([0-9]+)([ab]?)", item)[0]
    return section, int(number), part
