"""The board of guards: edges, permissions, latches, failures and restarts."""

import json
from typing import ClassVar

import pytest

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.effects import Notice
from hedgerow.ledger.journal import Draft, canonical
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.board import HOLD, GuardBoard
from hedgerow.live.guards.desk_guards import guard_board
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.permissions import Permissions
from hedgerow.live.signals import Clock, JournalBack
from hedgerow.units import HOUR, SECOND


class Scripted:
    """A guard that says what a test tells it, or raises it."""

    name: ClassVar[str] = "scripted"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (Clock, JournalBack)

    def __init__(self) -> None:
        self.says: Verdict | Exception = FINE
        self.takes: Exception | None = None

    def observe(self, heard: Heard) -> None:
        if self.takes is not None and isinstance(heard, Clock):
            raise self.takes

    def verdict(self, now: int) -> Verdict:  # noqa: ARG002 - the test says it
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Latching(Scripted):
    name: ClassVar[str] = "latching"
    severity: ClassVar[Severity] = Severity.PAUSE


def tripped(message: str = "broken", legs: tuple[int, ...] = (), venue: str = "") -> Verdict:
    venues = frozenset({venue} if venue else ())
    return Verdict(tripped=True, message=message, legs=frozenset(legs), venues=venues)


def replayed(*drafts: Draft) -> GuardBoard:
    """Return the board of a desk that was started again."""
    board = GuardBoard([Scripted(), Latching()])
    for draft in drafts:
        board.apply(Draft(time=draft.time, kind=draft.kind, body=json.loads(canonical(draft.body))))
    return board


def test_only_edges_are_told() -> None:
    guard = Scripted()
    board = GuardBoard([guard])
    assert board.judge(1).changes == ()
    guard.says = tripped("off by 1", legs=(0,))
    first = board.judge(2)
    assert [(c.guard, c.tripped, c.message, c.legs) for c in first.changes] == [
        ("scripted", True, "off by 1", frozenset({0}))
    ]
    assert first.step.effects == (Notice(level="warning", topic="scripted", text="off by 1"),)
    guard.says = tripped("off by 2", legs=(0,))
    assert board.judge(3) == ((), ((), ()), "")
    assert board.tripped["scripted"].message == "off by 2"
    assert board.tripped["scripted"].since == 2
    guard.says = tripped("off by 3", legs=(0, 1))
    assert board.judge(4).changes[0].legs == {0, 1}
    guard.says = FINE
    last = board.judge(5)
    assert not last.changes[0].tripped
    assert last.step.effects[0] == Notice(level="info", topic="scripted", text="all is well again")
    assert board.tripped == {}


def test_permissions_follow_what_stands_tripped() -> None:
    guard, other = Scripted(), Latching()
    board = GuardBoard([guard, other])
    assert board.permissions == Permissions()
    guard.says = tripped(legs=(1,), venue="okx")
    board.judge(1)
    allowed = board.permissions
    assert allowed.of(0, "binance") is Severity.NOTE
    assert allowed.of(1, "binance") is Severity.REDUCE_ONLY
    assert allowed.of(0, "okx") is Severity.REDUCE_ONLY
    other.says = tripped()
    board.judge(2)
    assert board.permissions.of(0, "binance") is Severity.PAUSE
    assert board.permissions.worst is Severity.PAUSE


def test_a_latched_guard_waits_for_an_operator() -> None:
    guard = Latching()
    board = GuardBoard([guard])
    guard.says = tripped(legs=(0,))
    board.judge(1)
    assert "still holds: broken" in board.reset("latching", 2).refused
    guard.says = tripped(legs=(1,))
    assert board.judge(2).changes[0].legs == {0, 1}
    guard.says = FINE
    assert board.judge(3).changes == ()
    assert board.is_over("latching")
    done = board.reset("latching", 4)
    assert done.refused == ""
    assert not done.changes[0].tripped
    assert board.permissions.worst is Severity.NOTE


