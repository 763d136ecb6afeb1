"""The questionnaire of the 2009 report as tables (items, codes, routes, faults) and in print."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked_methods
from . import tables
from .variables import fed_by

WORDS = {
    "nl": {"asked": "gevraagd als", "go": "ga naar", "faults": "Fouten van de vragenlijst (in het Engels)"},
    "en": {"asked": "asked if", "go": "go to", "faults": "Faults of the instrument"},
}
WIDTH = 110


@checked_methods
@dataclass(frozen=True)
class Questionnaire:
    """The questionnaire that the 2009 report put to small firms in Flanders, as data.

    Printing it shows the instrument: every question with its items, codes and routes, then its faults.

    Parameters
    ----------
    language : {"nl", "en"}, default "nl"
        Language of `labels` and of the printed instrument. The questionnaire was fielded in Dutch; the
        English is this package's translation.

    Raises
    ------
    OptionError
        If the language is neither.

    References
    ----------
    Onkelinx, J. and Sleuwaegen, L. (2009). Determinants of successful internationalization by SMEs in
    Flanders, Appendix I.

    Examples
    --------
    >>> from exportmodels.survey import Questionnaire
    >>> instrument = Questionnaire("en")
    >>> instrument.items.loc["B6", "wording_en"]
    'In which year did your firm first export goods or services?'
    >>> instrument.labels("A9")
    {1: 'Local market', 2: 'European market', 3: 'World market'}
    """

    language: Literal["nl", "en"] = "nl"

    @property
    def items(self) -> pd.DataFrame:
        """One row for each column of a file of answers, by item id.

        Columns: `question` (items of one question share it), `number` (as printed: two questions are
        numbered 20), `section`, `section_nl`, `section_en`, `type` (single, multi, scale, rank, year, count,
        number, percent, text), `scale` (name of its codes, blank where the answer is no code), `wording_nl`,
        `wording_en`, `option_nl`, `option_en`, `asked` (who is asked, blank for all), `firms` (the columns
        of the firms table made from it).
        """
        feeds = pd.Series({item: " ".join(columns) for item, columns in fed_by().items()})
        return tables.table("questionnaire").set_index("id").assign(firms=feeds)

    @property
    def codes(self) -> pd.DataFrame:
        """The possible answers: `item`, `code`, `label_nl`, `label_en`, `level` (its name in the firms table)."""
        asked = tables.table("questionnaire")[["id", "scale"]].rename(columns={"id": "item"})
        codes = asked.merge(tables.table("codes"), on="scale").astype({"code": int})
        return codes[["item", "code", "label_nl", "label_en", "level"]]

    @property
    def routes(self) -> pd.DataFrame:
        """The jumps: `item`, `code` (blank: any answer), `printed` (as printed), `next` (where it must lead).

        Three printed targets are one too high, because the second question 20 should have been 21; see
        `faults`.
        """
        return tables.table("routes").copy()

    @property
    def faults(self) -> pd.DataFrame:
        """What is wrong with the instrument: `items`, `kind`, `fault`, `treatment` (what is done)."""
        return tables.table("faults").copy()

    def labels(self, item: str) -> dict[int, str]:
        """Return code -> label of an item in the questionnaire's language, empty for an item without codes.

        Parameters
        ----------
        item : str
            An item id.

        Returns
        -------
        dict of int to str
            The codes in printed order.

        Raises
        ------
        OptionError
            If the questionnaire has no such item.
        """
        if item not in tables.items():
            raise OptionError(
                f"the questionnaire has no item {item!r}; its items are the index of Questionnaire().items"
            )
        return {code.code: getattr(code, f"label_{self.language}") for code in tables.scale(tables.items()[item].scale)}

    def __str__(self) -> str:
        lines = [
            line
            for _, part in tables.table("questionnaire").set_index("id").groupby("section", sort=False)
            for line in self._section(part)
        ]
        lines += [WORDS[self.language]["faults"], ""]
        for fault in tables.table("faults").itertuples():
            lines += _wrapped(f"{fault.items} ({fault.kind}): {fault.fault} {fault.treatment}", "    ")
        return "\n".join(lines)

    def _section(self, part: pd.DataFrame) -> Iterator[str]:
        yield f"{part['section'].iloc[0]}. {part[f'section_{self.language}'].iloc[0]}".upper()
        yield ""
        for question, its_items in part.groupby("question", sort=False):
            yield from self._question(str(question), its_items)
            yield ""

    def _question(self, question: str, its_items: pd.DataFrame) -> Iterator[str]:
        open_line = its_items["type"].isin(["text", "percent"])
        boxes, lines = its_items[~open_line], its_items[open_line]
        conditions = (boxes if len(boxes) else lines)["asked"].unique()
        shared = conditions[0] if len(conditions) == 1 else ""
        wording = its_items[f"wording_{self.language}"].iloc[0]
        yield from _wrapped(f"{question}. {wording}{self._asked(shared)}", "    ")
        for part, codes in ((boxes, self._codes(question, its_items)), (lines, [])):
            for item, row in part[part["option_nl"] != ""].iterrows():
                asked = self._asked(row["asked"] if row["asked"] != shared else "")
                text = f"    {item}  {row[f'option_{self.language}']}{self._jump(str(item), '1')}{asked}"
                yield from _wrapped(text, "        ")
            yield from codes
        if self._jump(question, ""):
            yield f"   {self._jump(question, '')}"

    def _codes(self, question: str, its_items: pd.DataFrame) -> Iterator[str]:
        if its_items["scale"].iloc[0] != "tick":
            for code, label in self.labels(its_items.index[0]).items():
                yield f"    {code}  {label}{self._jump(question, str(code))}"

    def _asked(self, condition: str) -> str:
        return f" [{WORDS[self.language]['asked']} {condition}]" if condition else ""

    def _jump(self, item: str, code: str) -> str:
        routes = tables.table("routes")
        target = routes.loc[(routes["item"] == item) & (routes["code"] == code), "next"]
        return f" -> {WORDS[self.language]['go']} {target.item()}" if len(target) else ""


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent)
