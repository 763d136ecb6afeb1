"""Reports built once: without a file, from a file of answers, from a synthetic Enterprise Survey."""

from pathlib import Path

import pytest

from exportmodels import data, report

ENTERPRISE = Path(__file__).parents[1] / "survey" / "files" / "enterprise_synthetic.sav"


@pytest.fixture(scope="session")
def answers(tmp_path_factory):
    """A CSV file of answers that does not say of itself that it is synthetic, as a real one would not."""
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    data.synthetic_flanders(50, seed=1).assign(firm=range(1, 51)).to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """The folder of the report without a file."""
    return report.build(out=tmp_path_factory.mktemp("published") / "out").parent


@pytest.fixture(scope="session")
def questionnaire(tmp_path_factory, answers):
    """The folder of the report on a file of answers."""
    return report.build(answers, tmp_path_factory.mktemp("questionnaire") / "out").parent


@pytest.fixture(scope="session")
def enterprise(tmp_path_factory):
    """The folder of the report on an Enterprise Survey."""
    out = tmp_path_factory.mktemp("enterprise") / "out"
    return report.build(ENTERPRISE, out, format="enterprise-survey").parent


@pytest.fixture
def undrawn(monkeypatch):
    """Leave the figures blank, for tests of what the numbers are."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    monkeypatch.setattr("exportmodels.report.pictures.Picture.render", lambda self: (blank, b""))
