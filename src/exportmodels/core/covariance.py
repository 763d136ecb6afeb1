"""Covariances of an estimate: from the information, from score contributions (robust, clustered), from refits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from .errors import ConvergenceError, DataError, ExportModelsError, OptionError, WeightError
from .options import at_least
from .progress import progress

# Takes draws, the title of a progress bar and whether to show it; returns estimates, and how many draws have none.
Refits = Callable[["Draws", str, bool | None], tuple[np.ndarray, int]]

KINDS = ("nonrobust", "robust", "clustered", "bootstrap", "jackknife")


@dataclass(frozen=True)
class Covariance:
    """A covariance matrix and how it came about.

    Parameters
    ----------
    root : ndarray, shape (p, p)
        A square root of it: the covariance is `root @ root.T`. Its columns are directions in which the estimate varies
        by one standard error, whatever the units of the covariates.
    kind : str
        One of `KINDS`.
    clusters : int, optional
        Number of clusters.
    notes : list of str
        What the reader must know: few clusters, failed replications.
    """

    root: np.ndarray
    kind: str
    clusters: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def matrix(self) -> np.ndarray:
        """The covariance, shape (p, p)."""
        return self.root @ self.root.T

    def transformed(self, back: np.ndarray) -> "Covariance":
        """Return the covariance of `back @ theta`."""
        return replace(self, root=back @ self.root)


def kind_meant(cov_type: str | None, default: str, *, clustered: bool, weighted: bool) -> str:
    """Return the covariance that is meant, where clusters or sampling weights may be given.

    Raises
    ------
    OptionError, WeightError
        If there is no such covariance, or clusters or weights contradict it.
    """
    if cov_type is None:
        cov_type = "clustered" if clustered else "robust" if weighted else default
    if cov_type not in KINDS:
        raise OptionError(f"cov_type must be one of {', '.join(KINDS)}; not {cov_type!r}")
    if cov_type == "clustered" and not clustered:
        raise OptionError("cov_type='clustered' needs clusters=, a column name or an array")
    if clustered and cov_type in ("nonrobust", "robust"):
        raise OptionError(f"clusters are given, but cov_type={cov_type!r} does not use them; say 'clustered'")
    if weighted and cov_type == "nonrobust":
        raise WeightError(
            "with sampling weights the inverse information is no covariance; use cov_type='robust' or 'clustered'"
        )
    return cov_type


def square_root(matrix: np.ndarray) -> np.ndarray:
    """Return a square root of a positive semidefinite matrix, scaled to a unit diagonal first."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    unit = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(matrix / np.outer(unit, unit))
    return scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))


def inverse(information: np.ndarray) -> np.ndarray:
    """Invert a positive definite information matrix, scaled to a unit diagonal first."""
    scale = np.sqrt(np.diag(information))
    inner = np.linalg.inv(np.linalg.cholesky(information / np.outer(scale, scale)))
    return (inner.T @ inner) / np.outer(scale, scale)


