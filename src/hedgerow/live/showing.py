"""What a running desk shows of itself, read off its books, its dealer and its markets."""

import math
from decimal import Decimal
from importlib.metadata import version
from typing import Final, Protocol

from hedgerow.engine.desk_look import look
from hedgerow.engine.desk_margin import FLAT, room
from hedgerow.engine.desk_worth import exposure, profit
from hedgerow.execution.port import StreamReport
from hedgerow.kernels.contract import base_size
from hedgerow.live.audit import Auditor
from hedgerow.live.core import Core
from hedgerow.live.decisions import shown
from hedgerow.live.liquidation_view import liquidation_price
from hedgerow.live.market_view import Seen
from hedgerow.live.pair_desk import PairDesk
from hedgerow.live.pair_view import naked_view
from hedgerow.live.setup import Setup
from hedgerow.live.spot_booking import account_of, coin_of
from hedgerow.live.standing import DeskState
from hedgerow.live.view import (
    AccountView,
    BookView,
    DeskView,
    FundingView,
    GuardView,
    Identity,
    LegView,
    Mode,
    MoneyView,
    NoticeView,
    OrderView,
    PositionView,
    PriceView,
    StreamView,
)
from hedgerow.live.warden import Warden
from hedgerow.units import SECOND

_HOURS_A_YEAR: Final = 8760.0
_STOPS: Final = ("nothing", "risk", "until resumed")


class Shown(Protocol):
    """What is read off a desk to show it."""

    setup: Setup
    core: Core
    standing: DeskState
    warden: Warden | None
    auditor: Auditor
    pairs: PairDesk
    streams: dict[str, StreamReport]
    started: int


def desk_view(desk: Shown, now: int) -> DeskView:
    """Return everything a desk shows at `now`."""
    core = desk.core
    opened = bool(core.desk.market.quotes)
    seen = look(core.desk) if opened else None
    parts = dict(zip(seen.parts._fields, seen.parts, strict=True)) if seen else {}
    return DeskView(
        time=now,
        desk=_identity(desk),
        money=MoneyView(
            equity=seen.worth if seen else 0.0,
            opening=core.desk.books.sums.opening,
            unhedged=seen.unhedged if seen else 0.0,
            parts=parts,
            unvalued_fees={coin: float(paid) for coin, paid in core.fees.unvalued.items()},
        ),
        book=tuple(_books(desk, now)) if opened else (),
        legs=tuple(_leg(desk, leg, now) for leg in range(len(desk.setup.listings))),
        accounts=tuple(_account(desk, number, now) for number in range(len(desk.setup.venues)))
        if opened
        else (),
        orders=tuple(_orders(desk, now)),
        guards=_guards(desk),
        streams=tuple(_streams(desk, now)),
        naked=naked_view(desk.pairs),
        decisions=tuple(shown(time, body) for time, body in core.told_decisions()),
        notices=tuple(
            NoticeView(time=time, level=one.level, topic=one.topic, text=one.text)
            for time, one in core.notices
        ),
        counters=dict(core.counters),
        orders_by_outcome=dict(core.outcomes),
    )


def _identity(desk: Shown) -> Identity:
    standing = desk.standing
    return Identity(
        name=desk.setup.name,
        mode=Mode.SIMULATED if desk.setup.simulated else Mode(desk.setup.mode),
        state=standing.state,
        since=standing.since,
        started=desk.started,
        reason=standing.reason,
        by=standing.by,
        version=version("hedgerow"),
        config_hash=desk.setup.config_hash,
        numeraire=desk.setup.terms.numeraire_coin or "USD",
        speed=desk.setup.speed,
    )


