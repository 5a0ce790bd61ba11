"""What a drill does to a desk: one act each, begun and ended by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedgerow.execution.order import Cause
from hedgerow.execution.port import QuoteReport
from hedgerow.live.drill.stage import Stage
from hedgerow.live.failover import FailoverPlan
from hedgerow.units import SECOND

GROUPS: Final = (
    "feed",
    "stream",
    "venue",
    "process",
    "leg",
    "journal",
    "clock",
    "failover",
)
CLOCK_SETTLES: Final = 150.0  # seconds: the guard of clocks believes a whole minute of good stamps
SKEW: Final = 3 * SECOND
FAR: Final = 0.8  # a liquidation price further from the mark than this is out of reach


class NotPossible(Exception):
    """An act cannot be done to this book; the message says why."""


def _nothing(_: Stage) -> None:
    """End what was over as it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that goes wrong.

    Attributes
    ----------
    killed
        What it is, in words.
    begin, end
        How it comes and goes.
    lasts, bites
        Seconds between the two, and from the beginning until it tells: coins come in then.
    grace
        Seconds beyond the limit that the desk may take, as `because` says.
    cause
        Of the trade that the desk did not make, where it is one.
    """

    group: str
    killed: str
    begin: Callable[[Stage], None]
    end: Callable[[Stage], None] = _nothing
    lasts: float = 0.0
    bites: float = 0.0
    grace: float = 0.0
    because: str = ""
    cause: Cause | None = None


def acts(stage: Stage) -> Iterator[Act]:
    """Yield the acts that a desk's own venues and legs allow."""
    setup, plan = stage.task.setup, stage.task.care.failover
    legs = [leg for leg in range(setup.legs) if _matters(stage, leg)]
    venues = dict.fromkeys(setup.listings[leg].venue for leg in legs)
    for venue in venues:
        yield from _of_venue(stage, venue)
    yield from _of_process()
    for leg in legs:
        yield from _of_leg(stage, leg)
    yield _journal()
    yield _clock()
    for leg in legs:
        if plan is not None and leg in plan.stand_ins:
            yield _failover(stage, leg, plan)


def _matters(stage: Stage, leg: int) -> bool:
    setup = stage.task.setup
    return setup.terms.legs[leg].ratio != 0.0 and leg not in setup.paired


def _of_venue(stage: Stage, venue: str) -> Iterator[Act]:
    accounts = {name for name, place in stage.task.setup.venues.items() if place == venue}

    guards = stage.task.care.guards
    quiet = 2.0 * max(guards.book_age, guards.mark_age) / SECOND

    def silence(on: Stage) -> None:
        on.switches.silent.add(venue)

    def close(on: Stage) -> None:
        on.switches.silent.add(venue)
        on.say(venue, alive=False, reason="closed by the drill")

    def speak(on: Stage) -> None:
        on.switches.silent.discard(venue)
        on.say(venue, alive=True)

    def mute(on: Stage) -> None:
        on.switches.mute.update(accounts)

    def unmute(on: Stage) -> None:
        on.switches.mute.difference_update(accounts)

    def leave(on: Stage) -> None:
        mute(on)
        on.switches.away.add(venue)

    def hang(on: Stage) -> None:
        mute(on)
        on.switches.hung.add(venue)

    def come_back(on: Stage) -> None:
        unmute(on)
        on.switches.away.discard(venue)
        on.switches.hung.discard(venue)

    yield Act(
        group="feed",
        killed=f"quotes of {venue} fall silent",
        begin=silence,
        end=lambda on: on.switches.silent.discard(venue),
        lasts=120.0,
        bites=quiet,
    )
    yield Act(
        group="feed",
        killed=f"quotes of {venue} are cut off",
        begin=close,
        end=speak,
        lasts=120.0,
        bites=quiet,
    )
    yield Act(
        group="stream",
        killed=f"{venue} tells nothing of orders and trades",
        begin=mute,
        end=unmute,
        lasts=120.0,
    )
    for killed, begin in (
        (f"{venue} cannot be reached", leave),
        (f"{venue} takes calls and answers none", hang),
    ):
        yield Act(
            group="venue",
            killed=killed,
            begin=begin,
            end=come_back,
            lasts=180.0,
            grace=guards.errors_window / SECOND,
            because="a venue is trusted again once its errors are as old as their window",
        )


def _of_process() -> Iterator[Act]:
    def dies(moment: str) -> Callable[[Stage], None]:
        return lambda stage: setattr(stage.switches, "dies", moment)

    for moment, words in (
        ("before", "the process, before an order is written down"),
        ("between", "the process, between writing an order down and sending it"),
        ("after", "the process, right after sending an order"),
    ):
        yield Act(group="process", killed=words, begin=dies(moment), end=_start_again, lasts=30.0)
    yield Act(
        group="process",
        killed="the process, at rest, for ten minutes",
        begin=Stage.kill,
        end=_start_again,
        lasts=600.0,
    )


