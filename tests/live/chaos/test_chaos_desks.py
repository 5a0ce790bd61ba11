"""All kinds of desks in a world that aims at them: what holds, and that it is noticed if not."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from chaos_seeds import names, quiet, seeds

from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.chaos.desks import Trait
from hedgerow.live.chaos.faults import LEG_FAULTS, Fault, Odds
from hedgerow.live.chaos.invariants import Demands
from hedgerow.live.chaos.world import Life, World
from hedgerow.live.controller import Care, Controller
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.failover import Failover
from hedgerow.live.guards.base import Severity
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Order, Signal, Told
from hedgerow.live.standing import DeskState
from hedgerow.live.view import State
from hedgerow.units import DAY, HOUR, MINUTE, SECOND

PATIENT = Demands(recovery=DAY)
ONLY = {
    Trait.FAILOVER: frozenset({Fault.LONG_OUTAGE}),
    Trait.CARRY: frozenset(LEG_FAULTS),
    Trait.SPREAD: frozenset(LEG_FAULTS),
    Trait.RESERVES: frozenset({Fault.SPIKE, Fault.TRANSFER_DONE, Fault.TRANSFER_UNDONE}),
    Trait.LEVERAGED: frozenset({Fault.SPIKE, Fault.LIQUIDATION}),
    Trait.OPERATED: frozenset({Fault.CRASH_ORDERED}),
    Trait.PLAIN: frozenset(
        {Fault.CLOCK_OFF, Fault.RATE_STORM, Fault.WRONG_MODE, Fault.LOST_PEG, Fault.SEQUENCE_GAP}
    ),
}


@pytest.mark.parametrize("trait", list(Trait))
def test_each_kind_of_desk_survives_what_aims_at_it(trait: Trait) -> None:
    odds = Odds(
        windows=20.0, moments=20.0, orders=6.0, message=0.2, amid=0.5, transfer=0.5,
        call=0.0, quote=0.0, step=0.0, kinds=ONLY[trait],
    )  # fmt: skip
    lives = [World(seed, odds=odds).run(0.4) for seed in seeds(trait, 3)]
    assert all(life.broken == () for life in lives)
    assert sum(life.faults.total() for life in lives) >= 2
    assert all(len(life.recoveries) == 2 and str(trait) in life.traits for life in lives)


@pytest.mark.parametrize("trait", [Trait.CARRY, Trait.SPREAD])
def test_a_pair_is_opened_where_nothing_goes_wrong(trait: Trait) -> None:
    (seed,) = seeds(trait, without=frozenset({Trait.OPERATED}))
    world = World(seed, odds=quiet())
    life = world.run(0.2)
    assert life.broken == ()
    for task in world.scenario.setup.pairs:
        assert abs(world.watch.truth.held(task.first) - task.size) < Decimal("0.001")
        assert world.watch.truth.naked(task) == 0.0


def test_who_is_away_for_long_is_stood_in_for_and_takes_its_hedge_back() -> None:
    said = set()
    for seed in seeds(Trait.FAILOVER, 4):
        odds = quiet(windows=30.0, kinds=frozenset({Fault.LONG_OUTAGE}))
        world = World(seed, odds=odds)
        assert world.run(0.5).broken == ()
        said |= {one.body["phase"] for one in world.process.tape.records if one.kind == "failover"}
    assert said == {"covering", "returning", "calm"}


def test_a_desk_is_left_as_its_operator_wants_it_through_a_calm() -> None:
    lives = [World(seed, odds=quiet(orders=4.0)).run(0.6) for seed in seeds(Trait.OPERATED, 4)]
    assert all(life.broken == () for life in lives)
    assert sum(life.left for life in lives) > 0


def test_a_desk_found_in_the_wrong_position_mode_begins_once_that_is_mended() -> None:
    (seed,) = seeds(Trait.PLAIN, without=frozenset({Trait.OPERATED}))
    world = World(seed, odds=quiet())
    account = world.scenario.places[0].account
    seen: list[str] = []

    def restart() -> None:
        world.trouble.two_way.add(account)
        world.process.kill(Fault.CRASH_IDLE)

    def look() -> None:
        seen.append(world.process.controller.cannot_begin)
        world.trouble.two_way.clear()

    world.clock.after(HOUR, restart)
    world.clock.after(HOUR + 10 * MINUTE, look)
    assert world.run(0.2).broken == ()
    assert "hedge mode" in seen[0]
    assert world.process.controller.standing.state is State.TRADING


def test_a_storm_bans_who_asks_again_before_its_patience_is_over() -> None:
    odds = quiet(windows=60.0, kinds=frozenset({Fault.RATE_STORM}))
    lives = [World(seed, odds=odds).run(0.5) for seed in seeds(Trait.PLAIN, 3)]
    assert all(life.broken == () for life in lives)
    assert any(life.faults[Fault.TOLD_TO_WAIT] > 0 for life in lives)
    assert any(life.faults[Fault.BANNED] > 0 for life in lives)


# --- bugs that are planted, to see that they are found ----------------------------------------

Records = Iterable[Draft | Record]


class LeavesPairsAlone(Controller):
    """Does nothing more about a pair that stands on one leg."""

    def __init__(self, setup: Setup, records: Records = (), care: Care | None = None) -> None:
        super().__init__(setup, records, care)
        look = self.pairs.look

        def asleep(*, closing: bool) -> None:
            dealer, (task,) = self.core.dealer, self.setup.pairs
            if abs(dealer.position(task.first) + dealer.position(task.second)) < Decimal("0.01"):
                look(closing=closing)

        self.pairs.look = asleep  # type: ignore[method-assign]


class TenTimes(Failover):
    """Lets others hold ten times what a leg lacks."""

    __slots__ = ()

    def lent(self, leg: int) -> Decimal:
        return 10 * super().lent(leg)


class StandsInTenTimes(Controller):
    """Stands in ten times over."""

    def __init__(self, setup: Setup, records: Records = (), care: Care | None = None) -> None:
        super().__init__(setup, records, care)
        assert self.warden is not None
        assert self.warden.failover is not None
        self.warden.failover.__class__ = TenTimes


class SendsTooMuch(Controller):
    """Sends twenty times the transfers that were decided."""

    def handle(self, signal: Signal) -> Outcome:
        outcome = super().handle(signal)
        return Outcome(outcome.drafts, tuple(map(self._more, outcome.effects)))

    def _more(self, effect: LiveEffect) -> LiveEffect:
        if isinstance(effect, SendTransfer) and effect.amount > 0:
            return replace(effect, amount=20 * effect.amount)
        return effect


class DecidesWhenDead(Controller):
    """Takes "kill" for "resume"."""

    def _enter(self, entered: DeskState) -> None:
        dead = entered.state is State.KILLED
        super()._enter(replace(entered, state=State.TRADING) if dead else entered)


class KeepsAll(Controller):
    """Closes nothing when everything is to be closed."""

    def __init__(self, setup: Setup, records: Records = (), care: Care | None = None) -> None:
        super().__init__(setup, records, care)
        self.core.flatten = lambda time: None  # type: ignore[method-assign]  # noqa: ARG005


class TrustsEverybody(Controller):
    """Has no preflight, and guards that stop nothing."""

    def __init__(self, setup: Setup, records: Records = (), care: Care | None = None) -> None:
        assert care is not None
        notes = dict.fromkeys(("stablecoin-peg", "clock-drift"), Severity.NOTE)
        guards = replace(care.guards, severities={**care.guards.severities, **notes})
        super().__init__(setup, records, replace(care, guards=guards, preflight=None))


def _peg(world: World) -> None:
    world.clock.after(HOUR, world.hazards._lose_peg)


def _clock(world: World) -> None:
    venues = {place.venue for place in world.scenario.places}
    world.clock.after(HOUR, lambda: world.trouble.skew.update(dict.fromkeys(venues, 3.0)))


def _mode(world: World) -> None:
    accounts = {place.account for place in world.scenario.places}
    world.clock.after(HOUR, lambda: world.trouble.two_way.update(accounts))


@pytest.mark.parametrize("begin", [_peg, _clock, _mode])
def test_risk_that_is_added_in_danger_is_found(begin: Callable[[World], None]) -> None:
    def life(seed: int) -> Life:
        world = World(seed, odds=quiet(), demands=PATIENT, kind=TrustsEverybody)
        begin(world)
        return world.run(0.4)

    assert any("no risk in danger" in names(life(seed)) for seed in seeds(Trait.FAILOVER, 3))


@pytest.mark.parametrize("begin", [_peg, _clock, _mode])
def test_no_risk_is_added_in_danger(begin: Callable[[World], None]) -> None:
    (seed,) = seeds(Trait.FAILOVER)
    world = World(seed, odds=quiet(), demands=PATIENT)
    begin(world)
    assert world.run(0.15).broken == ()


@pytest.mark.parametrize(
    ("trait", "kind", "odds", "found"),
    [
        (Trait.SPREAD, LeavesPairsAlone, quiet(), "pair within its limit"),
        (Trait.CARRY, LeavesPairsAlone, quiet(), "pair within its limit"),
        (
            Trait.FAILOVER,
            StandsInTenTimes,
            quiet(windows=30.0, kinds=frozenset({Fault.LONG_OUTAGE})),
            "hedged once",
        ),
        (Trait.RESERVES, SendsTooMuch, quiet(), "transfers conserve money"),
    ],
)
def test_a_bug_that_is_planted_in_such_a_desk_is_found(
    trait: Trait, kind: type[Controller], odds: Odds, found: str
) -> None:
    lives = (World(seed, odds=odds, kind=kind).run(0.5) for seed in seeds(trait, 4))
    assert any(found in names(life) for life in lives)


@pytest.mark.parametrize(
    ("kind", "order", "found"),
    [
        (DecidesWhenDead, Order.KILL, "killed opens nothing"),
        (KeepsAll, Order.FLATTEN, "recovers in time"),
    ],
)
def test_a_desk_that_does_not_do_as_it_is_told_is_found(
    kind: type[Controller], order: Order, found: str
) -> None:
    (seed,) = seeds(Trait.PLAIN)
    world = World(seed, odds=quiet(), kind=kind)
    world.faults.quiet = False

    def told() -> None:
        world.operator.left = None
        world.process.hear(Told(time=world.clock.now, order=order, by="test", reason="a test"))
        world.clock.after(10 * SECOND, told)

    world.clock.after(2 * HOUR, told)
    life = world.run(0.4)
    assert found in names(life)
