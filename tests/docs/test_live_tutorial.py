"""The tutorial from backtest to live: its configs load, its commands and words are the desk's."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.errors import ConfigError
from hedgerow.live.signals import Order
from hedgerow.live.standing import after
from hedgerow.live.view import State

PAGE = (
    Path(__file__).parents[2] / "docs" / "tutorial" / "from-backtest-to-paper-to-live.md"
).read_text(encoding="utf-8")
TABLES = dict(
    re.findall(r"^```toml title=\"([\w.-]+)\"\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def written(place: Path, name: str) -> Path:
    """Return what `init` writes with one of the page's blocks behind it."""
    path = place / name
    done = CliRunner().invoke(app, ["init", str(path)])
    assert done.exit_code == 0, done.output
    path.write_text(path.read_text(encoding="utf-8") + "\n" + TABLES[name], encoding="utf-8")
    return path


def test_the_paper_desk_of_the_page_starts_trading_on_paper(place: Path) -> None:
    given = live_setup(load(written(place, "desk.toml")), live=False)
    assert (given.setup.name, given.setup.mode, given.start_state) == (
        "treasury",
        "paper",
        "trading",
    )
    assert not given.venues[0].credentials


def test_its_limits_let_the_hedge_of_the_page_be_opened() -> None:
    hedge = 117.6 * 60_000
    limits = tomllib.loads(TABLES["desk.toml"])["orders"]
    assert limits["order_notional"] > hedge
    assert limits["turnover"] > 3 * hedge
    limits = tomllib.loads(TABLES["live.toml"])["orders"]
    assert limits["slice_notional"] < limits["order_notional"]


def test_the_live_desk_of_the_page_starts_armed_and_asks_for_its_word(place: Path) -> None:
    path = written(place, "live.toml")
    given = live_setup(load(path), live=True)
    assert (given.setup.mode, given.start_state) == ("live", "armed")
    assert given.venues[0].credentials == {
        "api_key": "BINANCE_KEY",
        "api_secret": "BINANCE_SECRET",
    }
    done = CliRunner().invoke(app, ["run", str(path), "--live"])
    assert done.exit_code == 2
    word = f"{given.setup.name}-{given.setup.config_hash[:8]}"
    said = " ".join(done.output.split())
    shown = f"live needs a confirmation: set HEDGEROW_CONFIRM_LIVE={word} for this very config"
    assert shown in said
    assert re.sub(r"-[0-9a-f]{8}", "", shown) in re.sub(r"-[0-9a-f]{8}", "", " ".join(PAGE.split()))


def test_a_paper_config_is_not_let_live(place: Path) -> None:
    with pytest.raises(ConfigError, match="live = true"):
        live_setup(load(written(place, "desk.toml")), live=True)


def test_paper_and_live_of_the_page_keep_journals_of_their_own() -> None:
    names = {tomllib.loads(text)["live"]["name"] for text in TABLES.values()}
    assert len(names) == len(TABLES) == 2


def test_the_words_that_tell_the_desk_what_to_do_follow_on_each_other() -> None:
    section = PAGE.split("## 4.")[1].split("## 5.")[0]
    said = re.findall(r"^\$ hedgerow (pause|resume|arm|kill|flatten)", section, re.MULTILINE)
    state = State.TRADING
    for word in said:
        target = after(Order(word), state)
        assert target is not None, (word, state)
        state = target
    assert said[-1] == "flatten"
    assert state is State.PAUSED


def test_every_command_of_the_page_is_there() -> None:
    registered = {
        (command.callback.__name__ if command.callback else "")
        for command in app.registered_commands
    }
    known = registered | {"journal", "venues", "data"}
    assert set(re.findall(r"^(?:\$ )?hedgerow (\w+)", PAGE, re.MULTILINE)) - known == set()
