"""What models of shares say: the mean share, the probability of more than half, and of the two ends."""

from typing import Any

from ..core.family_model import FamilyModel
from ..core.model import Model
from ..core.quantities import Quantity
from ..data.yardsticks import published_for
from .normal import limits

# outcomes that are shares of sales made abroad: columns of the firms table
_ABROAD = ("share", "foreign_share", "share_lower, share_upper")


def about(model: Model, abroad: str, other: str) -> str:
    """Return what a quantity is called: of shares of sales made abroad, or of the model's own outcome."""
    return abroad if model.endog_names in _ABROAD else other.format(name=model.endog_names)


def mean_label(model: Model) -> str:
    """Return what the mean share is called."""
    return about(model, "mean share of sales made abroad", "mean of {name}")


def mean_share(model: FamilyModel, family: Any) -> Quantity:
    """Return the mean share, beside the published one where it is of sales made abroad."""
    published = published_for("share") if model.endog_names in _ABROAD else None
    return model.quantity_of(mean_label(model), "share", family.mean, scale="logit", published=published)


def above_half(model: FamilyModel, family: Any) -> Quantity:
    """Return the probability of a share above one half, which the report publishes of exporters alone."""
    exporters = model.endog_names in _ABROAD and bool((limits(model.sample.outcome)[1] > 0).all())
    return model.quantity_of(
        about(
            model,
            "probability that more than half of sales are made abroad",
            "probability that {name} is above one half",
        ),
        "probability",
        lambda eta: 1 - family.below(0.5, eta),
        scale="logit",
        published=published_for("foreign_share", "percent", ">50%") if exporters else None,
    )


def nothing(model: FamilyModel, family: Any, end: float = 0.0) -> Quantity:
    """Return the probability of the lower end."""
    label = about(model, "probability of no sales abroad", "probability that {name} is at its lower end")
    return model.quantity_of(label, "probability", lambda eta: family.below(end, eta), scale="logit")


def everything(model: FamilyModel, family: Any) -> Quantity:
    """Return the probability of the upper end."""
    label = about(model, "probability that all sales are made abroad", "probability that {name} is at its upper end")
    return model.quantity_of(label, "probability", family.everything, scale="logit")
