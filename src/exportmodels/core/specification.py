"""What an estimator is given: an outcome, covariates of its predictors, and columns, from arrays or by a formula."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from .errors import DataError
from .frames import column, to_pandas
from .options import checked
from .outcomes import Outcome
from .sample import Sample, collect
from .terms import Terms, evaluate, evaluate_several, split_formula


class Specification:
    """Base of `Model`: what a class of models reads, and the sample that one of them has read.

    Attributes
    ----------
    kind : Outcome
        What the outcome may be.
    column_options : tuple of str
        Options that take a column: a name with a formula, an array otherwise.
    equations : dict of str to str
        Options that take covariates of a further linear predictor, and the predictor's name.
    absorbed : bool
        Whether the first equation has its intercept elsewhere.
    needs_covariates : bool
        Whether nothing can be estimated without covariates.
    anchored : tuple of str
        Predictors that have no intercept at all: they are zero where their covariates are.
    partial : bool
        Whether only the order of times counts, and the likelihood is a partial one.
    counted : str
        What `nobs` counts: firms, or rows where a firm has several.
    """

    kind: ClassVar[Outcome]
    column_options: ClassVar[tuple[str, ...]] = ("frequency", "weights", "offset")
    equations: ClassVar[Mapping[str, str]] = {}
    absorbed: ClassVar[bool] = False
    needs_covariates: ClassVar[bool] = False
    anchored: ClassVar[tuple[str, ...]] = ()
    partial: ClassVar[bool] = False
    counted: ClassVar[str] = "firms"

    sample: Sample
    formula: str | None = None
    frame: pd.DataFrame | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Have every estimator's constructor and fit refuse options that they do not have, or of other types."""
        super().__init_subclass__(**options)
        for name in {"__init__", "fit"} & set(vars(cls)):
            setattr(cls, name, checked(getattr(cls, name)))

    @checked
    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
        columns: Mapping[str, Any] | None = None,
        equations: Mapping[str, Any] | None = None,
    ):
        self.sample = collect(
            outcome,
            {"": exog, **{name: source for name, source in (equations or {}).items() if source is not None}},
            self.outcome_type,
            columns=columns or {},
            absorbed=self.absorbed,
            anchored=self.anchored,
            frequency=frequency,
            weights=weights,
            offset=offset,
            missing=missing,
        )
        if (self.partial or self.needs_covariates) and not self.sample.designs[""].names:
            raise DataError(f"{type(self).__name__} needs a covariate: a formula such as `outcome ~ niche`")

    @property
    def title(self) -> str:
        """The first line of the summary: the first line of the estimator's docstring, or its own choice."""
        return (type(self).__doc__ or type(self).__name__).strip().splitlines()[0].rstrip(".")

    @property
    def outcome_type(self) -> Outcome:
        """The outcome type that this model reads; options may narrow it."""
        return self.kind

    @property
    def nobs(self) -> int:
        """Number of firms, or of other units that are independent of each other."""
        return self.sample.nobs

    @classmethod
    def from_formula(cls, formula: str, data: Any, **options: Any) -> Self:
        """Build the model from a formula and a data frame.

        Parameters
        ----------
        formula : str
            `"outcome ~ terms"`, in patsy's language; `"lower + upper ~ terms"` where an outcome is two columns.
        data : data frame
            pandas, polars, Arrow, or a dict of columns.
        **options
            The constructor's options. Column-valued ones accept a column name; further equations accept terms such as
            `"niche + age"`.

        Returns
        -------
        Model
            The model, ready to fit.

        Raises
        ------
        FormulaError
            If the formula cannot be read or names a column that the data do not have.
        DataError
            If a column breaks a rule; the message names it, the rule and the rows.
        """
        import patsy

        frame = to_pandas(data)
        env = patsy.EvalEnvironment.capture(1)
        left, right = split_formula(formula)
        right, options = cls.adapt(right, frame, options)
        for name in cls.column_options:
            if isinstance(options.get(name), str):
                options[name] = column(frame, options[name], name)
        for name in cls.equations:
            if isinstance(options.get(name), str):
                options[name] = Terms(options[name].strip().removeprefix("~"), frame, env)
        read = evaluate_several if cls.kind.several else evaluate
        model = cls(read(left, frame, env), Terms(right, frame, env), **options)
        model.formula, model.frame = formula, frame
        return model

    @classmethod
    def adapt(cls, terms: str, frame: pd.DataFrame, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the terms and options as the estimator reads them: words of its own in a formula become options."""
        return terms, options

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the matrices of the linear predictors, of the used rows or of new ones."""
        designs = self.sample.designs.values()
        if newdata is None:
            return [design.matrix for design in designs]
        if any(design.terms is not None for design in designs):
            newdata = to_pandas(newdata)
        return [design.rebuild(newdata) for design in designs]

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the designs, on the used rows: columns of the data, not of the matrix."""
        parts: dict[str, pd.Series] = {}
        for design in self.sample.designs.values():
            source = design.variables(self.sample.labels)
            for name in source.columns:
                parts.setdefault(name, source[name])
        return pd.DataFrame(parts, index=self.sample.labels)

    @property
    def endog_names(self) -> str:
        """The outcome's name."""
        return self.sample.name
