"""Random markets on a tape: rallies, crashes, holes, outages, settlements and flows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.tape import Tape
from hedgerow.units import DAY, HOUR, Floats, Integers

ASSETS: Final = ("BTC", "ETH", "USDT")
_START: Final = 18_262 * DAY  # 2020-01-01
_SPOT: Final = {"BTC": 30_000.0, "ETH": 2_000.0}
_DRIFT: Final = {"calm": 0.0, "rally": 0.004, "crash": -0.004, "wild": 0.0}
_DEVIATION: Final = {"calm": 0.003, "rally": 0.01, "crash": 0.01, "wild": 0.03}
_STATUS: Final = {"holes": at.HOLE, "rejecting": at.REJECTING, "delaying": at.DELAYING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What kind of market a tape holds; `coins` names the asset of each leg."""

    seed: int
    coins: tuple[str, ...]
    mood: str = "calm"
    trouble: str = "none"
    settled: str = "open"  # when: "open", "inside" or "both"
    hours: int = 1
    flows: bool = False
    width: int = 1
    coin_numeraire: bool = False
    taken: bool = False  # whether the venue deleverages now and then
    steps: int = 240


def random_tape(weather: Weather) -> Tape:
    """Return the same tape for the same weather."""
    random = np.random.default_rng(weather.seed)
    steps, width = weather.steps, weather.width
    prices = np.zeros((steps, len(weather.coins) * at.PRICE_ROWS, width))
    index = {coin: _index(random, weather, spot) for coin, spot in _SPOT.items()}
    for leg, coin in enumerate(weather.coins):
        block = prices[:, leg * at.PRICE_ROWS : (leg + 1) * at.PRICE_ROWS]
        _leg(random, weather, index[coin], block)
    settlements, firsts = _settlements(random, weather, prices)
    flows, flow_firsts = _flows(random, weather)
    clock = np.zeros((steps + 1, at.CLOCK_COLUMNS), dtype=np.int64)
    clock[:, at.TIME] = _START + np.arange(steps + 1) * weather.hours * HOUR
    clock[:, at.SETTLEMENT] = firsts
    clock[:, at.FLOW] = flow_firsts
    clock[:-1, at.DAY_END] = (clock[1:, at.TIME] % DAY) == 0
    clock[-2, at.DAY_END] = 1
    return Tape(
        clock=clock,
        step=weather.hours * HOUR,
        prices=prices,
        worth=_worth(index, coin_numeraire=weather.coin_numeraire),
        settlements=settlements,
        flows=flows,
    )


def _index(random: np.random.Generator, weather: Weather, spot: float) -> tuple[Floats, Floats]:
    """Return the index at opens and closes, ``(steps, width)`` each."""
    size = (weather.steps, weather.width)
    scale = np.sqrt(weather.hours)
    moves = random.normal(_DRIFT[weather.mood] * scale, _DEVIATION[weather.mood] * scale, size)
    jumps = (random.random(size) < 0.01) * random.normal(0.0, 0.08, size)
    close = spot * np.exp(np.cumsum(np.clip(moves + jumps, -0.3, 0.3), axis=0))
    gaps = random.normal(0.0, 0.002, size)
    if weather.mood == "wild":
        gaps += (random.random(size) < 0.04) * random.normal(0.0, 0.15, size)
    before = np.concatenate([np.full((1, weather.width), spot), close[:-1]])
    return before * np.exp(gaps), close


