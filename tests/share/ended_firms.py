"""A dozen firms whose shares reach both ends, and which of them each model of such shares can take."""

import pandas as pd

from exportmodels.share import Beta, ExtendedBeta, InflatedBeta, Tobit, TruncatedRegression, TwoPart

FIRMS = pd.DataFrame(
    {
        "share": [0.0, 0.1, 0.3, 1.0, 0.05, 0.6, 0.8, 0.4, 0.0, 0.2, 1.0, 0.7],
        "x": [0.1, 0.4, -0.3, 1.0, -0.2, 0.9, 0.5, -0.1, 0.3, -0.6, 0.2, 0.8],
        "z": [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0],
        "times": [1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 1.0],
        "weight": [0.5, 1.0, 1.5, 1.0, 2.0, 0.7, 1.0, 1.0, 0.4, 1.1, 1.0, 0.8],
        "exposure": [0.1, 0.0, 0.2, -0.1, 0.3, 0.0, 0.1, 0.0, -0.2, 0.1, 0.0, 0.1],
    }
)
INSIDE = FIRMS.assign(share=FIRMS["share"].clip(0.02, 0.98))
BELOW = FIRMS.assign(share=FIRMS["share"].clip(0.0, 0.98))
DATA = {
    Beta: INSIDE,
    ExtendedBeta: FIRMS,
    InflatedBeta: FIRMS,
    Tobit: FIRMS,
    TruncatedRegression: INSIDE,
    TwoPart: FIRMS,
}
