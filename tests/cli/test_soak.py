"""`hedgerow soak`: what it prints, and how it ends."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from hedgerow.cli.soak import soak
from hedgerow.live.chaos import soak as room
from hedgerow.live.chaos.faults import Odds
from hedgerow.live.chaos.invariants import Broken
from hedgerow.live.chaos.soak import Tally
from hedgerow.live.chaos.world import World

app = Typer()
app.command()(soak)


def _calm(seed: int, days: float = 1.0) -> tuple[World, object]:
    del days
    world = World(
        seed, odds=Odds(call=0, message=0, quote=0, step=0, windows=0, moments=0, orders=0)
    )
    return world, world.run(0.02)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "lived", _calm)


def test_it_prints_the_tally_and_ends_well() -> None:
    done = CliRunner().invoke(app, ["--desk-days", "2", "--quiet"])
    assert done.exit_code == 0
    assert "SIMULATED" in done.output
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


def test_ctrl_c_keeps_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, tell: object, **__: object) -> Tally:
        assert callable(tell)
        tell(Tally(lives=3, days=3.0))
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "soak", interrupted)
    done = CliRunner().invoke(app, ["--desk-days", "9", "--quiet"])
    assert "3.0 desk-days" in done.output
