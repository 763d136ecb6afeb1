"""Laws of panels, destinations, instruments and selection: what they find in estimators that break them."""

import pytest

from exportmodels import laws
from exportmodels.core.levels import Picks
from exportmodels.core.outcomes import Duration
from exportmodels.laws.cases import example
from exportmodels.laws.checking import find
from exportmodels.laws.ours import ModelAdapter
from exportmodels.share import IVShare, PanelShare, Selection
from exportmodels.spread import GravityPoisson, ZeroInflated
from exportmodels.timing import AFT, Cox, DiscreteHazard


def law(name):
    return next(one for one in laws.LAWS if one.name == name)


class ByName(ModelAdapter):
    """Counts the order of firms' names as if it were a covariate's unit."""

    def fit(self, case, covariance=None):
        number = case.frame["firm"].astype(str).rank(method="dense")
        return super().fit(case.assign(x1=case.frame["x1"] * (1 + (number == 1))), covariance)


class Swayed(ModelAdapter):
    """Adds the instrument's size to the estimate."""

    def fit(self, case, covariance=None):
        fitted = super().fit(case, covariance)
        return laws.Fitted(fitted.params + case.frame["instruments"].mean(), fitted.bse)


class Curious(ModelAdapter):
    """Looks at outcomes that are not seen."""

    def fit(self, case, covariance=None):
        fitted = super().fit(case, covariance)
        return laws.Fitted(fitted.params + case.y.fillna(0).mean(), fitted.bse)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (ByName(GravityPoisson, {}), "names of firms"),
        (Swayed(IVShare, {}), "unit of an instrument"),
        (Curious(Selection, {"method": "two-step"}), "outcomes not seen"),
        (ModelAdapter(PanelShare, {"effects": "pooled"}), "constants of firms"),
    ],
)
def test_a_wrong_estimator_is_found_by_its_law(wrong, name):
    broken, tried = find(law(name), wrong, 4, seed=0)
    assert broken is not None, f"held on {tried} data sets"


def test_what_estimators_are_is_read_off_their_classes():
    assert "firm effects" in ModelAdapter(PanelShare, {}).can
    assert "firm effects" not in ModelAdapter(PanelShare, {"effects": "pooled"}).can
    assert {"destination", "firm effects", "likelihood"} <= ModelAdapter(GravityPoisson, {}).can
    assert {"linear", "symmetric", "instruments"} <= ModelAdapter(IVShare, {}).can
    assert "likelihood" not in ModelAdapter(Selection, {"method": "two-step"}).can


def test_what_options_leave_is_found_out():
    exact, plain = ModelAdapter(Cox, {"ties": "exact"}), ModelAdapter(Cox, {})
    assert plain.can - exact.can == {"weights"}
    assert plain.covariances == ("nonrobust", "robust", "clustered") and exact.covariances == ("nonrobust",)
    sectors, alone = ModelAdapter(Cox, {"frailty": "gamma"}), {"frailty": "gamma", "baseline": "log"}
    assert {"frail", "shared", "likelihood"} <= sectors.can and not {"draws", "weights"} & sectors.can
    assert (
        "frail" in ModelAdapter(DiscreteHazard, alone).can and "shared" not in ModelAdapter(DiscreteHazard, alone).can
    )
    assert "long tails" in ModelAdapter(AFT, {"dist": "gengamma"}).can
    assert "surplus zeros" in ModelAdapter(ZeroInflated, {"dist": "nb2"}).can
    assert "surplus zeros" not in ModelAdapter(ZeroInflated, {"dist": "poisson"}).can


def test_sectors_and_firms_differ_where_a_model_has_frailties():
    can = frozenset({"event", "zero times", "frail"})
    alone, shared = (example(Duration(), can | more, n=300).frame for more in (frozenset(), {"shared"}))
    assert alone["y"].max() == 9 and not alone["event"][alone["y"] == 9].any()
    means = shared.groupby("shared")["y"].mean()
    assert len(means) == 6 and means[::2].max() < means[1::2].min()


def test_picks_go_by_an_attribute_where_alternatives_are_nested():
    frame = example(Picks(), frozenset({"choice_set", "nest"}), n=300).frame
    assert (frame.groupby("choice_set")["y"].sum() == 1).all()
    assert frame["x1"][frame["y"] == 1].mean() > frame["x1"].mean() + 0.2
