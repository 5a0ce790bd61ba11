"""A desk whose config was changed opens nothing until somebody has said resume."""

from dataclasses import replace

from desk_bench import hedged, said, setup, state, tell

from hedgerow.live.drill.stage import Stage
from hedgerow.live.signals import Order
from hedgerow.live.view import State

BEFORE = setup(config_hash="a" * 64)
AFTER = setup(config_hash="b" * 64)


def changed() -> Stage:
    """Return a hedged desk that was killed and whose config is another now."""
    found = hedged(BEFORE)
    assert state(found) is State.TRADING
    found.kill()
    found.task = replace(found.task, setup=AFTER)
    return found


def restarted(found: Stage, seconds: float) -> None:
    found.start()
    found.pass_by(seconds)


def test_a_start_with_another_config_begins_armed_and_says_why() -> None:
    found = changed()
    restarted(found, 60.0)
    assert state(found) is State.ARMED
    assert "until `hedgerow resume`" in said(found, "config-changed")[0]


def test_a_start_that_did_not_come_so_far_as_to_begin_changes_nothing() -> None:
    found = changed()
    for _ in range(2):
        found.start()
        assert state(found) is State.STOPPED
        found.kill()
    restarted(found, 60.0)
    assert state(found) is State.ARMED
    assert said(found, "config-changed")


def test_it_stays_armed_over_further_starts_until_somebody_resumes() -> None:
    found = changed()
    for _ in range(3):
        restarted(found, 60.0)
        assert state(found) is State.ARMED
        found.kill()
    restarted(found, 60.0)
    tell(found, Order.RESUME)
    assert state(found) is State.TRADING
    found.kill()
    restarted(found, 60.0)
    assert state(found) is State.TRADING
