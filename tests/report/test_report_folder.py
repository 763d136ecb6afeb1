"""The output folder: swapped in whole, never over what no report wrote, never half."""

from pathlib import Path

import pytest

from exportmodels.core.errors import OptionError
from exportmodels.report.folder import MANIFEST, swapped


def make(out, text="new"):
    with swapped(out) as folder:
        (folder / "tables").mkdir()
        (folder / "report.html").write_text(text)
        (folder / "tables" / "a.tex").write_text(text)


def held(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_with_its_parents(tmp_path):
    make(tmp_path / "a" / "b" / "out")
    assert held(tmp_path / "a" / "b" / "out") == {"report.html", "tables/a.tex", MANIFEST}
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["out"]


def test_an_earlier_report_and_an_empty_folder_are_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    make(tmp_path / "out", "old")
    make(tmp_path / "out", "new")
    assert (tmp_path / "out" / "report.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_of_the_earlier_report_that_are_no_longer_written_go(tmp_path):
    with swapped(tmp_path / "out") as folder:
        (folder / "extra.svg").write_text("")
    make(tmp_path / "out")
    assert "extra.svg" not in held(tmp_path / "out")


@pytest.mark.parametrize("name", ["notes.txt", "tables/notes.txt"])
def test_a_users_file_among_ours_is_kept(tmp_path, name):
    make(tmp_path / "out", "old")
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(OptionError, match=r"files that no report wrote \(.*notes.txt\)"):
        make(tmp_path / "out", "new")
    assert (tmp_path / "out" / name).read_text() == "mine"
    assert (tmp_path / "out" / "report.html").read_text() == "old"


def test_a_folder_of_others_and_a_file_are_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OptionError, match="no report wrote it"):
        make(tmp_path)
    with pytest.raises(OptionError, match="is a file; choose a folder"):
        make(tmp_path / "thesis.tex")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_a_block_that_fails_changes_nothing(tmp_path, error):
    make(tmp_path / "out", "old")
    with pytest.raises((error, OptionError)), swapped(tmp_path / "out") as folder:
        (folder / "report.html").write_text("half")
        raise error(28, "No space left on device")
    assert (tmp_path / "out" / "report.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_swap_that_fails_puts_the_earlier_report_back(tmp_path, monkeypatch):
    make(tmp_path / "out", "old")
    rename = Path.rename

    def refuse(path, target):
        if path.name.startswith(".out-") and Path(target).name == "out":
            raise OSError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OptionError, match="Permission denied"):
        make(tmp_path / "out", "new")
    assert (tmp_path / "out" / "report.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_is_followed(tmp_path):
    make(tmp_path / "there", "old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    make(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "report.html").read_text() == "new"
