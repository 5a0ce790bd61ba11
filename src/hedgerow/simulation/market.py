"""A whole simulated market, with bars and funding, from a seed."""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.funding_rate import FundingTerms, average_premium, funding_rate
from hedgerow.market.series import Bars, FundingRates, PriceKind
from hedgerow.market.source import MemorySource
from hedgerow.market.tables import contract_rules
from hedgerow.market.venue import FundingRule
from hedgerow.simulation.path import STEP, PricePath, price_path
from hedgerow.simulation.regimes import Regime, story
from hedgerow.units import HOUR, Floats, nanoseconds

VENUE: Final = "binance"
SPOT: Final = "BTC/USDT"
PERPETUAL: Final = "BTC/USDT:USDT"
START: Final = date(2024, 1, 1)
DAYS: Final = 540
PRICE: Final = 42_000.0
BAR: Final = HOUR
MARK_POINTS: Final = 3  # points over which the mark averages the premium
SPOT_VOLUME: Final = 1_500.0  # base coin an hour in a calm market
PERPETUAL_VOLUME: Final = 9_000.0


class _Series(NamedTuple):
    """What sets one price series apart from the path of the index."""

    symbol: str
    kind: PriceKind
    premium: Floats  # over the index, at each point
    volume: Floats  # one number a bar
    digits: int  # decimals of the tick


def market(
    seed: int, *, start: date = START, days: int = DAYS, price: float = PRICE
) -> MemorySource:
    """Return a simulated market of BTC on one venue: spot, linear perpetual, mark and funding.

    It runs through calm, a rally, a short squeeze, froth, a crash, a winter and a recovery; the
    seed decides the way between them, see `price_path`. The same seed gives the same numbers.

    Parameters
    ----------
    seed
        Any whole number >= 0.
    start
        First day, from 00:00 UTC.
    days
        Length of the whole story, at least a day for each regime.
    price
        Of the coin at the start, quote per base.

    Examples
    --------
    >>> source = market(7, days=30)
    >>> source.simulated, source.bars("binance", "BTC/USDT", PriceKind.TRADE, HOUR).time.size
    (True, 720)
    """
    if seed < 0:
        raise ConfigError(f"seed = {seed} is refused; write a whole number of 0 or more")
    if not 0.0 < price < float("inf"):
        raise ConfigError(f"price = {price} is refused; write a positive number")
    random = np.random.Generator(np.random.PCG64(seed))
    rule = contract_rules(VENUE, PERPETUAL, start).funding
    return told(random, story(days), start=start, price=price, rule=rule)


def told(
    random: np.random.Generator,
    regimes: tuple[Regime, ...],
    *,
    start: date,
    price: float,
    rule: FundingRule,
) -> MemorySource:
    """Return the market of one path through `regimes`, with funding by the venue's `rule`."""
    path = price_path(random, regimes, price)
    opening = nanoseconds(datetime(start.year, start.month, start.day, tzinfo=UTC))
    smooth = _trailing_mean(np.concatenate((path.warm_up, path.premium)), MARK_POINTS)
    mark = smooth[path.warm_up.size :]
    activity = np.repeat(
        [regime.activity for regime in regimes],
        [regime.days * 24 for regime in regimes],
    )
    volume = _volume(random, path, activity)
    names = " -> ".join(regime.name for regime in regimes)
    label = f"SIMULATED ({names})"
    still = np.zeros_like(path.premium)
    unknown = np.full(volume.size, np.nan)
    series = (
        _Series(SPOT, PriceKind.TRADE, still, volume * SPOT_VOLUME, 2),
        _Series(PERPETUAL, PriceKind.TRADE, path.premium, volume * PERPETUAL_VOLUME, 1),
        _Series(PERPETUAL, PriceKind.MARK, mark, unknown, 2),
    )
    return MemorySource(
        name=label,
        prices={
            (VENUE, one.symbol, one.kind): (_bars(path, one, opening, label),) for one in series
        },
        settlements={(VENUE, PERPETUAL): _settlements(path, mark, rule, opening, label)},
        simulated=True,
    )


def _bars(path: PricePath, series: _Series, opening: int, source: str) -> Bars:
    """Return the bars of index x (1 + premium), rounded to the tick."""
    per_bar = BAR // STEP
    premium = series.premium
    points = path.index * (1.0 + premium)
    high = path.high * (1.0 + np.maximum(premium[:-1], premium[1:]))
    low = path.low * (1.0 + np.minimum(premium[:-1], premium[1:]))
    return Bars(
        time=opening + BAR * np.arange(series.volume.size, dtype=np.int64),
        step=BAR,
        open=np.round(points[:-1:per_bar], series.digits),
        high=np.round(high.reshape(-1, per_bar).max(axis=1), series.digits),
        low=np.round(low.reshape(-1, per_bar).min(axis=1), series.digits),
        close=np.round(points[per_bar::per_bar], series.digits),
        volume=series.volume,
        source=source,
    )


def _volume(random: np.random.Generator, path: PricePath, activity: Floats) -> Floats:
    """Return hourly volume, 1.0 in a calm hour of the usual range; busier where prices move."""
    per_bar = BAR // STEP
    high = path.high.reshape(-1, per_bar).max(axis=1)
    low = path.low.reshape(-1, per_bar).min(axis=1)
    spread = np.log(high / low)
    noise = 0.4 * random.standard_normal(spread.size) - 0.08
    volume: Floats = activity * np.sqrt(spread / np.median(spread)) * np.exp(noise)
    return volume


def _settlements(
    path: PricePath, mark: Floats, rule: FundingRule, opening: int, source: str
) -> FundingRates:
    """Return funding by the venue's rule, from the premium of each interval, as it publishes it."""
    per_interval = rule.interval_hours * HOUR // STEP
    premium = np.concatenate((path.warm_up, path.premium))
    points = np.arange(0, path.index.size, per_interval)
    terms = FundingTerms(
        interest=float(rule.interest),
        clamp=float(rule.clamp),
        cap=float(rule.cap),
        floor=float(rule.floor),
        interval_hours=float(rule.interval_hours),
    )
    rates = [
        funding_rate(average_premium(premium[end - per_interval : end]), terms)
        for end in (points + path.warm_up.size).tolist()
    ]
    return FundingRates(
        time=opening + STEP * points.astype(np.int64),
        rate=np.round(rates, 8),
        mark_price=np.round((path.index * (1.0 + mark))[points], 2),
        interval_hours=np.full(points.size, float(rule.interval_hours)),
        source=source,
    )


def _trailing_mean(values: Floats, points: int) -> Floats:
    """Return the mean of each value and the `points - 1` before it, the first ones unchanged."""
    result = values.copy()
    result[points - 1 :] = np.convolve(values, np.full(points, 1.0 / points), mode="valid")
    return result
