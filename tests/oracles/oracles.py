"""Reference figures from R: each a case (data, call, numbers), read from figures/ and data/."""

import importlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Oracle:
    """One figure file and the rows it speaks of.

    `numbers` is the whole file: `oracle["llf"]` reads from it, `"tests" in oracle` asks whether it has a number.
    """

    case: str
    estimator: str
    numbers: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]

    def __contains__(self, name: str) -> bool:
        return name in self.numbers

    @property
    def frame(self) -> pd.DataFrame:
        """The data, only the rows that R used."""
        data = _table(self["data"])
        return data.query(self["rows"]) if "rows" in self else data

    @property
    def public(self) -> Any:
        """What the file names, e.g. `exportmodels.timing.Cox`; None where the package has no such name."""
        module, _, name = self.estimator.partition(".")
        return getattr(importlib.import_module(f"exportmodels.{module}"), name, None)

    def model(self, formula: str | None = None) -> Any:
        """The model as R fitted it, ready to fit; with another formula where one is given."""
        options = {name: value for name, value in self["call"].items() if name != "formula"}
        return self.public.from_formula(formula or self["call"]["formula"], self.frame, **options)


def load(case: str) -> Oracle:
    """Read one case by its name."""
    numbers = json.loads((HERE / "figures" / f"{case}.json").read_text())
    return Oracle(numbers["case"], numbers["estimator"], numbers)


def cases(estimator: str | None = None, having: str | None = None) -> list[str]:
    """Names of the cases; those of one estimator, those that hold a number of this name."""
    return [
        path.stem
        for path in sorted((HERE / "figures").glob("*.json"))
        if estimator in (None, load(path.stem).estimator) and (having is None or having in load(path.stem))
    ]


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "data" / f"{name}.csv")
