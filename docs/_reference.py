"""Pages and tables of the reference that are written from the package itself, so that they cannot fall behind it."""

import shutil
from importlib import import_module
from pathlib import Path

from exportmodels import survey

PACKAGES = ("timing", "share", "spread", "strategy", "inference", "survey", "data", "report", "laws")


def write(folder: Path) -> None:
    """Write everything anew into one folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for package in PACKAGES:
        (folder / f"{package}.rst").write_text(_api_page(f"exportmodels.{package}"), encoding="utf-8")
    instrument = survey.Questionnaire("en")
    (folder / "questionnaire.txt").write_text(str(instrument), encoding="utf-8")
    instrument.faults[["items", "fault", "treatment"]].to_csv(folder / "faults.csv", index=False)
    survey.columns()[["label", "unit", "kind", "items"]].to_csv(folder / "columns.csv")


def _api_page(package: str) -> str:
    """One page a package: its first line, and a table of its public names."""
    module = import_module(package)
    names = [f"   {name}" for name in getattr(module, "__all__", [])]
    table = [f".. currentmodule:: {package}", "", ".. autosummary::", "   :toctree: .", "", *names] if names else []
    return "\n".join([package, "=" * len(package), "", module.__doc__ or "", "", *table, ""])
