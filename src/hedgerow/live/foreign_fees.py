"""Fees that a venue takes in a coin of its own: what they are worth, and what nobody could value.

Binance takes fees in BNB from whoever holds some. The books hold none, so such a fee is booked at
the coin's price in the account's own asset; the coin itself came past the desk.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hedgerow.execution.order import TradeReport
from hedgerow.execution.port import QuoteReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.effects import FetchQuote
from hedgerow.market.instrument import parse_symbol

KIND: Final = "unvalued_fee"
FEE_COINS: Final[Mapping[str, str]] = {"binance": "BNB"}  # by venue, at a discount


class ForeignFees:
    """Prices of coins that fees were paid in, and the fees that had none; a fold over its facts."""

    def __init__(self) -> None:
        self._prices: dict[tuple[str, str, str], float] = {}  # by venue, coin and own asset
        self.unvalued: dict[str, Decimal] = {}  # by coin, paid > 0

    def apply(self, fact: Draft | Record) -> None:
        """Count a fee that could not be valued."""
        if fact.kind != KIND:
            return
        body: Mapping[str, Any] = fact.body
        coin = body["currency"]
        self.unvalued[coin] = self.unvalued.get(coin, Decimal(0)) + Decimal(body["amount"])

    def price(self, venue: str, coin: str, own: str) -> float | None:
        """Return what a coin costs in an account's own asset, None where nobody said."""
        return self._prices.get((venue, coin, own))

    def learn(self, quote: QuoteReport) -> None:
        """Take in what a coin costs."""
        parts = parse_symbol(quote.symbol)
        price = quote.mark
        if not price and quote.bid and quote.ask:
            price = (quote.bid + quote.ask) / 2.0
        if price:
            self._prices[quote.venue, parts.base, parts.quote] = price

    def questions(self, own: Mapping[str, set[str]]) -> tuple[FetchQuote, ...]:
        """Return how to learn the prices of the coins that venues like to take fees in.

        Parameters
        ----------
        own
            The accounts' own assets by venue.
        """
        wanted = [
            (venue, FEE_COINS[venue], asset)
            for venue, assets in own.items()
            if venue in FEE_COINS
            for asset in sorted(assets)
            if asset != FEE_COINS[venue]
        ]
        return tuple(question(*one) for one in wanted)


def question(venue: str, coin: str, own: str) -> FetchQuote:
    """Return how to ask what a coin costs."""
    return FetchQuote(venue=venue, symbol=f"{coin}/{own}:{own}")


def unvalued(report: TradeReport, time: int) -> Draft:
    """Return the fact that a fee is in no result, as its coin has no price."""
    body = {
        "venue": report.venue,
        "account": report.account,
        "symbol": report.symbol,
        "currency": report.fee_currency,
        "amount": str(-report.fee),
    }
    return Draft(time=time, kind=KIND, body=body)
