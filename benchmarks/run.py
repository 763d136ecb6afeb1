"""Run every benchmark and keep the lines: `make bench`."""

import importlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
LINES = HERE.parent / "docs" / "speed_lines.inc"
sys.path.insert(0, str(HERE))

from harness import markdown, rst, run  # noqa: E402

PACKAGES = ("exportmodels", "numpy", "scipy", "pandas", "statsmodels", "lifelines", "scikit-survival", "glum")
PACKAGES += ("scikit-learn", "firthmodels", "xlogit", "pyfixest")


def main() -> None:
    """Run `bench_*.py`, or those whose topic is named, and keep their lines for the documentation."""
    topics = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    kept = sections(LINES.read_text(encoding="utf-8")) if LINES.exists() else {}
    for topic in topics:
        module = importlib.import_module(f"bench_{topic}")
        print(f"{topic} ...", flush=True)
        lines = [line for case in module.cases() for line in run(case)]
        print(markdown(lines), flush=True)
        title = topic.replace("_", " ").capitalize()
        kept[title] = "\n".join([title, "-" * len(title), "", (module.__doc__ or "").strip(), "", rst(lines), ""])
        LINES.write_text("\n".join([about(), "", *(kept[name] for name in sorted(kept))]), encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """Return the topics' sections of the lines by their titles."""
    lines = text.splitlines()
    starts = [k for k, line in enumerate(lines[1:]) if line and set(line) == {"-"} and len(line) == len(lines[k])]
    ends = [*starts[1:], len(lines)]
    return {lines[a]: "\n".join(lines[a:b]).rstrip() + "\n" for a, b in zip(starts, ends, strict=True)}


def about() -> str:
    """Say on what the lines were measured."""
    return (
        f"Medians of interleaved runs in one process. Python {platform.python_version()}, {os.cpu_count()} cores, "
        + ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        + "."
    )


if __name__ == "__main__":
    main()
