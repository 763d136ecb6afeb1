"""Certified references of curves without a model, in rational numbers: exact but for the square root of a variance.

`python tests/certified/certify_curves.py` writes `curves.json` anew.
"""

import json
from fractions import Fraction
from pathlib import Path

from certify_durations import DATA
from mpmath import mp, mpf, nstr, sqrt

mp.dps = 60
NAMES = ["x", "time", "event", "entry", "many", "years", "move"]
ROWS = [dict(zip(NAMES, map(Fraction, row), strict=True)) for row in zip(*(DATA[name] for name in NAMES), strict=True)]


def steps(rows, time, move, entry=None, frequency=None):
    """Return each time at which someone leaves, with those at risk and the numbers that make each move."""
    found = []
    for t in sorted({r[time] for r in rows}):
        at_risk, moves = Fraction(0), {}
        for r in rows:
            weight = r[frequency] if frequency else 1
            if r[time] >= t and (entry is None or r[entry] == 0 or r[entry] < t):
                at_risk += weight
            if r[time] == t and r[move]:
                moves[r[move]] = moves.get(r[move], 0) + weight
        found.append((t, at_risk, moves))
    return found


def kaplan_meier(path):
    """Return times, survival and Greenwood's variance."""
    share, relative = Fraction(1), Fraction(0)
    for t, n, moves in path:
        d = sum(moves.values())
        share *= 1 - Fraction(d) / n
        if d < n:
            relative += Fraction(d) / (n * (n - d))
        yield t, share, share**2 * relative


def nelson_aalen(path):
    """Return times, cumulated hazards and Aalen's variance."""
    hazard, variance = Fraction(0), Fraction(0)
    for t, n, moves in path:
        d = Fraction(sum(moves.values()))
        hazard, variance = hazard + d / n, variance + d / n**2
        yield t, hazard, variance


def incidence(path, move):
    """Return times, incidences of a move and their variance, from multinomial steps by the delta method.

    The incidence is linear in the shares of moves at one time. Its slope in a move is the share without any move before
    then, for the move itself, less what is still to come relative to those who stay.
    """
    shares = [{k: Fraction(d) / n for k, d in moves.items()} for _, n, moves in path]
    before, whole = [Fraction(1)], [Fraction(0)]
    for now in shares:
        whole.append(whole[-1] + before[-1] * now.get(move, 0))
        before.append(before[-1] * (1 - sum(now.values())))
    for last, (t, _, _) in enumerate(path):
        variance = Fraction(0)
        for j in range(last + 1):
            now, n, stay = shares[j], path[j][1], 1 - sum(shares[j].values())
            to_come = (whole[last + 1] - whole[j + 1]) / stay if stay else Fraction(0)
            slopes = {k: before[j] * (k == move) - to_come for k in now}
            mean = sum(slopes[k] * now[k] for k in now)
            variance += (sum(slopes[k] ** 2 * now[k] for k in now) - mean**2) / n
        yield t, whole[last + 1], variance


def decimal(value):
    return mpf(value.numerator) / value.denominator


def case(estimator, formula, options, column, curves):
    """Return one case; a curve for each group (and move)."""
    table = []
    for label, curve in curves:
        for t, value, variance in curve:
            found = {column: nstr(decimal(value), 25), "se": nstr(sqrt(decimal(variance)), 25)}
            table.append({**label, "time": float(t), **found})
    return {"estimator": f"timing.{estimator}", "formula": formula, "options": options, "table": table}


def cases():
    by_x = [(group, [r for r in ROWS if r["x"] == group]) for group in (0, 1)]
    late, often = {"entry": "entry"}, {"frequency": "many"}
    for estimator, column, curve in (
        ("KaplanMeier", "survival", kaplan_meier),
        ("NelsonAalen", "cumulated hazard", nelson_aalen),
    ):
        grouped = [({"group": g}, curve(steps(rows, "years", "event", **often))) for g, rows in by_x]
        yield case(estimator, "years ~ x", {"event": "event", **often}, column, grouped)
        entered = [({"group": "all"}, curve(steps(ROWS, "time", "event", **late)))]
        yield case(estimator, "time ~ 1", {"event": "event", **late}, column, entered)
    grouped = [
        ({"group": g, "move": k}, incidence(steps(rows, "years", "move", **often), k))
        for g, rows in by_x
        for k in (1, 2)
    ]
    yield case("CumulativeIncidence", "years ~ x", {"event": "move", **often}, "incidence", grouped)
    entered = [({"group": "all", "move": k}, incidence(steps(ROWS, "time", "move", **late), k)) for k in (1, 2)]
    yield case("CumulativeIncidence", "time ~ 1", {"event": "move", **late}, "incidence", entered)


if __name__ == "__main__":
    found = {"data": {name: DATA[name] for name in NAMES}, "cases": list(cases())}
    (Path(__file__).parent / "curves.json").write_text(json.dumps(found, indent=1) + "\n")
