"""Designs in the engine's coordinates: moments by plain sums, linear predictors unchanged, faults of columns named."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core import standardizing as module
from exportmodels.core.design import Design, build_design, check_design
from exportmodels.core.errors import DataError, FormulaError
from exportmodels.core.standardizing import Moments, scaled, standardize
from exportmodels.core.terms import Terms

N = 60
RNG = np.random.default_rng(14)
ONE, FAR = np.ones(N), RNG.normal(2000, 3.0, N)
PLAIN = np.column_stack([ONE, RNG.normal(0.5, 2.0, N), FAR])
B = np.array([0.4, -0.7, 0.02])


@pytest.mark.parametrize("block", [7, 8192])
@pytest.mark.parametrize("n", [1, 2, 3, 60])
def test_moments_by_plain_sums(monkeypatch, block, n):
    monkeypatch.setattr(module, "BLOCK", block)
    x = PLAIN[:n]
    found = Moments.of(x)
    mean = x.sum(axis=0) / n
    gram = (x - mean).T @ (x - mean) / n
    np.testing.assert_allclose(found.mean, mean, rtol=1e-14)
    np.testing.assert_allclose(found.gram, gram, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found.sd, np.sqrt(np.diag(gram)), rtol=1e-10, atol=1e-13)
    assert found.flat.tolist() == [True, n == 1, n == 1]


def test_large_means_cost_no_digits():
    """Years about 2009 and turnover in euros: spreads as exact as without their means."""
    gaps = RNG.normal(size=(N, 2))
    far = np.array([1e9, -3e12])
    found = Moments.of(gaps + far)
    np.testing.assert_allclose(found.sd, (gaps + far - far).std(axis=0), rtol=1e-9)
    outlying = np.r_[1e12, np.arange(N - 1.0)][:, None]  # the first row is no typical one
    assert Moments.of(outlying[::-1]).sd[0] == pytest.approx(outlying.std(), rel=1e-14)
    assert Moments.of(outlying).sd[0] == pytest.approx(outlying.std(), rel=1e-14)


def test_nearly_constant_columns_vary():
    almost = np.where(np.arange(N) == N - 1, 1.0 + 1e-9, 1.0)[:, None]
    assert not Moments.of(almost).flat.any()
    assert Moments.of(almost).sd[0] == pytest.approx(1e-9 * np.sqrt((N - 1) / N**2), rel=1e-6)
    assert Moments.of(np.full((N, 1), 0.1)).flat.all()


def test_a_matrix_that_is_not_finite_is_left_to_the_caller():
    broken = PLAIN.copy()
    broken[3, 1] = np.inf
    with np.errstate(all="raise"):
        assert not np.isfinite(Moments.of(broken).sd[1])


@pytest.mark.parametrize("centred", [True, False])
def test_centres_and_scales(centred):
    x = np.column_stack([PLAIN, np.zeros(N)])
    moments = Moments.of(x)
    mean, sd = x.mean(axis=0), x.std(axis=0)
    np.testing.assert_allclose(moments.centre(centred), [0, *(mean[1:3] * centred), 0], rtol=1e-12)
    root = np.sqrt((x**2).mean(axis=0))
    scale = sd if centred else root
    np.testing.assert_allclose(moments.scale(centred), [1, *scale[1:3], 1], rtol=1e-10)
    expected = (x - moments.centre(centred)) / moments.scale(centred)
    np.testing.assert_allclose(scaled(x, centred, moments), expected, rtol=1e-14)
    columns = x[:, 1:3] - (mean[1:3] if centred else 0)
    gram = columns.T @ columns
    own = gram / np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
    if centred:
        assert moments.narrowest(centred) == pytest.approx(np.linalg.eigvalsh(own)[0], rel=1e-9)
    else:
        with_one = x[:, :3].T @ x[:, :3]
        own = with_one / np.sqrt(np.outer(np.diag(with_one), np.diag(with_one)))
        assert moments.narrowest(centred) == pytest.approx(np.linalg.eigvalsh(own)[0], rel=1e-3)


def test_no_varying_column_is_not_narrow():
    assert Moments.of(np.ones((N, 1))).narrowest(True) == 1.0
    assert Moments.of(np.zeros((N, 2))).narrowest(False) == 1.0


NEAR = np.column_stack([ONE, PLAIN[:, 1], PLAIN[:, 1] + 1e-5 * RNG.normal(size=N)])
ORIGIN = np.column_stack([PLAIN[:, 1], RNG.normal(3, 1, N), RNG.normal(-1, 0.1, N)])
DESIGNS = {"plain": (PLAIN[:, :2], True), "far": (PLAIN, True), "near": (NEAR, True), "origin": (ORIGIN, False),
           "near origin": (NEAR[:, 1:], False), "constant alone": (PLAIN[:, :1], True),
           "a constant of 3": (PLAIN[:, :2] * [3.0, 1.0], True), "constant last": (PLAIN[:, [1, 0]], True)}  # fmt: skip


@pytest.mark.parametrize("case", DESIGNS)
def test_the_linear_predictor_is_the_same_in_both_coordinates(case):
    x, centred = DESIGNS[case]
    found = standardize(x, centred)
    b = RNG.normal(size=x.shape[1])
    np.testing.assert_allclose(found.matrix @ b, x @ (found.back @ b), rtol=1e-6, atol=1e-8)
    assert found.raw is x
    constant = found.matrix.std(axis=0) < 1e-12
    gram = found.matrix.T @ found.matrix / len(x)
    if "near" not in case and centred:
        np.testing.assert_allclose(found.matrix[:, ~constant].mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(found.matrix[:, ~constant].std(axis=0), 1, rtol=1e-12)
    if "near" in case:
        np.testing.assert_allclose(gram, np.eye(x.shape[1]), atol=1e-12)
    else:
        np.testing.assert_allclose(np.diag(gram)[~constant], 1, rtol=1e-12)
    assert found.tame == ("near" not in case)


def test_an_intercept_elsewhere_takes_up_the_means():
    x = PLAIN[:, 1:]
    found = standardize(x, True)
    b = np.array([0.3, 1.1])
    back = found.back @ b
    np.testing.assert_allclose(found.matrix @ b, x @ back - found.centre @ back, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.centre, x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(found.back, np.diag(1 / x.std(axis=0)), rtol=1e-10)


def test_an_intercept_elsewhere_and_columns_nearly_collinear():
    x = NEAR[:, 1:] + 5.0
    found = standardize(x, True)
    b = np.array([0.3, 1.1])
    back = found.back @ b
    np.testing.assert_allclose(found.centre, x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(found.matrix @ b, x @ back - found.centre @ back, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("ratio", "tame"), [(90.0, True), (110.0, False)])
def test_collinear_columns_are_copied_nearer_to_zero(ratio, tame):
    """A smallest eigenvalue of 0.01 of the correlations allows a tenth of the distance."""
    q = np.linalg.qr(np.column_stack([ONE, RNG.normal(size=(N, 2))]))[0][:, 1:] * np.sqrt(N)
    pair = np.column_stack([q[:, 0], 0.99 * q[:, 0] + np.sqrt(1 - 0.99**2) * q[:, 1]]) + ratio
    assert Moments.of(pair).narrowest(True) == pytest.approx(0.01, rel=1e-9)
    assert standardize(np.column_stack([ONE, pair]), True).tame == tame


@pytest.mark.parametrize(("ratio", "tame"), [(900.0, True), (1100.0, False)])
def test_columns_far_from_zero_are_copied(ratio, tame):
    """A thousand standard deviations from zero the original columns still give ten digits."""
    x = RNG.normal(size=N)
    x = (x - x.mean()) / x.std() + ratio
    assert standardize(np.column_stack([ONE, x]), True).tame == tame


# What is refused and found in designs

LABELS = pd.RangeIndex(N)


def design(matrix, **options):
    return Design(matrix, tuple("abcdefg"[: matrix.shape[1]]), **options)


def test_where_the_constant_stands():
    assert design(PLAIN).constant == 0
    assert design(PLAIN[:, [2, 0]]).constant == 1
    assert design(PLAIN[:, 1:]).constant is None
    assert design(np.column_stack([np.zeros(N), FAR])).constant is None
    assert design(np.column_stack([FAR, 2 * ONE])).constant == 1
    for options, bare, centred in (
        ({}, False, False),
        ({"absorbed": True}, True, True),
        ({"anchored": True}, True, False),
    ):
        own = design(PLAIN[:, 1:], **options)
        assert (own.bare, own.centred) == (bare, centred)
    assert design(PLAIN).centred
    np.testing.assert_allclose(design(PLAIN).standardized.back, standardize(PLAIN, True).back)
    np.testing.assert_allclose(design(PLAIN[:, 1:]).standardized.back, standardize(PLAIN[:, 1:], False).back)


def test_some_rows_share_the_coordinates_of_all():
    whole = design(PLAIN)
    some = whole.take(np.arange(N) < 20)
    np.testing.assert_array_equal(some.matrix, PLAIN[:20])
    np.testing.assert_array_equal(some.standardized.back, whole.standardized.back)
    assert some.constant == 0 and some.names == whole.names


@pytest.mark.parametrize(
    ("matrix", "options", "said"),
    [
        (PLAIN[:3], {}, "3 rows cannot carry 3 coefficients"),
        (PLAIN[:2], {}, "2 rows cannot carry 3 coefficients"),
        (np.column_stack([PLAIN, np.where(LABELS == 4, np.nan, FAR)]), {}, "column 'd'.*finite.*row 4"),
        (np.column_stack([PLAIN, np.where(LABELS == 4, 1e101, FAR)]), {}, "column 'd'.*rescale.*row 4"),
        (PLAIN, {"absorbed": True}, "column 'a' is constant at 1: the model has its own intercept"),
        (PLAIN, {"anchored": True}, "column 'a' is constant at 1: this predictor has no constant"),
        (np.column_stack([PLAIN, 2 * ONE]), {}, "column 'd' is constant at 2: it says nothing beside the intercept"),
        (np.column_stack([PLAIN, 0 * ONE]), {}, "column 'd' is constant at 0: no row has this level"),
        (
            PLAIN[:, [0, 1, 1]],
            {},
            "column 'c' is a linear combination of 'b'|column 'b' is a linear combination of 'c'",
        ),
    ],
)
def test_what_no_design_can_hold(matrix, options, said):
    labels = pd.RangeIndex(len(matrix))
    with pytest.raises(DataError, match=said):
        check_design(design(matrix, **options), labels)
    with pytest.raises(DataError, match=r"of the equation \[scale\]"):
        check_design(design(matrix, **options), labels, "scale")


def test_what_a_design_can_hold():
    check_design(design(PLAIN), LABELS)
    check_design(design(PLAIN[:4]), LABELS[:4])  # one row more than columns
    check_design(design(PLAIN[:1, :0]), LABELS[:1])
    check_design(design(PLAIN[:, 1:], absorbed=True), LABELS)
    check_design(design(np.column_stack([PLAIN, 1e99 * RNG.normal(size=N)])), LABELS)


@pytest.mark.parametrize(("gap", "refused"), [(1e-7, False), (1e-9, False), (1e-13, True), (0.0, True)])
@pytest.mark.parametrize("absorbed", [True, False])
def test_how_near_is_collinear(gap, refused, absorbed):
    a, b, noise = RNG.normal(size=(3, N))
    x = np.column_stack([a, b, a - 2 * b + gap * noise, RNG.normal(size=N)])
    matrix = x if absorbed else np.column_stack([x, ONE])
    own = design(matrix, absorbed=absorbed)
    if not refused:
        check_design(own, LABELS)
        return
    with pytest.raises(DataError, match="linear combination") as error:
        check_design(own, LABELS)
    assert set("abc") == {name for name in "abcde" if f"'{name}'" in str(error.value)}


def test_collinear_with_the_mean_alone():
    """Two dummies that add up to one: collinear with a constant, here or elsewhere, but not without."""
    dummy = (np.arange(N) % 2).astype(float)
    pair = np.column_stack([dummy, 1 - dummy])
    check_design(design(pair), LABELS)
    check_design(design(pair, anchored=True), LABELS)
    for refused in (design(pair, absorbed=True), design(np.column_stack([ONE, pair]))):
        with pytest.raises(DataError, match="linear combination"):
            check_design(refused, LABELS)


FRAME = pd.DataFrame({"x": PLAIN[:, 1], "z": FAR})


def test_designs_from_frames_arrays_and_formulas():
    frame = build_design(FRAME.assign(one=1.0), LABELS)
    assert (frame.names, frame.terms, frame.constant) == (("x", "z", "one"), None, 2)
    np.testing.assert_array_equal(frame.matrix, np.column_stack([FRAME, ONE]))
    single = build_design(FAR, LABELS)
    assert (single.names, single.matrix.shape) == (("x1",), (N, 1))
    assert build_design(PLAIN.tolist(), LABELS).names == ("x1", "x2", "x3")
    terms = Terms("x + z", FRAME)
    full = build_design(terms, LABELS)
    assert full.names == ("Intercept", "x", "z")
    np.testing.assert_array_equal(full.matrix, np.column_stack([ONE, FRAME]))
    for option in ("absorbed", "anchored"):
        bare = build_design(terms, LABELS, **{option: True})
        assert bare.names == ("x", "z") and getattr(bare, option) and bare.terms is terms
        np.testing.assert_array_equal(bare.matrix, FRAME)
        np.testing.assert_array_equal(bare.rebuild(FRAME.iloc[:3]), FRAME.iloc[:3])
        assert getattr(build_design(FAR, LABELS, **{option: True}), option)
    np.testing.assert_array_equal(full.rebuild({"x": [1.0], "z": [2.0]}), [[1, 1, 2]])
    assert full.variables(LABELS) is terms.frame
    pd.testing.assert_frame_equal(frame.variables(LABELS + 1), FRAME.assign(one=1.0).set_axis(LABELS + 1))
    with pytest.raises(DataError, match=r"column 'z' of the equation \[scale\] is constant at 0: no row"):
        build_design(FRAME.assign(z=0.0), LABELS, where="scale")


def test_columns_of_a_frame_are_put_together_in_blocks(monkeypatch):
    from exportmodels.core import design as designs

    monkeypatch.setattr(designs, "BLOCK", 7)
    np.testing.assert_array_equal(build_design(FRAME, LABELS).matrix, FRAME)


def test_cells_that_are_no_numbers_are_named():
    labels = LABELS + 100
    words = FRAME.astype(object)
    words.loc[3, "z"] = "many"
    with pytest.raises(DataError, match="column 'z' must be numeric; row 103 holds 'many'"):
        build_design(words, labels)
    with pytest.raises(DataError, match=r"column 'z' of the equation \[scale\] must be finite; row 103 holds inf"):
        build_design(FRAME.assign(z=np.where(LABELS == 3, np.inf, FAR)), labels, where="scale")


def test_new_rows():
    own = build_design(FRAME, LABELS)
    np.testing.assert_array_equal(own.rebuild(FRAME[["z", "x"]].assign(more=1).iloc[:2]), FRAME.iloc[:2])
    np.testing.assert_array_equal(own.rebuild(np.array([3.0, 4.0])), [[3, 4]])
    np.testing.assert_array_equal(own.rebuild([[3, 4], [5, 6]]), [[3, 4], [5, 6]])
    np.testing.assert_array_equal(build_design(FAR, LABELS).rebuild([1.0, 2.0, 3.0]), [[1], [2], [3]])
    with pytest.raises(DataError, match="lack the column 'z'"):
        own.rebuild(FRAME[["x"]])
    with pytest.raises(DataError, match="have 3 columns, the model 2"):
        own.rebuild(np.ones((4, 3)))
    with pytest.raises(FormulaError, match="'z'"):
        build_design(Terms("x + z", FRAME), LABELS).rebuild(FRAME[["x"]])


@pytest.mark.parametrize("constant", [1.0, -2.0])
@pytest.mark.parametrize("order", [[0, 1, 2], [1, 2, 0]])
def test_a_constant_stays_as_it_is_beside_nearly_collinear_columns(constant, order):
    """Models start from it: of another sign or size, they would start from another level than that of their outcome."""
    x, other = np.random.default_rng(6).normal(size=(2, 40))
    matrix = np.column_stack([np.full(40, constant), x, x + 1e-3 * other])[:, order]
    found = standardize(matrix, True)
    assert not found.tame
    np.testing.assert_allclose(found.matrix[:, order.index(0)], constant, rtol=1e-10)
    coefficients = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(found.matrix @ coefficients, matrix @ (found.back @ coefficients), atol=1e-9)
