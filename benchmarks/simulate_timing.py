"""Bias and coverage of every timing estimator at 50, 200 and 2,000 firms: `python benchmarks/simulate_timing.py`.

Each line repeats: draw firms from the estimator's own model, fit, keep the estimate and its 95 % interval. The table
goes into the documentation, with the share of samples that have no estimate (the fit says why it has none).
"""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from exportmodels import timing
from exportmodels.core.errors import ExportModelsError

SIZES = (50, 200, 2000)
EFFECT = 0.5
TABLE = Path(__file__).parent.parent / "docs" / "questions" / "timing_recovery.txt"

Draw = Callable[[int, np.random.Generator], pd.DataFrame]
Estimate = Callable[[pd.DataFrame], tuple[float, float, float]]


@dataclass(frozen=True)
class Recovery:
    """One line of the table.

    Parameters
    ----------
    name : str
        Estimator and what is estimated.
    draw : callable
        Draws firms.
    estimate : callable
        Returns estimate, lower and upper limit.
    truth : float
        What the estimate should be.
    heavy : bool
        Whether fits take long, so that fewer samples are drawn.
    """

    name: str
    draw: Draw
    estimate: Estimate
    truth: float = EFFECT
    heavy: bool = False

    def run(self, n: int, samples: int) -> tuple[float, float, float, float]:
        """Return bias, standard deviation, coverage, and the share of samples without an estimate."""
        found, covered, failed = [], 0, 0
        for sample in range(samples):
            try:
                value, lower, upper = self.estimate(self.draw(n, np.random.default_rng((n, sample))))
            except ExportModelsError:
                failed += 1
                continue
            found.append(value)
            covered += lower <= self.truth <= upper
        if not found:
            return np.nan, np.nan, np.nan, 1.0
        values = np.array(found)
        return values.mean() - self.truth, values.std(), covered / len(values), failed / samples


def niche(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, n)


def cut_off(time: np.ndarray, rng: np.random.Generator, longest: float = 25.0) -> pd.DataFrame:
    """Cut times off at a survey, and tell them exactly and in whole years."""
    end = rng.uniform(2, longest, len(time))
    years, event = np.minimum(time, end), (time <= end).astype(int)
    return pd.DataFrame({"time": years, "exported": event, "years": np.floor(years).astype(int)})


