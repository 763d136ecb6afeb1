"""The command line: what each command prints, its exit code, and a clear message for everything that is wrong."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from exportmodels import __version__, cli, data

ENTERPRISE = Path(__file__).parents[1] / "survey" / "files" / "enterprise_synthetic.sav"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    data.synthetic_flanders(50, seed=3).to_csv(path, index=False)
    return path


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """Leave the figures blank: they are drawn in the tests of the report."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    monkeypatch.setattr("exportmodels.report.pictures.Picture.render", lambda self: (blank, b""))


@pytest.fixture
def run(capsys):
    """Run a command in this process: exit code, output, error output."""

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


# what works


def test_report_writes_the_folder_and_says_where(run, answers, tmp_path):
    code, out, err = run("report", answers, "--out", tmp_path / "out")
    page = tmp_path / "out" / "report.html"
    assert (code, out, err) == (0, f"The report is {page}\n", "")
    assert page.is_file()


def test_quiet_is_quiet(run, answers, tmp_path):
    assert run("report", answers, "--out", tmp_path / "out", "--quiet") == (0, "", "")


def test_an_enterprise_survey_is_known_by_its_ending(run, tmp_path):
    code, _, _ = run("report", ENTERPRISE, "--out", tmp_path / "out", "--by", "size", "--quiet")
    assert code == 0
    assert '"grouped_by": "size"' in (tmp_path / "out" / "numbers.json").read_text()


def test_check_is_silent_about_good_answers(run, answers):
    assert run("check", answers) == (0, "no faults\n", "")


def test_check_lists_faults_and_exits_one(run, answers, tmp_path):
    table = pd.read_csv(answers, dtype=str)
    exporter = table.index[table["B6"].notna()][0]
    table.loc[exporter, "B6"] = "1066"
    table.to_csv(tmp_path / "wrong.csv", index=False)
    code, out, _ = run("check", tmp_path / "wrong.csv")
    assert code == 1
    assert "impossible year" in out
    assert "1066" in out
    assert out.endswith("in 1 row\n")


def test_check_reads_enterprise_surveys(run):
    code, out, _ = run("check", ENTERPRISE)
    assert code == 1
    assert "before founding" in out


@pytest.mark.parametrize(("language", "text"), [("en", "Relevant market"), ("nl", "export")])
def test_codebook(run, language, text):
    code, out, _ = run("codebook", "--language", language)
    assert code == 0
    assert "B12_neighbours" in out
    assert text.lower() in out.lower()


@pytest.mark.parametrize(("kind", "text"), [("md", "| :--"), ("tex", r"\toprule"), ("html", "<table")])
def test_tables(run, answers, kind, text):
    code, out, _ = run("tables", answers, "--question", "spread", "--as", kind, "--quiet")
    assert code == 0
    assert text in out
    assert "Truncated NB2" in out
    assert "Cox" not in out


def test_version_and_module():
    done = subprocess.run(
        [sys.executable, "-m", "exportmodels", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"exportmodels {__version__}\n"


def test_a_reader_that_stops_reading_is_no_error():
    command = f"{sys.executable} -m exportmodels codebook | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_costs_no_heavy_import():
    code = (
        "import sys, exportmodels.cli as c\n"
        "try: c.main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not [name for name in ("'pandas'", "'numpy'", "'matplotlib'", "'jinja2'") if name in loaded]


# what is wrong


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("command", ["report", "check", "tables"])
def test_files_that_cannot_be_read(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    cases = {
        tmp_path / "absent.csv": "absent.csv cannot be read",
        tmp_path: "cannot be read",
        write(tmp_path / "empty.csv", ""): "is empty",
        write(tmp_path / "header.csv", "A3,A7\n"): "no rows",
        write(tmp_path / "other.csv", "name,colour\nx,blue\n"): "no column is an item of the questionnaire",
        write(tmp_path / "bytes.csv", bytes(range(256)) * 4): "bytes.csv",
        write(tmp_path / "broken.sav", "no SPSS file"): "broken.sav",
    }
    for path, message in cases.items():
        code, out, err = run(command, path)
        assert (code, out) == (2, ""), path
        assert err.startswith("exportmodels: ")
        assert message in err
        assert err.count("\n") == 1
    assert not (tmp_path / "report-out").exists()


def test_a_questionnaire_is_no_enterprise_survey(run, answers, tmp_path):
    code, _, err = run("report", answers, "--format", "enterprise-survey", "--out", tmp_path / "out")
    assert code == 2
    assert "answers.csv" in err
    code, _, err = run("report", ENTERPRISE, "--format", "questionnaire", "--out", tmp_path / "out")
    assert code == 2
    assert not (tmp_path / "out").exists()


def test_unknown_columns_and_weights(run, answers, tmp_path):
    for arguments, message in [
        ((answers, "--by", "shoe_size"), "'shoe_size' is no column of the firms; these can group them: "),
        ((answers, "--by", "employees"), "neither 0 and 1 nor categories"),
        ((ENTERPRISE, "--weights", "heavy"), "heavy"),
        ((ENTERPRISE, "--by", "niche"), "'niche' is no column"),
        ((answers, "--surveyed", "12"), "12"),
        (("--format", "enterprise-survey"), "needs a file"),
    ]:
        code, out, err = run("report", *arguments, "--out", tmp_path / "out")
        assert (code, out) == (2, "")
        assert message in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [[], ["rapport"], ["report", "--format", "spss"], ["check"], ["report", "--wide"]]
)
def test_usage_errors_exit_two(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
    assert "usage: exportmodels" in capsys.readouterr().err


def test_unknown_codes_are_noted_and_listed(run, answers, tmp_path):
    table = pd.read_csv(answers, dtype=str)
    table.loc[0, "A9"] = "7"
    table.to_csv(tmp_path / "codes.csv", index=False)
    code, out, _ = run("check", tmp_path / "codes.csv")
    assert code == 1
    assert "unknown code" in out
    code, _, err = run("report", tmp_path / "codes.csv", "--out", tmp_path / "out", "--quiet")
    assert code == 0
    assert "exportmodels: note: 1 answers are not in the code book" in err
    assert "A9" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_no_exporters(run, answers, tmp_path):
    pd.read_csv(answers)[["A2", "A3", "A7"]].assign(B5=4).to_csv(tmp_path / "home.csv", index=False)
    code, _, err = run("report", tmp_path / "home.csv", "--out", tmp_path / "out")
    assert code == 2
    assert "no firm in home.csv has exported" in err


def test_a_failure_leaves_the_earlier_report_as_it_was(run, answers, tmp_path):
    out = tmp_path / "out"
    assert run("report", answers, "--out", out, "--quiet")[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert run("report", answers, "--out", out, "--by", "shoe_size")[0] == 2
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_of_others_is_not_replaced(run, answers, tmp_path):
    write(tmp_path / "thesis.tex", "years of work")
    code, _, err = run("report", answers, "--out", tmp_path)
    assert code == 2
    assert "thesis.tex" in err
    assert "nothing was changed" in err
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_place_that_cannot_be_written(run, answers, tmp_path):
    write(tmp_path / "file", "")
    for out, message in [(tmp_path / "file", "is a file"), (tmp_path / "file" / "out", "cannot be written")]:
        code, _, err = run("report", answers, "--out", out)
        assert code == 2
        assert message in err


def test_stopping_leaves_nothing_behind(run, answers, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("exportmodels.report.building.gathered", stop)
    code, _, err = run("report", answers, "--out", tmp_path / "out")
    assert (code, err) == (130, "exportmodels: stopped; nothing was changed\n")
    assert not list(tmp_path.iterdir())
