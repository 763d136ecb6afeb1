"""Certified references of robust and clustered errors, with and without sampling weights.

`python tests/certified/certify_robust.py` writes `robust.json` anew, by the arithmetic of `certify.py`. A row's score
is the derivative of the weighted log-likelihood's gradient in the row's weight, which holds for Cox's likelihood too.
"""

from certify import STEP, certified, derivatives, logistic, moved, nb2_probability, rows_of, write
from mpmath import exp, gamma, inverse, log, matrix, mpf

DATA = {
    "x": [0, 1] * 12,
    "z": [0, 4, 3, 3, 6, -5, -3, -5, 0, 4, 0, 2, -8, 1, -4, 7, 4, 4, 0, 2, 3, -1, -2, 0],
    "yes": [0, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    "share": [3, 10, 4, 10, 13, 0, 11, 12, 9, 9, 9, 16, 0, 8, 7, 10, 2, 4, 7, 9, 0, 2, 2, 2],
    "count": [0, 2, 1, 6, 0, 3, 2, 11, 4, 1, 0, 19, 1, 5, 3, 2, 0, 8, 1, 0, 7, 4, 2, 13],
    "time": [10, 7, 31, 9, 22, 5, 64, 49, 98, 33, 130, 71, 26, 17, 55, 11, 37, 20, 112, 91, 160, 58, 147, 83],
    "event": [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1],
    "weight": [4, 2, 8, 3, 5, 6, 1, 4, 7, 2, 3, 5, 4, 6, 2, 8, 3, 1, 5, 4, 2, 6, 3, 4],
    "cluster": [cluster for cluster in range(1, 9) for _ in range(3)],
}
# quarters, sixteenths and quarters, which binary fractions hold exactly
for name, part in {"z": 4, "share": 16, "time": 16, "weight": 4}.items():
    DATA[name] = [value / part for value in DATA[name]]
ROWS = rows_of(DATA)


def rowwise(row):
    """Return the weighted log-likelihood for that of a row."""
    return lambda b, weights: sum(w * row(b, r) for w, r in zip(weights, ROWS, strict=True))


def bernoulli(outcome):
    def row(b, r):
        p, y = logistic(b[0] + b[1] * r["x"] + b[2] * r["z"]), r[outcome]
        return y * log(p) + (1 - y) * log(1 - p)

    return rowwise(row)


@rowwise
def poisson(b, r):
    m = exp(b[0] + b[1] * r["x"])
    return r["count"] * log(m) - m - log(gamma(r["count"] + 1))


@rowwise
def nb2(b, r):
    return log(nb2_probability(r["count"], exp(b[0] + b[1] * r["x"]), exp(b[2])))


@rowwise
def weibull(b, r):
    s = exp(b[2])
    w = (log(r["time"]) - b[0] - b[1] * r["x"]) / s
    return r["event"] * (w - log(s) - log(r["time"])) - exp(w)


def cox(b, weights):
    total = mpf(0)
    risks = [w * exp(b[0] * r["x"] + b[1] * r["z"]) for w, r in zip(weights, ROWS, strict=True)]
    for w, r in zip(weights, ROWS, strict=True):
        if r["event"]:
            at_risk = sum(risk for risk, o in zip(risks, ROWS, strict=True) if o["time"] >= r["time"])
            total += w * (b[0] * r["x"] + b[1] * r["z"] - log(at_risk))
    return total


def score_products(loglike, weights, clustered):
    """Return a function of the coefficients: the summed outer products of the rows' or clusters' weighted scores."""

    def products(b):
        sums = {}
        for place, r in enumerate(ROWS):
            key = r["cluster"] if clustered else place
            own = sums.setdefault(key, [mpf(0)] * len(b))
            for j in range(len(b)):
                for s in (1, -1):
                    for t in (1, -1):
                        value = loglike(moved(b, (j, s * STEP)), moved(weights, (place, t * STEP)))
                        own[j] += weights[place] * s * t * value / (4 * STEP**2)
        size = len(b)
        return matrix([[sum(v[i] * v[j] for v in sums.values()) for j in range(size)] for i in range(size)])

    return products


def robust(estimator, formula, options, names, loglike, start, clustered=False):
    """Return one case; `certified` takes the inverse of a covariance as its information."""
    weights = [r["weight"] if "weights" in options else mpf(1) for r in ROWS]
    products = score_products(loglike, weights, clustered)

    def plain(b):
        return loglike(b, weights)

    def information(b):
        curve = derivatives(plain, b)[1]
        return curve * inverse(products(b)) * curve

    case = certified(estimator, formula, options, names, plain, start, information)
    case["fit"] = {"cov_type": "clustered", "clusters": "cluster"} if clustered else {"cov_type": "robust"}
    return case


X, XZ = ["Intercept", "x"], ["Intercept", "x", "z"]
EVENT, WEIGHTED = {"event": "event"}, {"weights": "weight"}
CASES = [
    ("strategy.Logit", "yes ~ x + z", {}, XZ, bernoulli("yes"), [0, 0, 0]),
    ("strategy.Logit", "yes ~ x + z", {}, XZ, bernoulli("yes"), [0, 0, 0], True),
    ("strategy.Logit", "yes ~ x + z", WEIGHTED, XZ, bernoulli("yes"), [0, 0, 0], True),
    ("share.Fractional", "share ~ x + z", {}, XZ, bernoulli("share"), [0, 0, 0]),
    ("share.Fractional", "share ~ x + z", WEIGHTED, XZ, bernoulli("share"), [0, 0, 0]),
    ("spread.Poisson", "count ~ x", {}, X, poisson, [1, 0], True),
    ("spread.NegativeBinomial", "count ~ x", {}, [*X, "[log_alpha]"], nb2, [0.6, 1.2, -0.2]),
    ("timing.AFT", "time ~ x", {**EVENT, **WEIGHTED}, [*X, "[log_scale]"], weibull, [1.9, -1, 0], True),
    ("timing.Cox", "time ~ x + z", EVENT, ["x", "z"], cox, [1, 0]),
    ("timing.Cox", "time ~ x + z", {**EVENT, **WEIGHTED}, ["x", "z"], cox, [1, 0], True),
]

if __name__ == "__main__":
    write("robust.json", DATA, [robust(*case) for case in CASES])
