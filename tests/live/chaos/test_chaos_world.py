"""The desk in a world where things go wrong: what holds, and that the world would notice if not."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from chaos_seeds import names, quiet, seeds

from hedgerow.execution.dealer import Dealer
from hedgerow.execution.effects import Place
from hedgerow.execution.machine import Step
from hedgerow.execution.order import FundingReport, OrderRequest, TradeReport
from hedgerow.execution.port import Failure
from hedgerow.ledger.journal import Draft, Record, verified
from hedgerow.live.chaos.desks import Trait
from hedgerow.live.chaos.faults import (
    CALL_FAULTS,
    MESSAGE_FAULTS,
    MOMENT_FAULTS,
    QUOTE_FAULTS,
    STEP_FAULTS,
    STORM_FAULTS,
    TRANSFER_FAULTS,
    WINDOW_FAULTS,
    Fault,
    Odds,
)
from hedgerow.live.chaos.soak import Tally, soak
from hedgerow.live.chaos.world import Life, World
from hedgerow.live.controller import Care, Controller
from hedgerow.live.effects import Outcome
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Order, Signal, Told
from hedgerow.live.view import State
from hedgerow.units import MINUTE

NONE = quiet()
# What nobody tells the desk of, and only a look at its accounts can find out.
UNTOLD = frozenset(
    {
        Fault.LOST_MESSAGE,
        Fault.SILENT_STREAM,
        Fault.BROKEN_STREAM,
        Fault.JOURNAL_DOWN,
        Fault.CRASH_BEFORE,
        Fault.CRASH_AMID,
        Fault.CRASH_IDLE,
        Fault.CRASH_ORDERED,
        Fault.WRONG_MODE,
        Fault.LIQUIDATION,
        Fault.DELEVERAGING,
        Fault.MANUAL_TRADE,
    }
)


@pytest.mark.parametrize("seed", [1, 5])
def test_where_nothing_goes_wrong_nothing_is_broken(seed: int) -> None:
    life = World(seed, odds=NONE).run(0.4)
    assert life.broken == ()
    assert life.faults.total() == 0
    assert life.recoveries == (0.0, 0.0)
    assert life.trades > 5


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_a_desk_survives_whatever_the_wire_does(seed: int) -> None:
    odds = Odds(call=0.5, message=0.4, kinds=frozenset(Fault) - UNTOLD)
    life = World(seed, odds=odds).run(0.4)
    assert life.broken == ()
    assert life.faults.total() > 40
    assert life.checked > 300


def test_a_seed_is_a_life_and_can_be_lived_again() -> None:
    odds = Odds(kinds=frozenset(Fault) - UNTOLD)
    one, two = World(7, odds=odds), World(7, odds=odds)
    assert one.run(0.2) == two.run(0.2)
    assert one.process.tape.records == two.process.tape.records
    assert one.process.tape.records != World(8, odds=odds).process.tape.records
    assert list(verified(one.process.tape.sealed()))


def test_every_kind_of_fault_is_drawn_by_somebody() -> None:
    drawn = {
        *CALL_FAULTS,
        *MESSAGE_FAULTS,
        *QUOTE_FAULTS,
        *WINDOW_FAULTS,
        *MOMENT_FAULTS,
        *STEP_FAULTS,
        *STORM_FAULTS,
        *TRANSFER_FAULTS,
        Fault.CRASH_ORDERED,  # by the operator
    }
    assert drawn == set(Fault)


def test_a_tally_adds_lives_up_and_names_the_broken_ones() -> None:
    life = World(1, odds=NONE).run(0.05)
    broken = replace(life, seed=9, broken=(("late", 0, "too late"),))  # type: ignore[arg-type]
    tally = Tally()
    tally.add(life)
    tally.add(broken)
    assert (tally.lives, tally.events) == (2, 2 * life.events)
    assert set(tally.broken) == {9}


def test_the_tally_does_not_depend_on_the_number_of_processes() -> None:
    alone, together = (soak(range(1, 3), days=0.03, jobs=jobs) for jobs in (1, 2))
    assert (alone.events, alone.faults, alone.checked) == (
        together.events,
        together.faults,
        together.checked,
    )


# --- bugs that are planted, to see that they are found ----------------------------------------


class Resends(Dealer):
    """Sends an order again when it does not know what became of it."""

    def __init__(self, dealer: Dealer) -> None:
        for name in Dealer.__slots__:
            setattr(self, name, getattr(dealer, name))
        self.sent: dict[str, OrderRequest] = {}

    def tick(self, *given: object) -> Step:
        return self._kept(super().tick(*given))  # type: ignore[arg-type]

    def aim(self, *given: object, **more: object) -> Step:
        return self._kept(super().aim(*given, **more))  # type: ignore[arg-type]

    def _kept(self, step: Step) -> Step:
        for effect in step.effects:
            if isinstance(effect, Place):
                self.sent[effect.request.client_id] = effect.request
        return step

    def failed(
        self,
        client_id: str,
        call: str,
        failure: Failure,
        reason: str,
        now: int,
        retry_after: float = 0.0,
    ) -> Step:
        if call == "place" and failure is Failure.UNKNOWN:
            return self.again(self.sent[client_id])
        return super().failed(client_id, call, failure, reason, now, retry_after)

    def again(self, request: OrderRequest) -> Step:
        """Return the order once more."""
        return Step((), (Place(request=request),))


class ResendsAnew(Resends):
    """The same, under another id."""

    def again(self, request: OrderRequest) -> Step:
        return super().again(replace(request, client_id=f"{request.client_id}again"))


def _with_dealer(kind: type[Resends]) -> type[Controller]:
    class Buggy(Controller):
        def __init__(
            self, setup: Setup, records: Iterable[Draft | Record] = (), care: Care | None = None
        ) -> None:
            super().__init__(setup, records, care)
            self.core.dealer = kind(self.core.dealer)

    return Buggy


class CountsFundingTwice(Controller):
    """Takes every message about funding for another payment."""

    heard = 0

    def handle(self, signal: Signal) -> Outcome:
        if isinstance(signal, FundingReport):
            self.heard += 1
            signal = replace(signal, settlement=signal.settlement + self.heard * MINUTE)
        return super().handle(signal)


class KeepsSecrets(Controller):
    """Takes in some trades without writing them down."""

    def handle(self, signal: Signal) -> Outcome:
        outcome = super().handle(signal)
        if isinstance(signal, TradeReport) and signal.trade_id.endswith("7"):
            return Outcome((), outcome.effects)
        return outcome


class MishearsTrades(Controller):
    """Books a tenth of every trade less than there was."""

    def handle(self, signal: Signal) -> Outcome:
        if isinstance(signal, TradeReport):
            lot = self.setup.listings[0].lot
            lots = max(signal.amount * 9 // (10 * lot), Decimal(1))
            signal = replace(signal, amount=lots * lot)
        return super().handle(signal)


class ActsFirst(Controller):
    """Forgets to write an order down before it goes out."""

    def handle(self, signal: Signal) -> Outcome:
        outcome = super().handle(signal)
        drafts = tuple(draft for draft in outcome.drafts if draft.kind != "intent")
        return Outcome(drafts, outcome.effects)


class Sleeps(Controller):
    """Hedges nothing any more after a while."""

    def _decide(self, time: int) -> None:
        if len(self.core.desk.ledger) < 20:
            super()._decide(time)


class NeverPauses(Controller):
    """Sends what it likes in every state."""

    def _permit(self) -> None:
        told, self.standing = self.standing, replace(self.standing, state=State.TRADING)
        super()._permit()
        self.standing = told


BUSY_WIRE = Odds(call=0.5, message=0.4, kinds=frozenset(Fault) - UNTOLD)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (_with_dealer(Resends), "ordered twice"),
        (_with_dealer(ResendsAnew), "intent first"),
        (CountsFundingTwice, "all is explained"),
        (KeepsSecrets, "state is the fold"),
        (MishearsTrades, "recovers in time"),
        (ActsFirst, "intent first"),
        (Sleeps, "recovers in time"),
    ],
)
def test_a_planted_bug_is_found(kind: type[Controller], found: str) -> None:
    lives = (World(seed, odds=BUSY_WIRE, kind=kind).run(0.5) for seed in seeds(Trait.PLAIN, 6))
    assert any(found in names(life) for life in lives)


def test_a_desk_that_opens_while_it_is_paused_is_found() -> None:
    assert any("closes only reduce" in names(_paused(seed)) for seed in seeds(Trait.PLAIN, 5))


def _paused(seed: int) -> Life:
    world = World(seed, odds=NONE, kind=NeverPauses)
    pause = Told(time=0, order=Order.PAUSE, by="test", reason="a test")
    world.clock.after(30 * MINUTE, lambda: world.process.hear(pause))
    return world.run(0.3)
