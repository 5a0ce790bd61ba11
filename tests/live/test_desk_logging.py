"""What a desk logs is one line an event, says which desk speaks, and never holds a secret."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from hedgerow.execution.redaction import Redactor
from hedgerow.execution.secret import Secret
from hedgerow.live.logging import Identity, start_logging

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utI"
WHO = Identity(desk="treasury", mode="live")


class Log:
    """A desk's log in memory."""

    def __init__(self, *, json_lines: bool = True, level: str = "info") -> None:
        self.stream = io.StringIO()
        self.undo: Callable[[], None] = start_logging(
            self.stream,
            level=level,
            json_lines=json_lines,
            redact=Redactor([Secret(KEY)]),
            who=WHO,
        )
        self.log = structlog.get_logger("hedgerow.desk")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    log.undo()


def failing() -> None:
    """Fail as a client library does: the key in the request, the request in the cause."""
    key = KEY
    try:
        raise ConnectionError(f"GET https://api.example.org/order?apiKey={key} failed")  # noqa: TRY301
    except ConnectionError as error:
        raise ValueError({"headers": {"X-MBX-APIKEY": key}}) from error


def test_a_line_says_when_who_and_what(log: Log) -> None:
    log.log.info("order sent", client_id="hr7", lots=3, price=61000.5)
    (line,) = log.lines
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "order sent",
        "level": "info",
        "desk": "treasury",
        "mode": "live",
        "client_id": "hr7",
        "lots": 3,
        "price": 61000.5,
    }


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_secret_in_a_chain_of_exceptions_never_appears(json_lines: bool) -> None:
    log = Log(json_lines=json_lines)
    try:
        failing()
    except ValueError:
        log.log.exception("it failed", nested={"deep": [f"key {KEY}"]}, given=Secret(KEY))
        logging.getLogger("some.library").exception("it failed with %s", KEY)
    finally:
        log.undo()
    assert KEY not in log.text
    assert log.text.count("The above exception was the direct cause") == 2
    assert log.text.count("ConnectionError: GET https://api.example.org/order?apiKey=***") == 2


def test_what_is_called_a_token_is_hidden_whatever_it_is(log: Log) -> None:
    log.log.warning("told", token="abc", body={"api_key": 7, "Authorization": "x"}, tokens_left=3)  # noqa: S106 - made up
    (line,) = log.lines
    assert line["token"] == "***"  # noqa: S105 - that is the point
    assert line["body"] == {"api_key": "***", "Authorization": "***"}
    assert line["tokens_left"] == 3


def test_a_defect_of_a_task_that_nobody_awaits_is_logged_redacted(log: Log) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a task died", "exception": RuntimeError(f"with {KEY}")}
        )

    asyncio.run(main())
    assert "a task died" in log.text
    assert KEY not in log.text


def test_what_is_below_the_level_is_not_written() -> None:
    log = Log(level="warning")
    log.log.info("quiet")
    log.log.warning("loud")
    log.undo()
    assert [line["event"] for line in log.lines] == ["loud"]


def test_an_object_that_is_no_json_is_written_as_its_text(log: Log) -> None:
    log.log.info("odd", place=Path("/x"), many=(1, {2: "two"}), nothing=None)
    (line,) = log.lines
    assert (line["place"], line["many"], line["nothing"]) == ("/x", [1, {"2": "two"}], None)


def test_a_file_that_was_moved_away_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "desk.log"
    undo = start_logging(path, level="info", json_lines=True, redact=str, who=WHO)
    log = structlog.get_logger()
    log.info("before")
    path.rename(tmp_path / "desk.log.1")
    log.info("after")
    undo()
    assert json.loads(path.read_text())["event"] == "after"
    assert json.loads((tmp_path / "desk.log.1").read_text())["event"] == "before"
