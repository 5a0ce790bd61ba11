"""From recorded series to the tape that the engines read."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from hedgerow.analysis.run import Coverage
from hedgerow.engine import layout as at
from hedgerow.engine.tape import Tape
from hedgerow.errors import SpanError
from hedgerow.margin.deleveraging.crowd import Own
from hedgerow.margin.deleveraging.schedule import DeleveragingRule, deleveraging_schedule
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.series import PriceKind
from hedgerow.market.source import MarketSource
from hedgerow.replay.aligned import align, carried, required_bars
from hedgerow.replay.leg_prices import LegPrices, leg_prices
from hedgerow.replay.request import MarketLeg, Request
from hedgerow.replay.settlements import Settlements, settlements
from hedgerow.units import DAY, Floats, Times, iso


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """A tape with what the run must say about it."""

    tape: Tape
    settlement_time: Times
    coverage: Coverage
    stamps: tuple[str, ...]
    data_hash: str


def record_of(
    source: MarketSource, request: Request, deleveraging: DeleveragingRule | None = None
) -> Recorded:
    """Return everything that happens in the span, on one clock.

    With `deleveraging`, crashes of the marks take parts of winning positions away.

    Raises
    ------
    SpanError, DataGap, MarketDataError
        If the data do not cover what is asked.
    """
    for leg in request.legs:
        _check_listing(leg, request)
        required_bars(source, (*request.recorded_as(leg), PriceKind.TRADE), request)
    funding = [settlements(source, leg, request) for leg in request.legs]
    legs = [
        leg_prices(source, leg, request, settled)
        for leg, settled in zip(request.legs, funding, strict=True)
    ]
    taken = _take(request, legs, deleveraging)
    prices = np.ascontiguousarray(
        np.concatenate([leg.rows for leg in legs], axis=1)[:, :, np.newaxis]
    )
    worth, worth_stamps = _worth(source, request, legs)
    rows, times = _settlement_rows(request, funding)
    flows, placed, flow_stamps = _flow_rows(request)
    clock = _clock(request, times, placed)
    tape = Tape(
        clock=clock,
        step=request.step,
        prices=prices,
        worth=worth,
        settlements=rows,
        flows=flows,
    )
    holes = np.unique(np.concatenate([leg.holes for leg in legs]))
    missing = sum(settled.missing for settled in funding)
    stamps = [line for leg in legs for line in leg.stamps]
    stamps += taken
    for leg, settled in zip(request.legs, funding, strict=True):
        stamps += _funding_stamps(leg, settled)
    stamps += worth_stamps + flow_stamps
    stamps += [
        f"outage at {outage.venue} from {iso(outage.start)} to {iso(outage.end)}: orders "
        + ("filled late" if outage.late else "refused")
        for outage in request.outages
    ]
    return Recorded(
        tape=tape,
        settlement_time=times,
        coverage=Coverage(
            bars_expected=request.steps,
            bars_present=request.steps - len(holes),
            settlements_expected=len(times) + missing,
            settlements_present=len(times),
        ),
        stamps=tuple(dict.fromkeys(stamps)),
        data_hash=_digest(tape),
    )


def _take(request: Request, legs: list[LegPrices], rule: DeleveragingRule | None) -> list[str]:
    """Write what a venue takes away in crashes to the legs' rows; return what to say of it."""
    if rule is None:
        return []
    stamps = []
    times = request.first + np.arange(request.steps, dtype=np.int64) * request.step
    for leg, prices in zip(request.legs, legs, strict=True):
        if leg.ranking == "none":
            stamps.append(f"{leg.instrument}: {leg.venue} deleverages nobody, so nothing was taken")
            continue
        rows = prices.rows
        own = rule.own or _standing(leg, float(rows[0, at.MARK_OPEN]), request)
        ranked = replace(rule, own=own, crowd=replace(rule.crowd, ranking=leg.ranking))
        share, price = deleveraging_schedule(
            times,
            rows[:, at.MARK_HIGH].copy(),
            rows[:, at.MARK_LOW].copy(),
            rows[:, at.MARK].copy(),
            ranked,
        )
        rows[:, at.TAKEN] = share
        rows[:, at.TAKEN_PRICE] = price
        how = "" if rule.share else f" ({own.leverage:.2g}x leverage in its queue of {leg.ranking})"
        stamps.append(
            f"{leg.instrument}: {int((share > 0.0).sum())} crashes in which {leg.venue} would "
            f"deleverage a winning {rule.side}{how}; an assumption, not recorded history"
        )
    return stamps


