"""Writing a folder all at once: made beside its place, swapped in when complete, never over what is not ours."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import OptionError
from ..core.frames import listed

MANIFEST = ".exportmodels-report"
"""Lists the files that the report wrote; a folder without it is not ours."""


@contextmanager
def swapped(out: str | Path) -> Iterator[Path]:
    """Give a temporary folder next to `out`, and put it in the place of `out` if the block ends well.

    Parameters
    ----------
    out : path
        A folder that does not exist, is empty, or was written by an earlier report.

    Raises
    ------
    OptionError
        If `out` is no such folder, or cannot be written.
    """
    out = Path(out).resolve()
    _refuse_strangers(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OptionError(f"{out} cannot be written: {error.strerror or error}; choose another folder") from None
    try:
        try:
            yield made
            _sign(made)
            _swap(made, out)
        except OSError as error:
            raise OptionError(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _refuse_strangers(out: Path) -> None:
    """Raise where `out` holds what a report did not write."""
    if not out.exists():
        return
    if not out.is_dir():
        raise OptionError(f"{out} is a file; choose a folder")
    try:
        held = _files(out)
        manifest = out / MANIFEST
        ours = set(manifest.read_text(encoding="utf-8").splitlines()) | {MANIFEST} if manifest.is_file() else set()
    except OSError as error:
        raise OptionError(f"{out} cannot be read: {error.strerror or error}") from None
    strange = sorted(set(held) - ours)
    if strange:
        what = "files that no report wrote" if ours else "files, and no report wrote it"
        raise OptionError(f"{out} holds {what} ({listed(strange, 3)}); choose another folder, nothing was changed")


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]


def _sign(made: Path) -> None:
    names = sorted(_files(made))
    (made / MANIFEST).write_text("\n".join(names) + "\n", encoding="utf-8")
    made.chmod(0o777 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _swap(made: Path, out: Path) -> None:
    """Put `made` in the place of `out`; where that fails, `out` is what it was."""
    if not out.exists():
        made.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        out.rename(old / out.name)
        try:
            made.rename(out)
        except OSError:
            (old / out.name).rename(out)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
