"""Draw the synthetic Enterprise Survey of the tests: the shape of a real file, no real firm.

Run it to write enterprise_synthetic.sav and .dta beside it. Every number comes from the seeded generator below and from
round figures chosen here; nothing is estimated from, or copied out of, real microdata.
"""

from pathlib import Path

import numpy as np
import pandas as pd

TITLE = "Synthetic Enterprise Survey: drawn by a program, no real firms"
DONT_KNOW, REFUSED = -9, -8
NEGATIVE = {DONT_KNOW: "Don't know (spontaneous)", REFUSED: "Refusal (spontaneous)"}
YES_NO = {**NEGATIVE, 1: "Yes", 2: "No"}

LABELS = {
    "idstd": "Identifier",
    "a14y": "Year of the interview",
    "a20y": "Close year of the last fiscal year",
    "a4a": "Industry sampling sector",
    "a2": "Sampling region",
    "a6a": "Sampling size",
    "strata": "Stratum",
    "wmedian": "Weight, median eligibility",
    "wstrict": "Weight, strict eligibility",
    "wweak": "Weight, weak eligibility",
    "a7": "Part of a multi-establishment firm",
    "b1": "Legal status",
    "b2b": "% owned by foreigners",
    "b4": "Women among the owners",
    "b5": "Year operations began",
    "b6": "Employees at the start",
    "b7": "Manager's years of experience",
    "b7a": "Top manager is a woman",
    "b8": "Quality certificate",
    "c22b": "Own website",
    "d3a": "% of sales: national",
    "d3b": "% of sales: indirect exports",
    "d3c": "% of sales: direct exports",
    "d8": "Year of first export",
    "d12b": "% of inputs of foreign origin",
    "d31x": "Main destination of exports",
    "e1": "Main market",
    "e6": "Foreign licensed technology",
    "h1": "New product in three years",
    "h2": "New product also new to the market",
    "h5": "New process in three years",
    "h8": "Spent on R&D",
    "l1": "Permanent full-time employees",
}
VALUE_LABELS = {
    "a4a": {1: "Food", 2: "Textiles", 3: "Other manufacturing", 4: "Construction", 5: "Retail", 6: "Other services"},
    "a2": {1: "Capital", 2: "Coast", 3: "Highlands"},
    "a6a": {1: "Small", 2: "Medium", 3: "Large"},
    "b1": {
        **NEGATIVE,
        1: "Listed company",
        2: "Unlisted company",
        3: "Sole proprietorship",
        4: "Partnership",
        6: "Other",
    },
    "e1": {**NEGATIVE, 1: "Local", 2: "National", 3: "International"},
    "b5": NEGATIVE,
    "d8": NEGATIVE,
    "b8": {**YES_NO, -6: "Still in process"},
    **dict.fromkeys(("a7", "b4", "b7a", "c22b", "e6", "h1", "h2", "h5", "h8"), YES_NO),
}


