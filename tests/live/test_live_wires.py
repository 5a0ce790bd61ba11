"""Whatever a venue does to a call, the desk hears of it in one of a few words."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, cast

import pytest

from hedgerow.execution.effects import Cancel, FetchTrades, Place, Probe
from hedgerow.execution.order import OrderKind, OrderRequest, Side
from hedgerow.execution.port import (
    ClockSkewed,
    Failure,
    Garbled,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unreachable,
    VenueError,
)
from hedgerow.live import wires as wires_module
from hedgerow.live.effects import (
    FetchFacts,
    FetchPast,
    FetchQuote,
    FetchSnapshot,
    LiveEffect,
    SendTransfer,
    SetSwitch,
)
from hedgerow.live.signals import CallFailed
from hedgerow.live.wires import Wire, Wires

PLACE: dict[str, Any] = {"venue": "north", "account": "main"}
ORDER = OrderRequest(
    client_id="hg1",
    symbol="BTC/USDT:USDT",
    side=Side.SELL,
    amount=Decimal(1),
    kind=OrderKind.IMMEDIATE,
    price=Decimal(60_000),
    **PLACE,
)
ABOUT: dict[str, Any] = {**PLACE, "symbol": "BTC/USDT:USDT"}
EFFECTS: tuple[tuple[LiveEffect, str], ...] = (
    (Place(request=ORDER), "place"),
    (Cancel(client_id="hg1", **ABOUT), "cancel"),
    (Probe(client_id="hg1", since=0, **ABOUT), "probe"),
    (FetchTrades(since=0, **ABOUT), "trades"),
    (FetchPast(since=0, **ABOUT), "trades"),
    (FetchSnapshot(**PLACE), "snapshot"),
    (FetchQuote(venue="north", symbol="BTC/USDT:USDT"), "quote"),
    (FetchFacts(**PLACE), "facts"),
    (SetSwitch(seconds=60.0, **PLACE), "switch"),
    (
        SendTransfer(
            currency="USDT", amount=Decimal(1), transfer_id="t1", delay_seconds=0.0, **PLACE
        ),
        "transfer",
    ),
)


class Broken:
    """A venue of which every call ends the same way."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., Awaitable[None]]:
        async def call(*_: object) -> None:
            if self._error is None:
                await asyncio.sleep(60.0)
            else:
                raise self._error

        return call


def said(effect: LiveEffect, error: Exception | None) -> CallFailed:
    broken = cast("Any", Broken(error))
    wire = Wire(gateway=broken, account=broken)
    wires = Wires({"north": broken}, {"main": wire}, {"main": ()}, lambda: 77)
    failed = asyncio.run(wires.carry(effect))
    assert isinstance(failed, CallFailed)
    return failed


@pytest.mark.parametrize(("effect", "call"), EFFECTS)
def test_a_failed_call_says_what_it_was_about(effect: LiveEffect, call: str) -> None:
    failed = said(effect, Unreachable("north: connection refused"))
    assert (failed.call, failed.failure) == (call, Failure.UNREACHABLE)
    assert (failed.venue, failed.time) == ("north", 77)
    assert failed.account == ("" if call == "quote" else "main")
    assert failed.client_id == ("hg1" if call in {"place", "cancel", "probe"} else "")
    assert failed.reason == "north: connection refused"


@pytest.mark.parametrize(
    ("error", "failure", "wait"),
    [
        (OutcomeUnknown("the connection died"), Failure.UNKNOWN, 0.0),
        (Refused("no", code="-2019"), Failure.REFUSED, 0.0),
        (RateLimited("patience", retry_after=7.0), Failure.RATE_LIMITED, 7.0),
        (ClockSkewed("-1021"), Failure.CLOCK, 0.0),
        (Unreachable("refused"), Failure.UNREACHABLE, 0.0),
        (Garbled("<html>"), Failure.GARBLED, 0.0),
        (VenueError("something else"), Failure.UNKNOWN, 0.0),
    ],
)
def test_each_error_has_its_word(error: VenueError, failure: Failure, wait: float) -> None:
    failed = said(Place(request=ORDER), error)
    assert (failed.failure, failed.retry_after) == (failure, wait)


@pytest.mark.parametrize(("effect", "call"), EFFECTS)
def test_an_order_that_nobody_answers_may_have_been_done_a_question_not(
    effect: LiveEffect, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wires_module, "PATIENCE", 0.01)
    failed = said(effect, None)
    acts = call in {"place", "cancel", "transfer"}
    assert failed.failure is (Failure.UNKNOWN if acts else Failure.UNREACHABLE)
    assert "no answer within 0.01 s" in failed.reason
