"""A pair of dollars of a config is asked for from the feed of its venue, on paper and live."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from hedgerow.adapters.venues import opening
from hedgerow.config.assembly import Market, assemble
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.live.wires import Wires

DESK = """
[live]
name = "treasury"
live = true

[orders]
turnover = 4_000_000
order_notional = 500_000

[guards]
peg_pairs = { binance = "FDUSD/USDT" }

[[venue]]
name = "binance"
api_key = "BINANCE_KEY"
api_secret = "BINANCE_SECRET"
"""


class Closed:
    """What a venue would be; it is asked for nothing here."""

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("live", [False, True])
def test_a_pair_of_the_config_is_asked_for_from_the_feed_of_its_venue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, live: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("BINANCE_KEY", "k")
    monkeypatch.setenv("BINANCE_SECRET", "s")
    opened = []

    def open_feed(venue: str, symbols: Iterable[str], _: object) -> Closed:
        opened.append((venue, tuple(symbols)))
        return Closed()

    monkeypatch.setattr(opening, "open_feed", open_feed)
    monkeypatch.setattr(opening, "open_account", lambda *_, **__: (Closed(), Closed()))
    path = tmp_path / "treasury.toml"
    path.write_text(sample("treasury") + DESK, encoding="utf-8")
    config = load(path)
    given = live_setup(config, live=live)
    given.folder.mkdir(parents=True)
    desk = assemble(config, given, Market(kind="venue"), rehearsal=True)

    async def wired() -> Wires:
        wires = desk.runtime._connect(desk.runtime.controller)
        await wires.close()
        return wires

    ((feed, symbols),) = asyncio.run(wired()).beside.values()
    assert symbols == ("FDUSD/USDT",)
    assert isinstance(feed, Closed)
    assert opened == [("binance", ("BTC/USDT:USDT",)), ("binance", ("FDUSD/USDT",))]
