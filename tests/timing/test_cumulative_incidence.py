"""Cumulative incidence and Gray's test against R: 30 firms, survival 3.5-3 and cmprsk 2.2-11 under R 4.2.2."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError
from exportmodels.timing import CumulativeIncidence, FineGray

YEARS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7]
MOVES = [1, 2, 1, 0, 2, 0, 1, 1, 0, 2, 1, 0, 1, 2, 0, 1, 1, 0, 2, 1, 1, 2, 0, 1, 2, 1, 0, 1, 2, 1]
SIZES = [5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5, 0, 2, 8, 8, 4, 1, 9, 7]
# survfit(Surv(years, factor(move)) ~ niche): shares and errors at 2, 4, 6, 8 for moves 1 and 2
SHARES = {
    0: [[0.05, 0.26, 0.43185185185185, 0.50098765432099], [0.1, 0.1, 0.15333333333333, 0.22246913580247]],
    1: [
        [0.11111111111111, 0.44444444444444, 0.44444444444444, 0.44444444444444],
        [0.11111111111111, 0.33333333333333, 0.33333333333333, 0.44444444444444],
    ],
}
ERRORS = {
    0: [
        [0.048733971724045, 0.100233061744450, 0.116023125477126, 0.120234729245267],
        [0.067082039324994, 0.067082039324994, 0.081590667585435, 0.099600055443694],
    ],
    1: [
        [0.104756560175785, 0.165634664999984, 0.165634664999984, 0.165634664999984],
        [0.104756560175785, 0.157134840263677, 0.157134840263677, 0.165634664999984],
    ],
}
# cuminc(years, move, group = niche, rho = , strata = size > 5)$Tests
GRAY = {
    (1, 0, None): 0.11763714793099,
    (2, 0, None): 1.24259455242917,
    (1, 1, None): 0.43763631714901,
    (2, 1, None): 1.18765380640702,
    (1, 0, "large"): 0.007585895187066,
    (2, 0, "large"): 1.453566239632516,
}


def firms():
    frame = pd.DataFrame({"years": YEARS, "move": MOVES, "size": SIZES, "niche": [1, 0, 0] * 10})
    return frame.assign(large=frame["size"] > 5, copies=1 + frame.index % 3)


def curves(data, formula="years ~ niche", **options):
    return CumulativeIncidence.from_formula(formula, data, event="move", **options).fit()


def test_shares_and_errors_are_those_of_r():
    table = curves(firms()).incidence([2, 4, 6, 8])
    for level in (0, 1):
        for k, cause in enumerate((1, 2)):
            np.testing.assert_allclose(table.loc[level, cause]["estimate"], SHARES[level][k], rtol=1e-12)
            np.testing.assert_allclose(table.loc[level, cause]["se"], ERRORS[level][k], rtol=1e-12)
    assert ((table.lower < table.estimate) & (table.estimate < table.upper)).all()


@pytest.mark.parametrize(("case", "statistic"), GRAY.items())
def test_gray_is_that_of_r(case, statistic):
    cause, rho, strata = case
    test = curves(firms()).gray_test(cause, rho=rho, strata=strata)
    np.testing.assert_allclose(test.statistic, statistic, rtol=1e-12)
    assert test.df == 1


def test_fine_gray_of_the_same_firms_is_that_of_r():
    # crr(years, move, cbind(niche, size), gtol = 1e-14)
    figures = {
        1: ([0.34200007846486, 0.04742332776633], [0.531634060269369, 0.096965421556288]),
        2: ([1.41560914254793, 0.28814670000614], [0.67560122922750, 0.12197175647539]),
    }
    for cause, (params, errors) in figures.items():
        results = FineGray.from_formula("years ~ niche + size", firms(), event="move", cause=cause).fit()
        np.testing.assert_allclose(results.params, params, rtol=1e-11)
        np.testing.assert_allclose(results.bse, errors, rtol=1e-9)
    first = FineGray.from_formula("years ~ niche + size", firms(), event="move", cause=1).fit()
    np.testing.assert_allclose(first.llf, -42.003316702944, rtol=1e-12)


def test_one_move_without_competition_is_one_less_kaplan_meier():
    data = firms().assign(move=lambda d: (d.move == 1) * 1)
    table = curves(data, "years ~ 1").table()
    at_risk = np.array([(data.years >= t).sum() for t in table.time])
    events = np.array([((data.years == t) & (data.move == 1)).sum() for t in table.time])
    survival = np.cumprod(1 - events / at_risk)
    np.testing.assert_allclose(table.incidence, 1 - survival, rtol=1e-12)
    greenwood = survival**2 * np.cumsum(events / (at_risk * (at_risk - events) + (at_risk == events)))
    np.testing.assert_allclose(table.se, np.sqrt(greenwood), rtol=1e-10)


def test_frequencies_labels_and_late_entry():
    data = firms()
    one = curves(data, frequency="copies").table()
    many = curves(data.loc[data.index.repeat(data.copies)]).table()
    pd.testing.assert_frame_equal(one, many, check_dtype=False)
    named = data.assign(move=np.array(["none", "export", "import"])[MOVES])
    texts = curves(named, censored="none")
    np.testing.assert_allclose(texts.table().incidence, curves(data).table().incidence)
    np.testing.assert_allclose(texts.gray_test("import").statistic, curves(data).gray_test(2).statistic, rtol=1e-12)
    late = curves(data.assign(since=(data.years > 4) * 2.5), "years ~ 1", entry="since")
    assert list(late.at_risk([2, 3]).iloc[0]) == [(data.years.between(2, 4)).sum(), (data.years >= 3).sum()]
    missing = data.astype({"move": float})
    missing.loc[3, "move"] = np.nan
    assert curves(missing).table()["events"].sum() == (data.move.drop(3) > 0).sum()


def test_beyond_the_last_firm_shares_are_not_known():
    table = curves(firms(), "years ~ 1").incidence([9, 10])
    assert table["estimate"].isna().tolist() == [False, True] * 2


def test_the_plot_draws_on_given_axes():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    assert curves(firms()).plot(ax, causes=[1]) is ax
    assert len(ax.lines) == 2
    plt.close(figure)


def test_faults_are_named():
    with pytest.raises(OptionError, match="there is one only"):
        curves(firms(), "years ~ 1").gray_test(1)
    with pytest.raises(OptionError, match="without late entry"):
        curves(firms().assign(since=0.5), entry="since").gray_test(1)
    with pytest.raises(OptionError, match="cause= must name one of the events: 1, 2; not 3"):
        curves(firms()).gray_test(3)
    with pytest.raises(OutcomeError, match="there are no events"):
        curves(firms().assign(move=0))
