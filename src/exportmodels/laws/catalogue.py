"""The laws there are, and those that speak of an estimator."""

from ..core.options import checked
from . import analytic, columns, firms, identification, objects, outcomes, predictive, rows
from .adapter import Adapter
from .trial import Law

LAWS: tuple[Law, ...] = (
    *rows.LAWS,
    *columns.LAWS,
    *outcomes.LAWS,
    *firms.LAWS,
    *identification.LAWS,
    *analytic.LAWS,
    *predictive.LAWS,
    *objects.LAWS,
)


@checked
def applicable(adapter: Adapter) -> list[Law]:
    """Return the laws that speak of an estimator."""
    return [law for law in LAWS if not law.missing(adapter)]
