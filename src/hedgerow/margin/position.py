"""One position: what it is worth, what it asks for, and what it has made."""

import math
from dataclasses import dataclass, replace
from typing import Self

from hedgerow.errors import ConfigError
from hedgerow.kernels.contract import base_size, notional, position_pnl
from hedgerow.kernels.margin import required
from hedgerow.kernels.plain import plain
from hedgerow.margin.terms import MarginTerms
from hedgerow.market.venue import MarginTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A holding of one contract. Money is in the contract's settlement currency.

    Attributes
    ----------
    terms
        What the contract asks for.
    size
        Signed, long > 0: base coin if linear, quote face if inverse; of a quanto contract,
        contracts times multiplier.
    entry
        Average price, quote per base.
    mark
        The mark of now; the entry by default.
    leverage
        Chosen by the trader, for the initial margin; None for the highest that the bracket allows.
    label
        What tells two positions of one contract apart in hedge mode.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> short = Position(terms=flat_terms(0.005), size=-2.0, entry=50_000.0)
    >>> short.pnl(60_000.0), short.maintenance(60_000.0)
    (-20000.0, 600.0)
    """

    terms: MarginTerms
    size: float
    entry: float
    mark: float | None = None
    leverage: float | None = None
    label: str = ""

    def __post_init__(self) -> None:
        name = self.terms.symbol
        if not math.isfinite(self.size):
            raise ConfigError(f"{name}: size = {self.size} is not a number")
        for key, value in (
            ("entry", self.entry),
            ("mark", self.price),
            ("leverage", self.leverage),
        ):
            if value is not None and not (math.isfinite(value) and value > 0.0):
                raise ConfigError(f"{name}: {key} = {value}: it must be a number > 0")

    @property
    def price(self) -> float:
        """The mark, or the entry where no mark is given."""
        return self.entry if self.mark is None else self.mark

    @property
    def side(self) -> float:
        """+1 if long, -1 if short, 0 if flat."""
        return math.copysign(1.0, self.size) if self.size else 0.0

    def at(self, mark: float) -> Self:
        """Return the same position at another mark."""
        return replace(self, mark=mark)

    def notional(self, price: float | None = None) -> float:
        """Return what the position is worth, always >= 0."""
        return plain(notional)(self.size, self._price(price), self.terms.inverse)

    def delta(self, price: float | None = None) -> float:
        """Return the position in base coin, signed."""
        return plain(base_size)(self.size, self._price(price), self.terms.inverse)

    def pnl(self, price: float | None = None) -> float:
        """Return the unrealised profit."""
        if self.size == 0.0:
            return 0.0
        return plain(position_pnl)(self.size, self.entry, self._price(price), self.terms.inverse)

    def maintenance(self, price: float | None = None) -> float:
        """Return the maintenance margin, with the closing fee where the venue counts it there."""
        at = self._price(price)
        rule = self.terms.requirement
        return float(plain(required)(self.size, self.entry, at, self.terms.inverse, rule))

    def bracket(self, price: float | None = None) -> MarginTier:
        """Return the bracket that the venue applies at a price."""
        at = self.entry if self.terms.rule.method == "entry_brackets" else self._price(price)
        return self.terms.tier_at(self.terms.measure(self.size, at))

    def _price(self, price: float | None) -> float:
        return self.price if price is None else price