def draw(n: int = 200, seed: int = 20090) -> pd.DataFrame:
    """Draw the raw codes of n firms, without faults; half of them small, a quarter or so exporters."""
    rng = np.random.default_rng(seed)

    def yes(probability: float) -> np.ndarray:
        return np.where(rng.random(n) < probability, 1.0, 2.0)

    industry = rng.choice([1, 2, 3, 5, 6], n)  # 4, construction, keeps its label and has no firm
    region, size = rng.integers(1, 4, n), rng.choice([1, 2, 3], n, p=[0.5, 0.3, 0.2])
    employees = np.clip(np.round(np.exp(rng.normal(np.array([2.2, 3.7, 5.2])[size - 1], 0.5))), 1, None)
    interview = rng.choice([2022, 2023], n, p=[0.2, 0.8])
    founded = interview - np.minimum(1 + rng.gamma(1.6, 12, n).astype(int), 110)
    foreign = np.where(rng.random(n) < 0.08, rng.choice([10, 25, 50, 75, 100], n), 0)
    new_product = yes(0.3)
    new_to_market = np.where(new_product == 1, yes(0.6), np.nan)

    lean = -1.6 + 0.5 * (size - 1) + 0.8 * (new_to_market == 1) + 0.9 * (foreign > 0) - 0.8 * (industry >= 5)
    wait = np.where(rng.random(n) < 0.2, 0, rng.geometric(0.12, n))
    exports = (rng.random(n) < 1 / (1 + np.exp(-lean))) & (founded + wait <= interview)
    total = np.where(exports, np.clip(10 * rng.geometric(0.25, n), 10, 100), 0)
    indirect = np.where(rng.random(n) < 0.3, total, 0)

    strata = pd.DataFrame({"a4a": industry, "a6a": size, "a2": region}).groupby(["a4a", "a6a", "a2"]).ngroup() + 1
    weight = np.array([24.0, 7.5, 2.0])[size - 1] * rng.uniform(0.8, 1.2, n)
    return pd.DataFrame(
        {
            "idstd": np.arange(5001, 5001 + n),
            "a14y": interview,
            "a20y": interview - 1,
            "a4a": industry,
            "a2": region,
            "a6a": size,
            "strata": strata,
            "wmedian": weight.round(3),
            "wstrict": (0.9 * weight).round(3),
            "wweak": (1.2 * weight).round(3),
            "a7": yes(0.2),
            "b1": rng.choice([1, 2, 3, 4], n, p=[0.05, 0.35, 0.4, 0.2]),
            "b2b": foreign,
            "b4": yes(0.35),
            "b5": founded,
            "b6": np.maximum(np.round(employees * rng.uniform(0.2, 1, n)), 1),
            "b7": rng.integers(1, 40, n),
            "b7a": yes(0.18),
            "b8": yes(0.17),
            "c22b": yes(0.6),
            "d3a": 100 - total,
            "d3b": indirect,
            "d3c": total - indirect,
            "d8": np.where(exports, founded + wait, np.nan),
            "d12b": np.where(rng.random(n) < 0.4, rng.choice([10, 20, 50, 80, 100], n), 0),
            "d31x": np.where(exports, rng.choice(["Neighbour", "Overseas"], n), ""),
            "e1": np.where(total >= 50, 3, np.where(rng.random(n) < 0.5, 1, 2)),
            "e6": yes(0.15),
            "h1": new_product,
            "h2": new_to_market,
            "h5": yes(0.2),
            "h8": yes(0.12),
            "l1": employees,
        }
    ).astype({name: float for name in LABELS if name != "d31x"})


def spoil(firms: pd.DataFrame) -> pd.DataFrame:
    """Plant negative codes and one fault of each kind in chosen rows."""
    firms = firms.copy()
    exporters = firms.index[firms["d8"].notna()]
    others = firms.index[firms["d8"].isna() & (firms["h1"] == 2)]
    firms.loc[exporters[0], "d8"] = firms.loc[exporters[0], "b5"] - 4  # exported before it was founded
    firms.loc[exporters[1], "d8"] = DONT_KNOW  # exports, but since when?
    firms.loc[exporters[2], "d3a"] += 10  # sales add to 110 %
    firms.loc[exporters[3], "d8"] = 20015  # a digit too many
    firms.loc[others[0], "b5"] = 205  # a digit too few
    firms.loc[others[1], "h2"] = 1  # asked of innovators only
    firms.loc[others[2], "a2"] = 9  # a region without a label
    firms.loc[others[3], ["d3a", "d3b", "d3c"]] = DONT_KNOW
    for column, code, rows in (
        ("h1", DONT_KNOW, 3),
        ("h8", REFUSED, 2),
        ("b7", DONT_KNOW, 5),
        ("b8", -6, 4),
        ("l1", -9, 2),
    ):
        firms.loc[others[-rows:], column] = code
    return firms


def write(folder: Path) -> None:
    """Write both files; the Stata one in capitals, the SPSS one with -9 declared missing for the manager's years."""
    import pyreadstat

    firms = spoil(draw())
    pyreadstat.write_sav(
        firms,
        folder / "enterprise_synthetic.sav",
        file_label=TITLE,
        column_labels=LABELS,
        variable_value_labels=VALUE_LABELS,
        missing_ranges={"b7": [DONT_KNOW]},
    )
    capital = str.upper
    pyreadstat.write_dta(
        firms.rename(columns=capital),
        folder / "enterprise_synthetic.dta",
        file_label=TITLE,
        column_labels={capital(name): label for name, label in LABELS.items()},
        variable_value_labels={capital(name): labels for name, labels in VALUE_LABELS.items()},
    )


if __name__ == "__main__":
    write(Path(__file__).parent)
