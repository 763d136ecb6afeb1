"""Holding an estimator to the laws: a table for a notebook, one test a law for pytest, all laws at once for us."""

import os
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pandas as pd

from ..core.options import at_least, checked
from .adapter import Adapter, NoEstimate, adapt
from .case import Case
from .catalogue import LAWS, applicable
from .strategies import cases
from .trial import Law, LawBroken, Trial
from .verdict import Counterexample, Verdict


@checked
def check_estimator(estimator: Any, *, examples: int = 50, seed: int = 0, **options: Any) -> Verdict:
    """Hold an estimator to all laws that speak of it.

    Parameters
    ----------
    estimator : type, object or Adapter
        An estimator of this package, statsmodels, lifelines, scikit-survival or in scikit-learn's manner, or an
        `Adapter` of your own.
    examples : int, default 50
        How many data sets each law is tried on.
    seed : int, default 0
        Where the draws begin; the same seed gives the same data.
    **options
        The estimator's options, such as `link="probit"`.

    Returns
    -------
    Verdict
        A table of the laws, and for each broken one the smallest counterexample as Python that runs.

    Examples
    --------
    >>> from exportmodels import laws
    >>> from exportmodels.strategy import Logit
    >>> verdict = laws.check_estimator(Logit, examples=2)
    >>> verdict.held
    True
    """
    examples, seed = at_least("examples", examples, 1), at_least("seed", seed, 0)
    adapter = adapt(estimator, **options)
    tried, found = _survey(adapter, examples, seed)
    rows = []
    for law in LAWS:
        why = law.missing(adapter)
        if why:
            rows.append((law.name, "does not apply", why))
        elif law.name in found:
            found[law.name] = find(law, adapter, examples, seed)[0] or found[law.name]
            rows.append((law.name, "broken", found[law.name].message))
        else:
            rows.append((law.name, "held" if tried[law.name] else "never tried", f"on {tried[law.name]} data sets"))
    return Verdict(adapter.name, pd.DataFrame(rows, columns=["law", "verdict", "found"]), found)


def _survey(adapter: Adapter, examples: int, seed: int) -> tuple[dict[str, int], dict[str, Counterexample]]:
    """Try all laws on the same data sets, fits shared; return how often each was tried, and what breaks some."""
    open_ = {law.name: law for law in applicable(adapter)}
    tried, found = dict.fromkeys(open_, 0), {}

    def holds(case: Case) -> bool:
        trial = Trial(adapter)
        estimable = trial.estimable(case)
        for name in list(open_) if estimable else ():
            verdict = judge(open_[name], trial, case)
            tried[name] += verdict is not None
            if isinstance(verdict, Counterexample):
                found[name] = verdict
                del open_[name]
        return estimable

    _search(holds, adapter, examples, seed, shrink=False)
    return tried, found


def find(law: Law, adapter: Adapter, examples: int, seed: int) -> tuple[Counterexample | None, int]:
    """Look for the smallest counterexample to one law; return it, or None, and on how many data sets it was tried."""
    last: list[Counterexample] = []
    tried = [0]

    def holds(case: Case) -> bool:
        said = attempt([law], adapter, case, last)
        tried[0] += said
        return said > 0

    try:
        _search(holds, adapter, examples, seed)
    except LawBroken:
        return last[-1], tried[0]
    return None, tried[0]


def attempt(laws: Sequence[Law], adapter: Adapter, case: Case, found: list[Counterexample] | None = None) -> int:
    """Hold an estimator to laws on one case; return how many of them had something to say: none without an estimate.

    Raises
    ------
    LawBroken
        Of the first law that does not hold, its counterexample appended to `found`.
    """
    trial, said = Trial(adapter), 0
    if not trial.estimable(case):
        return 0
    for law in laws:
        verdict = judge(law, trial, case)
        if isinstance(verdict, Counterexample):
            if found is not None:
                found.append(verdict)
            raise law.broken(
                f"{adapter.name} breaks the law of {law.name}: {law.sentence}\n{verdict.message}\n\n{verdict.code}\n"
            )
        said += verdict is not None
    return said


def judge(law: Law, trial: Trial, case: Case) -> Counterexample | bool | None:
    """Hold an estimator to one law on one case; return True, or how the law is broken, or None without an estimate."""
    trial.fits.clear()
    try:
        with warnings.catch_warnings(action="ignore"):  # laws fit in their own ways too
            law.check(trial, case)
    except NoEstimate:
        return None
    except LawBroken as broken:
        message = str(broken)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"
    else:
        return True
    return Counterexample(law, case, message, snippet(trial))


def snippet(trial: Trial) -> str:
    """Return what a trial fitted as Python that runs."""
    lines = ["import pandas as pd", *trial.adapter.imports]
    shown = None
    for case, covariance in trial.fits[:4]:
        if case is not shown:
            lines += ["", case.code("data", ["clusters"] if covariance == "clustered" else [])]
        lines.append(trial.adapter.call(case, covariance))
        lines.append(trial.adapter.show)
        shown = case
    return "\n".join(lines)


def suite(estimator: Any, *, examples: int | None = None, **options: Any) -> type:
    """Return a class of tests for pytest, one a law; assign it to a name that begins with `Test`.

    Parameters
    ----------
    estimator : type, object or Adapter
        As in `check_estimator`.
    examples : int, optional
        How many data sets each law is tried on; by default what the Hypothesis profile says.
    **options
        The estimator's options.

    Examples
    --------
    In a test file::

        from exportmodels import laws
        from mine import MyEstimator

        TestLaws = laws.suite(MyEstimator)
    """
    adapter = adapt(estimator, **options)
    tests = {f"test_{law.name.replace(' ', '_').replace('-', '_')}": _test(law, adapter, examples)
             for law in applicable(adapter)}  # fmt: skip
    return type(f"TestLawsOf{type(adapter).__name__}", (), tests)


def _test(law: Law, adapter: Adapter, examples: int | None) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        tried = hold([law], adapter, examples)
        assert tried, f"{adapter.name} had an estimate on none of the data sets"

    test.__doc__ = law.sentence
    return test


def hold(
    laws: Sequence[Law], adapter: Adapter, examples: int | None = None, *, seed: int | None = None, shrink: bool = True
) -> int:
    """Hold an estimator to several laws on the same data sets, fits shared; return how often a law was tried.

    Parameters
    ----------
    laws : sequence of Law
        The laws.
    adapter : Adapter
        The estimator.
    examples : int, optional
        How many data sets with an estimate; by default what the Hypothesis profile says.
    seed : int, optional
        Where the draws begin; by default what the Hypothesis profile says.
    shrink : bool, default True
        Whether to look for the smallest counterexample.

    Raises
    ------
    LawBroken
        Of one law that does not hold.
    """
    tried = [0]

    def holds(case: Case) -> bool:
        said = attempt(laws, adapter, case)
        tried[0] += said
        return said > 0

    _search(holds, adapter, examples, seed, shrink)
    return tried[0]


def _search(
    holds: Callable[[Case], bool], adapter: Adapter, examples: int | None, seed: int | None, shrink: bool = True
) -> None:
    """Draw data sets; those of which `holds` says that they have no estimate do not count."""
    from hypothesis import HealthCheck, Phase, assume, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import Unsatisfiable

    chosen: dict[str, Any] = {} if examples is None else {"max_examples": examples}

    @settings(
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        **chosen,
    )
    @given(cases(adapter.kind, adapter.capabilities, adapter.rows))
    def test(case: Case) -> None:
        assume(holds(case))

    with suppress(Unsatisfiable):
        (test if seed is None else seeded(seed)(test))()
