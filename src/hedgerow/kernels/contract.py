"""Profit, notional and average entry of linear and inverse perpetuals.

A *size* is signed, long > 0: base coin if linear, quote face if inverse. Profit and notional are
in the settlement currency: quote if linear, base coin if inverse. A flat position has size 0 and,
by convention, entry 1, so that no formula divides by zero.
"""

from typing import NamedTuple

from hedgerow.kernels.jit import kernel


@kernel
def position_pnl(size: float, entry: float, price: float, inverse: bool) -> float:
    r"""Return the unrealised profit of a position, in settlement currency.

    Linear :math:`q (X - E)`, inverse :math:`Q (1/E - 1/X)`.

    References
    ----------
    BitMEX, Perpetual contracts guide, examples: 15 000 contracts from 750 to 800 pay 1.25 XBT.
    """
    if inverse:
        return size * (1.0 / entry - 1.0 / price)
    return size * (price - entry)


@kernel
def notional(size: float, price: float, inverse: bool) -> float:
    """Return what a position is worth, in settlement currency, always >= 0."""
    if inverse:
        return abs(size) / price
    return abs(size) * price


@kernel
def base_size(size: float, price: float, inverse: bool) -> float:
    """Return the position as base coin at `price`: itself if linear, face / price if inverse."""
    if inverse:
        return size / price
    return size


@kernel
def average_entry(size: float, entry: float, added: float, price: float, inverse: bool) -> float:
    """Return the entry of `size` at `entry` joined by `added` of the same sign at `price`.

    The arithmetic mean by size if linear, the harmonic one if inverse.
    """
    if inverse:
        return (size + added) / (size / entry + added / price)
    return (size * entry + added * price) / (size + added)


class Filled(NamedTuple):
    """Entry and realised profit after a fill."""

    entry: float
    realised: float


@kernel
def after_fill(size: float, entry: float, traded: float, price: float, inverse: bool) -> Filled:
    """Return the new entry and the realised profit when `traded` fills at `price`.

    Adding averages the entry, reducing realises and keeps it, and crossing zero realises all of
    the old position and opens the rest at `price`. A position left flat has entry 1.
    """
    left = size + traded
    if size == 0.0:
        return Filled(price if traded != 0.0 else 1.0, 0.0)
    if traded == 0.0:
        return Filled(entry, 0.0)
    if (size > 0.0) == (traded > 0.0):
        return Filled(average_entry(size, entry, traded, price, inverse), 0.0)
    if left == 0.0:
        return Filled(1.0, position_pnl(size, entry, price, inverse))
    if (left > 0.0) == (size > 0.0):
        return Filled(entry, position_pnl(-traded, entry, price, inverse))
    return Filled(price, position_pnl(size, entry, price, inverse))
