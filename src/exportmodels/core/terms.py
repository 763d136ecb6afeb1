"""Formulas: a right-hand side that remembers its columns, levels and transforms, predicts, and pickles."""

import ast
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError, FormulaError, rows, shown
from .frames import column, listed, numbers, plain


def split_formula(formula: str) -> tuple[str, str]:
    """Return the two sides of `outcome ~ terms`."""
    if not isinstance(formula, str):
        raise FormulaError(f"a formula is a text, `outcome ~ terms`; not a {type(formula).__name__}")
    sides = formula.split("~")
    if len(sides) != 2 or not sides[0].strip() or not sides[1].strip():
        raise FormulaError(f"a formula reads `outcome ~ terms`; this one is {formula!r}")
    return sides[0].strip(), sides[1].strip()


def names_in(code: str) -> set[str]:
    """Return the names that a Python expression uses; patsy's Q("any name") counts as the name it quotes."""
    try:
        tree = ast.parse(code, mode="eval")
    except SyntaxError:
        raise FormulaError(f"{code!r} is no expression that a formula can hold") from None
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | set(re.findall(r"""\bQ\(\s*["'](.+?)["']\s*\)""", code))


def evaluate(code: str, frame: pd.DataFrame, env: Any = None) -> pd.Series:
    """Return the left-hand side of a formula: a column as it is, or an expression of columns."""
    if code in frame.columns:
        return frame[code]
    import patsy

    quoted = re.fullmatch(r"""Q\(\s*["'](.+?)["']\s*\)""", code)
    if quoted:
        return column(frame, quoted.group(1), "the formula")
    unknown = names_in(code)
    scope = {name: frame[name] for name in frame.columns if name in unknown}
    if not scope:
        column(frame, code, "the formula")
    outer = (env or patsy.EvalEnvironment([])).with_outer_namespace({"np": np})
    try:
        value = outer.eval(code, inner_namespace=scope)
    except Exception as error:
        raise FormulaError(f"the outcome {code!r} cannot be computed: {error}") from None
    return pd.Series(value, index=frame.index, name=code)


def evaluate_several(code: str, frame: pd.DataFrame, env: Any = None) -> pd.Series | pd.DataFrame:
    """Return the left-hand side of a formula whose outcome may be several columns: `lower + upper`, `lower, upper`."""
    if code in frame.columns:
        return frame[code]
    parts = summands(code)
    if len(parts) == 1:
        return evaluate(code, frame, env)
    return pd.DataFrame({part: evaluate(part, frame, env) for part in parts})


def summands(code: str) -> list[str]:
    """Return the parts of an expression that are joined by plus signs or commas, those in brackets left whole."""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:
        return [code]
    if isinstance(node, ast.Tuple):
        return [ast.unparse(part) for part in node.elts]
    parts: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts.insert(0, ast.unparse(node.right))
        node = node.left
    return [ast.unparse(node), *parts]