def _start_again(stage: Stage) -> None:
    stage.kill()
    stage.start()


def _of_leg(stage: Stage, leg: int) -> Iterator[Act]:
    listing = stage.task.setup.listings[leg]
    where = f"{listing.symbol} at {listing.venue}"

    def lose(on: Stage) -> None:
        on.switches.lost_answers = 1
        on.switches.mute.add(listing.account)

    def find(on: Stage) -> None:
        on.switches.lost_answers = 0
        on.switches.mute.discard(listing.account)

    def deleverage(on: Stage) -> None:
        venue = on.venues[listing.venue]
        book = venue.exchange.book(listing.symbol)
        entry = venue.exchange.accounts[listing.account].position(listing.symbol).entry
        short = _held(on, leg) < 0
        price = min(book.mark, entry * 0.99) if short else max(book.mark, entry * 1.01)
        venue.advance()
        venue.tell(venue.exchange.deleverage(listing.symbol, 0.5, on.now, price), "")

    def by_hand(on: Stage) -> None:
        venue = on.venues[listing.venue]
        half = -_held(on, leg) / 2 // listing.lot * listing.lot
        venue.advance()
        venue.tell(venue.exchange.manual(listing.account, listing.symbol, half, on.now), "")

    yield Act(
        group="leg",
        killed=f"the answer to an order of {where}",
        begin=lose,
        end=find,
        lasts=60.0,
    )
    yield Act(
        group="leg",
        killed=f"{where} is liquidated",
        begin=lambda on: _liquidate(on, leg),
        cause=Cause.LIQUIDATION,
    )
    yield Act(
        group="leg",
        killed=f"half of {where} is deleveraged",
        begin=deleverage,
        cause=Cause.DELEVERAGING,
    )
    yield Act(
        group="leg",
        killed=f"half of {where} is closed by hand",
        begin=by_hand,
        cause=Cause.MANUAL,
    )


def _held(stage: Stage, leg: int) -> Decimal:
    listing = stage.task.setup.listings[leg]
    account = stage.venues[listing.venue].exchange.accounts[listing.account]
    return account.position(listing.symbol).amount


def _liquidate(stage: Stage, leg: int) -> None:
    """Let the mark jump to where the account dies, and come back, between two quotes."""
    listing = stage.task.setup.listings[leg]
    venue = stage.venues[listing.venue]
    snapshot = venue.exchange.snapshot(listing.account, stage.now)
    book = venue.exchange.book(listing.symbol)
    price = next(
        (one.liquidation_price for one in snapshot.positions if one.symbol == listing.symbol), None
    )
    if price is None or price <= 0:
        raise NotPossible("no price liquidates it")
    away = float(price) / book.mark - 1.0
    if abs(away) > FAR:
        raise NotPossible(f"its liquidation is {abs(away):.0%} away")
    wick = float(price) * (1.0002 if away > 0.0 else 0.9998)
    before = _held(stage, leg)
    venue.hear(
        QuoteReport(
            venue=listing.venue,
            symbol=listing.symbol,
            time=stage.now,
            received=stage.now,
            mark=book.mark,
            index=book.index,
            high=max(wick, book.mark),
            low=min(wick, book.mark),
        )
    )
    if _held(stage, leg) == before:
        raise NotPossible(f"it survives a move of {away:+.0%}")


def _journal() -> Act:
    return Act(
        group="journal",
        killed="the journal cannot be written",
        begin=lambda stage: setattr(stage.tape, "is_away", True),
        end=lambda stage: setattr(stage.tape, "is_away", False),
        lasts=120.0,
    )


def _clock() -> Act:
    return Act(
        group="clock",
        killed=f"the clock: {SKEW / SECOND:g} s apart from the venues'",
        begin=lambda stage: setattr(stage.switches, "skew", SKEW),
        end=lambda stage: setattr(stage.switches, "skew", 0),
        lasts=90.0,
        grace=CLOCK_SETTLES,
        because="a clock is trusted again after a whole minute of good stamps",
    )


def _failover(stage: Stage, leg: int, plan: FailoverPlan) -> Act:
    listing = stage.task.setup.listings[leg]

    def leave(on: Stage) -> None:
        on.switches.away.add(listing.venue)
        on.switches.silent.add(listing.venue)
        on.switches.mute.add(listing.account)
        on.say(listing.venue, alive=False, reason="closed by the drill")

    def come_back(on: Stage) -> None:
        on.switches.away.discard(listing.venue)
        on.switches.silent.discard(listing.venue)
        on.switches.mute.discard(listing.account)
        on.say(listing.venue, alive=True)

    return Act(
        group="failover",
        killed=f"{listing.venue} is away for long, and others stand in",
        begin=leave,
        end=come_back,
        lasts=max(600.0, 3.0 * plan.after / SECOND),
    )
