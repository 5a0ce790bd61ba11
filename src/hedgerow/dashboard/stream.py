"""The stream: the whole view, twice a second, to whoever keeps up."""

import asyncio
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from hedgerow.dashboard.gate import AUTHORISED, POLICY_VIOLATION, Failures
from hedgerow.execution.secret import Secret
from hedgerow.live.handle import DeskHandle
from hedgerow.live.view_json import to_json

PAUSE: Final = 0.5  # seconds from one view to the next
PATIENCE: Final = 5.0  # seconds a client may take for its token, or for one view
MOST_CLIENTS: Final = 16
PROTOCOL: Final = "hedgerow"
TRY_LATER: Final = 1013  # registered with IANA: the server is too busy


def stream(desk: DeskHandle, token: Secret, failures: Failures) -> APIRouter:
    """Return the route of the stream.

    The token comes in the Authorization header, as the subprotocol ``bearer.TOKEN`` beside
    ``hedgerow``, or as the first message; never in the address, which logs keep.
    """
    router = APIRouter()
    clients: set[WebSocket] = set()

    @router.websocket("/stream")
    async def views(socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", ())
        await socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
        if not socket.scope.get(AUTHORISED) and not await _introduced(socket, token, failures):
            await _close(socket, POLICY_VIOLATION, "the token is missing or wrong")
            return
        if len(clients) >= MOST_CLIENTS:
            await _close(socket, TRY_LATER, "too many clients")
            return
        clients.add(socket)
        try:
            await _serve(socket, desk)
        finally:
            clients.discard(socket)

    return router


async def _introduced(socket: WebSocket, token: Secret, failures: Failures) -> bool:
    try:
        said = await asyncio.wait_for(socket.receive_text(), PATIENCE)
    except (TimeoutError, WebSocketDisconnect, KeyError):  # KeyError: a message of bytes
        return False
    if token.matches(said.strip()):
        return True
    failures.note()
    return False


async def _serve(socket: WebSocket, desk: DeskHandle) -> None:
    """Send views until the client goes, or falls behind."""
    gone = asyncio.create_task(_gone(socket))
    try:
        while not gone.done():
            try:
                await asyncio.wait_for(socket.send_text(to_json(desk.view()).decode()), PATIENCE)
            except TimeoutError:
                await _close(socket, TRY_LATER, "too slow")
                return
            except (WebSocketDisconnect, RuntimeError):  # it went between two views
                return
            await asyncio.wait({gone}, timeout=PAUSE)
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _gone(socket: WebSocket) -> None:
    """Return when the client has gone; what it says is not listened to."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        await asyncio.wait_for(socket.close(code, reason), PATIENCE)
