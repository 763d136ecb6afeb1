"""What the firms table says beyond the items of an Enterprise Survey: shares, timing, covariates, stratum."""

import numpy as np
import pandas as pd

from .enterprise_faults import Faults
from .enterprise_file import LabelledFile
from .made import flag

SIZES = {"micro": 0, "small": 10, "medium": 51, "large": 251}  # fewest employees of each class
FOREIGN_OWNED = 0.10  # a foreign direct investment by the definition of the IMF and the OECD
LISTED = 1  # code of b1: shares traded on the stock market
SUM_TOLERANCE = 0.005  # the three shares of sales may miss 100 % by half a point


def derive(file: LabelledFile, firms: pd.DataFrame, faults: Faults, exports: str) -> pd.DataFrame:
    """Add the derived columns to a table of the items' own columns and `surveyed`."""
    selling = _positive(firms[["share_indirect", "share_direct"]])
    return firms.assign(
        age=firms["surveyed"] - firms["founded"],
        exporter=selling if exports == "any" else _positive(firms[["share_direct"]]),
        **_shares(firms, faults, exports),
        **_timing(file, firms, selling, faults),
        **_covariates(file, firms, faults),
        **_stratum(firms),
    )


def _positive(parts: pd.DataFrame) -> pd.Series:
    """1 when some part is positive, 0 when all are zero, NaN when the answers leave it open."""
    some, none = (parts > 0).any(axis=1), (parts == 0).all(axis=1)
    return pd.Series(np.select([some, none], [1.0, 0.0], np.nan), index=parts.index)


def _shares(firms: pd.DataFrame, faults: Faults, exports: str) -> dict[str, pd.Series]:
    """The share of exports in sales; it is known exactly, so its limits are the share itself."""
    total = (firms["share_indirect"] + firms["share_direct"]).round(10)  # 0.7 + 0.1 must be 0.8
    parts = {"value": firms["share_indirect"] * 100, "direct": firms["share_direct"] * 100}
    over = total > 1
    message = "d3b and d3c are {value} and {direct}, together more than 100 % of sales"
    faults.add(over, "d3b", "impossible number", message, **parts)
    if "share_national" in firms:
        everything = total + firms["share_national"]
        off = ((everything - 1).abs() > SUM_TOLERANCE) & ~over
        message = "d3a, d3b and d3c are {national}, {value} and {direct}, which do not add to 100 % of sales"
        faults.add(off, "d3b", "contradiction", message, **parts, national=firms["share_national"] * 100)
    share = (total if exports == "any" else firms["share_direct"]).mask(over)
    return {"share": share, "share_lower": share, "share_upper": share}


def _timing(file: LabelledFile, firms: pd.DataFrame, selling: pd.Series, faults: Faults) -> dict[str, pd.Series]:
    """Whether a firm ever exported, as far as the file tells, and how long after its founding."""
    first, founded = firms["first_export"], firms["founded"]
    answered = pd.to_numeric(file.codes["d8"], errors="coerce") >= 0
    message = "{item} is {value}: the firm exports, but does not say since which year"
    faults.add((selling == 1) & ~answered, "d8", "no year", message, file.codes["d8"])
    before = first < founded
    message = "{item} is {value}, before the establishment was founded (b5 is {founded})"
    faults.add(before, "d8", "before founding", message, first, founded=founded)

    exported = selling.mask(first.notna(), 1.0)
    years = (first - founded).mask(before)
    return {
        "exported": exported,
        "years_to_export": years,
        "duration": years.where(exported == 1, (firms["surveyed"] - founded).where(exported == 0)),
    }


def _covariates(file: LabelledFile, firms: pd.DataFrame, faults: Faults) -> dict[str, pd.Series]:
    """Covariates that rest on one or two items, each where the file has them."""
    found = {}
    if "employees" in firms:
        found["size"] = pd.cut(firms["employees"], [*SIZES.values(), np.inf], right=False, labels=list(SIZES))
    if "import_share" in firms:
        found["importer"] = _positive(firms[["import_share"]])
    if "legal_status" in firms:
        status = pd.to_numeric(file.codes["b1"], errors="coerce")
        found["listed"] = pd.Series(flag(status.mask(status < 0).to_numpy(), [LISTED]), index=firms.index)
    if "foreign_ownership" in firms:
        owned = firms["foreign_ownership"]
        found["foreign_owned"] = (owned >= FOREIGN_OWNED).astype(float).where(owned.notna())
    if {"new_product", "new_to_market"} <= set(firms):
        new = firms["new_product"]
        unrouted = (new == 0) & firms["new_to_market"].notna()
        message = "{item} is {value}, but is not asked: the firm has no new product (h1)"
        faults.add(unrouted, "h2", "not asked", message, file.codes["h2"])
        found["novel"] = firms["new_to_market"].where(new == 1, new)
    return found


def _stratum(firms: pd.DataFrame) -> dict[str, pd.Series]:
    """The file's own stratum, or industry by region by size; within country where the file holds several."""
    design = ["stratum"] if "stratum" in firms else ["sector", "region", "sampling_size"]
    if not set(design) <= set(firms):
        return {}
    if "country" in firms and len(firms["country"].dropna().unique()) > 1:
        design = ["country", *design]
    crossed = firms[design[0]].astype("string")
    for column in design[1:]:
        crossed = crossed + " / " + firms[column].astype("string")
    return {"stratum": firms[design[0]] if len(design) == 1 else crossed.astype("category")}
