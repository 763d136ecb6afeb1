"""The version is the same wherever it is written."""

import re
from importlib.metadata import version
from pathlib import Path

import exportmodels

ROOT = Path(__file__).parents[2]


def test_package_metadata_and_citation_name_one_version():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited is not None
    assert cited[1] == version("exportmodels") == exportmodels.__version__
