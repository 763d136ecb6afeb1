"""Answers as numbers, with what the questionnaire implies about the blanks: who was asked, and boxes left open."""

from functools import cache

import numpy as np
import pandas as pd

from .tables import items, options, part


class Answered:
    """The answers of a file, item by item.

    Parameters
    ----------
    frame : pandas.DataFrame
        Answers as `exportmodels.survey.read` returns them.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._values: dict[str, np.ndarray] = {}
        self._asked: dict[str, np.ndarray] = {}

    def __contains__(self, item: str) -> bool:
        return item in self.frame.columns

    def __getitem__(self, item: str) -> np.ndarray:
        """Return codes or numbers as floats, NaN where there is no answer or none that can be read.

        A box that was left open is 0 as soon as another box of its question was answered, and where the question
        was not to be asked.
        """
        if item not in self._values:
            values = self.given(item)
            if item in self and items()[item].type == "multi":
                known = self._others(item)
                if items()[item].asked:
                    known = known | (self.asked(item) == 0)
                values = np.where(self.frame[item].isna() & known, 0.0, values)
            self._values[item] = values
        return self._values[item]

    def given(self, item: str) -> np.ndarray:
        """Return the codes or numbers that stand in the file, NaN elsewhere."""
        if item not in self:
            return np.full(len(self.frame), np.nan)
        column = self.frame[item]
        if column.dtype == object:
            return np.array([np.nan if isinstance(cell, str) or pd.isna(cell) else float(cell) for cell in column])
        return column.to_numpy(dtype=float, na_value=np.nan)

    def unreadable(self, item: str) -> np.ndarray:
        """Return where a cell of a coded or numeric item holds something that is no answer to it."""
        if self.frame[item].dtype != object:
            return np.zeros(len(self.frame), dtype=bool)
        return np.array([isinstance(cell, str) for cell in self.frame[item]])

    def _others(self, item: str) -> np.ndarray:
        """Return where some box of the same question has an answer."""
        boxes = [box for box in options(items()[item].question) if box in self]
        return self.frame[boxes].notna().any(axis=1).to_numpy()

    def asked(self, item: str) -> np.ndarray:
        """Return who had to be asked, by the questions that decide: 1 asked, 0 not asked, NaN undecided."""
        if item not in self._asked:
            state = np.ones(len(self.frame))
            for gate, codes in conditions(item):
                answer = self[gate]
                met = np.where(np.isnan(answer), np.nan, np.isin(answer, codes))
                state = _both(_both(state, met), self.asked(gate))
            self._asked[item] = state
        return self._asked[item]


@cache
def conditions(item: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the items and codes that decide whether an item is asked; all of them must hold.

    Examples
    --------
    >>> conditions("B6")
    (('B5', (1, 2, 3)),)
    """
    clauses = [clause.split("=") for clause in part(items()[item].asked, "&")]
    return tuple((gate, tuple(int(code) for code in part(codes, "|"))) for gate, codes in clauses)


def _both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the conjunction of two states: a definite no decides, otherwise what is unknown stays so."""
    return np.where((first == 0) | (second == 0), 0.0, first * second)
