"""What portfolio margin adds to the worst scenario: contingencies and minimum charges."""

from collections import defaultdict
from dataclasses import dataclass

from hedgerow.margin.portfolio.book import OptionPosition, PortfolioBook

_STEP = 1e-5  # relative half-step of a difference quotient; its error is far below any charge


def option_delta(book: PortfolioBook, option: OptionPosition) -> float:
    """Return the delta of an option position to its forward, in coins; the premium aside."""
    forward = book.forward(option)
    up = option.value(forward * (1.0 + _STEP), option.volatility)
    down = option.value(forward * (1.0 - _STEP), option.volatility)
    return option.quantity * (up - down) / (2.0 * _STEP * forward)


def deltas(book: PortfolioBook) -> dict[str, float]:
    """Return the delta of each expiry in coins, futures and options together."""
    found: dict[str, float] = defaultdict(float)
    for future in book.futures:
        found[future.expiry] += future.coins()
    for option in book.options:
        found[option.series] += option_delta(book, option)
    return dict(found)


def net_short_options(book: PortfolioBook) -> float:
    """Return the options sold beyond those bought, summed over expiries and strikes, in coins.

    Calls and puts of one strike count together: 10 calls bought and 20 puts sold are 10 short.
    """
    by_strike: dict[tuple[str, float], float] = defaultdict(float)
    for option in book.options:
        by_strike[option.series, option.strike] += option.quantity
    return sum(max(-quantity, 0.0) for quantity in by_strike.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class NetAndHedged:
    """The parts of a delta: what is open, and what stands against each other."""

    net: float
    hedged: float


def net_and_hedged(positions: list[float]) -> NetAndHedged:
    """Return ``|sum|`` and half of what the sum of sizes exceeds it by.

    >>> net_and_hedged([1.0, -1.5])
    NetAndHedged(net=0.5, hedged=1.0)
    """
    net = abs(sum(positions))
    gross = sum(abs(position) for position in positions)
    return NetAndHedged(net=net, hedged=0.5 * (gross - net))


def position_deltas(book: PortfolioBook) -> list[float]:
    """Return the delta of each position, in coins."""
    return [future.coins() for future in book.futures] + [
        option_delta(book, option) for option in book.options
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingencies:
    """Charges beside the worst scenario, as fractions of the underlying's worth.

    Attributes
    ----------
    short_option
        For each option sold beyond those bought, by expiry and strike.
    offset_futures
        For futures of one expiry held against those of another.
    offset_expiries
        For delta of one expiry, options included, against that of another (inter-month).
    """

    short_option: float = 0.0
    offset_futures: float = 0.0
    offset_expiries: float = 0.0

    def charge(self, book: PortfolioBook) -> float:
        """Return the charges of a book, in quote, >= 0."""
        coins = self.short_option * net_short_options(book)
        by_expiry: dict[str, float] = defaultdict(float)
        for future in book.futures:
            by_expiry[future.expiry] += future.coins()
        coins += self.offset_futures * net_and_hedged(list(by_expiry.values())).hedged
        if self.offset_expiries > 0.0:
            coins += self.offset_expiries * net_and_hedged(list(deltas(book).values())).hedged
        return coins * book.index


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaMinimum:
    """The least a book is charged, however well its scenarios cancel.

    Attributes
    ----------
    net, hedged
        Fractions of the worth of net delta and of delta that positions hedge of each other.
    """

    net: float = 0.0
    hedged: float = 0.0

    def charge(self, book: PortfolioBook) -> float:
        """Return the least charge of a book, in quote, >= 0."""
        parts = net_and_hedged(position_deltas(book))
        return (self.net * parts.net + self.hedged * parts.hedged) * book.index
