"""What models of shares say: the mean share, the probability of more than half, and of the two ends."""

from typing import Any

from ..core.family_model import FamilyModel
from ..core.quantities import Quantity
from ..data.yardsticks import published_for
from .normal import limits


def mean_share(model: FamilyModel, family: Any, label: str = "mean share of sales made abroad") -> Quantity:
    """Return the mean share."""
    return model.quantity_of(label, "share", family.mean, scale="logit", published=published_for("share"))


def above_half(model: FamilyModel, family: Any) -> Quantity:
    """Return the probability of a share above one half, which the report publishes of exporters alone."""
    exporters = bool((limits(model.sample.outcome)[1] > 0).all())
    return model.quantity_of(
        "probability that more than half of sales are made abroad",
        "probability",
        lambda eta: 1 - family.below(0.5, eta),
        scale="logit",
        published=published_for("foreign_share", "percent", ">50%") if exporters else None,
    )


def nothing(model: FamilyModel, family: Any, end: float = 0.0) -> Quantity:
    """Return the probability of the lower end."""
    return model.quantity_of(
        "probability of no sales abroad", "probability", lambda eta: family.below(end, eta), scale="logit"
    )


def everything(model: FamilyModel, family: Any) -> Quantity:
    """Return the probability of the upper end."""
    label = "probability that all sales are made abroad"
    return model.quantity_of(label, "probability", family.everything, scale="logit")
