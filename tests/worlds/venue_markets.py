"""Small made-up markets of every venue whose rules are complete, and the jobs that live in them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

import hedgerow as hr
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.market.series import Bars, FundingRates, PriceKind
from hedgerow.market.tables import contract_rules, contracts, known_rules, venues
from hedgerow.market.venue import ContractRules
from hedgerow.units import HOUR, Floats, nanoseconds

START: Final = date(2026, 10, 2)  # after every table's first day
END: Final = date(2026, 10, 7)
FIRST: Final = nanoseconds(datetime(2026, 10, 2, tzinfo=UTC))
HOURS: Final = 24 * 6
LEVEL: Final = {"BTC": 60_000.0, "ETH": 3_000.0}
COINS: Final = {"BTC": 40.0, "ETH": 800.0}  # beyond the first brackets


def complete() -> tuple[tuple[str, str], ...]:
    """Return every contract on BTC or ETH that a hedge may use and whose rules are all known."""
    found = []
    for venue in venues():
        for symbol in contracts(venue):
            parts = parse_symbol(symbol)
            usable = parts.base in LEVEL and parts.settlement is not Settlement.QUANTO
            if usable and not known_rules(venue, symbol, START).missing:
                found.append((venue, symbol))
    return tuple(found)


CONTRACTS: Final = complete()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One contract of one venue, and how it behaves in a small market.

    `moves` are the logarithms of the hourly prices over the level at the start, ``(HOURS,)``;
    `basis` is the largest distance of the mark from the index, as a fraction.
    """

    venue: str
    symbol: str
    moves: Floats
    basis: float = 7e-4

    @property
    def rules(self) -> ContractRules:
        """The venue's table on the first day."""
        return contract_rules(self.venue, self.symbol, START)

    @property
    def base(self) -> str:
        """The coin."""
        return parse_symbol(self.symbol).base

    @property
    def settle(self) -> str:
        """What it pays in."""
        return str(parse_symbol(self.symbol).settle)

    @property
    def index(self) -> Floats:
        """Hourly closes of the index, ``(HOURS,)``."""
        close: Floats = LEVEL[self.base] * np.exp(self.moves)
        return close

    @property
    def mark(self) -> Floats:
        """Hourly closes of the mark: a basis that comes and goes, ``(HOURS,)``."""
        away: Floats = 1.0 + self.basis * np.cos(0.3 * np.arange(HOURS))
        return self.index * away

    @property
    def settled_every(self) -> int:
        """Hours between recorded settlements; a continuous rule is recorded by the hour."""
        rule = self.rules.funding
        return 1 if rule.continuous else rule.interval_hours


def rally(size: float = 0.4) -> Floats:
    """Return a calm day, a rise by `size` (in logarithms; a crash if negative), and calm again."""
    hours = np.arange(HOURS)
    ramp = np.clip((hours - 30.0) / 60.0, 0.0, 1.0)
    moves: Floats = size * ramp + 2e-3 * np.sin(hours)
    return moves


def gap(size: float) -> Floats:
    """Return a calm market that jumps by `size` between two hours."""
    hours = np.arange(HOURS)
    return np.where(hours >= 57, size, 0.0) + 2e-3 * np.sin(hours)


def bars(close: Floats, step: int = HOUR, *, jumps: bool = False) -> Bars:
    """Return bars of hourly closes; with `jumps`, no bar holds the way from one to the next."""
    opened = close.copy() if jumps else np.concatenate([[close[0]], close[:-1]])
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    per = step // HOUR
    fold = (len(close) // per, per)
    return Bars(
        time=FIRST + np.arange(fold[0]) * step,
        step=step,
        open=opened.reshape(fold)[:, 0].copy(),
        high=high.reshape(fold).max(axis=1),
        low=low.reshape(fold).min(axis=1),
        close=close.reshape(fold)[:, -1].copy(),
        volume=np.full(fold[0], 1e6),
        source="by hand",
    )


def settlements(every: int) -> FundingRates:
    """Return settlements every so many hours, of both signs."""
    time = FIRST + np.arange(0, HOURS, every) * HOUR
    return FundingRates(
        time=time,
        rate=1.2e-4 * every / 8.0 * (0.4 + np.sin(np.arange(len(time)))),
        mark_price=np.full(len(time), np.nan),
        interval_hours=np.concatenate([[np.nan], np.full(len(time) - 1, float(every))]),
        source="by hand",
    )


def source_of(*listed: Listed, jumps: bool = False) -> hr.MemorySource:
    """Return a market of these contracts, in bars of one hour and of eight."""
    prices: dict[tuple[str, str, PriceKind], tuple[Bars, ...]] = {}
    for one in listed:
        for kind, close in (
            (PriceKind.TRADE, one.mark * 1.0002),
            (PriceKind.MARK, one.mark),
            (PriceKind.INDEX, one.index),
        ):
            prices[one.venue, one.symbol, kind] = tuple(
                bars(close, step, jumps=jumps) for step in (HOUR, 8 * HOUR)
            )
    return hr.MemorySource(
        name="by hand",
        prices=prices,
        settlements={(one.venue, one.symbol): settlements(one.settled_every) for one in listed},
    )


def world_of(*listed: Listed, bar: str = "1h", jumps: bool = False) -> hr.Replay:
    """Return the replay of these contracts over the whole span."""
    return hr.Replay(source_of(*listed, jumps=jumps), START, END, bar=bar)


def hedged(listed: Listed, *, leverage: float = 5.0) -> hr.Job:
    """Return a short that hedges coins, backed by its own deposit alone, and closed for good."""
    coins = COINS[listed.base]
    book = hr.Book([hr.Holding(listed.base, coins)])
    unit = 1.0 if listed.settle == listed.base else LEVEL[listed.base]
    deposit = coins * unit / leverage
    return hr.Job(
        hedges=[hr.Hedge(book, instrument=listed.symbol, venue=listed.venue, policy=hr.Hold())],
        margins=[
            hr.Margin(
                collateral=listed.settle,
                deposit=deposit,
                top_up_below=0.0,
                after_liquidation="stay",
            )
        ],
    )


def pledging(listed: Listed, *, leverage: float = 5.0) -> hr.Job:
    """Return dollars counted in coin, so that a long hedges them, backed by pledges too.

    Half of what backs it is a pledge: coins for a linear contract, money for an inverse one.
    """
    coins = COINS[listed.base]
    money = parse_symbol(listed.symbol).quote if listed.settle == listed.base else listed.settle
    book = hr.Book([hr.Holding(money, coins * LEVEL[listed.base])], numeraire=listed.base)
    half = coins / leverage / 2.0
    in_coin, in_money = half, half * LEVEL[listed.base]
    linear = listed.settle != listed.base
    pledge = hr.Pledge(
        asset=listed.base if linear else money,
        amount=in_coin if linear else in_money,
        haircut=0.05,
        extra=True,
    )
    return hr.Job(
        hedges=[hr.Hedge(book, instrument=listed.symbol, venue=listed.venue, policy=hr.Hold())],
        margins=[
            hr.Margin(
                collateral=listed.settle,
                deposit=in_money if linear else in_coin,
                mode="cross",
                extra=True,
                top_up_below=0.0,
                after_liquidation="stay",
                pledges=(pledge,),
            )
        ],
    )
