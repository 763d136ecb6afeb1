"""Laws of repeated samples: coverage of intervals, p-values under the null, centre and consistency of estimates."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.options import at_least, checked
from .adapter import NoEstimate, adapt
from .case import Case
from .checking import judge
from .evidence import Evidence
from .simulation import DRAWS, ROWS, Sample, Simulation, benign
from .trial import LawBroken, Trial, law
from .verdict import Counterexample, Verdict

# The probability that an estimator within the bands is called wrong by any of the laws; a hundred estimators held to
# them in one run then have a false alarm with probability 1e-6 at most.
FALSE_ALARM = 1e-8
# What is tolerated: standard errors too small or too large by this factor, and a median off by this many of them.
_FACTOR, _OFF = 1.2, 0.3
# A large sample is nearer to the truth than a small one at least this often; with nine times the rows it is 0.795.
_NEARER = 0.7
_LEVELS = (0.05, 0.25, 0.5)

_NORMAL = NormalDist()


def rejected(level: float, factor: float) -> float:
    """Return how often a normal test of a level rejects if its standard errors are too small by a factor."""
    return 2 * _NORMAL.cdf(_NORMAL.inv_cdf(level / 2) / factor)


def _bet(trial: Trial, case: Case, events: Callable[[Simulation, Sample], Any], band: tuple[float, float], what: str,
         names: Callable[[Simulation], pd.Index]) -> None:  # fmt: skip
    """Watch events in samples until there is an end to them, or the evidence says that they leave the band."""
    if "simulation" not in trial.shared:
        trial.shared["simulation"] = Simulation(trial.adapter, case)
    simulation = trial.shared["simulation"]
    evidence = Evidence(*band)
    for sample in simulation:
        evidence.observe(events(simulation, sample))
        if evidence.against >= len(LAWS) * len(_LEVELS) / FALSE_ALARM:
            k = evidence.worst
            raise LawBroken(
                f"{names(simulation)[k]}: {what} in {evidence.happened[k]:.0f} of {evidence.count} samples, where the "
                f"probability should lie between {band[0]:.3f} and {band[1]:.3f}; evidence {evidence.against:.1e} to 1"
            )


def _all(simulation: Simulation) -> pd.Index:
    return simulation.truth.index


@law("coverage", "An interval of 95 % contains the truth in 95 % of the samples.", needs="draws, errors")
def coverage(trial: Trial, case: Case) -> None:
    """Look whether 1.96 standard errors reach the truth."""

    def covered(simulation: Simulation, sample: Sample) -> Any:
        if sample.small.bse is None:
            raise NoEstimate("the estimator has no standard errors")
        return np.abs(sample.small.params - simulation.truth) <= -_NORMAL.inv_cdf(0.025) * sample.small.bse

    band = 1 - rejected(0.05, _FACTOR), 1 - rejected(0.05, 1 / _FACTOR)
    _bet(trial, case, covered, band, "the interval contains the truth", _all)


@law("p-values", "If a coefficient is zero in truth, its p-value is below u in a share u of the samples.",
     needs="draws, errors")  # fmt: skip
def pvalues(trial: Trial, case: Case) -> None:
    """Look at several u."""
    for level in _LEVELS:

        def below(simulation: Simulation, sample: Sample, level: float = level) -> Any:
            if sample.small.pvalues is None:
                raise NoEstimate("the estimator has no p-values")
            return sample.small.pvalues[simulation.null] <= level

        band = rejected(level, 1 / _FACTOR), rejected(level, _FACTOR)
        _bet(trial, case, below, band, f"p <= {level:g}", lambda simulation: _all(simulation)[simulation.null])


@law("centre", "Estimates lie above the truth as often as below.", needs="draws")
def centre(trial: Trial, case: Case) -> None:
    """Count those above."""

    def above(simulation: Simulation, sample: Sample) -> Any:
        return sample.small.params > simulation.truth

    _bet(trial, case, above, (_NORMAL.cdf(-_OFF), _NORMAL.cdf(_OFF)), "the estimate lies above the truth", _all)


@law("consistency", "More data bring the estimate nearer to the truth.", needs="draws")
def consistency(trial: Trial, case: Case) -> None:
    """Compare with a sample of nine times as many rows."""

    def nearer(simulation: Simulation, sample: Sample) -> Any:
        return np.abs(sample.large.params - simulation.truth) < np.abs(sample.small.params - simulation.truth)

    _bet(trial, case, nearer, (_NEARER, 1.0), "nine times the rows are nearer to the truth", _all)


LAWS = (coverage, pvalues, centre, consistency)


@checked
def check_statistics(estimator: Any, *, draws: int = DRAWS, rows: int = ROWS, seed: int = 0, **options: Any) -> Verdict:
    """Hold an estimator to the laws of repeated samples, on data drawn from its own model.

    Parameters
    ----------
    estimator : type, object or Adapter
        As in `check_estimator`; outcomes can be drawn from it.
    draws : int, default 300
        The most samples.
    rows : int, default 300
        Rows of a sample.
    seed : int, default 0
        Where the draws begin.
    **options
        The estimator's options, such as `link="probit"`.

    Returns
    -------
    Verdict
        A table of the laws.

    Examples
    --------
    >>> from exportmodels import laws
    >>> from exportmodels.strategy import Logit
    >>> laws.check_statistics(Logit, draws=5).held
    True
    """
    at_least("draws", draws, 1), at_least("rows", rows, 1), at_least("seed", seed, 0)
    adapter = adapt(estimator, **options)
    trial, table, found = Trial(adapter), [], {}
    try:
        case = benign(adapter, rows, seed) if "draws" in adapter.capabilities else None
    except NoEstimate as none:
        raise OptionError(f"{none}; give more by rows=") from None
    if case is not None:
        trial.shared["simulation"] = Simulation(adapter, case, draws, seed)
    for one in LAWS:
        why = one.missing(adapter)
        verdict = None if why or case is None else judge(one, trial, case)
        if isinstance(verdict, Counterexample):
            found[one.name] = verdict
        said = "does not apply" if why else "broken" if one.name in found else "held" if verdict else "never tried"
        table.append((one.name, said, why or (found[one.name].message if one.name in found else f"{draws} samples")))
    return Verdict(adapter.name, pd.DataFrame(table, columns=["law", "verdict", "found"]), found)
