"""One seeded market of hourly bars, as the lane engine reads it and as plain columns for peers."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hedgerow.adapters.lake import Lake
from hedgerow.engine import layout as at
from hedgerow.engine.tape import Tape
from hedgerow.market.series import PriceKind
from hedgerow.units import DAY, HOUR, Floats

HOURS = 43_800  # five years
START = 1_577_836_800_000_000_000  # 2020-01-01


class MarketMissing(RuntimeError):
    """A lake does not hold what the benchmark needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """Hourly bars of a perpetual whose mark is its price, funding and flows of coins.

    Attributes
    ----------
    opens, highs, lows, closes, volumes
        ``(hours,)``, quote per base and base coin.
    rates
        Of the settlements at every eighth open, ``(settlements,)``.
    flows
        What comes into the holding at each open, base coin, mostly 0, ``(hours,)``.
    """

    opens: Floats
    highs: Floats
    lows: Floats
    closes: Floats
    volumes: Floats
    rates: Floats
    flows: Floats


def synthetic(hours: int = HOURS, seed: int = 27) -> Market:
    """Return a walk like Bitcoin's: 0.6 % an hour, funding of 0.01 % on average, daily flows."""
    random = np.random.default_rng(seed)
    closes = 30_000.0 * np.exp(np.cumsum(random.normal(0.0, 0.006, hours)))
    return beside(closes, random)


def recorded(lake: Path) -> Market:
    """Return the five years 2020 to 2024 of Binance's BTC perpetual; flows are drawn.

    Raises
    ------
    MarketMissing
        If the lake does not hold every hour.
    """
    bars = Lake(lake).bars("binance", "BTC/USDT:USDT", PriceKind.TRADE, HOUR)
    first = int(np.searchsorted(bars.time, START))
    rows = slice(first, first + HOURS)
    values = np.stack([bars.open, bars.high, bars.low, bars.close, bars.volume])[:, rows]
    if values.shape[1] < HOURS or not np.isfinite(values).all():
        raise MarketMissing(f"{lake}: needs {HOURS} hours of BTC/USDT:USDT from 2020-01-01, no gap")
    opens, highs, lows, closes, volumes = (np.ascontiguousarray(row) for row in values)
    drawn = beside(closes, np.random.default_rng(7))
    return replace(drawn, opens=opens, highs=highs, lows=lows, volumes=np.maximum(volumes, 1.0))


def beside(closes: Floats, random: np.random.Generator) -> Market:
    """Return bars that open at the last close, with wicks, volumes, funding and flows drawn."""
    hours = len(closes)
    opens = np.concatenate([closes[:1], closes[:-1]])
    wick = np.abs(random.normal(0.0, 0.002, (2, hours)))
    flows = np.zeros(hours)
    flows[24::24] = random.normal(0.0, 1.0, len(flows[24::24]))
    return Market(
        opens=opens,
        highs=np.maximum(opens, closes) * (1.0 + wick[0]),
        lows=np.minimum(opens, closes) * (1.0 - wick[1]),
        closes=closes,
        volumes=random.uniform(500.0, 3_000.0, hours),
        rates=random.normal(1e-4, 2e-4, (hours + 7) // 8),
        flows=flows,
    )


def tape_of(market: Market, *, funding: bool) -> Tape:
    """Return the market as a tape: one instrument, a coin (0) and money (1)."""
    hours = len(market.closes)
    prices = np.zeros((hours, at.PRICE_ROWS, 1))
    columns = {
        at.OPEN: market.opens,
        at.MEAN: (market.opens + market.highs + market.lows + market.closes) / 4.0,
        at.CLOSE: market.closes,
        at.HIGH: market.highs,
        at.LOW: market.lows,
        at.MARK_OPEN: market.opens,
        at.MARK_HIGH: market.highs,
        at.MARK_LOW: market.lows,
        at.MARK: market.closes,
        at.INDEX_OPEN: market.opens,
        at.INDEX: market.closes,
        at.VOLUME: market.volumes,
        at.DEVIATION: np.full(hours, 0.006),
        at.VOLATILITY: np.full(hours, 0.56),
    }
    for row, column in columns.items():
        prices[:, row, 0] = column
    worth = np.ones((hours, 2 * at.WORTH_ROWS, 1))
    worth[:, at.WORTH_OPEN, 0] = market.opens
    worth[:, at.WORTH, 0] = market.closes
    clock = np.zeros((hours + 1, at.CLOCK_COLUMNS), dtype=np.int64)
    clock[:, at.TIME] = START + np.arange(hours + 1) * HOUR
    clock[:-1, at.DAY_END] = clock[1:, at.TIME] % DAY == 0
    clock[-2, at.DAY_END] = 1
    settlements = np.zeros((len(market.rates) if funding else 0, at.SETTLEMENT_ROWS, 1))
    if funding:
        settlements[:, at.SETTLEMENT_RATE, 0] = market.rates
        settlements[:, at.SETTLEMENT_PRICE, 0] = market.opens[::8]
        clock[:, at.SETTLEMENT] = (np.arange(hours + 1) + 7) // 8
    flowing = np.flatnonzero(market.flows)
    clock[:, at.FLOW] = np.searchsorted(flowing, np.arange(hours + 1))
    return Tape(
        clock=clock,
        step=HOUR,
        prices=prices,
        worth=worth,
        settlements=settlements,
        flows=np.stack([np.zeros(len(flowing)), market.flows[flowing]], axis=1),
    )
