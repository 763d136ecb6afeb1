"""The report as a whole: its files, its page, where its numbers come from, what is marked as synthetic."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from exportmodels import data, report, survey
from exportmodels.core.errors import AnswersError, OptionError
from exportmodels.report.pictures import STAMP
from exportmodels.spread import ZeroTruncated
from exportmodels.strategy import growth_drivers, motives, typology

KINDS = ("published", "questionnaire", "enterprise")
TABLES = {
    "published": {"timing", "share", "spread", "strategy", "across"},
    "questionnaire": {"timing", "share", "spread", "strategy", "across"},
    "enterprise": {"timing", "share", "strategy", "across"},
}


class Page(HTMLParser):
    """What a test asks of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.images, self.headings = Counter(), [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags[tag] += 1
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        if tag == "img":
            self.images.append(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("script", "link", "iframe"):
            assert not {"src", "href"} & attrs.keys()


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def folder(kind, request):
    return request.getfixturevalue(kind)


@pytest.fixture
def numbers(folder):
    return json.loads((folder / "numbers.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.fixture
def text(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def test_every_file_is_there_and_listed(folder, kind, numbers):
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {f"tables/{name}.{ending}" for name in TABLES[kind] for ending in ("tex", "html", "docx", "md")}
    figures = {f"figures/{name}.{ending}" for name in numbers["figures"] for ending in ("svg", "png")}
    manifest = ".exportmodels-report"
    assert held == {"report.html", "numbers.json", manifest, *tables, *figures}
    assert set((folder / manifest).read_text().split("\n")) - {""} == held - {manifest}


def test_the_page_needs_nothing_from_outside(text):
    page = Page(text)
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in page.images)
    assert "@import" not in text
    assert "url(" not in text
    assert {urlsplit(link).scheme for link in page.links} <= {""}


def test_links_lead_somewhere(text, folder):
    page = Page(text)
    assert not [name for name, count in Counter(page.ids).items() if count > 1]
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert (folder / link).is_file()


def test_the_page_can_be_heard(text, numbers):
    page = Page(text)
    assert len(page.images) == len(numbers["figures"]) >= 10
    assert all(len(image["alt"]) > 20 for image in page.images)
    assert page.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.headings.count(1) == 1
    assert '<html lang="en">' in text


def test_every_figure_says_its_firms_and_every_model_its_base(numbers):
    assert all(re.search(r"\d", figure["trace"]) for figure in numbers["figures"].values())
    for model in numbers["models"]:
        assert model["formula"]
        assert model["base"]
        assert model["problem"] or (model["firms"] > 0 and model["covariance"] and model["certificate"])


def test_every_model_was_fitted_and_its_findings_are_on_the_page(numbers, text):
    assert not [model["problem"] for model in numbers["models"] if model["problem"]]
    questions = {finding["question"] for finding in numbers["findings"]}
    assert questions >= {"timing", "share", "strategy"}
    for finding in numbers["findings"]:
        ends = [finding[name] for name in ("lower", "estimate", "upper") if isinstance(finding[name], float)]
        assert ends == sorted(ends)
        assert finding["quantity"].split(",")[0].split(":")[0].lower() in text.lower()


def test_synthetic_firms_are_marked_wherever_they_are_shown(folder, kind, numbers, text):
    synthetic = kind != "questionnaire"  # the tests' Enterprise Survey says in its label that it is synthetic
    assert numbers["source"]["synthetic"] is synthetic
    for name, figure in numbers["figures"].items():
        real = kind == "published" and name == "contrasts"
        assert figure["synthetic"] is (synthetic and not real)
        assert (STAMP in (folder / "figures" / f"{name}.svg").read_text()) is (synthetic and not real)
    for path in (folder / "tables").glob("*.*"):
        if path.suffix != ".docx":
            assert ("ynthetic sample" in path.read_text(encoding="utf-8")) is synthetic
    captions = re.findall(r"<figcaption>.*?</figcaption>", text, re.S)
    marked = sum("badge synthetic" in caption for caption in captions)
    assert marked == sum(figure["synthetic"] for figure in numbers["figures"].values())


@pytest.mark.usefixtures("undrawn")
def test_a_file_of_synthetic_answers_stays_marked(tmp_path):
    data.synthetic_flanders(50, seed=2).to_csv(tmp_path / "drawn.csv", index=False)
    page = report.build(tmp_path / "drawn.csv", tmp_path / "out")
    numbers = json.loads((page.parent / "numbers.json").read_text())
    assert all(figure["synthetic"] for figure in numbers["figures"].values())
    assert "<b>Synthetic answers.</b>" in page.read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes(tmp_path, answers, questionnaire):
    again = report.build(answers, tmp_path / "again").parent
    for path in questionnaire.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(questionnaire)).read_bytes(), path.name


# numbers against something that the report did not compute


def test_published_contrasts_agree_with_scipy(published):
    contrasts = json.loads((published / "numbers.json").read_text())["contrasts"]
    rows = pd.DataFrame(contrasts["rows"])
    assert len(rows) == 33
    expected = [
        fisher_exact([[a, n - a], [c, m - c]])[1]
        for a, n, c, m in rows[["first_count", "first_base", "second_count", "second_base"]].to_numpy()
    ]
    np.testing.assert_allclose(rows["fisher_p"], expected, rtol=1e-10)
    np.testing.assert_allclose(rows["fisher_holm"], multipletests(expected, method="holm")[1], rtol=1e-10)
    np.testing.assert_allclose(rows["fisher_bh"], multipletests(expected, method="fdr_bh")[1], rtol=1e-10)


def test_shares_are_those_of_the_answers(questionnaire, answers):
    figures = json.loads((questionnaire / "numbers.json").read_text())["figures"]
    firms = survey.derive(survey.read(answers))
    market = pd.crosstab(firms["market"], firms["product"], normalize="columns")
    for row in figures["market"]["rows"]:
        if row["group"] in ("niche", "mass"):
            assert row["estimate"] == pytest.approx(market.loc[row["item"], row["group"]])
    mass = next(row for row in figures["market"]["rows"] if (row["item"], row["group"]) == ("local", "mass"))
    assert (mass["published"], mass["published_figure"], mass["published_base"]) == (0.47, "25", 19)


def test_models_are_those_that_a_script_fits(questionnaire, answers):
    models = json.loads((questionnaire / "numbers.json").read_text())["models"]
    shown = next(model for model in models if model["estimator"] == "spread.ZeroTruncated")
    firms = survey.derive(survey.read(answers)).query("exporter == 1")
    fit = ZeroTruncated.from_formula("countries ~ niche", firms, dist="nb2").fit()
    coefficients = pd.DataFrame(shown["coefficients"]).set_index("name")
    np.testing.assert_allclose(coefficients["estimate"], fit.params, rtol=1e-12)
    np.testing.assert_allclose(coefficients["se"], fit.bse, rtol=1e-12)
    assert (shown["firms"], shown["loglike"]) == (fit.nobs, pytest.approx(fit.llf))


def test_own_contrasts_count_the_answers_and_stand_beside_the_published_ones(questionnaire, answers):
    rows = pd.DataFrame(json.loads((questionnaire / "numbers.json").read_text())["contrasts"]["rows"])
    firms = survey.derive(survey.read(answers))
    local = rows[(rows["outcome"] == "market") & (rows["category"] == "local")].iloc[0]
    mass = firms["product"] == "mass"
    assert local["second_count"] == (firms.loc[mass, "market"] == "local").sum()
    assert local["second_base"] == mass.sum()
    assert (local["published_second_count"], local["published_second_base"]) == (9, 19)


# the Enterprise Survey


def test_types_motives_and_drivers_are_counted_and_tested(questionnaire, answers):
    table = pd.DataFrame(json.loads((questionnaire / "numbers.json").read_text())["classes"]["rows"])
    firms = survey.derive(survey.read(answers)).dropna(subset=["niche"])
    classed = {"typology": typology(firms), **motives(firms), "growth_driver": growth_drivers(firms)}
    assert set(table["outcome"]) == {"typology", "trigger", "reason", "growth_driver"}
    for (outcome, category, group), row in table.set_index(["outcome", "category", "group"]).iterrows():
        mine = classed[outcome][firms["product"] == group]
        assert (row["count"], row["firms"]) == ((mine == category).sum(), mine.notna().sum())
    trigger = pd.crosstab(classed["trigger"], firms["niche"])
    assert table.loc[table["outcome"] == "trigger", "p"].unique() == pytest.approx(fisher_exact(trigger)[1])


def test_published_drivers_are_tested_and_modelled(published):
    found = json.loads((published / "numbers.json").read_text())["classes"]
    table = pd.DataFrame(found["rows"]).set_index("data")
    pvalues = {data: rows["p"].unique().item() for data, rows in table.groupby("data") if "published" in data}
    # fisher.test of R 4.2
    assert pvalues == pytest.approx(
        {"published counts, figure 32": 0.150789870604111, "published counts, figure 33": 0.105362522791516}
    )
    niche = found["models"]["figure 32"][0]
    assert (niche["groups"], niche["firms"]) == ("niche firms", 19)
    assert niche["estimate"] == pytest.approx(
        4.5 / 12
    )  # with one factor, Firth's penalty adds half a firm to each cell


def test_the_enterprise_report_is_weighted_throughout(enterprise):
    numbers = json.loads((enterprise / "numbers.json").read_text())
    assert all(model["weights"] == "weight" and model["covariance"] == "robust" for model in numbers["models"])
    firms = survey.read_enterprise_survey(enterprise_file())
    shown = next(row for row in numbers["figures"]["exporters"]["rows"] if row["group"] == "all")
    known = firms["exporter"].notna()
    expected = np.average(firms.loc[known, "exporter"], weights=firms.loc[known, "weight"])
    assert shown["estimate"] == pytest.approx(expected)


def test_the_enterprise_report_says_what_it_cannot_answer(enterprise):
    text = (enterprise / "report.html").read_text(encoding="utf-8")
    spread = re.search(r'<section id="spread">.*?</section>', text, re.S)[0]
    assert "the survey does not ask to how many countries" in spread
    assert "<table" not in spread
    assert 'id="contrasts"' not in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("by", ["size", "main_market", "rd_any"])
def test_an_enterprise_report_by_another_column(tmp_path, by):
    page = report.build(enterprise_file(), tmp_path / "out", format="enterprise-survey", by=by)
    numbers = json.loads((page.parent / "numbers.json").read_text())
    assert numbers["source"]["grouped_by"] == by
    assert {finding["groups"] for finding in numbers["findings"]} >= {
        f"{by} = {numbers['source']['groups'][0]['label']}"
    }


def enterprise_file():
    return Path(__file__).parents[1] / "survey" / "files" / "enterprise_synthetic.sav"


# answers that need care


@pytest.mark.usefixtures("undrawn")
def test_negative_years_are_excluded_and_counted(tmp_path, answers):
    table = pd.read_csv(answers)
    exporters = table.index[table["B6"].notna()][:3]
    table.loc[exporters, "B6"] = table.loc[exporters, "A3"] - 5
    page = report.build(table, tmp_path / "out")
    numbers = json.loads((page.parent / "numbers.json").read_text())
    assert (
        "Years from founding to first export: negative for 3 of 50 firms, taken as unknown."
        in numbers["source"]["notes"]
    )
    assert "negative for 3 of 50 firms" in page.read_text(encoding="utf-8")
    assert len(numbers["source"]["faults"]) >= 3
    hazard = next(model for model in numbers["models"] if model["estimator"] == "timing.DiscreteHazard")
    assert not hazard["problem"]


@pytest.mark.usefixtures("undrawn")
def test_a_model_that_has_no_estimate_says_why(tmp_path, answers):
    table = pd.read_csv(answers)
    table.loc[table["B11"].notna(), "B11"] = 5
    page = report.build(table, tmp_path / "out")
    numbers = json.loads((page.parent / "numbers.json").read_text())
    spread = [model for model in numbers["models"] if model["question"] == "spread"]
    assert any(model["problem"] for model in spread)
    assert "not estimated." in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("undrawn")
def test_a_few_items_make_a_report_of_what_they_allow(tmp_path, answers):
    table = pd.read_csv(answers)[["A2", "A3", "A6", "A7", "B5", "B6", "B22"]]
    page = report.build(table, tmp_path / "out")
    assert {path.stem for path in (page.parent / "tables").iterdir()} == {"timing", "across"}


def test_no_exporters(tmp_path, answers):
    table = pd.read_csv(answers)[["A2", "A3", "A7"]].assign(B5=4)
    with pytest.raises(AnswersError, match="no firm in a data frame of answers has exported"):
        report.build(table, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_options_that_cannot_be(tmp_path, answers):
    for options, message in [
        ({"by": "shoe_size"}, "is no column of the firms; these can group them: size"),
        ({"by": "employees"}, "neither 0 and 1 nor categories"),
        ({"by": "first_destination"}, "a report compares two to 8"),
        ({"format": "spss"}, "format must be one of 'questionnaire', 'enterprise-survey'"),
        ({"format": "enterprise-survey"}, "answers.csv"),
    ]:
        with pytest.raises((OptionError, AnswersError), match=message):
            report.build(answers, tmp_path / "out", **options)
    with pytest.raises(OptionError, match="needs a file"):
        report.build(out=tmp_path / "out", format="enterprise-survey")
    assert not list(tmp_path.iterdir())
