"""How outcomes are drawn from a model of this package with known coefficients, as columns of a case."""

from typing import Any

import numpy as np

from ..core.levels import Choice, Picks
from ..core.model import Model
from ..core.outcomes import Duration, Outcome
from .case import Case

# Brackets that drawn shares are told in, where an outcome is brackets.
_LIMITS = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
# Mean of the times that a model of their order is drawn with; cases are observed for up to seven units of time.
_TYPICAL = 4.0


def can_draw(model: Model, kind: Outcome) -> bool:
    """Return whether outcomes can be drawn from a model; a few groups are no large sample of their frailties."""
    if getattr(model, "frailty", None):
        return False
    if isinstance(kind, Duration):
        told = any(hasattr(model, name) for name in ("latency", "incidence"))
        return model.partial or told or "survival" in model.quantities
    return isinstance(kind, Picks) or hasattr(getattr(model, "family", None), "draw")


def drawn(model: Any, case: Case, theta: np.ndarray, rng: np.random.Generator) -> Case:
    """Return the case with outcomes drawn from its model with coefficients `theta` (p,)."""
    if hasattr(model, "incidence") and not model.partial:
        return _spells(case, *_moves(model, theta, rng))
    if isinstance(case.kind, Duration):
        return _spells(case, _times(model, case, theta, rng))
    if isinstance(case.kind, Picks):
        return case.assign(y=_picks(case.frame["choice_set"].to_numpy(), model.predict(theta), rng))
    outcome = model.family.draw(model.predictors(theta, model.design_matrices()), rng)
    if isinstance(case.kind, Choice):
        return case.assign(y=np.sort(case.y.unique())[outcome.astype(int)])
    if case.kind.several:
        return _bracketed(case, np.clip(outcome, 0, 1), rng)
    return case.assign(y=outcome)


def _bracketed(case: Case, shares: np.ndarray, rng: np.random.Generator) -> Case:
    """Tell half of the shares exactly, the others in brackets, open below and closed above; zero stands alone."""
    exact, place = rng.random(len(shares)) < 0.5, np.searchsorted(_LIMITS, shares)
    lower, upper = _LIMITS[np.maximum(place - 1, 0)], _LIMITS[place]
    return case.assign(lower=np.where(exact, shares, lower), upper=np.where(exact, shares, upper))


def _times(model: Any, case: Case, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw times: of a distribution, of any with the right order, or of a curve in whole periods."""
    at = rng.random(len(case))
    if model.partial:
        rate = np.exp(model.design_matrices()[0] @ theta) / _TYPICAL
        return -np.log(at) / rate
    if hasattr(model, "latency"):
        eta = model.predictors(theta, model.design_matrices())
        times = model.latency.quantile(at, eta)
        if "incidence" not in model.latency.predictors:
            return times
        odds = np.exp(eta[model.latency.predictors.index("incidence")])
        return np.where(rng.random(len(case)) < odds / (1 + odds), times, np.inf)
    curve = model.predict(theta, which="survival")
    periods = np.array([float(name.removeprefix("t=")) for name in model.quantity("survival").columns])
    return np.r_[periods, np.inf][(curve > at[:, None]).sum(axis=1)]


def _moves(model: Any, theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the year and the cause of first moves, endless where none is made."""
    reached = model.incidence(theta, model.design_matrices())
    share = np.diff(reached, axis=1, prepend=0).reshape(len(reached), -1)
    place = (share.cumsum(axis=1) <= rng.random(len(share))[:, None]).sum(axis=1)
    year, cause = np.divmod(place, len(model.causes))
    return np.where(place < share.shape[1], year, np.inf), np.asarray(model.causes)[cause]


def _spells(case: Case, times: np.ndarray, events: np.ndarray | int = 1) -> Case:
    """Observe every time up to the case's last."""
    end = float(case.y.max())
    return case.assign(y=np.minimum(times, end), event=np.where(times <= end, events, 0))


def _picks(sets: np.ndarray, probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one alternative a set: the largest of utilities with Gumbel noise, by their probabilities."""
    race = np.log(probability) + rng.gumbel(size=len(sets))
    best = np.full(sets.max() + 1, -np.inf)
    np.maximum.at(best, sets, race)
    return (race == best[sets]).astype(int)