def axes(information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues of an information scaled to a unit diagonal, (p,), and as columns a step of one standard
    error along each eigenvector, (p, p); NaN along those that are not positive.
    """
    scale = np.sqrt(np.abs(np.diag(information)))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    with np.errstate(invalid="ignore", divide="ignore"):
        return values, (vectors / np.sqrt(values)) / scale[:, None]


def codes(clusters: np.ndarray) -> tuple[np.ndarray, int]:
    """Return each row's cluster as an integer, and the number of clusters."""
    import pandas as pd

    number, levels = pd.factorize(clusters)
    return number, len(levels)


def several(clusters: np.ndarray, what: str) -> tuple[np.ndarray, int]:
    """Return `codes`, or raise `DataError` where there is one cluster only."""
    number, groups = codes(clusters)
    if groups < 2:
        raise DataError(f"the {what} needs at least two clusters; there is one")
    return number, groups


def cluster_sums(contributions: np.ndarray, number: np.ndarray, groups: int) -> np.ndarray:
    """Add up the rows of each cluster, shape (G, p)."""
    return np.column_stack([np.bincount(number, column, groups) for column in contributions.T])


def sandwich(bread: np.ndarray, meat: np.ndarray, units: int, debiased: bool) -> Covariance:
    """Return the robust covariance `bread @ meat @ bread`.

    Parameters
    ----------
    bread : ndarray, shape (p, p)
        The inverse information.
    meat : ndarray, shape (p, p)
        Sum of the firms' outer products of scores; sampling weights are squared, frequencies are not.
    units : int
        Number of firms.
    debiased : bool
        Multiply by n/(n-1).
    """
    factor = units / (units - 1) if debiased else 1.0
    return Covariance(bread @ square_root(meat * factor), "robust")


def clustered(
    bread: np.ndarray, scores: np.ndarray, weight: np.ndarray | None, clusters: np.ndarray, debiased: bool
) -> Covariance:
    """Return the clustered covariance: weighted scores are added up within clusters before they are squared.

    Parameters
    ----------
    bread : ndarray, shape (p, p)
        The inverse information.
    scores : ndarray, shape (n, p)
        Score contributions of the rows, weights not applied.
    weight : ndarray, shape (n,), optional
        Frequency times sampling weight.
    clusters : ndarray, shape (n,)
        Cluster labels.
    debiased : bool
        Multiply by G/(G-1).

    Raises
    ------
    DataError
        If there is one cluster only.
    """
    number, groups = several(clusters, "clustered covariance")
    sums = cluster_sums(scores if weight is None else scores * weight[:, None], number, groups)
    factor = groups / (groups - 1) if debiased else 1.0
    notes = []
    if groups < 30:
        notes.append(f"{groups} clusters: clustered errors tend to be too small below about 30; see jackknife")
    if groups <= len(bread):
        notes.append(f"{groups} clusters for {len(bread)} coefficients: joint tests of all of them are impossible")
    return Covariance(bread @ square_root(sums.T @ sums * factor), "clustered", groups, notes)


def resampled(
    kind: str,
    refits: Refits,
    frequency: np.ndarray,
    clusters: np.ndarray | None,
    *,
    replications: int = 999,
    seed: int = 0,
    show_progress: bool | None = None,
) -> Covariance:
    """Return the bootstrap or jackknife covariance of an estimator that can be refitted with other frequencies.

    Parameters
    ----------
    kind : {"bootstrap", "jackknife"}
        Draw firms with replacement, or leave one out at a time; whole clusters where `clusters` is given.
    refits : callable
        Takes draws, the title of a progress bar and whether to show it; returns the coefficients of the draws that have
        an estimate, (r, p), and how many have none.
    frequency : ndarray, shape (n,)
        The frequencies of the fit.
    clusters : ndarray, shape (n,), optional
        Cluster labels.
    replications, seed : int
        Of the bootstrap.

    Raises
    ------
    ConvergenceError
        If more than half of the replications have no estimate.
    """
    left_out = kind == "jackknife"
    draws = leave_one_out(frequency, clusters) if left_out else bootstrap_draws(frequency, clusters, replications, seed)
    estimates, failed = refits(draws, f"{kind} refits", show_progress)
    done = len(estimates)
    if done < max(2, len(draws) / 2):
        raise ConvergenceError(
            f"{failed} of {len(draws)} {kind} refits have no estimate (separated or collinear draws); use robust "
            "errors or a penalized estimator"
        )
    notes = [f"{failed} of {len(draws)} {kind} refits had no estimate and are left out"] if failed else []
    centred = estimates - estimates.mean(axis=0)
    factor = (done - 1) / done if left_out else 1 / (done - 1)
    root = square_root(factor * centred.T @ centred)
    return Covariance(root, kind, None if clusters is None else codes(clusters)[1], notes)


@dataclass(frozen=True)
class Draws:
    """Frequencies to refit with, made one at a time.

    Parameters
    ----------
    count : int
        How many there are.
    make : callable
        Takes the number of a draw, returns its frequencies, shape (n,).
    """

    count: int
    make: Callable[[int], np.ndarray]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(self.make, range(self.count))


def leave_one_out(frequency: np.ndarray, clusters: np.ndarray | None) -> Draws:
    """Return frequencies without each row, or each cluster, in turn."""
    if clusters is None and (frequency != 1).any():
        raise OptionError("the jackknife leaves out one row at a time; give one row a firm, or clusters=")
    number, groups = (np.arange(len(frequency)), len(frequency)) if clusters is None else several(clusters, "jackknife")
    return Draws(groups, lambda g: np.where(number == g, 0.0, frequency))


def bootstrap_draws(frequency: np.ndarray, clusters: np.ndarray | None, replications: int, seed: int) -> Draws:
    """Return frequencies of rows, or whole clusters, drawn with replacement."""
    at_least("replications", replications, 2), at_least("seed", seed, 0)
    if clusters is None:
        total = int(frequency.sum())
        return Draws(
            replications,
            lambda r: np.random.default_rng((seed, r)).multinomial(total, frequency / total).astype(float),
        )
    number, groups = several(clusters, "bootstrap")
    even = np.full(groups, 1 / groups)
    return Draws(replications, lambda r: frequency * np.random.default_rng((seed, r)).multinomial(groups, even)[number])


def refit_each(
    refit: Callable[[np.ndarray], np.ndarray], draws: Draws, title: str, show_progress: bool | None
) -> tuple[np.ndarray, int]:
    """Return the coefficients of the draws that have an estimate, and how many have none."""
    estimates, failed = [], 0
    for draw in progress(draws, title, show=show_progress):
        try:
            estimates.append(refit(draw))
        except ExportModelsError:
            failed += 1
    return np.array(estimates), failed