def _books(desk: Shown, now: int) -> list[BookView]:
    core = desk.core
    views = []
    for asset in dict.fromkeys(leg.asset for leg in core.desk.terms.legs):
        legs = [leg for leg, terms in enumerate(core.desk.terms.legs) if terms.asset == asset]
        plans = [core.desk.plans[leg] for leg in legs]
        free = [leg for leg in legs if leg not in core.paired]
        bands = [desk.setup.bands[leg] if desk.setup.bands else None for leg in free]
        exposed = exposure(core.desk.books, core.desk.market, legs[0])  # a killed desk has no plan
        goal = sum(
            plan.goal if plan.exposure else -core.desk.terms.legs[leg].ratio * exposed
            for leg, plan in zip(legs, plans, strict=True)
        )
        wide = [band * abs(exposed) for band in bands if band is not None]
        width = sum(wide) if free and len(wide) == len(free) else None
        ages = [_age(now, seen.mark_time) for leg in legs if (seen := core.market.seen(leg))]
        views.append(
            BookView(
                asset=asset,
                exposure=exposed,
                goal=goal,
                hedge=sum(_coins(desk, leg, core.dealer.position(leg)) for leg in legs),
                pending=sum(_coins(desk, leg, core.dealer.pending(leg)) for leg in legs),
                lower=None if width is None else goal - width,
                upper=None if width is None else goal + width,
                price=core.desk.market.quotes[legs[0]].index_price,
                age=max((age for age in ages if age is not None), default=None),
            )
        )
    return views


def _coins(desk: Shown, leg: int, amount: Decimal) -> float:
    if desk.setup.listings[leg].spot:
        return float(amount)
    terms = desk.core.desk.terms.legs[leg]
    seen = desk.core.market.seen(leg)
    quotes = desk.core.desk.market.quotes
    mark = seen.mark if seen else (quotes[leg].mark if quotes else 0.0)
    return base_size(float(amount), mark, terms.inverse) if mark else float(amount)


def _leg(desk: Shown, leg: int, now: int) -> LegView:
    core, listing = desk.core, desk.setup.listings[leg]
    asset, settle = _assets(desk, leg)
    seen = core.market.seen(leg)
    opened = bool(core.desk.market.quotes) and not listing.spot
    price = liquidation_price(core.desk, leg) if opened else None
    mark = seen.mark if seen else None
    return LegView(
        number=leg,
        venue=listing.venue,
        account=listing.account,
        symbol=listing.symbol,
        asset=asset,
        settle=settle,
        position=_position(desk, leg, now),
        prices=_prices(seen, now),
        funding=_funding(desk, leg, now),
        inverse=listing.inverse,
        spot=listing.spot,
        liquidation_price=price,
        distance=abs(price / mark - 1.0) if price and mark else None,
        unresolved=core.dealer.unresolved(leg),
        blocked=core.why_not(leg),
    )


def _assets(desk: Shown, leg: int) -> tuple[str, str]:
    """Return what a leg trades, and what it pays in."""
    core, listing = desk.core, desk.setup.listings[leg]
    if listing.spot:
        account = core.desk.terms.accounts[account_of(core.desk, listing)]
        return coin_of(listing), account.collateral
    terms = core.desk.terms.legs[leg]
    return terms.asset, terms.settle


def _position(desk: Shown, leg: int, now: int) -> PositionView:
    core, listing = desk.core, desk.setup.listings[leg]
    amount, target = core.dealer.position(leg), core.dealer.target(leg)
    quotes = () if listing.spot else core.desk.market.quotes
    position = None if listing.spot else core.desk.books.positions[leg]
    snapshot = desk.auditor.looks.get(listing.account)
    sums = core.sums.of[leg]
    return PositionView(
        amount=float(amount),
        coins=_coins(desk, leg, amount),
        target=None if target is None else float(target),
        pending=float(core.dealer.pending(leg)),
        entry=position.entry if position is not None and position.lots else None,
        unrealised=profit(core.desk.books, leg, quotes[leg].mark) if quotes else None,
        realised=sums.realised,
        fees=sums.fees,
        age=None if snapshot is None else _age(now, snapshot.time),
    )


def _prices(seen: Seen | None, now: int) -> PriceView:
    if seen is None:
        return PriceView()
    return PriceView(
        mark=seen.mark or None,
        mark_age=_age(now, seen.mark_time),
        index=seen.index_price or None,
        index_age=_age(now, seen.index_time),
        bid=seen.bid or None,
        ask=seen.ask or None,
        last=seen.last or None,
        quote_age=_age(now, seen.touch_time),
    )


