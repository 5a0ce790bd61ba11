"""What a position made: price, fees and funding, over what was put up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hedgerow.errors import ConfigError
from hedgerow.kernels.contract import average_entry, notional, position_pnl
from hedgerow.kernels.plain import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Cash as the holder feels it, in settlement currency: received > 0.

    Attributes
    ----------
    price
        Profit from the entry to the exit.
    fees
        Of opening and closing, < 0 when paid.
    funding
        Of all settlements between.
    penalty
        Of a liquidation, < 0 when paid.
    """

    price: float
    fees: float = 0.0
    funding: float = 0.0
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.price + self.fees + self.funding + self.penalty

    def on(self, margin: float) -> float:
        """Return the total as a fraction of the margin put up."""
        return return_on_margin(self.total, margin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A round trip of one contract.

    Attributes
    ----------
    size
        Signed: base coin if linear, quote face if inverse, contracts times multiplier if quanto.
    entry, exit
        Average prices, quote per base.
    inverse
        Whether profit is paid in the base coin.
    entry_fee, exit_fee
        Fractions of notional; rebates are negative.

    Examples
    --------
    >>> hedge = Trade(size=-40.0, entry=1.2462, exit=1.2567, entry_fee=0.0002, exit_fee=0.0005)
    >>> round(hedge.outcome().total, 7)
    -0.4551036
    """

    size: float
    entry: float
    exit: float
    inverse: bool = False
    entry_fee: float = 0.0
    exit_fee: float = 0.0

    def __post_init__(self) -> None:
        for key in ("size", "entry", "exit", "entry_fee", "exit_fee"):
            value = getattr(self, key)
            if not math.isfinite(value):
                raise ConfigError(f"{key} = {value} is not a number")
        for key in ("entry", "exit"):
            if getattr(self, key) <= 0.0:
                raise ConfigError(f"{key} = {getattr(self, key)}: a price must be > 0")

    @property
    def pnl(self) -> float:
        """Profit by price alone."""
        return plain(position_pnl)(self.size, self.entry, self.exit, self.inverse)

    @property
    def fees(self) -> float:
        """Fees of both ends, < 0 when paid."""
        opened = plain(notional)(self.size, self.entry, self.inverse) * self.entry_fee
        closed = plain(notional)(self.size, self.exit, self.inverse) * self.exit_fee
        return -(opened + closed)

    def outcome(self, funding: float = 0.0, penalty: float = 0.0) -> Outcome:
        """Return all that the trade made, with `funding` and `penalty` as cash."""
        return Outcome(price=self.pnl, fees=self.fees, funding=funding, penalty=penalty)

    def break_even(self, funding: float = 0.0) -> float | None:
        """Return the exit at which fees and `funding` are just earned; None if there is none.

        Linear ``E (s + f0) / (s - f1)`` less funding per coin, inverse the same for ``1 / P``.
        """
        side = math.copysign(1.0, self.size)
        worth = abs(self.size)
        if self.inverse:
            # side (1/E - 1/X) - f0/E - f1/X + F/worth = 0
            above = (side - self.entry_fee) / self.entry + funding / worth
            return (side + self.exit_fee) / above if above * (side + self.exit_fee) > 0 else None
        above = self.entry * (side + self.entry_fee) - funding / worth
        below = side - self.exit_fee
        return above / below if above * below > 0.0 else None


def average_price(fills: Sequence[tuple[float, float]], *, inverse: bool) -> float:
    """Return the average entry of fills ``(size, price)`` of one side.

    Examples
    --------
    >>> average_price([(1_000.0, 5_000.0), (2_000.0, 6_000.0)], inverse=True)
    5625.0
    """
    if not fills:
        raise ConfigError("no fills: an average entry needs at least one")
    size, entry = fills[0]
    for added, price in fills[1:]:
        entry = plain(average_entry)(size, entry, added, price, inverse)
        size += added
    return entry


def return_on_margin(profit: float, initial: float, closing_fee: float = 0.0) -> float:
    """Return profit as a fraction of what was put up: initial margin and the fee to close.

    Examples
    --------
    >>> return_on_margin(30.0, 100.0, 50.0)
    0.2
    """
    return profit / (initial + closing_fee)
