"""Real Apprise delivers to a server on this machine, and tells no secret where it cannot."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hedgerow.adapters.alerts.apprise_carrier import AppriseCarrier, apprise_carriers
from hedgerow.errors import ConfigError
from hedgerow.execution.redaction import Redactor
from hedgerow.execution.secret import Secret

BOT = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class Hook:
    """A webhook that remembers what it got."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.got.append(json.loads(self.rfile.read(length)))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


def carrier(url: str) -> AppriseCarrier:
    secret = Secret(url)
    return AppriseCarrier(secret, Redactor([secret]))


def test_a_message_arrives_as_it_was_meant(hook: Hook) -> None:
    sent = carrier(f"json://127.0.0.1:{hook.port}/alerts")
    reason = asyncio.run(sent.send("critical", "treasury: naked", "short by 3 BTC < limit & more"))
    assert reason == ""
    (message,) = hook.got
    assert message["title"] == "treasury: naked"
    assert message["message"] == "short by 3 BTC < limit & more"
    assert message["type"] == "failure"


def test_a_service_that_refuses_is_told_without_its_address(hook: Hook) -> None:
    hook.status = 500
    sent = carrier(f"json://desk:pa55w0rd@127.0.0.1:{hook.port}/hooks/Zx81QqK2")
    reason = asyncio.run(sent.send("warning", "t", "x"))
    assert reason.startswith("json: ")
    assert "500" in reason
    assert "pa55w0rd" not in reason
    assert "Zx81QqK2" not in reason


def test_a_service_that_is_away_is_told(hook: Hook) -> None:
    hook.close()
    reason = asyncio.run(carrier(f"json://127.0.0.1:{hook.port}/x").send("info", "t", "x"))
    assert reason.startswith("json: ")
    hook.thread = threading.Thread()  # it is closed already
    hook.thread.start()


@pytest.mark.parametrize(
    "url",
    [
        f"tgram://{BOT}/12315544",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops",
        "mailto://desk:pa55w0rd@example.org",
        "jsons://127.0.0.1/x",
    ],
)
def test_addresses_of_the_usual_services_are_known(url: str) -> None:
    (found,) = apprise_carriers([Secret(url)], Redactor())
    assert found.name == url.partition(":")[0]


@pytest.mark.parametrize("url", [f"telegraf://{BOT}/1", BOT, f"tgram://{BOT[:4]}", ""])
def test_an_address_that_nobody_knows_is_refused_and_not_repeated(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigError, match="Apprise knows no address of the form") as caught:
        carrier(url)
    assert BOT not in str(caught.value) + caplog.text
    assert BOT[-10:] not in str(caught.value) + caplog.text