def _funding(desk: Shown, leg: int, now: int) -> FundingView:
    core, seen = desk.core, desk.core.market.seen(leg)
    sums = core.sums.of[leg]
    if seen is None or not seen.interval:
        return FundingView(received=sums.funding, last_time=sums.paid or None)
    held = _coins(desk, leg, core.dealer.position(leg))
    worth = seen.index_price if not core.desk.terms.legs[leg].inverse else 1.0
    spread = sums.surprise
    return FundingView(
        received=sums.funding,
        last_time=sums.paid or None,
        last_rate=sums.last_rate,
        last_amount=sums.last_amount,
        next_time=seen.settlement or None,
        predicted=seen.funding,
        low=None if spread is None else seen.funding - spread,
        high=None if spread is None else seen.funding + spread,
        interval_hours=seen.interval,
        annual=seen.funding * _HOURS_A_YEAR / seen.interval,
        expected=-held * worth * seen.funding,
        age=_age(now, seen.funding_time),
    )


def _account(desk: Shown, number: int, now: int) -> AccountView:
    core = desk.core
    account = core.desk.terms.accounts[number]
    given = look(core.desk).accounts[number]
    fraction = room(core.desk.books, core.desk.market, number).headroom
    snapshot = desk.auditor.looks.get(account.name)
    return AccountView(
        venue=desk.setup.venues[account.name],
        account=account.name,
        collateral=account.collateral,
        wallet=given.wallet,
        equity=given.wallet + given.unrealised + given.pledged,
        maintenance=given.maintenance,
        headroom=None if fraction >= FLAT or math.isnan(fraction) else fraction,
        floor=account.top_up_below,
        reserve=given.cash + given.line,
        in_transit=given.transit,
        not_ours={
            symbol: float(amount)
            for (place, symbol), amount in desk.auditor.others.items()
            if place == account.name
        },
        age=None if snapshot is None else _age(now, snapshot.time),
    )


def _orders(desk: Shown, now: int) -> list[OrderView]:
    views = []
    for order in desk.core.dealer.working(now):
        listing = desk.setup.listings[order.leg]
        views.append(
            OrderView(
                client_id=order.client_id,
                leg=order.leg,
                venue=listing.venue,
                symbol=listing.symbol,
                side=str(order.side),
                kind=str(order.kind),
                amount=order.amount,
                filled=order.filled,
                price=order.price,
                age=order.age / SECOND,
                status=order.state,
                purpose=order.purpose,
                reduce_only=order.reduce_only,
                unresolved=order.state == "unknown",
            )
        )
    return views


def _guards(desk: Shown) -> tuple[GuardView, ...]:
    breakers = [
        GuardView(name=name, tripped=True, stops="risk", message=message)
        for name, message in desk.core.dealer.breakers().items()
    ]
    breakers += [
        GuardView(name=name, tripped=True, stops="risk", message=message, latched=True)
        for name, message in desk.pairs.pairing.breakers().items()
    ]
    if desk.warden is None:
        return tuple(breakers)
    board = desk.warden.board
    tripped = board.tripped
    guards = [
        GuardView(
            name=name,
            tripped=name in tripped,
            stops=_STOPS[board.severity(name)],
            since=tripped[name].since if name in tripped else None,
            message=tripped[name].message if name in tripped else "",
            latched=name in tripped and board.latches(name),
        )
        for name in board.names
    ]
    return (*guards, *breakers)


def _streams(desk: Shown, now: int) -> list[StreamView]:
    limit = None if desk.warden is None else desk.warden.limits.book_age / SECOND
    return [
        StreamView(
            venue=report.venue,
            name=report.stream,
            alive=report.alive,
            age=_age(now, _last_word(desk, report)),
            limit=limit if report.stream.startswith("quotes") else None,
            reason=report.reason,
        )
        for report in desk.streams.values()
    ]


def _last_word(desk: Shown, report: StreamReport) -> int:
    """Return when a stream said something last: of quotes, the newest of its venue."""
    if not report.stream.startswith("quotes"):
        return report.time
    heard = [
        seen.touch_time
        for leg, listing in enumerate(desk.setup.listings)
        if listing.venue == report.venue and (seen := desk.core.market.seen(leg)) is not None
    ]
    return max([report.time, *heard])


def _age(now: int, time: int) -> float | None:
    return None if time <= 0 else max(now - time, 0) / SECOND