def _leg(
    random: np.random.Generator, weather: Weather, index: tuple[Floats, Floats], block: Floats
) -> None:
    size = index[0].shape
    basis = np.cumsum(random.normal(0.0, 0.0004, size), axis=0)
    opened, closed = index[0] * (1.0 + basis), index[1] * (1.0 + basis)
    top = np.maximum(opened, closed) * (1.0 + np.abs(random.normal(0.0, 0.006, size)))
    bottom = np.minimum(opened, closed) * (1.0 - np.abs(random.normal(0.0, 0.006, size)))
    off = 1.0 + random.normal(0.0, 0.0005, size)
    rows = {
        at.OPEN: opened * off,
        at.CLOSE: closed * off,
        at.HIGH: np.maximum(top, np.maximum(opened, closed) * off),
        at.LOW: np.minimum(bottom, np.minimum(opened, closed) * off),
        at.MARK_OPEN: opened,
        at.MARK_HIGH: top,
        at.MARK_LOW: bottom,
        at.MARK: closed,
        at.INDEX_OPEN: index[0],
        at.INDEX: index[1],
        at.VOLUME: random.uniform(10.0, 1e4, size),
        at.DEVIATION: random.uniform(0.001, 0.02, size),
        at.VOLATILITY: random.uniform(0.2, 1.5, size),
        at.PREDICTED: random.normal(0.0, 3e-4, size),
        at.INTERVAL: np.full(size, 8.0),
    }
    for row, values in rows.items():
        block[:, row] = values
    block[:, at.MEAN] = (
        block[:, at.OPEN] + block[:, at.HIGH] + block[:, at.LOW] + block[:, at.CLOSE]
    ) / 4.0
    if weather.taken:
        struck = random.random(size) < 0.04
        block[:, at.TAKEN] = np.where(struck, random.choice([0.3, 1.0], size), 0.0)
        block[:, at.TAKEN_PRICE] = opened * (1.0 + random.normal(0.0, 0.03, size))
    block[:, at.SOURCE] = random.integers(0, 3, (size[0], 1))
    if weather.trouble != "none":
        first = int(random.integers(0, 5))
        stretch = (np.arange(size[0]) + first) % 13 < 4
        block[:, at.STATUS] = np.where(stretch, _STATUS[weather.trouble], at.TRADING)[:, None]
    if weather.trouble == "holes":
        _hold_last(block)


def _hold_last(block: Floats) -> None:
    """Give a hole the last known prices; marks and index go on."""
    for step in range(1, block.shape[0]):
        if block[step, at.STATUS, 0] == at.HOLE:
            last = block[step - 1, at.CLOSE]
            for row in (at.OPEN, at.MEAN, at.CLOSE, at.HIGH, at.LOW):
                block[step, row] = last


def _settlements(
    random: np.random.Generator, weather: Weather, prices: Floats
) -> tuple[Floats, Integers]:
    """Return settlements every 8 hours of every leg, and the first of each bar."""
    rows: list[Floats] = []
    firsts = [0]
    for step in range(weather.steps):
        due = (step * weather.hours) % 8 == 0
        for inside in (0.0, 1.0):
            wanted = weather.settled in ("both", "inside" if inside else "open")
            if due and wanted:
                rows += [
                    _settlement(random, weather, prices[step], (leg, inside))
                    for leg in range(len(weather.coins))
                ]
        firsts.append(len(rows))
    table = np.array(rows).reshape(-1, at.SETTLEMENT_ROWS, weather.width)
    return np.ascontiguousarray(table), np.array(firsts, dtype=np.int64)


def _settlement(
    random: np.random.Generator, weather: Weather, prices: Floats, which: tuple[int, float]
) -> Floats:
    leg, inside = which
    row = np.zeros((at.SETTLEMENT_ROWS, weather.width))
    row[at.SETTLEMENT_LEG] = leg
    row[at.SETTLEMENT_INSIDE] = inside
    row[at.SETTLEMENT_RATE] = random.normal(1e-4, 5e-4, weather.width)
    row[at.SETTLEMENT_PRICE] = prices[leg * at.PRICE_ROWS + at.MARK_OPEN]
    return row


def _flows(random: np.random.Generator, weather: Weather) -> tuple[Floats, Integers]:
    """Return coins that come and go, and the first flow of each bar."""
    rows: list[tuple[float, float]] = []
    firsts = [0]
    for _ in range(weather.steps):
        if weather.flows and random.random() < 0.03:
            asset = int(random.integers(0, 3))
            rows.append((float(asset), float(random.normal(0.2, 0.6)) * (1.0, 10.0, 5e3)[asset]))
        firsts.append(len(rows))
    return np.array(rows).reshape(-1, 2), np.array(firsts, dtype=np.int64)


def _worth(index: dict[str, tuple[Floats, Floats]], *, coin_numeraire: bool) -> Floats:
    """Return the worth of each asset in dollars, or in the first coin."""
    rows = []
    for asset in ASSETS:
        for field in (at.WORTH_OPEN, at.WORTH):
            one = index[asset][field] if asset in index else np.ones_like(index["BTC"][field])
            rows.append(one / index["BTC"][field] if coin_numeraire else one)
    return np.ascontiguousarray(np.stack(rows, axis=1))
