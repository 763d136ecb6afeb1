"""Where every number comes from: the models in words, versions, the hash of the file, all numbers as plain values."""

import hashlib
import math
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..core.summary import certificate
from .fits import Fit
from .report import Report

PACKAGES = ("exportmodels", "numpy", "scipy", "pandas", "patsy", "statsmodels", "matplotlib", "maketables")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers rest on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def digest(answers: Any) -> str:
    """Return the SHA-256 of a file, blank for what is no file."""
    return hashlib.sha256(Path(answers).read_bytes()).hexdigest() if isinstance(answers, str | Path) else ""


def described(fit: Fit) -> dict[str, Any]:
    """Return what is to be known of one model."""
    about: dict[str, Any] = {
        "question": fit.spec.question,
        "model": fit.name,
        "estimator": fit.spec.estimator,
        "options": dict(fit.spec.options),
        "formula": fit.formula,
        "base": fit.base,
        "problem": fit.problem,
        "warnings": fit.warnings,
    }
    results = fit.results
    if results is None:
        return about
    limits = results.conf_int()
    coefficients = pd.DataFrame(
        {"estimate": results.params, "se": results.bse, "p": results.pvalues, "lower": limits[0], "upper": limits[1]}
    )
    return about | {
        "title": results.model.title,
        "firms": results.nobs,
        "left_out": results.model.sample.missing,
        "covariance": results.cov_type,
        "weights": "weight" if results.model.sample.weights is not None else None,
        "loglike": results.llf,
        "loglike_null": results.llnull,
        "aic": results.aic,
        "bic": results.bic,
        "certificate": certificate(results),
        "notes": results.notes,
        "coefficients": coefficients.rename_axis("name").reset_index(),
    }


def numbers(report: Report, file_digest: str) -> dict[str, Any]:
    """Return every number of a report as plain values that JSON can hold."""
    source = report.source
    return plain(
        {
            "made_with": versions(),
            "source": {
                "kind": source.kind,
                "name": source.name,
                "sha256": file_digest,
                "firms": len(source.firms),
                "synthetic": source.synthetic,
                "weights": "weight" if source.weighted else None,
                "grouped_by": source.grouping.by,
                "groups": [
                    {"level": group.level, "label": group.label, "firms": int(group.rows(source.firms).sum())}
                    for group in source.grouping.groups
                ],
                "notes": source.notes,
                "faults": source.faults,
                "unanswered": source.unanswered,
            },
            "contrasts": {
                "data": "published counts" if source.kind == "published" else source.name,
                "rows": report.contrasts,
                "whole_questions": report.whole_questions,
            },
            "figures": {
                picture.name: {
                    "title": picture.title,
                    "trace": picture.trace,
                    "synthetic": picture.synthetic,
                    "rows": picture.table,
                }
                for picture in report.pictures
            },
            "classes": {
                "rows": report.classes,
                "models": {f"figure {figure}": told.table for figure, told in report.driver_models.items()},
            },
            "models": [described(fit) for fit in report.fits],
            "findings": report.findings,
        }
    )


def plain(value: Any) -> Any:
    """Return nested plain values: frames as rows, missing as null, infinite as text."""
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return value if isinstance(value, bool | int | float | str) else str(value)
