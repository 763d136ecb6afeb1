"""Certified references of durations: shapes, intervals, late entry, strata, exact ties, frailties, rivals, immunity.

`python tests/certified/certify_durations.py` writes `durations.json` anew, by the arithmetic of `certify.py`.
"""

from certify import certified, logistic, rows_of, write
from mpmath import det, exp, gamma, gammainc, log, loggamma, matrix, mp, mpf, sqrt

DATA = {
    "x": [0, 1] * 12,
    "z": [2, -3, 1, 4, -2, 0, 3, 5, -4, 1, -1, 2, 6, -5, 0, -2, 3, -1, 4, -3, 1, 0, -4, 2],
    # distinct times in sixteenths of a year, and the event, in groups that differ
    "time": [10, 7, 31, 9, 22, 5, 64, 49, 98, 33, 130, 71, 26, 17, 55, 11, 37, 20, 112, 91, 160, 58, 147, 83],
    "event": [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1],
    "group": [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4],
    "entry": [0, 0, 4, 0, 2, 0, 20, 8, 0, 0, 32, 0, 0, 6, 0, 0, 12, 0, 48, 0, 16, 0, 0, 40],
    "until": [16, 7, 48, 16, 22, 8, 64, 64, 98, 48, 130, 80, 32, 32, 55, 16, 48, 20, 128, 96, 160, 64, 147, 96],
    "known": [1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1],
    "many": [1, 2, 1, 3, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 2, 1, 1, 1, 1, 2, 1],
    # whole years, with ties
    "years": [0, 0, 1, 0, 1, 0, 3, 2, 5, 2, 6, 3, 1, 1, 3, 0, 2, 1, 5, 4, 6, 3, 6, 4],
    "first": [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 3, 0, 1, 0, 0, 2],
    "move": [1, 2, 1, 1, 0, 2, 1, 2, 0, 1, 2, 1, 2, 1, 0, 1, 2, 1, 0, 2, 0, 1, 0, 2],
    "lasted": [9, 4, 3, 2, 0, 2, 8, 0, 1, 0, 9, 1, 9, 0, 12, 1, 3, 0, 2, 12, 7, 3, 3, 2],
    "ended": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1],
    # some firms never have the event
    "watched": [5, 3, 9, 4, 160, 6, 14, 8, 150, 11, 19, 12, 170, 7, 16, 160, 21, 155, 30, 10, 165, 17, 140, 24],
    "happened": [1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
    "waited": [0, 0, 2, 1, 12, 1, 3, 2, 12, 2, 4, 3, 12, 1, 3, 12, 5, 12, 6, 2, 12, 3, 12, 5],
}
for name in ("time", "entry", "until", "watched"):
    DATA[name] = [value / 16 for value in DATA[name]]
ROWS = rows_of(DATA)


def weibull_survival(t, m, s):
    return exp(-((t / exp(m)) ** (1 / s)))


def intervals(b):
    """Weibull: at `time` where `until` is the same, else in between; open where not known; from `entry` on."""
    total = mpf(0)
    for r in ROWS:
        m, s, low, high = b[0] + b[1] * r["x"], exp(b[2]), r["time"], r["until"]
        if not r["known"]:
            total += log(weibull_survival(low, m, s))
        elif low == high:
            total += log(weibull_survival(low, m, s) * (low / exp(m)) ** (1 / s) / s / low)
        else:
            total += log(weibull_survival(low, m, s) - weibull_survival(high, m, s))
        total -= log(weibull_survival(r["entry"], m, s))
    return total


def generalized_gamma(b):
    total = mpf(0)
    for r in ROWS:
        s, q = exp(b[2]), b[3]
        k, w = 1 / q**2, (log(r["time"]) - b[0] - b[1] * r["x"]) / s
        if r["event"]:
            total += log(abs(q)) - log(s * r["time"]) + k * log(k) + k * (q * w - exp(q * w)) - loggamma(k)
        else:
            above = gammainc(k, k * exp(q * w), regularized=True)
            total += log(above if q > 0 else 1 - above)
    return total


def stratified(b):
    """Cox with late entry, a baseline for each group, and rows that stand for many firms; no ties within groups."""
    total = mpf(0)
    for r in ROWS:
        if r["event"]:
            at_risk = [o for o in ROWS if o["group"] == r["group"] and o["entry"] < r["time"] <= o["time"]]
            total += r["many"] * (b[0] * r["x"] + b[1] * r["z"])
            for k in range(int(r["many"])):
                total -= log(
                    sum(o["many"] * exp(b[0] * o["x"] + b[1] * o["z"]) for o in at_risk)
                    - k * exp(b[0] * r["x"] + b[1] * r["z"])
                )
    return total


