"""Residuals of a Cox fit: martingale, deviance, score, dfbeta, Schoenfeld and scaled Schoenfeld."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..core.covariance import inverse
from ..core.errors import OptionError
from .exact_ties import ExactLikelihood
from .partial_likelihood import PartialLikelihood
from .shared_frailty import FrailtyLikelihood

if TYPE_CHECKING:
    from .cox_results import CoxResults

KINDS = ("martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaled schoenfeld")


def plain_likelihood(results: "CoxResults") -> tuple[PartialLikelihood, np.ndarray]:
    """Return the partial likelihood of a fit, without a penalty, and which rows are in it."""
    likelihood, kept = results.model.likelihood(results.model.sample)
    if isinstance(likelihood, ExactLikelihood | FrailtyLikelihood):
        raise OptionError("residuals and tests of proportionality need ties='efron' or 'breslow', and no frailty")
    return (likelihood if isinstance(likelihood, PartialLikelihood) else likelihood.plain), kept


def residuals(results: "CoxResults", kind: str) -> pd.Series | pd.DataFrame:
    """Return residuals; see `CoxResults.residuals`."""
    if kind not in KINDS:
        raise OptionError(f"kind must be one of {', '.join(KINDS)}; not {kind!r}")
    likelihood, kept = plain_likelihood(results)
    theta, names, labels = results.certificate.theta, results.params.index, results.model.sample.labels
    if kind in ("martingale", "deviance"):
        rows = np.zeros(len(kept))
        rows[kept] = likelihood.martingale(theta)
        event = results.model.sample.columns["event"]
        return pd.Series(rows if kind == "martingale" else _deviance(rows, event), index=labels, name=kind)
    if kind in ("score", "dfbeta"):
        scores = np.zeros((len(kept), len(theta)))
        scores[kept] = np.linalg.solve(_back(results).T, likelihood.scores(theta).T).T
        if kind == "dfbeta":
            scores = scores @ _own_covariance(results)
        return pd.DataFrame(scores, index=labels, columns=names)
    gaps, rows = likelihood.gaps(theta)
    gaps = np.linalg.solve(_back(results).T, (gaps @ likelihood.base).T).T
    if kind == "scaled schoenfeld":
        count = likelihood.count.sum()
        gaps = count * gaps @ _own_covariance(results) + results.params.to_numpy()
    at = np.flatnonzero(kept)[rows]
    frame = pd.DataFrame(gaps, index=labels[at], columns=names)
    frame.insert(0, "time", results.model.sample.outcome[at])
    return frame


def _back(results: "CoxResults") -> np.ndarray:
    return results.model.standardized(results.model.sample).back


def _own_covariance(results: "CoxResults") -> np.ndarray:
    """Return the inverse information, whatever the covariance of the fit."""
    back = _back(results)
    return back @ inverse(results.certificate.information) @ back.T


def _deviance(martingale: np.ndarray, event: np.ndarray) -> np.ndarray:
    expected = event - martingale
    logs = np.where(event, np.log(np.where(event, expected, 1.0)), 0.0)
    return np.sign(martingale) * np.sqrt(np.maximum(-2 * (martingale + logs), 0.0))
