"""The sensitivities of a book, and what they are in another numeraire."""

from typing import Final, NamedTuple

import numpy as np

from hedgerow.units import Bools, Floats


class Greeks(NamedTuple):
    """What a book, or a part of it, is worth and how that moves with one underlying.

    All prices of an underlying, its spot, perpetuals and forwards, move by the same fraction.

    Attributes
    ----------
    worth
        In the numeraire.
    delta
        Coins exposed: sell as many, at spot, and the worth stands still.
    gamma
        Change of delta for a move of spot of 1.
    vega
        In the numeraire, per 1.00 of volatility.
    theta
        In the numeraire a year, of time alone: no price moves, forwards do not either.
    rho
        In the numeraire per 1.00 of the yearly carry in the forwards of dated contracts; of those
        that are discounted, the discount moves with it.
    vanna
        Change of delta per 1.00 of volatility.
    volga
        Change of vega per 1.00 of volatility.
    carry
        In the numeraire a year, as rates are now, while spot stands still: funding and fees
        received, and what forwards give as they come down, or up, to spot.
    funding
        In the numeraire per 1.00 of yearly funding, of what is worth more if it rises.
    """

    worth: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float
    vanna: float
    volga: float
    carry: float
    funding: float


NAMES: Final = Greeks._fields
COUNT: Final = len(NAMES)
WORTH, DELTA, GAMMA, VEGA, THETA, RHO, VANNA, VOLGA, CARRY, FUNDING = range(COUNT)

_VALUES: Final = (WORTH, VEGA, THETA, RHO, VOLGA, CARRY, FUNDING)


def converted(dollars: Floats, own: Bools, price: float) -> Floats:
    r"""Return sensitivities of worth in money as those of worth in a numeraire at `price`.

    With :math:`w = W / X`, the numeraire's own delta is :math:`X\,\partial w/\partial X =
    \Delta - w`; its gamma, the derivative of that, :math:`\Gamma - (\Delta - w) / X`.

    Parameters
    ----------
    dollars
        ``(10, n)`` in the order of `NAMES`.
    own
        Which of them are by the numeraire's own price, ``(n,)``.
    """
    found = dollars.copy()
    found[list(_VALUES)] /= price
    delta = dollars[DELTA] - found[WORTH]
    found[DELTA] = np.where(own, delta, dollars[DELTA])
    found[GAMMA] = np.where(own, dollars[GAMMA] - delta / price, dollars[GAMMA])
    found[VANNA] = np.where(own, dollars[VANNA] - found[VEGA], dollars[VANNA])
    return found


def crossed(dollars: Floats, price: float) -> Floats:
    """Return what worth that moves with others adds to the numeraire's own delta and gamma.

    Shape ``(10, n)``; all others are zero.
    """
    found = np.zeros_like(dollars)
    found[DELTA] = -dollars[WORTH] / price
    found[GAMMA] = dollars[WORTH] / (price * price)
    return found