def exact(b):
    """Cox with tied years: who has the event, given how many of those at risk have it."""
    total = mpf(0)
    for year in {r["years"] for r in ROWS}:
        at_risk = [exp(b[0] * r["x"] + b[1] * r["z"]) for r in ROWS if r["years"] >= year]
        tied = [exp(b[0] * r["x"] + b[1] * r["z"]) for r in ROWS if r["years"] == year and r["event"]]
        if tied:
            ways = [mpf(1)] + [mpf(0)] * len(tied)  # sums of products of so many of those at risk
            for risk in at_risk:
                for k in range(len(tied), 0, -1):
                    ways[k] += risk * ways[k - 1]
            total += sum(map(log, tied)) - log(ways[-1])
    return total


def cox_parts(b):
    """Return the log partial likelihood, without ties, and the information."""
    total, information = mpf(0), matrix(2, 2)
    for r in ROWS:
        if r["event"]:
            at_risk = [(exp(b[0] * o["x"] + b[1] * o["z"]), (o["x"], o["z"])) for o in ROWS if o["time"] >= r["time"]]
            size = sum(risk for risk, _ in at_risk)
            total += b[0] * r["x"] + b[1] * r["z"] - log(size)
            mean = [sum(risk * v[i] for risk, v in at_risk) / size for i in range(2)]
            for i in range(2):
                for j in range(2):
                    information[i, j] += sum(risk * v[i] * v[j] for risk, v in at_risk) / size - mean[i] * mean[j]
    return total, information


def firth_cox(b):
    total, information = cox_parts(b)
    return total + log(det(information)) / 2


def firth_information(b):
    return cox_parts(b)[1]


EVENTS = sorted(r["time"] for r in ROWS if r["event"])


def gamma_frailty_cox(b):
    """The full likelihood, each step of the baseline a parameter: profiled, it is the partial one less the events."""
    steps = {time: exp(value) for time, value in zip(EVENTS, b[2:], strict=True)}
    u, total = exp(-b[1]), mpf(len(EVENTS))
    for group in range(1, 5):
        rows = [r for r in ROWS if r["group"] == group]
        events = sum(r["event"] for r in rows)
        hazard = sum(exp(b[0] * r["x"]) * sum(h for t, h in steps.items() if t <= r["time"]) for r in rows)
        total += log(gamma(u + events) / gamma(u)) + u * log(u) - (u + events) * log(u + hazard)
        total += sum(log(steps[r["time"]]) + b[0] * r["x"] for r in rows if r["event"])
    return total


def frailty_start(b, log_variance):
    """Return starting values for the steps of the baseline, by the EM algorithm at given other coefficients."""
    u, frailty, steps = exp(-mpf(log_variance)), dict.fromkeys(range(1, 5), mpf(1)), {}
    for _ in range(50):
        risk = [(r, frailty[r["group"]] * exp(mpf(b) * r["x"])) for r in ROWS]
        steps = {time: 1 / sum(part for r, part in risk if r["time"] >= time) for time in EVENTS}
        for group in frailty:
            rows = [r for r in ROWS if r["group"] == group]
            hazard = sum(exp(mpf(b) * r["x"]) * sum(h for t, h in steps.items() if t <= r["time"]) for r in rows)
            frailty[group] = (u + sum(r["event"] for r in rows)) / (u + hazard)
    return [b, log_variance, *map(log, steps.values())]


def late_years(b):
    """Logit hazard with an effect for each year, and late entry."""
    total = mpf(0)
    for r in ROWS:
        for year in range(int(r["first"]), int(r["years"]) + 1):
            h = logistic(b[year] + b[7] * r["x"])
            total += log(h) if year == r["years"] and r["event"] else log(1 - h)
    return total


def survived(b, r, years):
    """Return the cumulated complementary log-log hazard of the years before `years`."""
    return sum(exp(b[0] + b[1] * year + b[2] * r["x"]) for year in range(int(years)))


def gamma_frailty_years(b):
    """A firm has a frailty of its own; the share still without the event is (1 + v H)^(-1/v)."""
    v, total = exp(b[3]), mpf(0)
    for r in ROWS:
        before, after = ((1 + v * survived(b, r, r["lasted"] + k)) ** (-1 / v) for k in (0, 1))
        total += log(before - after if r["ended"] else after)
    return total


def normal_frailty_years(b):
    """Logit hazards; the deviations of a group are integrated out."""
    sd, total = exp(b[3] / 2), mpf(0)
    for group in range(1, 5):
        rows = [r for r in ROWS if r["group"] == group]

        likelihood = mpf(0)
        for node in range(-210, 211):  # the trapezoidal rule, which converges exponentially here
            deviation = mpf(node) / 15
            product = exp(-deviation * deviation / 2) / sqrt(2 * mp.pi) / 15
            for r in rows:
                for year in range(int(r["years"]) + 1):
                    h = logistic(b[0] + b[1] * year + b[2] * r["x"] + sd * deviation)
                    product *= h if year == r["years"] and r["event"] else 1 - h
            likelihood += product
        total += log(likelihood)
    return total


def competing(b):
    total = mpf(0)
    for r in ROWS:
        for year in range(int(r["years"]) + 1):
            odds = [mpf(1)] + [exp(b[k] + b[k + 1] * year + b[k + 2] * r["x"]) for k in (0, 3)]
            here = int(r["move"]) if year == r["years"] else 0
            total += log(odds[here] / sum(odds))
    return total