def _standing(leg: MarketLeg, price: float, request: Request) -> Own:
    """Return how a leg stands in the queue: what it hedges over what backs it, at the start."""
    equity = sum(
        amount if asset in request.cash else amount * price for asset, amount in leg.backing.items()
    )
    worth = abs(leg.hedged) * price
    return Own(leverage=worth / equity) if worth > 0.0 and equity > 0.0 else Own()


def _check_listing(leg: MarketLeg, request: Request) -> None:
    if leg.listed is None or leg.instrument in request.proxies:
        return
    if request.start < leg.listed:
        raise SpanError(
            f"{leg.instrument} was listed at {leg.venue} on {leg.listed}; a run from "
            f"{request.start} has no such contract: start later, or name a stand-in under "
            "[data.proxy]"
        )


def _funding_stamps(leg: MarketLeg, settled: Settlements) -> list[str]:
    lines = [
        f"{leg.instrument}: {len(settled.time)} settlements from {settled.source}; paid at "
        + ", ".join(f"{name} ({count})" for name, count in settled.origins)
    ]
    if settled.missing:
        lines.append(
            f"{leg.instrument}: {settled.missing} settlements are missing; no funding was paid for "
            "them"
        )
    lines += [
        f"{leg.instrument}: funding interval changed from {before:g} h to {after:g} h "
        f"at {iso(time)}"
        for time, before, after in settled.changes
    ]
    return lines


def _worth(
    source: MarketSource, request: Request, legs: list[LegPrices]
) -> tuple[Floats, list[str]]:
    """Return the worth of each asset in numeraire at opens and closes, ``(steps, rows, 1)``."""
    money: dict[str, tuple[Floats, Floats]] = {}
    stamps: list[str] = []
    ones = np.ones(request.steps)
    for asset in request.assets:
        if asset in request.cash:
            money[asset] = _peg(source, request, asset, stamps) or (ones, ones)
    for asset in request.assets:
        if asset not in request.cash:
            money[asset] = _coin(source, request, asset, legs, money)
    if request.numeraire_coin is not None:
        opening, closing = money[request.numeraire_coin]
        money = {name: (first / opening, last / closing) for name, (first, last) in money.items()}
    table = np.empty((request.steps, len(request.assets) * at.WORTH_ROWS, 1))
    for number, asset in enumerate(request.assets):
        table[:, number * at.WORTH_ROWS + at.WORTH_OPEN, 0] = money[asset][0]
        table[:, number * at.WORTH_ROWS + at.WORTH, 0] = money[asset][1]
    return table, stamps


def _peg(
    source: MarketSource, request: Request, asset: str, stamps: list[str]
) -> tuple[Floats, Floats] | None:
    """Return a stablecoin's price in dollars if the source has one, else None and a stamp."""
    if asset == "USD":
        return None
    for venue in _venues(request):
        name = f"{asset}/USD"
        if request.step in source.steps(venue, name, PriceKind.TRADE):
            bars = required_bars(source, (venue, name, PriceKind.TRADE), request)
            laid = align(bars, request)
            close = carried(laid.close, laid.before)
            stamps.append(f"{asset} valued by {name} ({laid.source})")
            before = np.concatenate([[close[0]], close[:-1]])
            return np.where(np.isfinite(laid.open), laid.open, before), close
    stamps.append(f"{asset} taken as worth 1 USD: no series of {asset}/USD is held")
    return None


