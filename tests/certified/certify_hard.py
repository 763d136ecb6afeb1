"""Certified references of badly conditioned data: a calendar year and its square, and a covariate far from zero.

`python tests/certified/certify_hard.py` writes `hard.json` anew, by the arithmetic of `certify.py`.
"""

from certify import derivatives, logistic, maximize, rows_of, write
from mpmath import exp, gamma, inverse, log, matrix, mp, mpf, nstr, sqrt

DATA = {
    "year": list(range(1986, 2010)),
    "distant": [1000000 + value for value in [2, 0, 3, 1, 4, 0, 2, 5, 1, 3, 0, 2, 4, 1, 0, 3, 5, 2, 1, 4, 0, 3, 2, 1]],
    "yes": [0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0],
    "share": [3, 10, 4, 10, 13, 0, 11, 12, 9, 9, 9, 16, 0, 8, 7, 10, 2, 4, 7, 9, 0, 2, 2, 2],
    "count": [0, 2, 1, 6, 0, 3, 2, 11, 4, 1, 0, 19, 1, 5, 3, 2, 0, 8, 1, 0, 7, 4, 2, 13],
    "time": [10, 7, 31, 9, 22, 5, 64, 49, 98, 33, 130, 71, 26, 17, 55, 11, 37, 20, 112, 91, 160, 58, 147, 83],
    "event": [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1],
}
for name in ("share", "time"):
    DATA[name] = [value / 16 for value in DATA[name]]
# centred here, so that plain steps find the maximum; the constants are turned back below
MIDDLE, FAR = 1997, 1000000
ROWS = rows_of(DATA)


def quadratic(b, r):
    """Return the predictor, about the middle year."""
    year = r["year"] - MIDDLE
    return b[0] + b[1] * year + b[2] * year**2


def bernoulli(outcome, predictor):
    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            p = logistic(predictor(b, r))
            total += r[outcome] * log(p) + (1 - r[outcome]) * log(1 - p)
        return total

    return loglike


def poisson(b):
    return sum(r["count"] * quadratic(b, r) - exp(quadratic(b, r)) - log(gamma(r["count"] + 1)) for r in ROWS)


def weibull(b):
    total = mpf(0)
    for r in ROWS:
        s = exp(b[3])
        w = (log(r["time"]) - quadratic(b, r)) / s
        total += r["event"] * (w - log(s) - log(r["time"])) - exp(w)
    return total


def cox(b):
    total = mpf(0)
    for r in ROWS:
        if r["event"]:
            at_risk = sum(exp(b[0] * (o["distant"] - FAR)) for o in ROWS if o["time"] >= r["time"])
            total += b[0] * (r["distant"] - FAR) - log(at_risk)
    return total


def straight(b, r):
    return b[0] + b[1] * (r["distant"] - FAR)


def told(estimator, formula, options, names, loglike, start, back):
    """Return a case; `back` turns coefficients about the middle into those of the columns as they are."""
    mp.dps = 80
    b = maximize(loglike, start)
    covariance = back * inverse(derivatives(loglike, b)[1]) * back.T
    own = back * matrix(b)
    return {
        "estimator": estimator,
        "formula": formula,
        "options": options,
        "fit": {"cov_type": "nonrobust"},
        "params": {name: nstr(value, 25) for name, value in zip(names, own, strict=True)},
        "bse": {name: nstr(sqrt(covariance[i, i]), 25) for i, name in enumerate(names)},
        "llf": nstr(loglike(b), 25),
    }


YEARS, EVENT = ["Intercept", "year", "I(year ** 2)"], {"event": "event"}
OF_YEARS = matrix([[1, -MIDDLE, MIDDLE**2], [0, 1, -2 * MIDDLE], [0, 0, 1]])
WITH_SCALE = matrix([[1, -MIDDLE, MIDDLE**2, 0], [0, 1, -2 * MIDDLE, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
CURVE = "year + I(year ** 2)"
CASES = [
    ("strategy.Logit", f"yes ~ {CURVE}", {}, YEARS, bernoulli("yes", quadratic), [0, 0, 0], OF_YEARS),
    ("share.Fractional", f"share ~ {CURVE}", {}, YEARS, bernoulli("share", quadratic), [0, 0, 0], OF_YEARS),
    ("spread.Poisson", f"count ~ {CURVE}", {}, YEARS, poisson, [1, 0, 0], OF_YEARS),
    ("timing.AFT", f"time ~ {CURVE}", EVENT, [*YEARS, "[log_scale]"], weibull, [1.5, 0, 0, 0], WITH_SCALE),
    (
        "strategy.Logit",
        "yes ~ distant",
        {},
        ["Intercept", "distant"],
        bernoulli("yes", straight),
        [0, 0],
        matrix([[1, -FAR], [0, 1]]),
    ),
    ("timing.Cox", "time ~ distant", EVENT, ["distant"], cox, [0], matrix([[1]])),
]

if __name__ == "__main__":
    write("hard.json", DATA, [told(*case) for case in CASES])
