"""The commands that talk to a running desk, against its real server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from desk_server import TOKEN, served
from hedgerow.cli import desk_commands
from hedgerow.cli.watch import watch
from hedgerow.dashboard.address import Address, read_address, write_address
from hedgerow.execution.secret import Secret
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from sample_desk import SampleDesk, a_desk, a_view

app = typer.Typer()
for command in (
    *(desk_commands.status, desk_commands.positions, desk_commands.orders, desk_commands.why),
    *(desk_commands.arm, desk_commands.pause, desk_commands.resume, desk_commands.flatten),
    *(desk_commands.kill, desk_commands.reset, watch),
):
    app.command()(command)
runner = CliRunner()


class House:
    """A state folder, one desk of it served under ``treasury``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "hedgerow" / "treasury"
        self.desk = SampleDesk()

    def ask(self, *words: str, columns: int = 120, said: str | None = None) -> Result:
        env = {
            "XDG_STATE_HOME": str(self.home),
            "COLUMNS": str(columns),
            "LINES": "40",
            "NO_COLOR": "1",
        }
        return runner.invoke(app, words, env=env, input=said)


@pytest.fixture
def empty(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def house(empty: House) -> Iterator[House]:
    with served(empty.desk, empty.folder):
        yield empty


def dead_pid() -> int:
    """Return the number of a process that has just ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def leave(home: Path, name: str, **changes: object) -> Path:
    """Write the address of a desk that is not there."""
    left = Address(
        name=name, url="http://127.0.0.1:9", pid=dead_pid(), token=Secret(TOKEN), mode="paper"
    )
    return write_address(home / "hedgerow" / name, replace(left, **changes))  # type: ignore[arg-type]


def test_status_shows_everything_a_person_asks_first(house: House) -> None:
    answer = house.ask("status")
    assert answer.exit_code == 0
    for word in (
        "PAPER",
        "treasury",
        "TRADING",
        "16,988,410 USD",
        "-118.452",
        "+1.548",
        "112,480.5",
        "+38,413",
        "+0.0082 %/8h",
        "9.9 %",
        "16.7 %",
        "headroom",
        "2 tripped",
        "latched",
        "unknown",
        "nothing to do",
    ):
        assert word in answer.output


def test_json_is_what_the_api_says(house: House) -> None:
    status = json.loads(house.ask("status", "--json").output)
    assert status["desk"]["name"] == "treasury"
    orders = json.loads(house.ask("orders", "--json").output)
    assert orders[0]["amount"] == "0.600"
    positions = json.loads(house.ask("positions", "--json").output)
    assert positions["legs"][1]["inverse"] is True
    why = json.loads(house.ask("why", "--json", "--last", "1").output)
    assert why[0]["bound"] == "inside the band"


def test_positions_orders_and_why_fit_eighty_columns(house: House) -> None:
    for words in (["positions"], ["orders"], ["why"], ["status"]):
        answer = house.ask(*words, columns=80)
        assert answer.exit_code == 0
        assert max(map(len, answer.output.splitlines())) <= 80
    held = house.ask("positions", columns=80).output
    assert "-4,049,000 USD" in held
    assert "on its way" in held
    working = house.ask("orders", columns=80).output
    assert "0.600" in working
    assert "112,478.1" in working


def test_why_gives_words_numbers_and_what_decided(house: House) -> None:
    answer = house.ask("why", "ETH/USDT:USDT")
    assert "sell 48 to reach 860" in answer.output
    assert "decided by: band" in answer.output
    assert "fee 80.30" in answer.output
    assert "BTC" not in answer.output
    assert "Nothing decided yet" in house.ask("why", "DOGE/USDT:USDT").output


def test_no_orders_is_said(house: House) -> None:
    house.desk.shown = a_view(orders=())
    assert "No order works" in house.ask("orders").output


@pytest.mark.parametrize(
    ("words", "order", "after"),
    [
        (["arm"], Order.ARM, State.ARMED),
        (["pause", "--reason", "lunch"], Order.PAUSE, State.PAUSED),
        (["resume"], Order.RESUME, State.TRADING),
        (["flatten", "--yes"], Order.FLATTEN, State.PAUSED),
        (["kill", "-y"], Order.KILL, State.KILLED),
    ],
)
def test_an_order_is_carried_out_and_its_answer_printed(
    house: House, words: list[str], order: Order, after: State
) -> None:
    answer = house.ask(*words)
    assert (answer.exit_code, answer.output) == (0, f"treasury is {after}: done\n")
    ((given, by, _, reason),) = house.desk.told
    assert (given, by.partition(":")[0]) == (order, "cli")
    assert reason == ("lunch" if "--reason" in words else "")


def test_reset_names_its_guard(house: House) -> None:
    assert house.ask("reset", "naked").exit_code == 0
    assert house.desk.told[0][2] == "naked"
    answer = house.ask("reset", "nacked")
    assert answer.exit_code == 2
    assert "no guard is called 'nacked'" in answer.output


@pytest.mark.parametrize("order", ["kill", "flatten"])
def test_without_a_person_to_confirm_it_nothing_is_sent(house: House, order: str) -> None:
    answer = house.ask(order, said="y\n")
    assert answer.exit_code == 2
    assert "add --yes" in answer.output
    assert house.desk.told == []


@pytest.mark.parametrize(("said", "told"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_a_person_is_asked_before_a_kill(
    house: House, monkeypatch: pytest.MonkeyPatch, said: str, told: int
) -> None:
    monkeypatch.setattr(desk_commands, "_somebody_is_here", lambda: True)
    answer = house.ask("kill", said=said)
    assert "Kill treasury (paper)? It cancels what waits and freezes the hedge" in answer.output
    assert (answer.exit_code == 0, len(house.desk.told)) == (told == 1, told)


def test_a_refused_order_ends_with_two_and_the_reason(house: House) -> None:
    house.desk.shown = a_view(desk=a_desk(state=State.KILLED))
    answer = house.ask("pause")
    assert answer.exit_code == 2
    assert "treasury stays killed: the desk is killed; resume it first" in answer.output


def test_no_desk_at_all(empty: House) -> None:
    answer = empty.ask("status")
    assert answer.exit_code == 2
    assert "no desk runs" in answer.output
    assert "hedgerow run CONFIG" in answer.output
    assert "no desk runs" in empty.ask("status", "--desk", "treasury").output


def test_another_name_is_told_which_there_are(house: House) -> None:
    answer = house.ask("status", "--desk", "tresury")
    assert answer.exit_code == 2
    assert "did you mean 'treasury'" in answer.output


def test_a_desk_that_died_is_named_with_its_process(empty: House) -> None:
    path = leave(empty.home, "treasury")
    for words in (["status"], ["status", "--desk", "treasury"], ["kill", "--yes"]):
        answer = empty.ask(*words)
        assert answer.exit_code == 2
        assert f"process {read_address(path).pid}" in answer.output
        assert "journal" in answer.output


def test_among_several_the_one_that_runs_is_meant_and_two_must_be_told_apart(house: House) -> None:
    leave(house.home, "carry")
    assert house.ask("status").exit_code == 0
    leave(house.home, "basis", pid=os.getpid())
    answer = house.ask("status")
    assert answer.exit_code == 2
    assert "several desks run (basis, treasury)" in answer.output
    assert house.ask("status", "--desk", "treasury").exit_code == 0
    assert house.ask("status", "--desk", str(house.folder)).exit_code == 0


def test_a_refused_connection_is_not_a_traceback(empty: House) -> None:
    leave(empty.home, "treasury", pid=os.getpid())
    answer = empty.ask("status")
    assert answer.exit_code == 2
    assert "nobody answers at http://127.0.0.1:9" in answer.output


def test_a_wrong_token_is_named_and_not_shown(house: House) -> None:
    path = house.folder / "api.json"
    wrong = replace(read_address(path), token=Secret("not-the-one"))
    write_address(house.folder, wrong)
    answer = house.ask("status")
    assert answer.exit_code == 2
    assert "does not take the token" in answer.output
    assert "not-the-one" not in answer.output
    write_address(house.folder, replace(wrong, token=Secret(TOKEN)))


def test_an_address_that_others_may_read_is_refused(house: House) -> None:
    (house.folder / "api.json").chmod(0o644)
    answer = house.ask("status")
    assert answer.exit_code == 2
    assert "chmod 600" in answer.output
    (house.folder / "api.json").chmod(0o600)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"token": "s3cret", "pid": 1'])
def test_an_address_that_is_none_is_refused_and_not_quoted(empty: House, text: str) -> None:
    empty.folder.mkdir(parents=True)
    path = empty.folder / "api.json"
    path.touch(0o600)
    path.write_text(text)
    answer = empty.ask("status")
    assert answer.exit_code == 2
    assert "is not the address of a desk" in answer.output
    assert "s3cret" not in answer.output


def test_watch_once_prints_one_screen(house: House) -> None:
    answer = house.ask("watch", "--once", columns=80)
    assert answer.exit_code == 0
    assert "Hedge" in answer.output
    assert "\x1b" not in answer.output


def test_the_token_is_in_no_output(house: House) -> None:
    for words in (["status"], ["status", "--json"], ["positions", "--json"], ["watch", "--once"]):
        assert TOKEN not in house.ask(*words).output
