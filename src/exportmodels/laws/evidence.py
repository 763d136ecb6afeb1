"""Sequential tests of probabilities: the wealth of a gambler who bets that a probability leaves its band."""

import numpy as np
from scipy.special import logsumexp

# How far beyond an edge of the band the alternatives lie that are bet on, in log-odds.
_BEYOND = np.array([0.25, 0.5, 1.0, 2.0, 4.0])


class Evidence:
    """What speaks against probabilities within a band, from events seen one after another.

    Parameters
    ----------
    lower, upper : float
        The band; 0 and 1 for an open side.

    Notes
    -----
    For an edge e of the band and an alternative q beyond it, the wealth of a gambler is multiplied by q/e when the
    event happens, by (1-q)/(1-e) when it does not. While the probability lies within the band, whatever happened
    before, the expected factor is at most one: the wealth is a nonnegative supermartingale that begins at one, and so
    is the mean of the wealths of several gamblers, one an event, edge and alternative. By Ville's inequality [1]_ it
    ever reaches 1/alpha with probability alpha at most, however often it is looked at; events of the same sample may
    depend on each other in any way. The factors are Wald's likelihood ratios [2]_, the mean over alternatives his
    method of weights; see [3]_ for the language of bets.

    References
    ----------
    .. [1] Ville, J. (1939). Etude critique de la notion de collectif. Gauthier-Villars.
    .. [2] Wald, A. (1945). Sequential tests of statistical hypotheses. Annals of Mathematical Statistics 16, 117-186.
    .. [3] Ramdas, A., Grunwald, P., Vovk, V. and Shafer, G. (2023). Game-theoretic statistics and safe anytime-valid
       inference. Statistical Science 38, 576-601.

    Examples
    --------
    >>> evidence = Evidence(0.9, 0.98)
    >>> for sample in range(60):
    ...     evidence.observe([sample % 2 == 0])
    >>> evidence.against > 1e9
    True
    """

    def __init__(self, lower: float, upper: float):
        pairs = [
            (edge, 1 / (1 + (1 - edge) / edge * np.exp(-way * _BEYOND)))
            for edge, way in ((lower, -1), (upper, 1))
            if 0 < edge < 1
        ]
        self.band = lower, upper
        self._won = np.concatenate([np.log(q / edge) for edge, q in pairs])
        self._lost = np.concatenate([np.log((1 - q) / (1 - edge)) for edge, q in pairs])
        self._wealth = np.zeros((1, len(self._won)))
        self.count, self.happened = 0, np.zeros(1)

    def observe(self, events: np.ndarray | list[bool]) -> None:
        """See which of the events happened in the next sample, shape (m,)."""
        came = np.asarray(events, dtype=bool)
        self.count, self.happened = self.count + 1, self.happened + came
        self._wealth = self._wealth + np.where(came[:, None], self._won, self._lost)

    @property
    def against(self) -> float:
        """The wealth: how many to one speaks against the band."""
        return float(np.exp(min(logsumexp(self._wealth) - np.log(self._wealth.size), 700.0)))

    @property
    def worst(self) -> int:
        """Which of the events speaks most against the band."""
        return int(np.argmax(logsumexp(self._wealth, axis=1)))
