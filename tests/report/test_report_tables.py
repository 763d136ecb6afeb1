"""Regression tables: the numbers of the fits, in four formats that open."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from io import BytesIO

import docx
import numpy as np
import pandas as pd
import pytest

from exportmodels import data, survey
from exportmodels.core.errors import OptionError
from exportmodels.report import table
from exportmodels.report.terms import in_words, split
from exportmodels.spread import ZeroTruncated
from exportmodels.strategy import FirthLogit, Logit, MultinomialLogit


@pytest.fixture(scope="module")
def firms():
    rng = np.random.default_rng(0)
    niche = np.repeat([0.0, 1.0], 60)
    size = pd.Categorical(rng.choice(["micro", "small", "medium"], 120), ["micro", "small", "medium"], ordered=True)
    countries = 1 + rng.negative_binomial(1, 1 / (1 + np.exp(1 + niche)))
    mode = pd.Categorical(rng.choice(["none", "office", "plant & office"], 120))
    global_ = (rng.random(120) < 0.3 + 0.3 * niche).astype(float)
    return pd.DataFrame(
        {
            "niche": niche,
            "size": size,
            "countries": countries,
            "mode": mode,
            "a_b": rng.normal(size=120),
            "global_": global_,
            "exporter": 1.0,
            "founded": 1990.0,
        }
    )


@pytest.fixture(scope="module")
def fits(firms):
    return {
        "Truncated NB2": ZeroTruncated.from_formula("countries ~ niche + size", firms).fit(),
        "Logit": Logit.from_formula("global_ ~ niche * a_b", firms).fit("robust"),
        "Firth": FirthLogit.from_formula("global_ ~ niche", firms).fit(),
    }


def test_cells_are_the_estimates_and_errors_of_the_fits(fits):
    cells = table(fits).cells
    for k, fit in enumerate(fits.values()):
        shown = [cell for cell in cells.loc["coefficients"].iloc[:, k] if cell]
        expected = [f"{b:.3f}\n({s:.3f})" for b, s in zip(fit.params, fit.bse, strict=True)]
        assert sorted(shown) == sorted(expected)
    assert list(cells.loc[("fit", "Firms")]) == ["120"] * 3
    assert list(cells.loc[("fit", "Standard errors")]) == ["nonrobust", "robust", "nonrobust"]
    assert list(cells.columns.get_level_values(1)) == list(fits)


def test_terms_are_in_words_and_in_order(fits):
    names = [name for block, name in table(fits).cells.index if block == "coefficients"]
    assert "Niche product (rather than mass product)" in names
    assert "Size class: small" in names
    assert "Niche product (rather than mass product) × a_b" in names
    assert names[-2:] == ["Constant", "Log dispersion"]


def test_only_a_firms_table_has_the_labels_of_one(firms):
    def rows(frame):
        return list(table(FirthLogit.from_formula("global_ ~ niche", frame).fit()).cells.loc["coefficients"].index)

    bare = firms[["global_", "niche"]]
    assert rows(bare) == ["niche", "Constant"]
    labelled = bare.copy()
    labelled.attrs["labels"] = {"niche": "Own words"}
    assert rows(labelled) == ["Own words", "Constant"]
    derived = survey.derive(data.synthetic_flanders(60, seed=1))[["exported", "niche"]]
    fit = FirthLogit.from_formula("exported ~ niche", derived).fit()
    assert "Niche product (rather than mass product)" in table(fit).cells.loc["coefficients"].index


def test_stars_follow_the_p_values(fits):
    fit = fits["Logit"]
    starred = table(fit, stars=True).cells.loc["coefficients"].iloc[:, 0]
    counts = [cell.split("\n")[0].count("*") for cell in starred if cell]
    expected = [sum(p < limit for limit in (0.01, 0.05, 0.10)) for p in fit.pvalues]
    assert sorted(counts) == sorted(expected)
    assert max(expected) > 0
    assert "p < 0.10" in " ".join(table(fit, stars=True).notes)
    assert "*" not in str(table(fit))


def test_a_multi_equation_model_says_which_equation(firms):
    cells = table(MultinomialLogit.from_formula("mode ~ niche", firms).fit()).cells
    assert "office: Niche product (rather than mass product)" in cells.loc["coefficients"].index


def test_labels_heads_rows_and_notes(fits):
    made = table(
        list(fits.values()), heads=["A", "A", "B"], labels={"niche": "Niche"}, rows={"Sample": ["x", "y", "z"]},
        title="T", notes=["N."],
    )  # fmt: skip
    assert "Niche" in made.cells.loc["coefficients"].index
    assert list(made.cells.loc[("fit", "Sample")]) == ["x", "y", "z"]
    assert '<th scope="colgroup" colspan="2">A</th>' in made.render("html")
    assert made.notes[-1] == "N."


def test_what_cannot_be_a_table(fits):
    with pytest.raises(OptionError, match="at least one model"):
        table([])
    with pytest.raises(OptionError, match="heads must name 3 models"):
        table(fits, heads=["A"])
    with pytest.raises(OptionError, match="format must be one of 'tex', 'html', 'docx', 'md'"):
        table(fits, "pdf")


def test_html_is_balanced_and_escaped(fits):
    html = table(fits, "html", title="a < b & c")
    assert "a &lt; b &amp; c" in html
    opened = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag != "br":
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balance().feed(html)
    assert not opened


def test_markdown_has_one_width(fits):
    lines = [line for line in table(fits, "md", title="T").splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_word_opens_and_holds_every_cell(fits):
    made = table(fits, title="A title")
    document = docx.Document(BytesIO(made.render("docx")))
    text = {cell.text for row in document.tables[0].rows for cell in row.cells}
    wanted = {cell.replace("-", "\N{MINUS SIGN}") for cell in made.cells.loc["coefficients"].to_numpy().ravel()}
    assert wanted <= text
    assert "A title" in " ".join(paragraph.text for paragraph in document.paragraphs)
    assert made.render("docx") == table(fits, "docx", title="A title")


def test_tex_escapes_what_latex_would_take_for_its_own(fits, firms):
    fit = Logit.from_formula("global_ ~ a_b", firms).fit()
    tex = table(fit, "tex", labels={"a_b": "R&D in %, $ and #, {x}~^\\_"}, title="100% of a_b <10")
    assert r"R\&D in \%, \$ and \#, \{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}\_" in tex
    assert r"100\% of a\_b $<$10" in tex
    assert "(robust" not in tex


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_tex_compiles(fits, tmp_path):
    made = table(fits, "tex", stars=True, title="100% of a_b, <10 & more")
    needs = re.search(r"% Needs: (\\usepackage.*)", made)[1]
    document = rf"\documentclass{{article}}{needs}\begin{{document}}{chr(10)}{made}\end{{document}}"
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_save_takes_the_format_from_the_ending(fits, tmp_path):
    for ending in ("tex", "html", "docx", "md"):
        table(fits).save(tmp_path / f"t.{ending}")
        assert (tmp_path / f"t.{ending}").stat().st_size > 500
    with pytest.raises(OptionError, match="format must be one of"):
        table(fits).save(tmp_path / "t.xls")
    with pytest.raises(OptionError, match="cannot be written"):
        table(fits).save(tmp_path / "absent" / "t.md")


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("Intercept", "Constant"),
        ("size[T.small]", "Size class: small"),
        ("C(size)[T.small]", "Size class: small"),
        ("C(size, Treatment('micro'))[T.small]", "Size class: small"),
        ("niche:size[T.small]", "Niche × Size class: small"),
        ("Q('niche')", "Niche"),
        ("np.log(age)", "np.log(age)"),
    ],
)
def test_terms_in_words(term, words):
    assert in_words(term, {"size": "Size class", "niche": "Niche"}) == words


@pytest.mark.parametrize(
    ("name", "parts"), [("niche", ("", "niche")), ("[log_scale]", ("log_scale", "")), ("[b] x", ("b", "x"))]
)
def test_names_split_into_equation_and_term(name, parts):
    assert split(name) == parts
