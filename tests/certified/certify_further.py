"""Further certified references: penalized, tied, grouped, ordered, chosen, truncated and inflated outcomes.

`python tests/certified/certify_further.py` writes `further.json` anew, by the arithmetic of `certify.py`.
"""

from certify import DATA, ROWS, XZ, bernoulli, certified, logistic, nb2_probability, phi, write
from mpmath import beta as beta_function
from mpmath import binomial, det, exp, gamma, log, matrix, mp, mpf

FURTHER = {
    "years": [3, 1, 3, 2, 4, 4, 1, 3, 2, 4, 1, 3, 2, 4],
    "few": [0, 5, 0, 4, 6, 0, 0, 2, 3, 3, 7, 1, 5, 2],
    "regions": [1, 4, 0, 8, 2, 1, 6, 2, 8, 0, 7, 3, 1, 5],
    "grade": [1, 2, 1, 3, 2, 2, 3, 1, 3, 2, 2, 3, 1, 1],
    "route": [1, 2, 3, 3, 2, 2, 3, 1, 1, 3, 2, 1, 3, 1],
    "lower": [0, 0.5, 0.1, 0.75, 0.25, 0, 0.6, 0.25, 0.25, 0, 0.75, 0.1, 0.4, 0],
    "upper": [0.1, 0.75, 0.25, 1, 0.5, 0.1, 0.6, 0.5, 0.5, 0.1, 1, 0.25, 0.4, 0.25],
    "chooser": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5],
    "picked": [0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1],
}
for place, row in enumerate(ROWS):
    row.update({name: mpf(values[place]) for name, values in FURTHER.items()})


def logit_information(b):
    information = matrix(3, 3)
    for r in ROWS:
        x, p = [1, r["x"], r["z"]], logistic(b[0] + b[1] * r["x"] + b[2] * r["z"])
        for i in range(3):
            for j in range(3):
                information[i, j] += x[i] * x[j] * p * (1 - p)
    return information


def firth(b):
    return bernoulli(logistic, "yes")(b) + log(det(logit_information(b))) / 2


def poisson_probability(y, m):
    return exp(-m) * m**y / gamma(y + 1)


def nb1(b):
    total = mpf(0)
    for r in ROWS:
        m = exp(b[0] + b[1] * r["x"])
        total += log(nb2_probability(r["count"], m, exp(b[2]) / m))
    return total


def truncated_poisson(b):
    total = mpf(0)
    for r in ROWS:
        m = exp(b[0] + b[1] * r["x"])
        total += log(poisson_probability(r["count"], m) / (1 - exp(-m)))
    return total


def hurdle(b):
    total = mpf(0)
    for r in ROWS:
        m, p = exp(b[0] + b[1] * r["x"]), logistic(b[2] + b[3] * r["x"])
        total += log(p * poisson_probability(r["few"], m) / (1 - exp(-m))) if r["few"] else log(1 - p)
    return total


def inflated(b):
    total = mpf(0)
    for r in ROWS:
        m, p = exp(b[0] + b[1] * r["x"]), logistic(b[2])
        total += log((r["few"] == 0) * p + (1 - p) * poisson_probability(r["few"], m))
    return total


def beta_binomial(b):
    total = mpf(0)
    for r in ROWS:
        p, f, y = logistic(b[0] + b[1] * r["x"]), exp(b[2]), r["regions"]
        ratio = beta_function(y + p * f, 8 - y + (1 - p) * f) / beta_function(p * f, (1 - p) * f)
        total += log(binomial(8, y) * ratio)
    return total


def binomial_regions(b):
    total = mpf(0)
    for r in ROWS:
        p, y = logistic(b[0] + b[1] * r["x"]), r["regions"]
        total += log(binomial(8, y) * p**y * (1 - p) ** (8 - y))
    return total


def tied_cox(efron):
    def loglike(b):
        def risk(r):
            return exp(b[0] * r["x"] + b[1] * r["z"])

        total = mpf(0)
        for time in {r["years"] for r in ROWS}:
            tied = [r for r in ROWS if r["years"] == time and r["event"]]
            at_risk = sum(risk(r) for r in ROWS if r["years"] >= time)
            for place, r in enumerate(tied):
                leaving = sum(risk(o) for o in tied) * place / len(tied) if efron else 0
                total += log(risk(r)) - log(at_risk - leaving)
        return total

    return loglike


def discrete_hazard(link):
    """Each year a chance of its own, its predictor linear in the year."""

    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            for year in range(int(r["years"]) + 1):
                h = link(b[0] + b[1] * year + b[2] * r["x"])
                total += log(h) if year == r["years"] and r["event"] else log(1 - h)
        return total

    return loglike


def exponential(b):
    total = mpf(0)
    for r in ROWS:
        rate = exp(-b[0] - b[1] * r["x"])
        total += r["event"] * log(rate) - rate * r["time"]
    return total