def proportional(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw Weibull times with proportional hazards."""
    x = niche(n, rng)
    time = (rng.exponential(size=n) / (0.08 * np.exp(EFFECT * x))) ** (1 / 1.2)
    return cut_off(time, rng).assign(niche=x)


def frail(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw whole years from hazards that rise with log(t + 1), times a gamma variable of variance one."""
    x = niche(n, rng)
    cumulated = np.cumsum(0.12 * np.arange(1, 60) ** 0.4)
    reached = rng.exponential(size=n) / (np.exp(EFFECT * x) * rng.gamma(1.0, 1.0, n))
    return cut_off(np.searchsorted(cumulated, reached).astype(float), rng).assign(niche=x)


def shared(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw whole years of firms in sectors of ten that share a normal deviation."""
    x, sector = niche(n, rng), np.arange(n) // 10
    rate = 0.1 * np.exp(EFFECT * x + 0.7 * rng.normal(size=sector.max() + 1)[sector])
    return cut_off(rng.exponential(size=n) / rate, rng).assign(niche=x, sector=sector)


def in_odds(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw whole years with a logit hazard."""
    x = niche(n, rng)
    hazard = 1 / (1 + np.exp(2.2 - EFFECT * x))
    return cut_off(rng.geometric(hazard) - 1.0, rng).assign(niche=x)


def accelerated(noise: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    """Return a draw of accelerated times."""

    def draw(n: int, rng: np.random.Generator) -> pd.DataFrame:
        x = niche(n, rng)
        return cut_off(np.exp(1.8 + EFFECT * x + 0.8 * noise(rng, n)), rng).assign(niche=x)

    return draw


def split(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw firms of which some never export: the odds that they do are higher for niche firms."""
    x = niche(n, rng)
    ever = rng.random(n) < 1 / (1 + np.exp(-(0.2 + EFFECT * x)))
    time = np.where(ever, np.exp(1.2 + 0.6 * np.log(rng.exponential(size=n))), np.inf)
    return cut_off(time, rng).assign(niche=x)


def competing(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw first moves of two kinds in whole years from multinomial hazards."""
    x, end = niche(n, rng), rng.integers(4, 15, n)
    odds = np.column_stack([np.ones(n), np.exp(-2.5 + EFFECT * x), np.full(n, np.exp(-2.2))])
    chance = np.cumsum(odds / odds.sum(axis=1)[:, None], axis=1)
    moves = (rng.random((n, 15, 1)) > chance[:, None]).sum(axis=2)
    first = np.where(moves.any(axis=1), (moves > 0).argmax(axis=1), 99)
    move = np.where(first <= end, moves[np.arange(n), np.minimum(first, 14)], 0)
    return pd.DataFrame({"years": np.minimum(first, end), "move": move, "niche": x})


def subdistribution(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw two kinds of first moves of which the first obeys Fine and Gray's model."""
    x = niche(n, rng)
    most = 1 - (1 - 0.4) ** np.exp(EFFECT * x)
    first = rng.random(n) < most
    inner = 1 - (1 - rng.random(n) * most) ** np.exp(-EFFECT * x)
    time = np.where(first, -5 * np.log(1 - inner / 0.4), rng.exponential(6, n))
    found = cut_off(time, rng)
    return found.assign(move=np.where(found.exported == 1, np.where(first, 1, 2), 0), niche=x)


def repeated(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw firms that enter one market after another at a constant rate over twelve years."""
    firms = pd.DataFrame({"firm": np.arange(n), "founded": 2000, "surveyed": 2012, "niche": niche(n, rng)})
    steps = rng.exponential(6 * np.exp(-EFFECT * firms.niche.to_numpy())[:, None], (n, 40))
    row, order = np.nonzero(np.cumsum(steps, axis=1) < 12)
    entries = pd.DataFrame({"firm": row, "market": order, "year": 2000 + np.cumsum(steps, axis=1)[row, order]})
    return timing.market_entries(firms, entries)


def coefficient(formula: str, model: type, name: str = "niche", cov_type: str | None = None, **options) -> Estimate:
    """Return what fits a model and reads one coefficient with its interval."""

    def estimate(data: pd.DataFrame) -> tuple[float, float, float]:
        results = model.from_formula(formula, data, **options).fit(cov_type)
        lower, upper = results.conf_int().loc[name]
        return results.params[name], lower, upper

    return estimate


def kaplan_meier(data: pd.DataFrame) -> tuple[float, float, float]:
    row = timing.KaplanMeier.from_formula("time ~ 1", data, event="exported").fit().survival([5]).iloc[0]
    return row["estimate"], row["lower"], row["upper"]


def nelson_aalen(data: pd.DataFrame) -> tuple[float, float, float]:
    fitted = timing.NelsonAalen.from_formula("time ~ 1", data, event="exported").fit()
    row = fitted.table().query("time <= 5").iloc[-1]
    return row["cumulated hazard"], row["lower"], row["upper"]


def incidence(data: pd.DataFrame) -> tuple[float, float, float]:
    curves = timing.CumulativeIncidence.from_formula("time ~ 1", data, event="move").fit()
    row = curves.incidence([5]).iloc[0]
    return row["estimate"], row["lower"], row["upper"]


EVENT = {"event": "exported"}
LINES = (
    Recovery("KaplanMeier: share without exports after 5 years", proportional, kaplan_meier, truth=np.nan),
    Recovery("NelsonAalen: cumulated hazard after 5 years", proportional, nelson_aalen, truth=np.nan),
    Recovery("Cox", proportional, coefficient("time ~ niche", timing.Cox, **EVENT)),
    Recovery("Cox, whole years", proportional, coefficient("years ~ niche", timing.Cox, **EVENT)),
    Recovery("DiscreteHazard, cloglog", proportional, coefficient("years ~ niche", timing.DiscreteHazard, **EVENT)),
    Recovery(
        "DiscreteHazard, logit",
        in_odds,
        coefficient("years ~ niche", timing.DiscreteHazard, link="logit", baseline=0, **EVENT),
    ),
    Recovery(
        "DiscreteHazard, gamma frailty",
        frail,
        coefficient("years ~ niche", timing.DiscreteHazard, baseline="log", frailty="gamma", **EVENT),
    ),
    Recovery(
        "DiscreteHazard, normal frailty shared by sectors",
        shared,
        coefficient("years ~ niche", timing.DiscreteHazard, baseline=0, frailty="normal", shared="sector", **EVENT),
        heavy=True,
    ),
    Recovery(
        "AFT, Weibull",
        accelerated(lambda rng, n: np.log(rng.exponential(size=n))),
        coefficient("time ~ niche", timing.AFT, **EVENT),
    ),
    Recovery(
        "AFT, log-normal",
        accelerated(lambda rng, n: rng.normal(size=n)),
        coefficient("time ~ niche", timing.AFT, dist="lognormal", **EVENT),
    ),
    Recovery(
        "AFT, log-logistic",
        accelerated(lambda rng, n: rng.logistic(size=n)),
        coefficient("time ~ niche", timing.AFT, dist="loglogistic", **EVENT),
    ),
    Recovery(
        "AFT, generalized gamma",
        accelerated(lambda rng, n: np.log(rng.gamma(4, 0.25, n)) / 0.5),
        coefficient("time ~ niche", timing.AFT, dist="gengamma", **EVENT),
    ),
    Recovery(
        "SplitPopulation, Weibull: [incidence] niche",
        split,
        coefficient("time ~ 1", timing.SplitPopulation, "[incidence] niche", incidence="niche", **EVENT),
    ),
    Recovery(
        "SplitPopulation, whole years: [incidence] niche",
        split,
        coefficient(
            "years ~ 1", timing.SplitPopulation, "[incidence] niche", incidence="niche", dist="discrete", **EVENT
        ),
    ),
    Recovery("CumulativeIncidence: first move after 5 years", subdistribution, incidence, truth=np.nan),
    Recovery(
        "CompetingHazard: [1] niche",
        competing,
        coefficient("years ~ niche", timing.CompetingHazard, "[1] niche", event="move", baseline="linear"),
    ),
    Recovery("FineGray", subdistribution, coefficient("time ~ niche", timing.FineGray, event="move", cause=1)),
    Recovery(
        "Cox of repeated entries (Andersen-Gill)",
        repeated,
        coefficient("duration ~ niche", timing.Cox, cov_type="robust", event="event", entry="entry", firm="firm"),
    ),
    Recovery(
        "Cox of repeated entries (gap time, strata of order)",
        repeated,
        coefficient("gap ~ niche", timing.Cox, cov_type="robust", event="event", strata="order", firm="firm"),
    ),
)


def truths() -> dict[str, float]:
    """Return the population values of the curves, from the models that the firms are drawn from."""
    hazard = 0.08 * 5**1.2
    survival = np.mean(np.exp(-hazard * np.exp(EFFECT * np.array([0, 1]))))
    inner = 0.4 * (1 - np.exp(-1))
    first = np.mean(1 - (1 - inner) ** np.exp(EFFECT * np.array([0, 1])))
    return {"KaplanMeier": survival, "NelsonAalen": -np.log(survival), "CumulativeIncidence": first}


def lines(samples: dict[int, int]) -> list[dict[str, str]]:
    """Run all lines and lay their numbers out."""
    known, found = truths(), []
    for line in LINES:
        truth = known.get(line.name.partition(":")[0], line.truth)
        row = {"estimator": line.name, "truth": f"{truth:.3g}"}
        for n in SIZES:
            count = max(samples[n] // 4, 5) if line.heavy else samples[n]
            bias, spread, coverage, failed = Recovery(line.name, line.draw, line.estimate, truth).run(n, count)
            row[f"n={n}"] = f"{bias:+.3f} ({spread:.2f})"
            row[f"covered, n={n}"] = f"{100 * coverage:.0f} %" + (f"; {100 * failed:.0f} % none" if failed else "")
        print(row, flush=True)
        found.append(row)
    return found


def rst(table: list[dict[str, str]], samples: dict[int, int]) -> str:
    """Lay the table out for the documentation."""
    head = list(table[0])
    body = "\n".join("   * - " + "\n     - ".join(row[name] for name in head) for row in table)
    counts = ", ".join(f"{count:,} samples of {n:,} firms" for n, count in samples.items())
    return (
        f".. list-table:: Bias (standard deviation of the estimates) and coverage of 95 % intervals: {counts}\n"
        f"   :header-rows: 1\n\n   * - " + "\n     - ".join(head) + f"\n{body}\n"
    )


def main() -> None:
    """Draw, fit, and write the table; `--quick` draws few samples and prints it."""
    warnings.simplefilter("ignore")
    quick = "--quick" in sys.argv
    samples = {50: 20, 200: 10, 2000: 2} if quick else {50: 600, 200: 300, 2000: 100}
    text = rst(lines(samples), samples)
    if quick:
        print(text)
    else:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
