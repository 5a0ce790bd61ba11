"""The stream: the view twice a second to whoever holds the token and keeps up."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from desk_server import TOKEN, Client, served
from hedgerow.dashboard import stream
from hedgerow.live.view import DecisionView
from hedgerow.live.view_json import from_json
from sample_desk import NOW, SampleDesk, a_desk, a_view

T = TypeVar("T")


def listen(desk: SampleDesk, folder: Path, asked: Callable[[str], Awaitable[T]]) -> T:
    """Serve `desk` and return what `asked`, given the stream's URL, returns."""

    async def whole(url: str) -> T:
        return await asyncio.wait_for(asked(url), 15)

    with served(desk, folder) as api:
        return asyncio.run(whole(api.address.url.replace("http", "ws") + "/stream"))


async def closed(wire: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed):
        await wire.recv()
    assert wire.close_code is not None
    return wire.close_code, wire.close_reason or ""


def test_views_come_twice_a_second_and_show_what_changed(tmp_path: Path) -> None:
    desk = SampleDesk()

    async def asked(url: str) -> list[tuple[float, str]]:
        seen = []
        async with connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as wire:
            for name in ("one", "two", "three"):
                view = from_json(await wire.recv())
                seen.append((time.monotonic(), view.desk.name))
                desk.shown = a_view(desk=a_desk(name=name))
        return seen

    seen = listen(desk, tmp_path, asked)
    assert [name for _, name in seen] == ["treasury", "one", "two"]
    assert 0.8 < seen[2][0] - seen[0][0] < 3.0


def test_the_token_may_be_the_first_message_or_a_subprotocol(tmp_path: Path) -> None:
    async def asked(url: str) -> tuple[str, str | None, str]:
        async with connect(url) as wire:
            await wire.send(TOKEN)
            first = from_json(await wire.recv()).desk.name
        offers = [Subprotocol("hedgerow"), Subprotocol(f"bearer.{TOKEN}")]
        async with connect(url, subprotocols=offers) as wire:
            return first, wire.subprotocol, from_json(await wire.recv()).desk.name

    assert listen(SampleDesk(), tmp_path, asked) == ("treasury", "hedgerow", "treasury")


@pytest.mark.parametrize("message", ["wrong", b"\x00\x01", ""])
def test_a_wrong_first_message_gets_no_view(tmp_path: Path, message: str | bytes) -> None:
    async def asked(url: str) -> tuple[int, str]:
        async with connect(url) as wire:
            await wire.send(message)
            return await closed(wire)

    assert listen(SampleDesk(), tmp_path, asked) == (1008, "the token is missing or wrong")


def test_a_client_that_says_nothing_gets_no_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.2)

    async def asked(url: str) -> tuple[int, str]:
        async with connect(url) as wire:
            return await closed(wire)

    assert listen(SampleDesk(), tmp_path, asked)[0] == 1008


def test_the_token_in_the_address_and_a_wrong_header_open_nothing(tmp_path: Path) -> None:
    async def asked(url: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, additional_headers={"Authorization": "Bearer wrong"}):
                pass
        async with connect(f"{url}?token={TOKEN}") as wire:
            await wire.send("x")
            assert (await closed(wire))[0] == 1008
        return refused.value.response.status_code

    assert listen(SampleDesk(), tmp_path, asked) == 403


def test_a_page_of_somebody_elses_is_turned_away(tmp_path: Path) -> None:
    async def asked(url: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, origin=Origin("http://attacker.example")):
                pass
        return refused.value.response.status_code

    assert listen(SampleDesk(), tmp_path, asked) == 403


def test_what_a_client_says_later_is_ignored_and_a_flood_ends_it(tmp_path: Path) -> None:
    async def asked(url: str) -> int:
        async with connect(url) as wire:
            await wire.send(TOKEN)
            await wire.recv()
            await wire.send("kill")
            await wire.recv()
            await wire.send("x" * 100_000)
            with suppress(ConnectionClosed):
                async for _ in wire:
                    pass
            assert wire.close_code is not None
            return wire.close_code

    desk = SampleDesk()
    assert listen(desk, tmp_path, asked) == 1009
    assert desk.told == []


def test_too_many_clients_are_asked_to_come_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_CLIENTS", 1)

    async def asked(url: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with connect(url, additional_headers=headers) as one:
            await one.recv()
            async with connect(url, additional_headers=headers) as two:
                refused = await closed(two)
        async with connect(url, additional_headers=headers) as three:
            await three.recv()
        return refused

    assert listen(SampleDesk(), tmp_path, asked) == (1013, "too many clients")


def test_a_client_that_does_not_read_is_dropped_and_the_desk_still_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.3)
    monkeypatch.setattr(stream, "PAUSE", 0.001)
    long = DecisionView(
        time=NOW,
        leg=0,
        symbol="BTC/USDT:USDT",
        words="x" * 1_000_000,
        exposure=0.0,
        hedge=0.0,
        goal=0.0,
        target=0.0,
        traded=0.0,
    )
    with served(SampleDesk(a_view(decisions=(long,))), tmp_path) as api:
        place = urlsplit(api.address.url)
        with socket.create_connection((place.hostname, place.port or 0), timeout=10) as deaf:
            deaf.sendall(
                f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            time.sleep(1.5)
            assert Client(url=api.address.url).get("/healthz").status == 200
            read = 0
            while chunk := deaf.recv(1 << 20):
                read += len(chunk)
            assert read > 0  # and then the end: the server let go