def test_a_reset_of_nothing_says_so() -> None:
    board = GuardBoard([Scripted(), Latching()])
    assert board.reset("latching", 1).refused == "latching is not tripped"
    assert "did you mean 'latching'" in board.reset("latchin", 1).refused


def test_a_latched_guard_survives_a_restart() -> None:
    guard = Latching()
    board = GuardBoard([Scripted(), guard])
    guard.says = tripped("lost too much")
    drafts = board.judge(7).step.drafts
    again = replayed(*drafts)
    assert again.snapshot() == board.snapshot()
    assert again.permissions.worst is Severity.PAUSE
    assert again.judge(HOUR).changes == ()
    assert again.tripped["latching"].since == 7


def test_after_a_restart_nothing_is_well_before_guards_have_seen_something() -> None:
    guard = Scripted()
    board = GuardBoard([guard, Latching()])
    guard.says = tripped()
    again = replayed(*board.judge(1).step.drafts)
    assert again.judge(HOUR).changes == ()
    assert again.judge(HOUR + HOLD - 1).changes == ()
    assert not again.judge(HOUR + HOLD).changes[0].tripped


def test_a_guard_that_raises_counts_as_tripped_and_recovers() -> None:
    guard, other = Scripted(), Latching()
    board = GuardBoard([guard, other])
    guard.says = ZeroDivisionError("float division by zero")
    (change,) = board.judge(1).changes
    assert change.tripped
    assert change.guard == "scripted"
    assert "guard scripted itself failed (ZeroDivisionError: float division" in change.message
    assert board.permissions.of(0, "okx") is Severity.REDUCE_ONLY
    guard.says = FINE
    assert not board.judge(2).changes[0].tripped


def test_a_guard_that_cannot_take_in_a_signal_is_tripped_until_it_can() -> None:
    guard = Scripted()
    board = GuardBoard([guard])
    guard.takes = KeyError("mark")
    board.observe(Clock(time=1))
    assert "could not take in a Clock: KeyError" in board.judge(1).changes[0].message
    board.observe(JournalBack(time=2))
    assert board.judge(2).changes == ()
    guard.takes = None
    board.observe(Clock(time=3))
    assert not board.judge(3).changes[0].tripped


def test_every_step_of_the_real_board_is_a_fold_of_its_facts() -> None:
    limits = GuardLimits()
    board, shadow = guard_board((), limits), guard_board((), limits)
    loss = (100.0, 101.0, 80.0, 80.0, 95.0)
    for hour, equity in enumerate(loss, start=1):
        board.observe_equity(equity, hour * HOUR)
        board.observe_headroom("main", 0.01 if hour % 2 else 1.0, hour * HOUR)
        for draft in board.judge(hour * HOUR).step.drafts:
            body = json.loads(canonical(draft.body))
            shadow.apply(Draft(time=draft.time, kind=draft.kind, body=body))
        assert shadow.snapshot() == board.snapshot()
    for draft in board.reset("loss", 6 * HOUR).step.drafts:
        shadow.apply(draft)
    assert shadow.snapshot() == board.snapshot()
    assert set(board.tripped) == {"headroom"}
    assert board.judge(6 * HOUR + SECOND).changes == ()


def test_a_severity_can_be_chosen() -> None:
    board = guard_board((), GuardLimits(severities={"headroom": Severity.PAUSE}))
    board.observe_headroom("main", 0.01, 1)
    assert board.judge(1).changes[0].severity is Severity.PAUSE
    assert board.latches("headroom")


def test_wrong_names_and_limits_are_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'headroom'"):
        guard_board((), GuardLimits(severities={"headrom": Severity.NOTE}))
    with pytest.raises(ConfigError, match="peg = 0 must be above zero"):
        GuardLimits(peg=0)
    with pytest.raises(ConfigError, match="same name"):
        GuardBoard([Scripted(), Scripted()])
