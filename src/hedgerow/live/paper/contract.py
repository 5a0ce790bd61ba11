"""What a paper venue trades, and for which fees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from hedgerow.engine.terms import Terms
from hedgerow.errors import ConfigError
from hedgerow.execution.order import Listing
from hedgerow.market.instrument import parse_symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperContract:
    """One tradable thing of a paper venue.

    Attributes
    ----------
    listing
        Its tick, lot and minimum; the account named there does not matter.
    maker, taker
        Fees as fractions of notional; a rebate is negative.
    funding_price
        Which price funding is paid on.
    base, quote, settle
        Its currencies, out of the symbol; spot settles in its quote.
    """

    listing: Listing
    maker: Decimal
    taker: Decimal
    funding_price: Literal["mark", "index"] = "mark"
    base: str = field(init=False)
    quote: str = field(init=False)
    settle: str = field(init=False)

    def __post_init__(self) -> None:
        symbol = parse_symbol(self.listing.symbol)
        object.__setattr__(self, "base", symbol.base)
        object.__setattr__(self, "quote", symbol.quote)
        object.__setattr__(self, "settle", str(symbol.settle or symbol.quote))
        if self.listing.tick <= 0 or self.listing.lot <= 0:
            raise ConfigError(
                f"{self.symbol}: tick {self.listing.tick} and lot {self.listing.lot} must be > 0"
            )

    @property
    def symbol(self) -> str:
        """The unified symbol."""
        return self.listing.symbol

    def notional(self, amount: Decimal, price: Decimal) -> Decimal:
        """Return what `amount` is worth in the settle currency."""
        return amount / price if self.listing.inverse else amount * price

    def quote_notional(self, amount: Decimal, price: Decimal) -> Decimal:
        """Return what `amount` is worth in the quote currency."""
        return amount if self.listing.inverse else amount * price


def contracts_of(
    venue: str, terms: Terms, listings: Iterable[Listing]
) -> tuple[PaperContract, ...]:
    """Return what a paper venue must trade for a desk: one contract a symbol, at its legs' fee.

    Raises
    ------
    ConfigError
        If two accounts of one symbol pay different fees: a paper venue has one tier.
    """
    fees = {(leg.instrument, leg.account): leg.fee for leg in terms.legs}
    found: dict[str, PaperContract] = {}
    for listing in listings:
        if listing.venue != venue:
            continue
        rate = fees.get((listing.symbol, listing.account), terms.spot_fee)
        fee = Decimal(repr(float(rate)))
        known = found.get(listing.symbol)
        if known is not None and known.taker != fee:
            raise ConfigError(
                f"{venue} {listing.symbol}: accounts pay fees of {known.taker} and {fee}; a paper "
                "venue has one tier, give both hedges the same"
            )
        found[listing.symbol] = PaperContract(listing=listing, maker=fee, taker=fee)
    return tuple(found.values())


def balances_of(
    terms: Terms, venues: Mapping[str, str], venue: str
) -> dict[str, dict[str, Decimal]]:
    """Return what the accounts of a venue hold at the start: deposits and pledges."""
    return {
        account.name: {
            account.collateral: Decimal(repr(float(account.deposit))),
            **{pledge.asset: Decimal(repr(float(pledge.amount))) for pledge in account.pledges},
        }
        for account in terms.accounts
        if venues.get(account.name) == venue
    }
