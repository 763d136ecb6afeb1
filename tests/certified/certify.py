"""Certified references: likelihoods written plainly, maximized in 60-digit arithmetic, sharing nothing with the rest.

`python tests/certified/certify.py` writes `references.json` anew; the tests read it. Derivatives are central
differences with steps of 1e-20, whose error is far below the 25 digits that are stored.
"""

import json
from pathlib import Path

from mpmath import beta as beta_function
from mpmath import cholesky, erfc, exp, gamma, inverse, log, matrix, mp, mpf, nstr, sqrt

mp.dps = 60
STEP = mpf(10) ** -20
DATA = {
    "x": [0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0],
    "z": [1.5, -0.5, 2, 0.25, 1, -1, 0.75, 3, -2, 0.5, 1.25, -0.75, 2.5, 0],
    "yes": [0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0],
    "count": [1, 4, 2, 9, 3, 1, 12, 5, 2, 1, 20, 3, 6, 2],
    "share": [0, 0.5, 0.125, 1, 0.25, 0, 0.75, 0.5, 0.375, 0.0625, 0.875, 0.25, 0.5, 0],
    "time": [3, 1, 7, 2, 4, 9, 1.5, 6, 5, 8, 0.5, 10, 2.5, 11],
    "event": [1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1],
}


def rows_of(data):
    """Return the rows of a table of columns."""
    rows = zip(*data.values(), strict=True)
    return [dict(zip(data, map(mpf, row), strict=True)) for row in rows]


ROWS = rows_of(DATA)


def phi(t):
    """Return the normal distribution function."""
    return erfc(-t / sqrt(mpf(2))) / 2


def bernoulli(link, outcome):
    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            p, y = link(b[0] + b[1] * r["x"] + b[2] * r["z"]), r[outcome]
            total += y * log(p) + (1 - y) * log(1 - p)
        return total

    return loglike


def logistic(t):
    return 1 / (1 + exp(-t))


def poisson(b):
    return sum(
        r["count"] * (b[0] + b[1] * r["x"]) - exp(b[0] + b[1] * r["x"]) - log(gamma(r["count"] + 1)) for r in ROWS
    )


def nb2_probability(y, m, a):
    return gamma(y + 1 / a) / gamma(1 / a) / gamma(y + 1) * (a * m / (1 + a * m)) ** y * (1 + a * m) ** (-1 / a)


def nb2(b):
    return sum(log(nb2_probability(r["count"], exp(b[0] + b[1] * r["x"]), exp(b[2]))) for r in ROWS)


def truncated_nb2(b):
    total = mpf(0)
    for r in ROWS:
        m, a = exp(b[0] + b[1] * r["x"]), exp(b[2])
        total += log(nb2_probability(r["count"], m, a) / (1 - nb2_probability(0, m, a)))
    return total


def weibull(b):
    total = mpf(0)
    for r in ROWS:
        s = exp(b[2])
        w = (log(r["time"]) - b[0] - b[1] * r["x"]) / s
        total += r["event"] * (w - log(s) - log(r["time"])) - exp(w)
    return total


def lognormal(b):
    total = mpf(0)
    for r in ROWS:
        s = exp(b[2])
        w = (log(r["time"]) - b[0] - b[1] * r["x"]) / s
        if r["event"]:
            total += -w * w / 2 - log(2 * mp.pi) / 2 - log(s) - log(r["time"])
        else:
            total += log(1 - phi(w))
    return total


def cox(b):
    total = mpf(0)
    for r in ROWS:
        if r["event"]:
            at_risk = sum(exp(b[0] * o["x"] + b[1] * o["z"]) for o in ROWS if o["time"] >= r["time"])
            total += b[0] * r["x"] + b[1] * r["z"] - log(at_risk)
    return total


def tobit(b):
    total = mpf(0)
    for r in ROWS:
        m, s = b[0] + b[1] * r["x"], exp(b[2])
        if r["share"] == 0:
            total += log(phi(-m / s))
        elif r["share"] == 1:
            total += log(1 - phi((1 - m) / s))
        else:
            total += -(((r["share"] - m) / s) ** 2) / 2 - log(2 * mp.pi) / 2 - log(s)
    return total


def inner_beta(b):
    total = mpf(0)
    for r in ROWS:
        y = (r["share"] * 13 + mpf(1) / 2) / 14
        m, f = logistic(b[0] + b[1] * r["x"]), exp(b[2])
        total += (m * f - 1) * log(y) + ((1 - m) * f - 1) * log(1 - y) - log(beta_function(m * f, (1 - m) * f))
    return total


