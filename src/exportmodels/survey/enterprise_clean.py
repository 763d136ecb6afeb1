"""From the codes of one item of an Enterprise Survey to values; negative codes are never values."""

from typing import Any

import pandas as pd

from .enterprise_faults import Faults, plain
from .enterprise_file import LabelledFile
from .enterprise_items import IDENTIFIERS, Item
from .made import category, flag
from .rules import EARLIEST_YEAR

YES, NO = 1, 2


def identifiers(file: LabelledFile) -> pd.Series:
    """The identifier of each firm; the number of its row where the file has none."""
    name = next((name for name in IDENTIFIERS if name in file.codes), None)
    if name is None:
        return file.codes.index.to_series()
    firm = file.codes[name]
    return firm.astype("int64") if firm.dtype == float and (firm % 1 == 0).all() else firm


def values(item: Item, name: str, file: LabelledFile, surveyed: pd.Series, faults: Faults) -> pd.Series:
    """The column that an item becomes, NaN where the answer is unknown.

    Kinds: `year` is a whole year since `EARLIEST_YEAR` and not after the interview; `number` is not negative;
    `percent` becomes a share 0..1; `flag` is 1.0 for yes and 0.0 for no; `levels` an ordered category with the
    item's own names; `category` and `ordered` a category with every label of the file in the order of its codes;
    `weight` is positive.
    """
    if item.kind in ("category", "ordered"):
        return _labelled(name, file, faults, ordered=item.kind == "ordered")
    codes = numbers(name, file, faults)
    if item.kind in ("flag", "levels"):
        return _coded(item, name, codes, faults)
    if item.kind == "year":
        return _year(name, codes, surveyed, faults)
    if item.kind == "percent":
        wrong, fault = codes > 100, "more than 100 %"
    elif item.kind == "weight":
        wrong, fault = codes == 0, "no weight"
    else:
        return codes
    faults.add(wrong, name, "impossible number", f"{{item}} is {{value}}, which is {fault}", codes)
    known = codes.mask(wrong)
    return known / 100 if item.kind == "percent" else known


def numbers(name: str, file: LabelledFile, faults: Faults) -> pd.Series:
    """The codes of a variable as floats; negative ones (don't know, refused, does not apply) become NaN."""
    raw = file.codes[name]
    codes = pd.to_numeric(raw, errors="coerce").astype(float)
    if not pd.api.types.is_numeric_dtype(raw):
        text = codes.isna() & raw.notna() & (raw.astype(str).str.strip() != "")
        faults.add(text, name, "no number", "{item} is '{value}', which is no number", raw)
    negative = codes < 0
    if negative.any():
        faults.unanswered[name] = int(negative.sum())
    return codes.mask(negative)


def _year(name: str, codes: pd.Series, surveyed: pd.Series, faults: Faults) -> pd.Series:
    slip = (codes < EARLIEST_YEAR) | (codes % 1 > 0)
    message = f"{{item}} is {{value}}, which is no year since {EARLIEST_YEAR}; a year has four digits"
    faults.add(slip, name, "impossible year", message, codes)
    late = ~slip & (codes > surveyed)
    faults.add(late, name, "future year", "{item} is {value}, after the interview in {year}", codes, year=surveyed)
    return codes.mask(slip | late)


def _coded(item: Item, name: str, codes: pd.Series, faults: Faults) -> pd.Series:
    """Codes whose meaning the questionnaire fixes: yes or no, or named levels."""
    levels = dict(enumerate(item.levels, start=1))
    possible = list(levels) or [YES, NO]
    unknown = codes.notna() & ~codes.isin(possible)
    message = f"{{item}} is {{value}}; its codes are {', '.join(map(str, possible))}"
    faults.add(unknown, name, "unknown code", message, codes)
    known = codes.mask(unknown).to_numpy()
    return pd.Series(category(known, levels, ordered=True) if levels else flag(known, [YES]), index=codes.index)


def _labelled(name: str, file: LabelledFile, faults: Faults, ordered: bool) -> pd.Series:
    """A category with every label of the file in the order of its codes.

    Codes without a label go by their number, and are faults where other codes of the variable have one. A variable
    of text becomes a category of its texts.
    """
    raw = file.codes[name]
    if not pd.api.types.is_numeric_dtype(raw):
        text = raw.astype("string").str.strip()
        return text.mask((text == "") | text.str.fullmatch(r"-\d+")).astype("category")
    codes = numbers(name, file, faults)
    labels = {code: label for code, label in file.value_labels.get(name, {}).items() if _is_answer(code)}
    unlabelled = set(codes.dropna().unique().tolist()) - set(labels)
    if labels:
        message = "{item} is {value}, a code to which the file gives no label"
        faults.add(codes.isin(unlabelled), name, "no label", message, codes)
    levels = _distinct(labels | {code: plain(code) for code in unlabelled})
    return pd.Series(category(codes.to_numpy(), levels, ordered=ordered), index=codes.index)


def _is_answer(code: Any) -> bool:
    """Whether a labelled code is an answer: not negative, nor one of Stata's letters for missing values."""
    return not isinstance(code, str) and code >= 0


def _distinct(labels: dict[Any, str]) -> dict[Any, str]:
    """The labels in the order of their codes; a label that two codes share gets its code beside it."""
    names = {code: labels[code].strip() for code in sorted(labels)}
    given = list(names.values())
    return {code: name if given.count(name) == 1 else f"{name} ({plain(code)})" for code, name in names.items()}
