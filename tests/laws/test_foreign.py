"""Laws held against other packages: what holds there, and the known faults that they find."""

import statsmodels.api as sm
from statsmodels.duration.hazard_regression import PHReg

from exportmodels import laws
from exportmodels.laws.checking import find
from exportmodels.laws.foreign import ClassifierAdapter


def law(name):
    return next(one for one in laws.LAWS if one.name == name)


def test_a_logit_that_ignores_weights_is_found_with_code_that_runs():
    verdict = laws.check_estimator(sm.Logit, examples=4)
    assert "frequency" in verdict.counterexamples
    table = verdict.table.set_index("law")["verdict"]
    for name in ("row order", "unit of a covariate", "reversed outcome", "maximum", "clusters of one"):
        assert table[name] == "held", name
    code = verdict.counterexamples["frequency"].code
    exec(compile(code, "counterexample", "exec"), {"print": lambda *_: None})


def test_clustered_hazards_with_an_early_censored_firm_are_found():
    adapter = laws.adapt(PHReg)
    broken, tried = find(law("censored before the first event"), adapter, 25, seed=0)
    assert broken is not None and tried
    assert "data" in broken.code


def test_five_lines_hold_an_estimator_of_ones_own():
    class Half:
        """Says one half to everybody, whatever the data."""

        def fit(self, x, y):
            self.coef_, self.intercept_ = [[0.0] * x.shape[1]], [float(y[0])]
            return self

        def predict_proba(self, x):
            import numpy as np

            return np.full((len(x), 2), 0.5)

    adapter = laws.adapt(Half)
    assert isinstance(adapter, ClassifierAdapter)
    verdict = laws.check_estimator(Half, examples=5)
    assert "row order" in verdict.counterexamples  # the first row is not like the others
    assert verdict.table.set_index("law").loc["unit of a covariate", "verdict"] == "held"


def test_a_suite_has_one_test_a_law():
    tests = laws.suite(sm.Probit, examples=2)
    names = [name for name in dir(tests) if name.startswith("test_")]
    assert len(names) == len(laws.applicable(laws.adapt(sm.Probit)))
    tests().test_row_order()


def test_unknown_estimators_are_refused_with_the_way_out():
    import pytest

    from exportmodels.core.errors import OptionError

    with pytest.raises(OptionError, match=r"laws\.Adapter"):
        laws.adapt(object())
