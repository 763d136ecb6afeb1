"""Events per parameter: how much a binary or duration outcome can carry."""

import numpy as np

from ..core.errors import OptionError
from ..core.options import checked
from ..core.results import Results


@checked
def events_per_parameter(results: Results) -> float:
    """Return the number of events (of the rarer outcome) for each coefficient beside the intercept.

    Below about ten, maximum-likelihood estimates of logit and hazard models are noticeably biased away from zero and
    their intervals too short [1]_; the penalized or exact alternatives are made for that.

    Parameters
    ----------
    results : Results
        A fit with a binary outcome or with events.

    Returns
    -------
    float
        Events for each coefficient.

    Raises
    ------
    OptionError
        If the outcome is neither binary nor a duration.

    References
    ----------
    .. [1] Peduzzi, P. et al. (1996). A simulation study of the number of events per variable in logistic regression
       analysis. Journal of Clinical Epidemiology 49, 1373-1379.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import events_per_parameter
    >>> from exportmodels.strategy import Logit
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> events_per_parameter(Logit.from_formula("Q('global') ~ rd", firms).fit())
    4.0
    """
    sample = results.model.sample
    event = sample.columns.get("event", sample.outcome)
    if event.ndim != 1 or not np.isin(event, (0, 1)).all():
        raise OptionError("events per parameter are defined for binary outcomes and for durations with events")
    weight = np.ones(len(event)) if sample.frequency is None else sample.frequency
    yes = float(weight @ event)
    events = yes if "event" in sample.columns else min(yes, float(weight.sum()) - yes)
    return events / max(results.df_model, 1)
