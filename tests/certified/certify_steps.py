"""Certified references of linear and stepwise models of shares: panels, instruments, controls, two steps of selection.

`python tests/certified/certify_steps.py` writes `steps.json` anew: textbook formulas in 80-digit arithmetic. Robust
errors of estimators in steps are sandwiches of the moments of all steps, with derivatives by central differences.
"""

from certify import STEP, maximize, moved, phi, rows_of, write
from mpmath import diag, exp, eye, inverse, log, matrix, mp, mpf, nstr, sqrt

mp.dps = 80
DATA = {
    "firm": [firm for firm in range(1, 9) for _ in range(3)],
    "year": [1, 2, 3] * 8,
    "x": [0, 1] * 12,
    "z": [0, 4, 3, 3, 6, -5, -3, -5, 0, 4, 0, 2, -8, 1, -4, 7, 4, 4, 0, 2, 3, -1, -2, 0],
    "rd": [-1, 10, 4, 10, 22, -20, 5, 4, 10, 2, 10, 12, -10, 3, 2, 3, 0, -4, -3, -1, -14, -10, -4, -9],
    "other": [-1, -1, 0, 4, 0, -1, 2, 8, -1, 2, -6, 5, 3, 5, 0, -4, 4, 3, -3, -6, 2, -1, 10, -2],
    "seen": [0, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    "sold": [0, 8, 4, 8, 6, 0, 11, 0, 0, 9, 8, 7, 0, 7, 0, 13, 2, 10, 3, 8, 2, 5, 0, 0],
    "share": [3, 10, 4, 10, 13, 0, 11, 12, 9, 9, 9, 16, 4, 8, 7, 10, 2, 4, 7, 9, 0, 2, 2, 2],
}
# quarters, eighths and sixteenths, which binary fractions hold exactly
for name, part in {"z": 4, "rd": 8, "other": 4, "sold": 16, "share": 16}.items():
    DATA[name] = [value / part for value in DATA[name]]
ROWS = rows_of(DATA)
N, FIRMS, YEARS = 24, 8, 3


def columns(*names, rows=ROWS):
    """Return a matrix of columns, of ones for the empty name."""
    return matrix([[r[name] if name else mpf(1) for name in names] for r in rows])


def total(values):
    return sum(values, mpf(0))


def squares(v):
    return total(value**2 for value in v)


def outer(rows):
    """Return the sum of the outer products of a list of vectors."""
    size = len(rows[0])
    return matrix([[total(row[i] * row[j] for row in rows) for j in range(size)] for i in range(size)])


def per_row(x, values):
    """Return the rows of a matrix, each times a number."""
    return [[x[i, j] * values[i] for j in range(x.cols)] for i in range(x.rows)]


def summed(rows):
    """Add up rows of moments by firm."""
    return [[total(row[j] for row in rows[3 * g : 3 * g + 3]) for j in range(len(rows[0]))] for g in range(FIRMS)]


def case(estimator, formula, options, names, b, covariance, **fit):
    """Return a case with its references."""
    bse = [sqrt(covariance[k, k]) for k in range(len(names))]
    found = {"params": b, "bse": bse}
    told = {key: {name: nstr(v, 25) for name, v in zip(names, part, strict=True)} for key, part in found.items()}
    return {"estimator": estimator, "formula": formula, "options": options, "fit": fit, **told}


def least_squares(x, y):
    return inverse(x.T * x) * (x.T * y)


def averaged(x):
    """Return each column's averages over the years of a firm, repeated."""
    rows = [[total(x[3 * (i // 3) + k, j] for k in range(3)) / 3 for j in range(x.cols)] for i in range(N)]
    return matrix(rows)


def panel(effects):
    """Fixed, random (Swamy and Arora) or no effects of firms; errors of least squares, and clustered ones."""
    names = ["Intercept", "rd", "x"]
    x, y = columns("", "rd", "x"), columns("share")
    within_x, within_y = x - averaged(x), y - averaged(y)
    slopes = within_x[:, 1:]
    left = within_y - slopes * least_squares(slopes, within_y)
    idiosyncratic = squares(left) / (N - FIRMS - 2)
    means = [matrix([list(averaged(v)[3 * g, :]) for g in range(FIRMS)]) for v in (x, y)]
    between = squares(means[1] - means[0] * least_squares(*means)) / (FIRMS - 3)
    of_firms = max(between - idiosyncratic / YEARS, mpf(0))
    keep, taken = 1 - sqrt(idiosyncratic / (idiosyncratic + YEARS * of_firms)), 3
    if effects != "random":
        keep, taken = (mpf(1), FIRMS + 2) if effects == "fixed" else (mpf(0), 3)
    turned_x, turned_y = x - keep * averaged(x), y - keep * averaged(y)
    if effects == "fixed":  # the intercept is that of the average firm
        ones = matrix([[1] * N])
        turned_x += ones.T * (ones * x) / N
        turned_y += ones.T * (ones * y) / N
    b = least_squares(turned_x, turned_y)
    bread, left = inverse(turned_x.T * turned_x), turned_y - turned_x * b
    call = ("share.PanelShare", "share ~ rd + x", {"firm": "firm", "year": "year", "effects": effects}, names, b)
    clustered = bread * outer(summed(per_row(turned_x, left))) * bread
    return [
        case(*call, bread * squares(left) / (N - taken), cov_type="nonrobust", debiased=True),
        case(*call, clustered, cov_type="clustered", debiased=False),
    ]


def instruments():
    """Two-stage least squares, limited information maximum likelihood, and two-step GMM."""
    names = ["Intercept", "x", "rd"]
    x, y, z = columns("", "x", "rd"), columns("share"), columns("", "x", "z", "other")
    onto = z * inverse(z.T * z) * z.T
    options = {"endogenous": "rd", "instruments": "z + other"}
    call = ("share.IVShare", "share ~ x + rd", options, names)
    bread = inverse(x.T * onto * x)
    b = bread * (x.T * onto * y)
    left = y - x * b
    robust = bread * outer(per_row(onto * x, left)) * bread
    found = [
        case(*call, b, bread * squares(left) / N, cov_type="nonrobust"),
        case(*call, b, robust, cov_type="robust"),
    ]
    # the smallest ratio of residual sums of squares without and with the instruments
    outside = columns("", "x")
    both = columns("share", "rd")
    without = both.T * (eye(N) - outside * inverse(outside.T * outside) * outside.T) * both
    ratio = inverse(both.T * (eye(N) - onto) * both) * without
    trace, determinant = ratio[0, 0] + ratio[1, 1], ratio[0, 0] * ratio[1, 1] - ratio[0, 1] * ratio[1, 0]
    kappa = (trace - sqrt(trace**2 - 4 * determinant)) / 2
    middle = eye(N) - kappa * (eye(N) - onto)
    bread = inverse(x.T * middle * x)
    liml = bread * (x.T * middle * y)
    spread = bread * squares(y - x * liml) / N
    found.append(case(*call[:2], {**options, "method": "liml"}, names, liml, spread, cov_type="nonrobust"))
    weight = inverse(outer(per_row(z, left)))
    bread = inverse(x.T * z * weight * z.T * x)
    gmm = bread * (x.T * z * weight * z.T * y)
    noise = outer(per_row(z, y - x * gmm))
    spread = bread * (x.T * z * weight) * noise * (weight * z.T * x) * bread
    found.append(case(*call[:2], {**options, "method": "gmm"}, names, gmm, spread, cov_type="robust"))
    return found


def density(t):
    return exp(-t * t / 2) / sqrt(2 * mp.pi)


def bernoulli(x, y):
    """Return the quasi-log-likelihood of a fractional probit, and its slopes in the predictor."""

    def loglike(b):
        chances = [phi(total(x[i, j] * b[j] for j in range(x.cols))) for i in range(x.rows)]
        return total(y[i] * log(chances[i]) + (1 - y[i]) * log(1 - chances[i]) for i in range(x.rows))

    def slopes(b):
        found = []
        for i in range(x.rows):
            eta = total(x[i, j] * b[j] for j in range(x.cols))
            found.append(density(eta) * (y[i] - phi(eta)) / phi(eta) / (1 - phi(eta)))
        return found

    return loglike, slopes


def jacobian(moments, b):
    """Return the derivatives of the sums of moments, by central differences."""

    def sums(at):
        rows = moments(at)
        return [total(row[k] for row in rows) for k in range(len(rows[0]))]

    found = matrix(len(b), len(b))
    for j in range(len(b)):
        up, down = (sums(moved(b, (j, sign * STEP))) for sign in (1, -1))
        for i in range(len(b)):
            found[i, j] = (up[i] - down[i]) / (2 * STEP)
    return found


def control():
    """Least squares, then a fractional probit with the residual; the moments of both are stacked."""
    names = ["Intercept", "x", "rd", "[control] rd"]
    w, rd, y = columns("", "x", "z"), columns("rd"), columns("share")
    first = least_squares(w, rd)

    def regressors(coefficients):
        left = rd - w * matrix(coefficients)
        return matrix([[1, ROWS[i]["x"], ROWS[i]["rd"], left[i]] for i in range(N)])

    b = maximize(bernoulli(regressors(list(first)), y)[0], [-0.5, 0.4, 0.3, 0.4])

    def moments(at):
        x = regressors(at[4:])
        left = rd - w * matrix(at[4:])
        second = per_row(x, bernoulli(x, y)[1](at[:4]))
        return [[*row, *more] for row, more in zip(second, per_row(w, left), strict=True)]

    at = [*b, *first]
    turn = inverse(jacobian(moments, at))
    covariance = turn * outer(moments(at)) * turn.T
    options = {"endogenous": "rd", "instruments": "z"}
    return case("share.ControlFractional", "share ~ x + rd", options, names, b, covariance[:4, :4], cov_type="robust")


def pooled_panel():
    """A fractional probit with the averages of the firms, errors clustered by firm."""
    x, y = with_averages(), columns("share")
    loglike, slopes = bernoulli(x, y)
    b = maximize(loglike, [-0.3, 0.6, 0])
    moments = summed(per_row(x, slopes(b)))
    turn = inverse(jacobian(lambda at: per_row(x, slopes(at)), b))
    covariance = turn * outer(moments) * turn.T
    found = case("share.PanelFractional", "share ~ rd", {"firm": "firm"}, AVERAGED, b, covariance)
    return {**found, "llf": nstr(loglike(b), 25)}


AVERAGED = ["Intercept", "rd", "[average] rd"]


def with_averages():
    rd = columns("rd")
    mean = averaged(rd)
    return matrix([[1, rd[i], mean[i]] for i in range(N)])


def equations(b):
    """Return the firms' estimating equations under one correlation between the years of a firm, and their slope."""
    x, y = with_averages(), columns("share")
    eta = [total(x[i, j] * b[j] for j in range(3)) for i in range(N)]
    mean = [phi(value) for value in eta]
    sd = [sqrt(m * (1 - m)) for m in mean]
    left = [(y[i] - mean[i]) / sd[i] for i in range(N)]
    pairs = total(left[3 * g + s] * left[3 * g + t] for g in range(FIRMS) for s in range(3) for t in range(s))
    alpha = pairs / (3 * FIRMS - 3) / (squares(left) / (N - 3))
    working = inverse(matrix([[mpf(1) if s == t else alpha for t in range(3)] for s in range(3)]))
    scores, slope = [], matrix(3, 3)
    for g in range(FIRMS):
        rows = range(3 * g, 3 * g + 3)
        gradient = matrix([[density(eta[i]) * x[i, j] / sd[i] for j in range(3)] for i in rows])
        scores.append(list(gradient.T * working * matrix([left[i] for i in rows])))
        slope += gradient.T * working * gradient
    return scores, slope


def exchangeable_panel():
    b = matrix([mpf(-0.3), mpf(0.6), mpf(0)])
    for _ in range(400):
        scores, slope = equations(b)
        step = inverse(slope) * matrix([total(row[k] for row in scores) for k in range(3)])
        b += step
        if max(abs(value) for value in step) < mpf(10) ** -40:
            break
    scores, slope = equations(b)
    bread = inverse(slope)
    options = {"firm": "firm", "working": "exchangeable"}
    return case("share.PanelFractional", "share ~ rd", options, AVERAGED, b, bread * outer(scores) * bread)


def two_steps():
    """Heckman's: a probit, then least squares with the inverse Mills ratio; errors of the textbook."""
    z, seen = columns("", "x", "z"), columns("seen")
    choice = maximize(bernoulli(z, seen)[0], [0.25, 0.6, 2])
    index = [total(z[i, j] * choice[j] for j in range(3)) for i in range(N)]
    information = matrix(3, 3)
    for i in range(N):
        for j in range(3):
            for k in range(3):
                scale = density(index[i]) ** 2 / phi(index[i]) / phi(-index[i])
                information[j, k] += z[i, j] * z[i, k] * scale
    first = inverse(information)
    rows = [i for i in range(N) if ROWS[i]["seen"]]
    ratio = {i: density(index[i]) / phi(index[i]) for i in rows}
    bend = [ratio[i] * (ratio[i] + index[i]) for i in rows]
    x = matrix([[1, ROWS[i]["x"], ratio[i]] for i in rows])
    y, kept = matrix([ROWS[i]["sold"] for i in rows]), matrix([list(z[i, :]) for i in rows])
    b = least_squares(x, y)
    bread, pull = inverse(x.T * x), b[2]
    variance = (squares(y - x * b) + pull**2 * total(bend)) / len(rows)
    noise = x.T * diag([variance - pull**2 * value for value in bend]) * x
    through = x.T * diag(bend) * kept * pull
    second = bread * (noise + through * first * through.T) * bread
    names = ["Intercept", "x", "[mills]", "[select] Intercept", "[select] x", "[select] z"]
    whole = matrix(6, 6)
    whole[:3, :3], whole[3:, 3:] = second, first
    options = {"select": "x + z", "seen": "seen", "method": "two-step"}
    return case("share.Selection", "sold ~ x", options, names, [*b, *choice], whole, cov_type="nonrobust")


if __name__ == "__main__":
    panels = [found for effects in ("fixed", "random", "pooled") for found in panel(effects)]
    steps = [control(), pooled_panel(), exchangeable_panel(), two_steps()]
    write("steps.json", DATA, [*panels, *instruments(), *steps])