XZ = ["Intercept", "x", "z"]
CASES = [
    ("strategy.Logit", "yes ~ x + z", {}, XZ, bernoulli(logistic, "yes"), [0, 0, 0]),
    ("strategy.Probit", "yes ~ x + z", {}, XZ, bernoulli(phi, "yes"), [0, 0, 0]),
    ("strategy.CLogLog", "yes ~ x + z", {}, XZ, bernoulli(lambda t: 1 - exp(-exp(t)), "yes"), [-0.5, 0, 0]),
    ("share.Fractional", "share ~ x + z", {}, XZ, bernoulli(logistic, "share"), [0, 0, 0]),
    ("share.Fractional", "share ~ x + z", {"link": "probit"}, XZ, bernoulli(phi, "share"), [0, 0, 0]),
    ("spread.Poisson", "count ~ x", {}, ["Intercept", "x"], poisson, [1, 0]),
    ("spread.NegativeBinomial", "count ~ x", {}, ["Intercept", "x", "[log_alpha]"], nb2, [0.8, 1.3, -1.3]),
    ("spread.ZeroTruncated", "count ~ x", {}, ["Intercept", "x", "[log_alpha]"], truncated_nb2, [0.8, 1.3, -1.3]),
    (
        "timing.AFT",
        "time ~ x",
        {"dist": "weibull", "event": "event"},
        ["Intercept", "x", "[log_scale]"],
        weibull,
        [2.3, -1.2, -0.6],
    ),
    (
        "timing.AFT",
        "time ~ x",
        {"dist": "lognormal", "event": "event"},
        ["Intercept", "x", "[log_scale]"],
        lognormal,
        [2.1, -1.5, -0.4],
    ),
    ("timing.Cox", "time ~ x + z", {"event": "event"}, ["x", "z"], cox, [3, 0.3]),
    ("share.Tobit", "share ~ x", {}, ["Intercept", "x", "[log_scale]"], tobit, [0, 0.6, -1.3]),
    ("share.Beta", "inner ~ x", {}, ["Intercept", "x", "[log_precision]"], inner_beta, [-1.5, 2, 1.4]),
]


def moved(b, *steps):
    other = list(b)
    for k, step in steps:
        other[k] += step
    return other


def derivatives(f, b):
    """Return gradient and negative Hessian by central differences."""
    size = len(b)
    slope, curve = matrix(size, 1), matrix(size, size)
    for i in range(size):
        slope[i] = (f(moved(b, (i, STEP))) - f(moved(b, (i, -STEP)))) / (2 * STEP)
        for j in range(size):
            corners = [f(moved(b, (i, s * STEP), (j, t * STEP))) * s * t for s in (1, -1) for t in (1, -1)]
            curve[i, j] = -sum(corners) / (4 * STEP**2)
    return slope, curve


def maximize(f, start):
    """Return the estimate; Newton's steps, halved where the likelihood falls."""
    b = [mpf(value) for value in start]
    for _ in range(60):
        slope, curve = derivatives(f, b)
        step = inverse(curve) * slope
        length, here = mpf(1), f(b)
        while f([v + length * s for v, s in zip(b, step, strict=True)]) < here - mpf(10) ** -50:
            length /= 2
        b = [v + length * s for v, s in zip(b, step, strict=True)]
        if max(abs(s) for s in step) < mpf(10) ** -30:
            return b
    raise RuntimeError("no maximum after 60 steps")


def certified(estimator, formula, options, names, loglike, start, information=None, maximum="llf"):
    """Return one case with its references; standard errors from the negative Hessian, or the information given.

    Coefficients beyond the names, such as those that other programs profile out, are left out of the case. `maximum` is
    our name of what is maximized.
    """
    mp.dps = 80
    b = maximize(loglike, start)
    curve = derivatives(loglike, b)[1]
    cholesky((curve + curve.T) / 2)  # raises unless this is a maximum
    covariance = inverse(information(b) if information else curve)
    case = {
        "estimator": estimator,
        "formula": formula,
        "options": options,
        "fit": {"cov_type": "nonrobust"},
        "params": {name: nstr(value, 25) for name, value in zip(names, b, strict=False)},
        "bse": {name: nstr(sqrt(covariance[i, i]), 25) for i, name in enumerate(names)},
        maximum: nstr(loglike(b), 25),
    }
    print(estimator, options, case["params"], flush=True)
    return case


def write(name, data, cases):
    """Keep the cases beside this file."""
    (Path(__file__).parent / name).write_text(json.dumps({"data": data, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    write("references.json", DATA, [certified(*case) for case in CASES])