def _venues(request: Request) -> tuple[str, ...]:
    """Return where prices may come from: the venues of the hedges, then those that stand in."""
    own = [leg.venue for leg in request.legs]
    others = [request.recorded_as(leg).venue for leg in request.legs]
    return tuple(dict.fromkeys((*own, *others)))


def _coin(
    source: MarketSource,
    request: Request,
    asset: str,
    legs: list[LegPrices],
    money: dict[str, tuple[Floats, Floats]],
) -> tuple[Floats, Floats]:
    """Return a coin's price in dollars: its leg's index, else its own spot series."""
    for leg, prices in zip(request.legs, legs, strict=True):
        symbol = parse_symbol(leg.instrument)
        if symbol.base == asset:
            first, last = money.get(symbol.quote, (np.ones(request.steps),) * 2)
            return prices.rows[:, at.INDEX_OPEN] * first, prices.rows[:, at.INDEX] * last
    for venue in _venues(request):
        for quote in ("USDT", "USD", "USDC"):
            name = f"{asset}/{quote}"
            if request.step in source.steps(venue, name, PriceKind.TRADE):
                laid = align(
                    required_bars(source, (venue, name, PriceKind.TRADE), request), request
                )
                close = carried(laid.close, laid.before)
                before = np.concatenate([[close[0]], close[:-1]])
                return np.where(np.isfinite(laid.open), laid.open, before), close
    raise SpanError(f"{source.name}: no price series of {asset}; import {asset}/USDT spot bars")


def _settlement_rows(request: Request, funding: list[Settlements]) -> tuple[Floats, Times]:
    """Return all legs' settlements in time order, ``(n, SETTLEMENT_ROWS, 1)``, and their times."""
    time = np.concatenate([settled.time for settled in funding])
    leg = np.concatenate(
        [np.full(len(settled.time), float(i)) for i, settled in enumerate(funding)]
    )
    order = np.lexsort((leg, time))
    time = time[order]
    rows = np.empty((len(time), at.SETTLEMENT_ROWS, 1))
    rows[:, at.SETTLEMENT_LEG, 0] = leg[order]
    rows[:, at.SETTLEMENT_INSIDE, 0] = (time - request.first) % request.step != 0
    rows[:, at.SETTLEMENT_RATE, 0] = np.concatenate([s.rate for s in funding])[order]
    rows[:, at.SETTLEMENT_PRICE, 0] = np.concatenate([s.price for s in funding])[order]
    return rows, time


def _flow_rows(request: Request) -> tuple[Floats, Times, list[str]]:
    """Return flows after the start as (asset, amount) with the bar at whose open each comes in."""
    inside = sorted(
        (flow for flow in request.flows if flow.time > request.first), key=lambda flow: flow.time
    )
    place = [-((request.first - flow.time) // request.step) for flow in inside]
    kept = [(flow, bar) for flow, bar in zip(inside, place, strict=True) if bar < request.steps]
    stamps = []
    if len(kept) < len(inside):
        stamps.append(f"{len(inside) - len(kept)} flows fall after the span and are left out")
    rows = np.array(
        [(request.assets.index(flow.asset), flow.amount) for flow, _ in kept], dtype=np.float64
    ).reshape(-1, 2)
    return rows, np.array([bar for _, bar in kept], dtype=np.int64), stamps


def _clock(request: Request, settled: Times, flow_bars: Times) -> Times:
    steps = request.steps
    clock = np.zeros((steps + 1, at.CLOCK_COLUMNS), dtype=np.int64)
    opens = request.first + np.arange(steps + 1) * request.step
    clock[:, at.TIME] = opens
    clock[:, at.SETTLEMENT] = np.searchsorted(settled, opens, side="left")
    clock[:, at.FLOW] = np.searchsorted(flow_bars, np.arange(steps + 1), side="left")
    clock[:-1, at.DAY_END] = (opens[1:] % DAY == 0).astype(np.int64)
    clock[steps - 1, at.DAY_END] = 1
    return clock


def _digest(tape: Tape) -> str:
    digest = hashlib.sha256()
    for array in (tape.clock, tape.prices, tape.worth, tape.settlements, tape.flows):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
