"""The printed summary: a header, the coefficients, the certificate and the notes, in the manner of statsmodels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .results import Results


@dataclass(frozen=True)
class Summary:
    """A printable summary.

    Parameters
    ----------
    title : str
        The estimator's name.
    header : list of (str, str)
        Labels and values of the fit.
    table : DataFrame
        coef, std err, z, P>|z| and the interval, one row a coefficient.
    notes : list of str
        The certificate and what the reader must know.
    """

    title: str
    header: list[tuple[str, str]]
    table: pd.DataFrame
    notes: list[str]

    def __str__(self) -> str:
        width = max(80, 69 + max((len(str(name)) for name in self.table.index), default=0))
        lines = [self.title.center(width).rstrip(), "=" * width, *self._header(width), "=" * width]
        lines += [*self._rows(width), "=" * width, *self._notes(width)]
        return "\n".join(lines)

    def _header(self, width: int) -> list[str]:
        half = (len(self.header) + 1) // 2
        left, right = self.header[:half], [*self.header[half:], ("", "")]
        column = (width - 2) // 2

        def cell(pair: tuple[str, str]) -> str:
            label = f"{pair[0]}:" if pair[0] else ""
            return f"{label} {pair[1]:>{column - len(label) - 1}}"

        return [f"{cell(a)}  {cell(b)}".rstrip() for a, b in zip(left, right, strict=False)]

    def _rows(self, width: int) -> list[str]:
        first = width - 68
        names = [f"{name:>{12 if j != 3 else 8}}" for j, name in enumerate(self.table.columns)]
        lines = [" " * first + "".join(names), "-" * width]
        for name, row in zip(self.table.index, self.table.to_numpy(), strict=True):
            cells = [_cell(value, 8 if j == 3 else 12, 3 if j == 3 else 4) for j, value in enumerate(row)]
            lines.append(f"{name:<{first}}" + "".join(cells))
        return lines

    def _notes(self, width: int) -> list[str]:
        from textwrap import wrap

        return [line for note in self.notes for line in wrap(note, width, subsequent_indent="  ")]

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in self.header)
        notes = "<br>".join(escape(note) for note in self.notes)
        body = self.table.to_html(float_format=lambda v: f"{v:.4f}")
        return f"<h4>{escape(self.title)}</h4><table>{head}</table>{body}<p>{notes}</p>"


def _cell(value: float, width: int, digits: int) -> str:
    small = value != 0 and abs(value) < 10.0**-digits and digits == 4
    large = abs(value) >= 1e6
    return f"{value:>{width}.3g}" if small or large else f"{value:>{width}.{digits}f}"


def summarize(results: "Results", alpha: float = 0.05) -> Summary:
    """Build the summary of a fit."""
    sample = results.model.sample
    header = [
        ("Outcome", results.model.endog_names),
        ("Model", type(results.model).__name__),
        (
            "Covariance",
            results.cov_type + (f" ({results.covariance.clusters})" if results.covariance.clusters else ""),
        ),
        (results.model.counted.capitalize(), f"{results.nobs}"),
        ("Rows left out", f"{sample.missing}"),
        ("Log-likelihood" if sample.weights is None else "Log-pseudolikelihood", f"{results.llf:.4f}"),
        ("LL without covariates", f"{results.llnull:.4f}"),
        ("Pseudo R2", f"{results.prsquared:.4f}"),
        ("AIC", f"{results.aic:.2f}"),
        ("BIC", f"{results.bic:.2f}"),
    ]
    header = [(label, value) for label, value in header if value != "nan"]
    limits = results.conf_int(alpha)
    table = pd.DataFrame(
        {
            "coef": results.params,
            "std err": results.bse,
            "z": results.tvalues,
            "P>|z|": results.pvalues,
            f"[{alpha / 2:.3f}".rstrip("0"): limits[0],
            f"{1 - alpha / 2:.3f}]".replace("0]", "]"): limits[1],
        }
    )
    return Summary(results.model.title, header, table, [certificate(results), *results.notes])


def certificate(results: "Results") -> str:
    """Say how sure the maximum is, or that none was sought."""
    c = results.certificate
    if c.converged and np.isnan(c.loglike):
        return "Equations solved in closed form or in steps: no likelihood is maximized, so there is none to certify."
    state = "Maximum certified" if c.converged else "NOT CONVERGED"
    definite = "positive definite" if c.positive_definite else "NOT positive definite"
    last = np.format_float_scientific(c.distance, 1)
    return (
        f"{state}: {c.iterations} Newton steps, last one {last} standard errors long; "
        f"information {definite}, condition {c.condition:.3g}."
    )