class Terms:
    """The right-hand side of a formula, bound to the rows it was fitted on.

    Parameters
    ----------
    formula : str
        Patsy terms, without the outcome: `"niche + np.log(employees) + C(sector)"`.
    frame : pandas.DataFrame
        The data.
    env : patsy.EvalEnvironment, optional
        Where functions of the user's own are looked up; it does not travel with a pickle.

    Notes
    -----
    Stateful transforms (`center`, `standardize`, splines) and category levels are those of the fitted rows. They are
    kept as the columns they come from, so a pickled model rebuilds the same design.
    """

    def __init__(self, formula: str, frame: pd.DataFrame, env: Any = None):
        import patsy

        self.formula = formula
        try:
            description = patsy.ModelDesc.from_formula(formula)
        except patsy.PatsyError as error:
            raise FormulaError(f"the formula {formula!r} cannot be read: {error.message}") from None
        factors = {factor.code for term in description.rhs_termlist for factor in term.factors}
        used = set().union(*map(names_in, factors)) if factors else set()
        self._env = None if env is None else env.subset(sorted(name for name in used if name in env.namespace))
        self.columns = [name for name in frame.columns if name in used]
        for code in factors:
            if code.isidentifier() and code not in self.columns and not self._knows(code):
                column(frame, code, "the formula")
        self.frame = pd.DataFrame({name: plain(frame[name]) for name in self.columns}, index=frame.index)

    def _knows(self, name: str) -> bool:
        return self._env is not None and name in self._env.namespace

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_env", "info")} | {"_env": None}

    @property
    def missing(self) -> np.ndarray:
        """Rows in which a column of the formula is missing."""
        return self.frame.isna().any(axis=1).to_numpy()

    def take(self, used: np.ndarray) -> "Terms":
        """Return the same terms on some of the rows."""
        taken = object.__new__(Terms)
        taken.__dict__.update(formula=self.formula, _env=self._env, columns=self.columns)
        taken.frame = self.frame if used.all() else self.frame[used]
        return taken

    @cached_property
    def info(self) -> Any:
        """The patsy design information of the fitted rows."""
        import patsy

        env = (self._env or patsy.EvalEnvironment([])).with_outer_namespace({"np": np})
        data = self.frame if self.columns else pd.DataFrame({"_": np.empty(len(self.frame))})
        try:
            return patsy.dmatrix(self.formula, data, eval_env=env, NA_action=patsy.NAAction(NA_types=[])).design_info
        except patsy.PatsyError as error:
            raise FormulaError(f"the terms {self.formula!r} cannot be built: {error.message}") from None
        except Exception as error:
            raise FormulaError(f"the terms {self.formula!r} cannot be computed: {error}") from None

    def build(self, frame: pd.DataFrame | None = None) -> np.ndarray:
        """Return the design matrix of the fitted rows, or of a new frame with the same columns.

        Raises
        ------
        FormulaError
            If a column is absent, or holds a level that the fit has not seen.
        DataError
            If a column of the formula is missing in some row of the new frame.
        """
        import patsy

        info = self.info
        data = self._checked(frame) if frame is not None else self.frame
        try:
            matrix = patsy.build_design_matrices([info], data, NA_action=patsy.NAAction(NA_types=[]))[0]
        except patsy.PatsyError as error:
            raise FormulaError(f"the terms {self.formula!r} cannot be built: {error.message}") from None
        except Exception as error:
            raise FormulaError(f"the terms {self.formula!r} cannot be computed: {error}") from None
        matrix = np.asarray(matrix, dtype=float)
        if matrix.shape[0] != len(data):
            matrix = np.broadcast_to(matrix, (len(data), matrix.shape[1])).copy()
        return matrix

    def _checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        data = pd.DataFrame(
            {name: plain(column(frame, name, "the fitted formula")) for name in self.columns},
            index=frame.index,
        )
        for factor, details in self.info.factor_infos.items():
            for name in names_in(factor.code) & set(self.columns):
                if data[name].isna().any():
                    gone = frame.index[data[name].isna()]
                    raise DataError(f"column {name!r} is missing in {rows(gone)} of the new data; fill or drop them")
                if details.type == "categorical":
                    self._known_levels(data[name], details.categories)
                elif pd.api.types.is_numeric_dtype(self.frame[name].dtype):
                    data[name] = numbers(data[name], f"column {name!r}", frame.index)
        return data

    def _known_levels(self, values: pd.Series, levels: Iterable[Any]) -> None:
        seen = set(self.frame[str(values.name)].unique())
        new = ~values.isin(list(seen | set(levels))).to_numpy()
        if new.any():
            raise FormulaError(
                f"column {values.name!r} holds {shown(values[new].iloc[0])} in {rows(values.index[new])}, a level that "
                f"the fit has not seen; it saw: {listed(sorted(seen, key=str))}"
            )
