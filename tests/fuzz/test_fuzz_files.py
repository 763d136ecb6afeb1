"""Whatever file a command is given: an exit code, one line of why, no traceback, and the old report untouched."""

import contextlib
import io
import random

import pytest
from fuzzing import tried
from hypothesis import strategies as st

from exportmodels import cli, data
from exportmodels.report.folder import MANIFEST

SIZES = [pytest.param(20, id="few"), pytest.param(150, id="many", marks=pytest.mark.slow)]
sizes = pytest.mark.parametrize("examples", SIZES)

NAMES = [
    "answers.csv",
    "answers.txt",
    "answers.xlsx",
    "answers.json",
    "answers.sav",
    "answers.dta",
    "answers.zsav",
    "a b.csv",
]
OPTIONS = [
    *(
        [],
        ["--format", "questionnaire"],
        ["--format", "enterprise-survey"],
        ["--surveyed", "2008"],
        ["--surveyed", "-5"],
    ),
    *(["--surveyed", "99999999999999999999"], ["--weights", "none"], ["--weights", "no such"], ["--weights", ""]),
]


def run(arguments):
    """Run a command; return its exit code and what it said on the error output."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = cli.main([str(argument) for argument in arguments])
    return code, said.getvalue()


def good(n=6):
    """Return a good file of answers as bytes."""
    return data.synthetic_flanders(n, seed=3).to_csv(index=False).encode()


def without_a_column(content):
    return b"\n".join(line.split(b",", 1)[-1] for line in content.split(b"\n"))


def as_a_table(kind):
    """Return the answers as a file of another program."""
    frame, buffer = data.synthetic_flanders(6, seed=3), io.BytesIO()
    if kind == "json":
        return frame.to_json().encode()
    frame.filter(regex="^A").to_stata(buffer) if kind == "dta" else frame.to_parquet(buffer)
    return buffer.getvalue()


SPOILED = {
    "good": lambda content, rng: content,
    "truncated": lambda content, rng: content[: rng.randrange(len(content))],
    "beginning lost": lambda content, rng: content[rng.randrange(len(content)) :],
    "noise": lambda content, rng: rng.randbytes(rng.randrange(300)),
    "noise within": lambda content, rng: content[:200] + rng.randbytes(20) + content[200:],
    "zeros": lambda content, rng: bytes(200),
    "empty": lambda content, rng: b"",
    "blank": lambda content, rng: b"\n \n\n",
    "header alone": lambda content, rng: content.split(b"\n")[0],
    "no header": lambda content, rng: content.split(b"\n", 1)[1],
    "UTF-16": lambda content, rng: content.decode().encode("utf-16"),
    "UTF-8 with a mark": lambda content, rng: b"\xef\xbb\xbf" + content,
    "Latin text": lambda content, rng: content.replace(b"1", "é".encode("cp1252"), 3),
    "semicolons": lambda content, rng: content.replace(b",", b";"),
    "tabs": lambda content, rng: content.replace(b",", b"\t"),
    "bars": lambda content, rng: content.replace(b",", b"|"),
    "Windows lines": lambda content, rng: content.replace(b"\n", b"\r\n"),
    "Mac lines": lambda content, rng: content.replace(b"\n", b"\r"),
    "open quotation": lambda content, rng: content.replace(b",", b',"', 1),
    "huge field": lambda content, rng: content.replace(b",", b"," + b"9" * 200_000, 2),
    "column lost": lambda content, rng: without_a_column(content),
    "column twice": lambda content, rng: content.replace(b"A3", b"A7", 1),
    "too long a row": lambda content, rng: content + b"1," * 500,
    "null bytes": lambda content, rng: content.replace(b"1", b"\0"),
    "a spreadsheet": lambda content, rng: b"PK\x03\x04" + rng.randbytes(200),
    "JSON": lambda content, rng: as_a_table("json"),
    "Stata": lambda content, rng: as_a_table("dta"),
    "Stata truncated": lambda content, rng: as_a_table("dta")[:-60],
    "parquet": lambda content, rng: as_a_table("parquet"),
}


@sizes
def test_any_file(tmp_path_factory, monkeypatch, examples):
    blank = ('<svg xmlns="http://www.w3.org/2000/svg"></svg>', b"")
    monkeypatch.setattr("exportmodels.report.pictures.Picture.render", lambda self: blank)
    folder, content = tmp_path_factory.mktemp("files"), good()

    def check(draw):
        spoil = draw(st.sampled_from(list(SPOILED)))
        path = folder / draw(st.sampled_from(NAMES))
        path.write_bytes(SPOILED[spoil](content, random.Random(draw(st.integers(0, 10**6)))))
        code, said = run(["check", path, *draw(st.sampled_from(OPTIONS))])
        assert code in (0, 1, 2)
        assert "Traceback" not in said
        assert code != 2 or said.splitlines()[-1].startswith("exportmodels: ")

    tried(examples, check)


WHOLE = sorted(set(SPOILED) - {"good", "Windows lines", "UTF-8 with a mark", "semicolons", "tabs", "column lost"})


@pytest.mark.parametrize("spoil", WHOLE)
def test_a_report_of_a_spoiled_file_leaves_the_old_one(tmp_path, spoil):
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("the old report")
    (out / MANIFEST).write_text("report.html\n")
    path = tmp_path / "answers.csv"
    path.write_bytes(SPOILED[spoil](good(2), random.Random(1)))
    code, said = run(["report", path, "--out", out, "--by", "no such column"])
    assert code == 2
    assert "Traceback" not in said
    assert (out / "report.html").read_text() == "the old report"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answers.csv", "out"]
