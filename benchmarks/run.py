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
    """Run `bench_*.py`, or those whose topic is named; run whole, keep the lines for the documentation."""
    topics = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parts = [about(), ""]
    for topic in topics:
        module = importlib.import_module(f"bench_{topic}")
        print(f"{topic} ...", flush=True)
        lines = [line for case in module.cases() for line in run(case)]
        print(markdown(lines), flush=True)
        title = topic.replace("_", " ").capitalize()
        parts += [title, "-" * len(title), "", (module.__doc__ or "").strip(), "", rst(lines), ""]
    if not sys.argv[1:]:
        LINES.write_text("\n".join(parts), encoding="utf-8")


def about() -> str:
    """Say on what the lines were measured."""
    return (
        f"Medians of interleaved runs in one process. Python {platform.python_version()}, {os.cpu_count()} cores, "
        + ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        + "."
    )


if __name__ == "__main__":
    main()
