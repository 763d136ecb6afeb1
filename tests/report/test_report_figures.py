"""Figures: what is measured, that groups differ without colour, that files are well formed and say what they show."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student_t
from statsmodels.stats.proportion import proportion_confint

from exportmodels import data, report, survey
from exportmodels.core.errors import OptionError
from exportmodels.report import catalogue, style
from exportmodels.report.figures import pictures
from exportmodels.report.groups import grouping
from exportmodels.report.htmltables import number_table
from exportmodels.report.made import made
from exportmodels.report.measures import EVERYONE, Base, Item, measure, student, wilson
from exportmodels.report.pictures import STAMP, themed
from exportmodels.report.sources import Source


@pytest.fixture(scope="module")
def firms():
    return survey.derive(data.synthetic_flanders(50, seed=1))


@pytest.fixture(scope="module")
def source(firms):
    return Source("questionnaire", "answers", made(firms), grouping(firms, "niche"))


@pytest.fixture(scope="module")
def drawn(source):
    return {picture.name: picture for picture in pictures(source)}


@pytest.mark.parametrize(("count", "firms"), [(0, 17), (3, 17), (17, 17), (450, 1000)])
def test_wilson_agrees_with_statsmodels(count, firms):
    expected = proportion_confint(count, firms, method="wilson")
    np.testing.assert_allclose(wilson(count / firms, firms), expected, atol=1e-12)


def test_student_agrees_with_scipy():
    values = np.array([0.0, 1, 1, 4, 9, 12])
    expected = student_t.interval(0.95, 5, values.mean(), values.std(ddof=1) / np.sqrt(6))
    np.testing.assert_allclose(student(values.mean(), values.var(), 6), expected, rtol=1e-12)
    assert np.isnan(student(1.0, 0.0, 1)).all()


def test_equal_weights_change_nothing_and_others_weigh():
    table = pd.DataFrame({"x": [0.0, 1, 1, np.nan]})
    options = {"base": Base(), "statistic": "percent", "figures": ()}
    plain = measure(table, [Item("x", "x")], [EVERYONE], **options)
    equal = measure(table.assign(weight=7.0), [Item("x", "x")], [EVERYONE], **options)
    pd.testing.assert_frame_equal(plain, equal)
    weighted = measure(table.assign(weight=[1.0, 1, 2, 9]), [Item("x", "x")], [EVERYONE], **options)
    assert weighted["estimate"].item() == pytest.approx(0.75)
    assert weighted["firms"].item() == 3
    assert weighted["count"].item() == 2


def test_a_group_in_which_no_firm_tells(firms):
    empty = firms.assign(market=firms["market"].where(firms["niche"] != 0))
    picture = {p.name: p for p in pictures(Source("questionnaire", "", empty, grouping(firms, "niche")))}["market"]
    mass = picture.table[picture.table["group"] == "mass"]
    assert (mass["firms"] == 0).all()
    assert "no firm tells" in picture.render()[0]


@pytest.mark.parametrize(
    ("name", "figures"),
    [("turnover", {"9"}), ("foreign_share", {"13", "34"}), ("countries", {"18", "26"}), ("rd", {"23"}),
     ("years", {"24"}),
     ("market", {"25"}), ("regions", {"12", "27"}), ("motives", {"15", "30"}), ("drivers", {"14", "32"}),
     ("drivers_rd", {"33"})],
)  # fmt: skip
def test_the_reports_figures_are_marked(drawn, name, figures):
    table = drawn[name].table
    marked = table[table["published"].notna()]
    assert set(marked["published_figure"]) >= figures
    assert "published in 2009" in drawn[name].render()[0]


def test_published_marks_are_the_published_numbers(drawn):
    countries = drawn["countries"].table.set_index(["item", "group"])["published"]
    assert countries["more than 10", "niche"] == pytest.approx(0.64)
    assert countries["more than 10", "mass"] == pytest.approx(0.12)  # printed as 88% up to ten
    drivers = drawn["drivers"].table.set_index(["category", "group"])["published"]
    assert drivers["present markets", "mass"] == pytest.approx(0.88)  # printed as 38% and 50%
    by_rd = drawn["drivers_rd"].table.set_index(["category", "group"])["published"]
    assert (by_rd["new customers", "low R&D"], by_rd["product range", "high R&D"]) == (0.67, 0.25)
    years = drawn["years"].table.set_index(["outcome", "group"])["published"]
    assert (years["years_to_export", "niche"], years["years_to_export", "mass"]) == (4, 10)
    founding = drawn["founding"].table.set_index("item")["published"]
    assert (founding["before 1950"], founding["last decade"]) == (45, 1.3)


def test_numbers_of_founding_have_words_and_percentages(drawn):
    table = drawn["founding"].table
    written = number_table(table)
    assert "Within a year</th>" in written
    assert "2009 report, mean years" in written
    assert f"<td>{100 * table['within_a_year'][0]:.0f}%</td>" in written
    assert "2009 report" not in number_table(table.assign(published=np.nan))


def test_a_figure_with_groups_of_its_own_gives_way(firms):
    names = {p.name for p in pictures(Source("questionnaire", "", made(firms), grouping(firms, "rd_high")))}
    assert "drivers" in names
    assert "drivers_rd" not in names  # it would show the same again
    alike = firms.assign(rd_high=1.0)
    assert "drivers_rd" not in {p.name for p in pictures(Source("questionnaire", "", alike, grouping(firms, "niche")))}


def test_curves_count_firms_that_have_not_exported(drawn, firms):
    table = drawn["entered"].table.set_index(["item", "group"])
    niche = firms[firms["niche"] == 1]
    at_once = ((niche["duration"] == 0) & (niche["exported"] == 1)).sum() / niche["duration"].notna().sum()
    assert table.loc[("within the same year", "niche"), "estimate"] == pytest.approx(at_once)
    assert table["estimate"].between(0, 1).all()


def test_groups_differ_in_grey_and_without_colour():
    shown = style.looks(8)
    for name in ("marker", "hatch", "dashes"):
        assert len({str(getattr(look, name)) for look in shown[: 4 if name == "dashes" else 8]}) >= 4
    assert len({(look.marker, look.hatch) for look in shown}) == 8
    grey = [np.dot(mpl.colors.to_rgb(look.color), (0.2126, 0.7152, 0.0722)) for look in shown[:2]]
    assert abs(grey[0] - grey[1]) > 0.2


def test_files_are_well_formed_and_the_same_each_time(drawn):
    svg, png = drawn["market"].render()
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert png.startswith(b"\x89PNG")
    assert drawn["market"].render() == (svg, png)
    assert STAMP in svg


def test_a_page_in_the_dark_turns_the_colours(drawn):
    svg = themed(drawn["market"].render()[0])
    ElementTree.fromstring(svg)
    body = svg.split("</style>")[1]
    for light, dark in style.DARK.items():
        assert light not in body
        assert (f":{light};" in svg) == (f":{dark};" in svg)
    assert "prefers-color-scheme: dark" in svg


def test_the_words_say_what_the_bars_show(drawn):
    alt = drawn["market"].alt
    assert alt.startswith("Relevant market of the main product. Synthetic sample. local: all 24%")
    assert re.search(r"mass 47%", alt)
    assert "more rows, in the table below" not in alt


def test_one_figure_for_a_script(firms):
    assert report.figure("market", firms).get_axes()
    assert report.figure("contrasts").get_axes()
    with pytest.raises(
        OptionError, match="there is no figure 'pie' here; there are: contrasts; with firms= there are more"
    ):
        report.figure("pie")
    with pytest.raises(OptionError, match="no column of the firms"):
        report.figure("market", firms, by="shoe")


def test_figures_leave_the_settings_of_matplotlib_alone(firms):
    before = dict(mpl.rcParams)
    report.figure("market", firms)
    assert dict(mpl.rcParams) == before


def test_every_plate_names_columns_that_exist():
    known = set(survey.columns().index)
    made = survey.derive(data.synthetic_flanders(10))
    for plate in catalogue.QUESTIONNAIRE:
        for row in plate.rows:
            for item in row(made):
                assert item.outcome in known
