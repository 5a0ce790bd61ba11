"""`hedgerow soak`: what it prints, and how it ends."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from hedgerow.cli.soak import soak
from hedgerow.live.chaos import soak as room
from hedgerow.live.chaos.desks import Trait
from hedgerow.live.chaos.faults import Odds
from hedgerow.live.chaos.invariants import Broken
from hedgerow.live.chaos.soak import Tally
from hedgerow.live.chaos.world import World

app = Typer()
app.command()(soak)


def _calm(seed: int, days: float = 1.0) -> tuple[World, object]:
    del days
    nothing = Odds(call=0, message=0, quote=0, step=0, transfer=0, windows=0, moments=0, orders=0)
    world = World(seed, odds=nothing)
    return world, world.run(0.02)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "lived", _calm)


def test_it_prints_the_tally_and_ends_well() -> None:
    done = CliRunner().invoke(app, ["--desk-days", "2", "--quiet"])
    assert done.exit_code == 0
    output = " ".join(done.output.split())
    assert "SIMULATED: desks by kind" in output
    assert "SIMULATED: faults by kind" in output
    assert any(str(trait) in output for trait in Trait)
    assert "No invariant was broken." in done.output


def test_broken_seeds_are_named_and_it_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Tally:
        return Tally(lives=9, broken={7: Broken("ordered twice", 0, "order a was sent again")})

    monkeypatch.setattr(room, "soak", broken)
    done = CliRunner().invoke(app, ["--desk-days", "9", "--quiet"])
    assert done.exit_code == 1
    assert "7: ordered twice: order a was sent again" in done.output
    assert "hedgerow soak --replay 7" in done.output


def test_a_seed_can_be_lived_again() -> None:
    done = CliRunner().invoke(app, ["--replay", "3"])
    assert done.exit_code == 0
    assert "BTC/USDT:USDT at north" in done.output or "BTC/USD:BTC at south" in done.output
    assert "orders" in done.output


def test_what_a_replay_would_take_no_notice_of_is_refused() -> None:
    done = CliRunner().invoke(app, ["--replay", "3", "--jobs", "2", "--desk-days", "9"])
    assert done.exit_code == 2
    assert "--desk-days and --jobs: --replay lives the one seed" in " ".join(done.stderr.split())


def test_the_worst_of_all_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def lived(*_: object, **__: object) -> Tally:
        return Tally(lives=2, naked=1.5e7, alone=2.5e6, double=0.031, left=4)

    monkeypatch.setattr(room, "soak", lived)
    output = CliRunner().invoke(app, ["--desk-days", "2", "--quiet"]).output
    output = " ".join(output.split())
    assert "1.5e+07 USD seconds unhedged, 2.5e+06 of a pair on one leg" in output
    assert "3.1% hedged twice" in output
    assert "4 of them as an operator left the desk" in output


def test_ctrl_c_keeps_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, tell: object, **__: object) -> Tally:
        assert callable(tell)
        tell(Tally(lives=3, days=3.0))
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "soak", interrupted)
    done = CliRunner().invoke(app, ["--desk-days", "9", "--quiet"])
    assert "3.0 desk-days" in done.output