def loglogistic(b):
    total = mpf(0)
    for r in ROWS:
        s = exp(b[2])
        w = (log(r["time"]) - b[0] - b[1] * r["x"]) / s
        total += log(1 - logistic(w)) + r["event"] * (log(logistic(w)) - log(s) - log(r["time"]))
    return total


def bracketed(b):
    total = mpf(0)
    for r in ROWS:
        m, s = b[0] + b[1] * r["x"], exp(b[2])
        if r["lower"] == r["upper"]:
            total += -(((r["lower"] - m) / s) ** 2) / 2 - log(2 * mp.pi) / 2 - log(s)
        else:
            total += log(phi((r["upper"] - m) / s) - phi((r["lower"] - m) / s))
    return total


def ordered(link):
    def loglike(b):
        total = mpf(0)
        for r in ROWS:
            below = [mpf(0), *(link(cut - b[0] * r["x"]) for cut in b[1:]), mpf(1)]
            total += log(below[int(r["grade"])] - below[int(r["grade"]) - 1])
        return total

    return loglike


def multinomial(b):
    total = mpf(0)
    for r in ROWS:
        terms = [mpf(0), b[0] + b[1] * r["x"], b[2] + b[3] * r["x"]]
        total += terms[int(r["route"]) - 1] - log(sum(exp(term) for term in terms))
    return total


def conditional(b):
    total = mpf(0)
    for r in ROWS:
        if r["picked"]:
            among = sum(exp(b[0] * o["z"]) for o in ROWS if o["chooser"] == r["chooser"])
            total += b[0] * r["z"] - log(among)
    return total


def cloglog(t):
    return 1 - exp(-exp(t))


X = ["Intercept", "x"]
HAZARD = ["Intercept", "t", "x"]
CUTS = ["x", "[cut] 1|2", "[cut] 2|3"]
ROUTES = ["[2] Intercept", "[2] x", "[3] Intercept", "[3] x"]
PARTS = [*X, "[participation] Intercept", "[participation] x"]
YEARS = {"event": "event", "baseline": "linear"}
CASES = [
    ("strategy.FirthLogit", "yes ~ x + z", {}, XZ, firth, [0, 0, 0], logit_information, "penalized_llf"),
    ("strategy.OrderedLogit", "grade ~ x", {}, CUTS, ordered(logistic), [1, 0, 1.5]),
    ("strategy.OrderedProbit", "grade ~ x", {}, CUTS, ordered(phi), [0.7, 0, 1]),
    ("strategy.MultinomialLogit", "route ~ x", {}, ROUTES, multinomial, [0, 0, 0, 0]),
    ("strategy.ConditionalLogit", "picked ~ z", {"choice_set": "chooser"}, ["z"], conditional, [0]),
    ("spread.NegativeBinomial", "count ~ x", {"form": "nb1"}, [*X, "[log_alpha]"], nb1, [0.8, 1.3, 0]),
    ("spread.ZeroTruncated", "count ~ x", {"dist": "poisson"}, X, truncated_poisson, [0.7, 1.4]),
    ("spread.Hurdle", "few ~ x", {"dist": "poisson"}, PARTS, hurdle, [0.3, 0.8, 0, 1]),
    (
        "spread.ZeroInflated",
        "few ~ x",
        {"dist": "poisson", "inflation": "1"},
        [*X, "[inflation] Intercept"],
        inflated,
        [0.3, 0.8, -2],
    ),
    ("spread.Regions", "regions ~ x", {}, [*X, "[log_precision]"], beta_binomial, [-1, 1, 1]),
    ("spread.Regions", "regions ~ x", {"dist": "binomial"}, X, binomial_regions, [-1, 1]),
    ("timing.Cox", "years ~ x + z", {"event": "event"}, ["x", "z"], tied_cox(True), [1, 0]),
    ("timing.Cox", "years ~ x + z", {"event": "event", "ties": "breslow"}, ["x", "z"], tied_cox(False), [1, 0]),
    ("timing.DiscreteHazard", "years ~ x", YEARS, HAZARD, discrete_hazard(cloglog), [-4, 1, 1]),
    ("timing.DiscreteHazard", "years ~ x", {**YEARS, "link": "logit"}, HAZARD, discrete_hazard(logistic), [-4, 1, 1]),
    ("timing.AFT", "time ~ x", {"dist": "exponential", "event": "event"}, X, exponential, [2, -1]),
    (
        "timing.AFT",
        "time ~ x",
        {"dist": "loglogistic", "event": "event"},
        [*X, "[log_scale]"],
        loglogistic,
        [2.1, -1.4, -0.9],
    ),
    ("share.Bracketed", "lower + upper ~ x", {"dist": "normal"}, [*X, "[log_scale]"], bracketed, [0.2, 0.3, -1.5]),
]

if __name__ == "__main__":
    write("further.json", {**DATA, **FURTHER}, [certified(*case) for case in CASES])
