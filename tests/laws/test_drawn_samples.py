"""Samples from a known truth: outcomes drawn with the chances of their model, and what is kept of the draws."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.levels import Choice, Picks
from exportmodels.core.outcomes import Binary, Count, Duration, Share
from exportmodels.laws import simulation as module
from exportmodels.laws.adapter import Adapter, Fitted, NoEstimate
from exportmodels.laws.case import Case
from exportmodels.laws.drawing import can_draw, drawn
from exportmodels.laws.simulation import Simulation, benign

N = 6000
X = np.column_stack([np.ones(N), np.arange(N) % 2])
THETA = np.array([0.4, -0.7])
ETA = X @ THETA


def case(kind, **columns):
    frame = pd.DataFrame({"y": np.arange(N) % 3, "x1": X[:, 1], **columns})
    return Case(frame, kind, ("x1",))


def near(found, chance, n=N):
    """Hold a share of n draws to a chance, five standard errors off at most."""
    np.testing.assert_allclose(found, chance, atol=5 * np.sqrt(0.25 / n))


def rng():
    return np.random.default_rng(7)


class Line(SimpleNamespace):
    """A model of one linear predictor."""

    partial = False
    quantities = ()

    def design_matrices(self):
        return [X]

    def predictors(self, theta, designs):
        return np.stack([designs[0] @ theta])


def test_outcomes_of_a_family_come_from_its_own_draw():
    model = Line(family=SimpleNamespace(draw=lambda eta, rng: eta[0] + rng.random(N)))
    found = drawn(model, case(Count()), THETA, rng())
    np.testing.assert_array_equal(found.y, ETA + rng().random(N))
    assert found.covariates == ("x1",)
    levels = Line(family=SimpleNamespace(draw=lambda eta, rng: np.arange(N) % 2.0))
    chosen = drawn(levels, case(Choice()).assign(y=np.array(["agent", "own"])[np.arange(N) % 2 - 1]), THETA, rng())
    assert chosen.y.iloc[:4].tolist() == ["agent", "own", "agent", "own"]


def test_shares_are_told_exactly_or_in_brackets():
    class Brackets(Share):
        several = True

    shares = np.concatenate([rng().uniform(-0.2, 1.2, N - 7), [0, 0.1, 0.25, 0.5, 0.75, 1.0, 0.1000001]])
    model = Line(family=SimpleNamespace(draw=lambda eta, rng: shares))
    both = Case(pd.DataFrame({"lower": 0.0, "upper": 0.0, "x1": X[:, 1]}), Brackets(), ("x1",), ("lower", "upper"))
    found = drawn(model, both, THETA, np.random.default_rng(5)).frame
    true, limits = np.clip(shares, 0, 1), np.array([0, 0.1, 0.25, 0.5, 0.75, 1])
    exact = (found["lower"] == true) & (found["upper"] == true)
    inner = ~np.isin(true, limits)
    near(exact[inner].mean(), 0.5, inner.sum())
    for low, high, share in found[~exact.to_numpy()].assign(share=true[~exact]).to_numpy()[:, [0, 1, 3]]:
        assert low < share <= high and high == limits[limits >= share].min() and low == limits[limits < share].max()
    assert exact[true == 0].all() and (found.loc[true == 0, "upper"] == 0).all()


def test_times_of_which_only_the_order_counts():
    """Exponential times of rate exp(x'b) / 4: probabilities of surviving them are uniform, in both groups."""
    model = Line(partial=True)
    found = drawn(model, case(Duration()).assign(y=np.full(N, 1e9)), THETA, rng())
    uniform = np.exp(-found.y * np.exp(ETA) / 4)
    for group in (0, 1):
        own = uniform[X[:, 1] == group]
        for u in (0.1, 0.5, 0.9):
            near((own <= u).mean(), u, len(own))
    assert (found.frame["event"] == 1).all()


def test_times_are_observed_up_to_the_last():
    model = Line(partial=True)
    whole = drawn(model, case(Duration()).assign(y=np.full(N, 1e9)), THETA, rng())
    found = drawn(model, case(Duration()).assign(y=np.where(np.arange(N) == 9, 5.0, 2.0)), THETA, rng())
    np.testing.assert_array_equal(found.y, np.minimum(whole.y, 5.0))
    np.testing.assert_array_equal(found.frame["event"], whole.y <= 5.0)
    assert 0 < found.frame["event"].mean() < 1


@pytest.mark.parametrize("immune", [False, True])
def test_times_of_a_distribution(immune):
    """A latency whose quantiles are -log(1-p) exp(eta); with an incidence, a share of whom never have the event."""

    class Two(Line):
        def predictors(self, theta, designs):
            return np.stack([designs[0] @ theta, np.full(N, np.log(3.0))])

    names = ("log_scale", "incidence") if immune else ("log_scale", "shape")
    latency = SimpleNamespace(quantile=lambda p, eta: -np.log1p(-p) * np.exp(eta[0]), predictors=names)
    found = drawn(Two(latency=latency), case(Duration()).assign(y=np.full(N, 1e9)), THETA, rng())
    happened = found.frame["event"] == 1
    near(happened.mean(), 0.75 if immune else 1.0)
    uniform = np.exp(-found.y * np.exp(-ETA))[happened]
    near((uniform <= 0.3).mean(), 0.3, happened.sum())
    assert (found.y[~happened] == 1e9).all()


CURVE = np.array([0.9, 0.5, 0.45, 0.2])


def test_times_of_a_survival_curve():
    columns = ("t=1", "t=2", "t=2.5", "t=4")
    model = Line(
        predict=lambda theta, which: np.tile(CURVE, (N, 1)), quantity=lambda which: SimpleNamespace(columns=columns)
    )
    found = drawn(model, case(Duration()).assign(y=np.full(N, 9)), THETA, rng())
    assert set(found.y) == {1.0, 2.0, 2.5, 4.0, 9.0}
    for time, left in zip((1.0, 2.0, 2.5, 4.0), CURVE, strict=True):
        near((found.y > time).mean(), left)
    np.testing.assert_array_equal(found.frame["event"], found.y < 9)


def test_first_moves():
    """The year and the cause by the steps of the incidence curves; nobody moves with the chance that is left."""
    steps = np.array([[0.1, 0.05], [0.0, 0.2], [0.3, 0.1]])  # years by causes

    def incidence(theta, designs):
        """Half of the chances for the second group."""
        return steps.cumsum(axis=0) * np.where(designs[0][:, 1] == 1, 0.5, 1.0)[:, None, None] * (theta[0] / 0.4)

    model = Line(incidence=incidence, causes=(2, 5))
    found = drawn(model, case(Duration()).assign(y=np.full(N, 8)), THETA, rng())
    event = found.frame["event"]
    for group, part in ((0, 1.0), (1, 0.5)):
        own = X[:, 1] == group
        for year, row in enumerate(steps):
            for cause, chance in zip((2, 5), row, strict=True):
                near(((found.y == year) & (event == cause))[own].mean(), part * chance, N / 2)
        near((event == 0)[own].mean(), 1 - part * steps.sum(), N / 2)
    assert (found.y[event == 0] == 8).all()
    partial = Line(incidence=None, partial=True)
    assert (drawn(partial, case(Duration()).assign(y=np.full(N, 1e9)), THETA, rng()).frame["event"] == 1).all()


def test_one_alternative_of_each_set_is_picked():
    """One of probability 0.55, nine of 0.05: of 9000 sets, so that another noise than Gumbel's is seen."""
    chance, count = np.array([0.55, *[0.05] * 9]), 9000
    sets = np.repeat(np.arange(count), 10)
    many = Case(pd.DataFrame({"y": 0, "choice_set": sets}), Picks(), ())
    found = drawn(Line(predict=lambda theta: np.tile(chance * theta[0], count)), many, [1.0], rng()).y
    assert (found.groupby(sets).sum() == 1).all() and found.dtype == int
    near(found.to_numpy().reshape(-1, 10).mean(axis=0), chance, count)


def test_from_which_models_can_be_drawn():
    plain, told = Line(family=None), Line(family=SimpleNamespace(draw=1))
    assert can_draw(told, Count()) and not can_draw(plain, Count()) and not can_draw(Line(), Count())
    assert can_draw(plain, Picks())
    assert not can_draw(told, Duration())
    assert not can_draw(Line(partial=True, frailty="gamma"), Duration()) and can_draw(
        Line(partial=True, frailty=None), Duration()
    )
    for model in (Line(partial=True), Line(latency=1), Line(incidence=1), Line(quantities={"survival": 1})):
        assert can_draw(model, Duration())


# Simulations


class Mean(Adapter):
    """Means of two groups by their difference; refuses samples whose first outcome is below a bound."""

    name, kind = "mean", Binary()
    can = frozenset({"intercept", "draws"})
    errors = (ZeroDivisionError,)
    bound = -np.inf
    names = ("Intercept", "x1", "x2", "[scale] x2")

    def fit(self, case, covariance=None):
        if case.y.iloc[0] < self.bound:
            raise ZeroDivisionError("below")
        mean = float(case.y.mean())
        names = self.names if case.y.iloc[0] < 1.5 else self.names[:3]
        return Fitted(pd.Series([mean, 1.0, 2.0, 3.0][: len(names)], names), native=case)

    def draw(self, case, params, rng):
        return case.assign(y=params["Intercept"] + rng.normal(size=len(case)))


CASE = Case(pd.DataFrame({"y": [0.2, 0.4], "x1": [0, 1], "x2": [1, 0]}), Binary(), ("x1", "x2"))


def test_the_last_covariate_has_no_effect_in_truth():
    own = Simulation(Mean(), CASE)
    assert own.null.tolist() == [False, False, True, True]
    assert own.truth.to_dict() == pytest.approx({"Intercept": 0.3, "x1": 1.0, "x2": 0.0, "[scale] x2": 0.0})
    assert (own.draws, own.seed, len(own.large)) == (300, 0, 18)
    assert own.large.frame["x1"].tolist() == [0] * 9 + [1] * 9


def test_samples_are_drawn_once_and_kept():
    own = Simulation(Mean(), CASE, draws=4, seed=5)
    first = list(own)
    assert len(first) == 4 and all(a is b for a, b in zip(first, own, strict=True))
    assert [len(one.small.native) for one in first] == [2] * 4 and [len(one.large.native) for one in first] == [18] * 4
    again = list(Simulation(Mean(), CASE, draws=4, seed=5))
    assert [one.small.params["Intercept"] for one in again] == [one.small.params["Intercept"] for one in first]
    other = list(Simulation(Mean(), CASE, draws=4, seed=6))
    assert [one.small.params["Intercept"] for one in other] != [one.small.params["Intercept"] for one in first]
    assert len({one.small.params["Intercept"] for one in first}) == 4


def test_some_samples_may_be_without_an_estimate():
    """One, and one in twenty of the samples; a sample in which a coefficient is lost is none."""

    class Refusing(Mean):
        count = 0

        def fit(self, case, covariance=None):
            if case is not CASE:
                Refusing.count += 1
                if Refusing.count <= self.refused:
                    raise ZeroDivisionError("none")
            return super().fit(case.assign(y=0.0), covariance)

    for draws, refused, enough in ((40, 3, True), (40, 4, False), (1, 1, True), (1, 2, False)):
        Refusing.count, Refusing.refused = 0, refused
        if enough:
            assert len(list(Simulation(Refusing(), CASE, draws=draws))) == draws
        else:
            with pytest.raises(NoEstimate, match="ZeroDivisionError: none"):
                list(Simulation(Refusing(), CASE, draws=draws))

    class Losing(Mean):
        def fit(self, case, covariance=None):
            self.names = Mean.names if case is CASE else Mean.names[:3]
            return super().fit(case.assign(y=0.0), covariance)

    with pytest.raises(NoEstimate, match="does not occur in the sample"):
        list(Simulation(Losing(), CASE, draws=5))


def test_ordinary_cases(monkeypatch):
    asked = []
    own = module.example

    def example(*given):
        asked.append(given)
        return own(*given)

    monkeypatch.setattr(module, "example", example)

    class Third(Mean):
        def fit(self, case, covariance=None):
            if len(asked) < 3:
                raise ZeroDivisionError("not yet")
            return super().fit(case, covariance)

    found = benign(Third(), 50, 10)
    assert len(found) == 50 and len(found.covariates) == 2
    assert [given[3] for given in asked] == [10, 11, 12]
    assert all(given[0] == Binary() and given[1] == Third().capabilities and given[2] == 50 for given in asked)
    asked.clear()
    assert len(benign(Mean())) == 300 and asked[0][3] == 0

    class Never(Mean):
        def fit(self, case, covariance=None):
            raise ZeroDivisionError("never")

    asked.clear()
    with pytest.raises(NoEstimate, match="mean has no estimate on any of 20 ordinary data sets of 40 rows"):
        benign(Never(), 40)
    assert [given[3] for given in asked] == list(range(20))


def test_shares_without_ends_are_drawn_in():
    """A normal law cut at 0 and 1 has no width on shares that are even between them."""

    def told(values, kind=None):
        kind = Share() if kind is None else kind
        return module._drawn_in(Case(pd.DataFrame({"y": values}), kind, ())).y.tolist()

    assert told([0.1, 0.5, 0.9]) == pytest.approx([0.3, 0.5, 0.7])
    assert told([0.0, 0.5, 0.9]) == [0.0, 0.5, 0.9] and told([0.1, 0.5, 1.0]) == [0.1, 0.5, 1.0]
    assert told([0.1, 0.2], Binary()) == [0.1, 0.2]

    class Brackets(Share):
        several = True

    assert told([0.1, 0.2], Brackets()) == [0.1, 0.2]
