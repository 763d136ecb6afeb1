"""Certified references of shares: two parts, inflated and piled ends, truncation, brackets and selection.

`python tests/certified/certify_shares.py` writes `shares.json` anew, by the arithmetic of `certify.py`.
"""

from certify import certified, logistic, phi, rows_of, write
from mpmath import asin, betainc, binomial, cos, exp, factorial, laguerre, log, mp, mpf, polyroots, sin, sqrt, tanh
from mpmath import beta as beta_function

DATA = {
    "x": [0, 1] * 12,
    "z": [0, 4, 3, 3, 6, -5, -3, -5, 0, 4, 0, 2, -8, 1, -4, 7, 4, 4, 0, 2, 3, -1, -2, 0],
    "seen": [0, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    "sold": [0, 8, 4, 8, 6, 0, 11, 0, 0, 9, 8, 7, 0, 7, 0, 13, 2, 10, 3, 8, 2, 5, 0, 0],
    "share": [3, 10, 4, 10, 13, 0, 11, 12, 9, 9, 9, 16, 0, 8, 7, 10, 2, 4, 7, 9, 0, 2, 2, 2],
    "piled": [5, 2, 8, 16, 14, 4, 2, 14, 10, 16, 2, 11, 3, 14, 5, 4, 0, 9, 2, 13, 3, 16, 0, 5],
    "portion": [3, 10, 4, 10, 13, 0, 11, 12, 9, 9, 9, 15, 0, 8, 7, 10, 2, 4, 7, 9, 0, 2, 2, 2],
    "inside": [3, 10, 4, 10, 13, 1, 11, 12, 9, 9, 9, 15, 1, 8, 7, 10, 2, 4, 7, 9, 1, 2, 2, 2],
    "lower": [2, 10, 2, 8, 12, 0, 11, 12, 8, 9, 9, 12, 2, 4, 4, 8, 2, 4, 4, 8, 0, 2, 2, 2],
    "upper": [4, 10, 4, 12, 16, 2, 11, 12, 12, 9, 9, 16, 4, 8, 8, 12, 4, 4, 8, 12, 2, 4, 4, 4],
}
# quarters and sixteenths, which binary fractions hold exactly
DATA["z"] = [value / 4 for value in DATA["z"]]
for name in ("sold", "share", "piled", "portion", "inside", "lower", "upper"):
    DATA[name] = [value / 16 for value in DATA[name]]
ROWS = rows_of(DATA)


def normal_density(t):
    return exp(-t * t / 2) / sqrt(2 * mp.pi)


def two_part(second, participation=logistic):
    """The first part's coefficients come last."""

    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            takes_part, y = participation(b[-2] + b[-1] * r["x"]), r["portion"]
            total += log(takes_part) + second(b, r["x"], y) if y else log(1 - takes_part)
        return total

    return loglike


def fractional(b, x, y):
    m = logistic(b[0] + b[1] * x)
    return y * log(m) + (1 - y) * log(1 - m)


def beta(b, x, y):
    m, f = logistic(b[0] + b[1] * x), exp(b[2])
    return (m * f - 1) * log(y) + ((1 - m) * f - 1) * log(1 - y) - log(beta_function(m * f, (1 - m) * f))


def truncated_at_zero(b, x, y):
    m, s = b[0] + b[1] * x, exp(b[2])
    return log(normal_density((y - m) / s) / s / phi(m / s))


def inflated(b):
    total = mpf(0)
    for r in ROWS:
        zero, one = exp(b[3]), exp(b[4])
        if r["share"] in (0, 1):
            total += log((zero if r["share"] == 0 else one) / (1 + zero + one))
        else:
            total += -log(1 + zero + one) + beta(b, r["x"], r["share"])
    return total


def extended(outcome, nodes):
    """A beta law that goes on beyond 0 and 1 by an exceedance; nodes are factors of it with their probabilities."""

    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            y, likelihood, (m, f) = r[outcome], mpf(0), (logistic(b[0] + b[1] * r["x"]), exp(b[2]))
            for factor, probability in nodes:
                u = exp(b[3]) * factor
                if y == 0:
                    part = betainc(m * f, (1 - m) * f, 0, u / (1 + 2 * u), regularized=True)
                elif y == 1:
                    part = betainc((1 - m) * f, m * f, 0, u / (1 + 2 * u), regularized=True)
                else:
                    part = exp(beta(b, r["x"], (y + u) / (1 + 2 * u))) / (1 + 2 * u)
                likelihood += probability * part
            total += log(likelihood)
        return total

    return loglike


def exponential_nodes(count):
    """Return the nodes and probabilities of Gauss and Laguerre, from the roots of the polynomial."""
    coefficients = [binomial(count, k) * (-1) ** k / factorial(k) for k in range(count + 1)]
    roots = [root.real for root in polyroots(coefficients[::-1], maxsteps=500, extraprec=400)]
    return [(root, root / ((count + 1) * laguerre(count + 1, 0, root)) ** 2) for root in roots]


def truncated(b):
    total = mpf(0)
    for r in ROWS:
        m, s = b[0] + b[1] * r["x"], exp(b[2])
        within = phi((1 - m) / s) - phi(-m / s)
        total += log(normal_density((r["inside"] - m) / s) / s / within)
    return total


def logit(p):
    return -mp.inf if p == 0 else mp.inf if p == 1 else log(p / (1 - p))


def bracketed_logitnormal(b):
    total = mpf(0)
    for r in ROWS:
        m, s = b[0] + b[1] * r["x"], exp(b[2])
        low, high = ((logit(r[end]) - m) / s for end in ("lower", "upper"))
        if r["lower"] == r["upper"]:
            total += log(normal_density(low) / s / r["lower"] / (1 - r["lower"]))
        else:
            total += log(phi(high) - phi(low))
    return total


def bracketed_beta(b):
    total = mpf(0)
    for r in ROWS:
        if r["lower"] == r["upper"]:
            total += beta(b, r["x"], r["lower"])
        else:
            m, f = logistic(b[0] + b[1] * r["x"]), exp(b[2])
            total += log(betainc(m * f, (1 - m) * f, r["lower"], r["upper"], regularized=True))
    return total


def selection(b):
    total = mpf(0)
    for r in ROWS:
        m, c, s, rho = b[0] + b[1] * r["x"], b[2] + b[3] * r["x"] + b[4] * r["z"], exp(b[5]), tanh(b[6])
        e = (r["sold"] - m) / s
        if r["seen"]:
            total += log(normal_density(e) / s) + log(phi((c + rho * e) / sqrt(1 - rho**2)))
        else:
            total += log(phi(-c))
    return total


def both(a, c, rho):
    """Return the bivariate normal distribution function, by Plackett's integral over the correlation."""
    angle = asin(rho)
    bend = mp.quad(
        lambda t: exp(-(a * a - 2 * a * c * sin(t) + c * c) / (2 * cos(t) ** 2)), [0, angle], method="gauss-legendre"
    )
    return phi(a) * phi(c) + bend / (2 * mp.pi)


def fractional_selection(b):
    total = mpf(0)
    for r in ROWS:
        a, c, rho, y = b[0] + b[1] * r["x"], b[2] + b[3] * r["x"] + b[4] * r["z"], tanh(b[5]), r["sold"]
        if r["seen"]:
            positive = both(a, c, rho)
            total += y * log(positive) + (1 - y) * log(phi(c) - positive)
        else:
            total += log(phi(-c))
    return total


X = ["Intercept", "x"]
PART = ["[participate] Intercept", "[participate] x"]
SELECT = ["[select] Intercept", "[select] x", "[select] z"]
CRAGG = {"dist": "truncated", "participation": "probit"}
CHOICE = {"select": "x + z", "seen": "seen"}
BY_BETA = [*X, "[log_precision]"]
EXTENDED = [*BY_BETA, "[log_exceedance]"]
mp.dps = 80
CASES = [
    ("share.TwoPart", "portion ~ x", {}, [*X, *PART], two_part(fractional), [-0.4, 0.4, 1.6, 0.8]),
    ("share.TwoPart", "portion ~ x", {"dist": "beta"}, [*BY_BETA, *PART], two_part(beta), [-0.4, 0.4, 1.3, 1.6, 0.8]),
    (
        "share.TwoPart",
        "portion ~ x",
        CRAGG,
        [*X, "[log_scale]", *PART],
        two_part(truncated_at_zero, phi),
        [0.36, 0.14, -1.35, 1, 0.4],
    ),
    (
        "share.InflatedBeta",
        "share ~ x",
        {},
        [*BY_BETA, "[zero]", "[one]"],
        inflated,
        [-0.4, 0.2, 1.5, -2, -3],
    ),
    ("share.ExtendedBeta", "share ~ x", {}, EXTENDED, extended("share", exponential_nodes(20)), [-0.4, 0.35, 2, -0.8]),
    ("share.ExtendedBeta", "piled ~ x", {"dist": "xb"}, EXTENDED, extended("piled", [(1, 1)]), [-0.7, 1.25, 1.2, -1.8]),
    ("share.TruncatedRegression", "inside ~ x", {}, [*X, "[log_scale]"], truncated, [0.2, 0.24, -0.96]),
    ("share.Bracketed", "lower + upper ~ x", {}, [*X, "[log_scale]"], bracketed_logitnormal, [-0.7, 0.5, 0.25]),
    ("share.Bracketed", "lower + upper ~ x", {"dist": "beta"}, BY_BETA, bracketed_beta, [-0.5, 0.4, 1.1]),
    (
        "share.Selection",
        "sold ~ x",
        CHOICE,
        [*X, *SELECT, "[log_scale]", "[atanh_rho]"],
        selection,
        [0.3, 0.2, 0.25, 0.65, 2, -1.8, 0.8],
    ),
    (
        "share.Selection",
        "sold ~ x",
        {**CHOICE, "dist": "fractional"},
        [*X, *SELECT, "[atanh_rho]"],
        fractional_selection,
        [-0.65, 0.625, 0.38, 0.27, 1.78, 0.5],
    ),
]

if __name__ == "__main__":
    write("shares.json", DATA, [certified(*case) for case in CASES])
