"""Several underlyings as one: what each is worth of another, by its beta."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.greeks import DELTA, GAMMA, NAMES, VANNA, VEGA, WORTH, Greeks
from hedgerow.exposure.measured import Measured
from hedgerow.units import Floats

_COINS: Final = (DELTA, GAMMA, VANNA)


def beta_weighted(exposed: Measured, to: str, betas: Mapping[str, float]) -> Greeks:
    r"""Return all underlyings' sensitivities together, as if they were of `to`.

    Where :math:`dS_i / S_i = \beta_i\, dS / S`, a delta of one's own coins is
    :math:`\beta_i S_i / S` of the other, a gamma that squared; the rest adds up as it is. A coin
    numeraire moves along: with :math:`X' = \beta_X X / S`, :math:`\Delta - wX'` is left of the
    delta, and of the gamma :math:`\Gamma - X'(\Delta - wX') / X`.

    Raises
    ------
    ConfigError
        If an underlying has no beta.
    """
    market = exposed.market
    if not market.moves(to) or not market.spot_of(to) > 0.0:
        raise UnknownName("underlying", to, exposed.underlyings)
    columns = exposed.book.columns
    total, drag = np.zeros(len(NAMES)), 0.0
    for name in exposed.underlyings:
        if not market.spot_of(name) > 0.0:
            continue  # nothing of it is counted
        beta = 1.0 if name == to else betas.get(name)
        if beta is None or not np.isfinite(beta):
            raise ConfigError(f"{name} has no beta to {to}; write one, 0 to leave it out")
        share = beta * market.spot_of(name) / market.spot_of(to)
        if name == exposed.numeraire:
            drag = share
        if name in columns.underlyings:
            here = columns.cells == columns.underlyings.index(name)
            money = exposed.cells[:, here].sum(axis=1)
            money[[DELTA, VANNA]] *= share
            money[GAMMA] *= share * share
            total += money
    total += _still(exposed)
    price = exposed.price
    total[[place for place in range(len(NAMES)) if place not in _COINS]] /= price
    total[DELTA] -= drag * total[WORTH]
    total[GAMMA] -= drag * total[DELTA] / price
    total[VANNA] -= drag * total[VEGA]
    return Greeks(*total.tolist())


def _still(exposed: Measured) -> Floats:
    """Return, in money, what does not move with any price: money of the book."""
    columns = exposed.book.columns
    names = columns.underlyings
    still = [code for code, name in enumerate(names) if not exposed.market.moves(name)]
    found: Floats = exposed.cells[:, np.isin(columns.cells, still)].sum(axis=1)
    return found


def betas_to(to: str, returns: Mapping[str, Floats]) -> dict[str, float]:
    """Return each underlying's beta to `to`: covariance over variance of returns, column by column.

    Parameters
    ----------
    returns
        Of the same intervals, each ``(intervals,)``; intervals in which one is NaN are left out.

    Examples
    --------
    >>> import numpy as np
    >>> btc = np.array([0.01, -0.02, 0.03])
    >>> round(betas_to("BTC", {"BTC": btc, "ETH": 1.5 * btc})["ETH"], 12)
    1.5
    """
    if to not in returns:
        raise UnknownName("underlying", to, tuple(returns))
    found = {}
    for name, column in returns.items():
        pair = np.stack([np.asarray(returns[to], np.float64), np.asarray(column, np.float64)])
        pair = pair[:, np.isfinite(pair).all(axis=0)]
        spread = pair - pair.mean(axis=1, keepdims=True) if pair.size else pair
        if pair.shape[1] < 2 or not np.any(spread[0]):
            raise ConfigError(
                f"{name}: no two intervals with different returns of {to} to judge by"
            )
        found[name] = float(spread[0] @ spread[1] / (spread[0] @ spread[0]))
    return found
