"""Certified references of logits that maximize no likelihood of their own: corrected for bias, and exact.

`python tests/certified/certify_corrected.py` writes `corrected.json` anew, by the arithmetic of `certify.py`.
"""

from itertools import combinations

from certify import DATA, ROWS, XZ, bernoulli, logistic, maximize, write
from mpmath import exp, findroot, inverse, log, matrix, mp, mpf, nstr, sqrt

N, K = len(ROWS), len(XZ)


def told(estimator, formula, options, names, b, bse, **more):
    """Return a case from what was found."""
    values = {"params": b, "bse": bse, **more}
    found = {key: {name: nstr(v, 25) for name, v in zip(names, part, strict=True)} for key, part in values.items()}
    return {"estimator": estimator, "formula": formula, "options": options, "fit": {}, **found}


def rare_events(share=None):
    """King and Zeng's correction of the bias and, for a share of yeses in the population, of the intercept."""
    b = matrix(maximize(bernoulli(logistic, "yes"), [0, 0, 0]))
    x = matrix([[1, r["x"], r["z"]] for r in ROWS])
    p = [logistic((x * b)[i]) for i in range(N)]
    weight = [value * (1 - value) for value in p]
    covariance = inverse(x.T * mp.diag(weight) * x)
    spread = x * covariance * x.T
    bias = covariance * x.T * matrix([weight[i] * spread[i, i] * (p[i] - mpf(1) / 2) for i in range(N)])
    estimate = b - bias
    if share is not None:
        yes = sum(r["yes"] for r in ROWS) / N
        estimate[0] -= log((1 - mpf(share)) / mpf(share) * yes / (1 - yes))
    bse = [sqrt(covariance[k, k]) * N / (N + K) for k in range(K)]
    options = {} if share is None else {"share": share}
    return told("strategy.RareEventsLogit", "yes ~ x + z", options, XZ, list(estimate), bse)


def exact():
    """All outcomes with as many yeses, and the same sum of the other covariate, are written out."""
    names, found = ["x", "z"], []
    yes = [i for i in range(N) if ROWS[i]["yes"]]
    for name, other in (names, names[::-1]):
        held = sum(ROWS[i][other] for i in yes)
        sums = [
            sum(ROWS[i][name] for i in chosen)
            for chosen in combinations(range(N), len(yes))
            if sum(ROWS[i][other] for i in chosen) == held
        ]
        observed = sum(ROWS[i][name] for i in yes)
        ways = {value: sums.count(value) for value in set(sums)}

        def moments(beta, ways=ways):
            total = sum(count * exp(value * beta) for value, count in ways.items())
            mean = sum(value * count * exp(value * beta) for value, count in ways.items()) / total
            return mean, sum((value - mean) ** 2 * count * exp(value * beta) for value, count in ways.items()) / total

        beta = findroot(lambda at, moments=moments, observed=observed: moments(at)[0] - observed, (0, 1))
        pvalue = mpf(sum(count for count in ways.values() if count <= ways[observed])) / len(sums)
        found.append((beta, 1 / sqrt(moments(beta)[1]), pvalue))
    b, bse, pvalues = zip(*found, strict=True)
    return told("strategy.ExactLogit", "yes ~ x + z", {}, names, b, bse, pvalues=pvalues)


if __name__ == "__main__":
    mp.dps = 80
    write(
        "corrected.json", {name: DATA[name] for name in ("x", "z", "yes")}, [rare_events(), rare_events(0.25), exact()]
    )
