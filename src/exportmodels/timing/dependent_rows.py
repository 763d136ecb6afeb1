"""Rows that depend on each other, those of one firm or of a shared frailty: covariances then go by them."""

from typing import Any

from ..core.sample import Sample


def by_groups(sample: Sample, cov_type: str | None, clusters: Any) -> tuple[str | None, Any]:
    """Return kind of covariance and clusters, as they were asked for, or by the groups that share a frailty or a firm.

    Robust errors become clustered ones, and resampling draws whole groups; with sampling weights robust is the default.
    """
    groups = sample.columns.get("shared", sample.columns.get("firm"))
    if groups is None or clusters is not None:
        return cov_type, clusters
    if cov_type is None and sample.weights is not None:
        cov_type = "robust"
    if cov_type not in ("robust", "bootstrap", "jackknife"):
        return cov_type, None
    return cov_type.replace("robust", "clustered"), groups
