"""The routes that tell a desk what to do."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Response
from pydantic import TypeAdapter

from hedgerow.dashboard.orders import Refusal, ResetSpoken, Spoken
from hedgerow.live.handle import DeskHandle, Reply
from hedgerow.live.signals import Order

REPLY: Final = TypeAdapter(Reply)
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Refusal, "description": "The body is no JSON."},
    401: {"model": Refusal, "description": "The token is missing or wrong."},
    409: {"model": Reply, "description": "The desk refuses, and says why; nothing changed."},
    413: {"model": Refusal, "description": "The body is too large."},
    422: {"model": Refusal, "description": "The body is not what is asked for."},
    429: {"model": Refusal, "description": "Too many wrong tokens."},
    503: {"model": Refusal, "description": "The desk cannot do it now, say for a full disk."},
}
WORDS: Final = {
    Order.ARM: "Measure and decide, but open nothing; closing goes on.",
    Order.RESUME: "Trade, or trade again.",
    Order.PAUSE: "Open nothing until resumed; closing goes on.",
    Order.FLATTEN: "Close every hedge, then stay paused: the book is naked afterwards.",
    Order.KILL: "Cancel what waits and freeze the hedge as it is: nothing is closed or opened.",
}


def telling(desk: DeskHandle) -> APIRouter:
    """Return one route for each order; 409 where the desk refuses."""
    router = APIRouter(tags=["tell"], responses=ANSWERS)

    async def told(order: Order, spoken: Spoken, subject: str = "") -> Response:
        reply = await desk.tell(order, by=spoken.by, subject=subject, reason=spoken.reason)
        return Response(
            REPLY.dump_json(reply),
            status_code=200 if reply.accepted else 409,
            media_type="application/json",
        )

    def offer(order: Order) -> None:
        @router.post(
            f"/{order}",
            name=order.value,
            operation_id=order.value,
            description=WORDS[order],
            response_model=Reply,
        )
        async def route(spoken: Annotated[Spoken | None, Body()] = None) -> Response:
            return await told(order, spoken or Spoken())

    for order in WORDS:
        offer(order)

    @router.post("/reset", operation_id="reset", response_model=Reply)
    async def reset(spoken: Annotated[ResetSpoken, Body()]) -> Response:
        """Clear a tripped guard, if what tripped it is over."""
        return await told(Order.RESET, spoken, spoken.guard)

    return router
