"""Every example runs from top to bottom, as the documentation runs it."""

import runpy
from pathlib import Path

import matplotlib
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example, monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(example.parent)
    runpy.run_path(str(example), run_name="__main__")
    matplotlib.pyplot.close("all")


def test_the_gallery_runs_every_example():
    assert EXAMPLES
    assert [path.name for path in EXAMPLES if not path.name.startswith(("plot_", "run_"))] == []
