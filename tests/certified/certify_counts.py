"""Certified references of counts: other dispersions, rounded answers, and exports of firms to destinations.

`python tests/certified/certify_counts.py` writes `counts.json` anew, by the arithmetic of `certify.py`.
"""

from certify import certified, nb2_probability, rows_of, write
from mpmath import exp, gamma, log, mpf

DATA = {
    "x": [0, 1] * 12,
    "count": [0, 2, 1, 6, 0, 3, 2, 11, 4, 1, 0, 19, 1, 5, 3, 2, 0, 8, 1, 0, 7, 4, 2, 13],
    "told": [1, 2, 3, 5, 5, 7, 10, 10, 10, 20, 20, 12, 30, 30, 50, 10, 4, 20, 15, 40, 8, 10, 2, 1],
    "firm": [firm for firm in range(1, 7) for _ in range(4)],
    "place": [1, 2, 3, 4] * 6,
    "far": [0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0],
    "sales": [9, 3, 1, 0, 40, 10, 12, 5, 5, 0, 2, 1, 7, 3, 4, 2, 20, 11, 6, 2, 3, 1, 1, 0],
}
ROWS = rows_of(DATA)


def generalized_poisson(square):
    """Variances m (1 + a m)^2 where square, else m (1 + a)^2."""

    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            m, y = exp(b[0] + b[1] * r["x"]), r["count"]
            g = b[2] * m if square else b[2]
            rate = (m + g * y) / (1 + g)
            total += log(m / (1 + g)) + (y - 1) * log(rate) - rate - log(gamma(y + 1))
        return total

    return loglike


def nbp(b):
    """Variances m + a m^p."""
    total = mpf(0)
    for r in ROWS:
        m = exp(b[0] + b[1] * r["x"])
        total += log(nb2_probability(r["count"], m, exp(b[2]) * m ** (b[3] - 2)))
    return total


def answers(true, step):
    """Return what someone who rounds to multiples of a step answers: either way from half-way, and never zero."""
    below, rest = true // step * step, true % step
    if 2 * rest == step:
        return {below or true: mpf(1) / 2, below + step: mpf(1) / 2}
    return {below + step if 2 * rest > step else below or true: mpf(1)}


def heaped(*steps):
    """At least one country; negative binomial."""

    def loglike(b):
        odds = [mpf(1), *(exp(value) for value in b[3:])]
        total = mpf(0)
        for r in ROWS:
            m, a, told = exp(b[0] + b[1] * r["x"]), exp(b[2]), int(r["told"])
            chance = odds[0] * nb2_probability(told, m, a)
            for odd, step in zip(odds[1:], steps, strict=True):
                for true in range(1, told + step):
                    chance += odd * answers(true, step).get(told, 0) * nb2_probability(true, m, a)
            total += log(chance / sum(odds) / (1 - nb2_probability(0, m, a)))
        return total

    return loglike


def gravity(b):
    """An effect for each firm and, but for the first, for each destination."""
    total = mpf(0)
    for r in ROWS:
        place = b[5 + int(r["place"])] if r["place"] > 1 else 0
        eta = b[0] * r["far"] + b[int(r["firm"])] + place
        total += r["sales"] * eta - exp(eta) - log(gamma(r["sales"] + 1))
    return total


X = ["Intercept", "x"]
TO_TEN, TO_BOTH = ["[round_10]"], ["[round_5]", "[round_10]"]
PLACES = {"firm": "firm", "destination": "place"}
CASES = [
    ("spread.GeneralizedPoisson", "count ~ x", {}, [*X, "[alpha]"], generalized_poisson(True), [0.8, 1.2, 0.1]),
    (
        "spread.GeneralizedPoisson",
        "count ~ x",
        {"form": "gp1"},
        [*X, "[alpha]"],
        generalized_poisson(False),
        [0.8, 1.2, 0.5],
    ),
    (
        "spread.NegativeBinomial",
        "count ~ x",
        {"form": "nbp"},
        [*X, "[log_alpha]", "[power]"],
        nbp,
        [0.56, 1.26, -0.15, 1.85],
    ),
    ("spread.HeapedCount", "told ~ x", {"to": [10]}, [*X, "[log_alpha]", *TO_TEN], heaped(10), [2.4, 0, 0, 0.8]),
    ("spread.HeapedCount", "told ~ x", {}, [*X, "[log_alpha]", *TO_BOTH], heaped(5, 10), [2.4, 0, 0, -0.2, 1]),
    ("spread.GravityPoisson", "sales ~ far", PLACES, ["far"], gravity, [0, 1, 2, 1, 1, 2, 0, 0, 0, 0]),
]

if __name__ == "__main__":
    write("counts.json", DATA, [certified(*case) for case in CASES])