def kept(time):
    """Return the share not yet cut off just before a time, by Kaplan and Meier."""
    share = mpf(1)
    for cut in sorted({r["time"] for r in ROWS if r["move"] == 0 and r["time"] < time}):
        share *= 1 - mpf(1) / sum(1 for r in ROWS if r["time"] >= cut)
    return share


def fine_gray(b):
    total = mpf(0)
    for r in ROWS:
        if r["move"] == 1:
            at_risk = mpf(0)
            for o in ROWS:
                if o["time"] >= r["time"]:
                    at_risk += exp(b[0] * o["x"])
                elif o["move"] == 2:
                    at_risk += exp(b[0] * o["x"]) * kept(r["time"]) / kept(o["time"])
            total += b[0] * r["x"] - log(at_risk)
    return total


def split(b):
    total = mpf(0)
    for r in ROWS:
        m, s, p, t = b[0] + b[1] * r["x"], exp(b[2]), logistic(b[3] + b[4] * r["z"]), r["watched"]
        still = weibull_survival(t, m, s)
        total += log(p * still * (t / exp(m)) ** (1 / s) / s / t if r["happened"] else 1 - p + p * still)
    return total


def split_years(b):
    total = mpf(0)
    for r in ROWS:
        p = logistic(b[3])
        before, after = exp(-survived(b, r, r["waited"])), exp(-survived(b, r, r["waited"] + 1))
        total += log(p * (before - after) if r["happened"] else 1 - p + p * after)
    return total


EVENT = {"event": "event"}
HAPPENED = {"event": "happened", "baseline": "linear"}
LATE = {**EVENT, "entry": "entry", "strata": "group", "frequency": "many"}
SHARED = {**EVENT, "frailty": "gamma", "shared": "group"}
BY_GROUP = {**EVENT, "baseline": "linear", "link": "logit", "frailty": "normal", "shared": "group"}
X = ["Intercept", "x", "[log_scale]"]
YEARS = ["Intercept", "t", "x"]
MOVES = [f"[{move}] {name}" for move in (1, 2) for name in YEARS]
CASES = [
    ("timing.AFT", "time ~ x", {"event": "known", "upper": "until", "entry": "entry"}, X, intervals, [1.5, -0.5, 0]),
    (
        "timing.AFT",
        "time ~ x",
        {**EVENT, "dist": "gengamma"},
        [*X, "[shape]"],
        generalized_gamma,
        [1.4, -0.9, 0, -0.1],
    ),
    ("timing.Cox", "years ~ x + z", {**EVENT, "ties": "exact"}, ["x", "z"], exact, [0.5, 0]),
    ("timing.Cox", "time ~ x + z", LATE, ["x", "z"], stratified, [2.5, 0]),
    ("timing.Cox", "time ~ x", SHARED, ["x", "[log_variance]"], gamma_frailty_cox, frailty_start(3, 1.2)),
    (
        "timing.Cox",
        "time ~ x + z",
        {**EVENT, "penalty": "jeffreys"},
        ["x", "z"],
        firth_cox,
        [0.5, 0],
        firth_information,
        "penalized_llf",
    ),
    (
        "timing.DiscreteHazard",
        "years ~ x",
        {**EVENT, "entry": "first", "baseline": "dummies", "link": "logit"},
        [*(f"t={year}" for year in range(7)), "x"],
        late_years,
        [-1, -1, -1, -1, -1, -1, -1, 0.5],
    ),
    (
        "timing.DiscreteHazard",
        "lasted ~ x",
        {"event": "ended", "baseline": "linear", "frailty": "gamma"},
        [*YEARS, "[log_variance]"],
        gamma_frailty_years,
        [-2.2, 0.2, 1.7, 0],
    ),
    (
        "timing.DiscreteHazard",
        "years ~ x",
        BY_GROUP,
        [*YEARS, "[log_variance]"],
        normal_frailty_years,
        [-4.55, 1.315, 3.64, 2.325],
    ),
    (
        "timing.CompetingHazard",
        "years ~ x",
        {"event": "move", "baseline": "linear"},
        MOVES,
        competing,
        [-2, 0.3, 0.5, -2, 0.3, 0.5],
    ),
    ("timing.FineGray", "time ~ x", {"event": "move", "cause": 1}, ["x"], fine_gray, [0]),
    (
        "timing.SplitPopulation",
        "watched ~ x",
        {"event": "happened", "incidence": "z"},
        [*X, "[incidence] Intercept", "[incidence] z"],
        split,
        [0.1, -0.4, -0.7, 0.9, 0.2],
    ),
    (
        "timing.SplitPopulation",
        "waited ~ x",
        {**HAPPENED, "dist": "discrete"},
        [*YEARS, "[incidence]"],
        split_years,
        [-2.5, 0.5, 0.9, 0.9],
    ),
]

if __name__ == "__main__":
    write("durations.json", DATA, [certified(*case) for case in CASES])
