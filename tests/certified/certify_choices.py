"""Certified references of choices with attributes: nested and conditional logits.

`python tests/certified/certify_choices.py` writes `choices.json` anew, by the arithmetic of `certify.py`.
"""

from certify import certified, rows_of, write
from mpmath import exp, log, mpf

# sixteen firms that pick one of four places, two in each of two nests
PICKS = [2, 3, 3, 3, 1, 1, 3, 3, 1, 0, 3, 1, 1, 3, 0, 3]
COSTS = [
    *[12, 6, 5, 16, 4, 6, 11, 13, 11, 15, 2, 7, 10, 8, 7, 7, 2, 3, 10, 9, 16, 5, 14, 5, 4, 4, 7, 4, 15, 14, 14, 8],
    *[2, 5, 8, 10, 8, 11, 7, 11, 2, 15, 10, 4, 14, 7, 15, 6, 15, 2, 8, 4, 8, 7, 16, 7, 13, 11, 7, 8, 3, 11, 7, 5],
]
DATA = {
    "firm": [firm for firm in range(1, 17) for _ in range(4)],
    "nest": [1, 1, 2, 2] * 16,
    "cost": [cost / 4 for cost in COSTS],
    "picked": [int(place == pick) for pick in PICKS for place in range(4)],
    "near": [1, 0, 1, 0] * 16,
}
ROWS = rows_of(DATA)
FIRMS = [ROWS[first : first + 4] for first in range(0, 64, 4)]


def nested(b):
    total = mpf(0)
    for places in FIRMS:
        whole = {nest: sum(exp(b[0] * r["cost"] / b[nest]) for r in places if r["nest"] == nest) for nest in (1, 2)}
        for r in places:
            if r["picked"]:
                nest = int(r["nest"])
                total += log(exp(b[0] * r["cost"] / b[nest]) / whole[nest])
                total += log(whole[nest] ** b[nest] / sum(whole[other] ** b[other] for other in whole))
    return total


def conditional(b):
    total = mpf(0)
    for places in FIRMS:
        values = [exp(b[0] * r["cost"] + b[1] * r["near"]) for r in places]
        total += log(sum(value for value, r in zip(values, places, strict=True) if r["picked"]) / sum(values))
    return total


NESTS = {"choice_set": "firm", "nest": "nest"}
SHAPES = ["[dissimilarity] 1", "[dissimilarity] 2"]
CASES = [
    ("strategy.NestedLogit", "picked ~ cost", NESTS, ["cost", *SHAPES], nested, [-0.37, 0.35, 0.4]),
    (
        "strategy.ConditionalLogit",
        "picked ~ cost + near",
        {"choice_set": "firm"},
        ["cost", "near"],
        conditional,
        [0, 0],
    ),
]

if __name__ == "__main__":
    write("choices.json", DATA, [certified(*case) for case in CASES])
