"""The routes that only look."""

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, TypeAdapter

from hedgerow.dashboard.orders import Name, Refusal
from hedgerow.live.handle import DeskHandle
from hedgerow.live.view import (
    AccountView,
    BookView,
    DecisionView,
    DeskView,
    FundingView,
    GuardView,
    LegView,
    OrderView,
    StreamView,
)
from hedgerow.live.view_json import to_json

if TYPE_CHECKING:
    from hedgerow.dashboard.metrics import DeskMetrics

JSON: Final = "application/json"
MOST: Final = 1000  # decisions or records in one answer
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Refusal, "description": "The token is missing or wrong."},
    422: {"model": Refusal, "description": "The question is not what is asked for."},
    429: {"model": Refusal, "description": "Too many wrong tokens."},
    503: {"model": Refusal, "description": "The desk cannot say now."},
}
Last = Annotated[int, Query(ge=1, le=MOST, description="How many, counted from the newest.")]


class Positions(BaseModel):
    """What is held, and where."""

    book: tuple[BookView, ...]
    legs: tuple[LegView, ...]
    accounts: tuple[AccountView, ...]


class Guards(BaseModel):
    """What is watched."""

    guards: tuple[GuardView, ...]
    streams: tuple[StreamView, ...]


class LegFunding(BaseModel):
    """Funding of one leg."""

    leg: int
    venue: str
    symbol: str
    settle: str
    funding: FundingView


class RecordView(BaseModel):
    """One record of the journal."""

    number: int
    time: int
    kind: str
    key: str
    body: dict[str, Any]
    digest: str


POSITIONS: Final = TypeAdapter(Positions)
ORDERS: Final = TypeAdapter(tuple[OrderView, ...])
GUARDS: Final = TypeAdapter(Guards)
FUNDING: Final = TypeAdapter(tuple[LegFunding, ...])
DECISIONS: Final = TypeAdapter(tuple[DecisionView, ...])


def looking(desk: DeskHandle, metrics: "DeskMetrics | None") -> APIRouter:
    """Return the routes; a view is written out directly, for it was checked when it was made."""
    router = APIRouter(tags=["look"], responses=REFUSALS)

    @router.get("/status", response_model=DeskView)
    async def status() -> Response:
        """Everything the desk shows."""
        return Response(to_json(desk.view()), media_type=JSON)

    @router.get("/positions", response_model=Positions)
    async def positions() -> Response:
        """Book, legs and accounts."""
        view = desk.view()
        held = Positions.model_construct(book=view.book, legs=view.legs, accounts=view.accounts)
        return Response(POSITIONS.dump_json(held), media_type=JSON)

    @router.get("/orders", response_model=tuple[OrderView, ...])
    async def orders() -> Response:
        """Child orders that work, or whose outcome is not known."""
        return Response(ORDERS.dump_json(desk.view().orders), media_type=JSON)

    @router.get("/guards", response_model=Guards)
    async def guards() -> Response:
        """Guards, breakers and streams."""
        view = desk.view()
        watched = Guards.model_construct(guards=view.guards, streams=view.streams)
        return Response(GUARDS.dump_json(watched), media_type=JSON)

    @router.get("/funding", response_model=tuple[LegFunding, ...])
    async def funding() -> Response:
        """Funding by leg: received so far, last, next and predicted with its range."""
        paid = tuple(
            LegFunding.model_construct(
                leg=leg.number,
                venue=leg.venue,
                symbol=leg.symbol,
                settle=leg.settle,
                funding=leg.funding,
            )
            for leg in desk.view().legs
            if not leg.spot
        )
        return Response(FUNDING.dump_json(paid), media_type=JSON)

    @router.get("/why", response_model=tuple[DecisionView, ...])
    async def why(
        leg: Annotated[Name, Query(description="Symbol or number; all by default.")] = "",
        last: Last = 20,
    ) -> Response:
        """Decisions in words and numbers, trades and non-trades alike, oldest first."""
        return Response(DECISIONS.dump_json(tuple(desk.why(leg or None, last))), media_type=JSON)

    @router.get("/journal", response_model=tuple[RecordView, ...])
    async def journal(last: Last = 20) -> list[RecordView]:
        """Return the newest records of the journal, oldest first."""
        return [
            RecordView(
                number=record.number,
                time=record.time,
                kind=record.kind,
                key=record.key,
                body=dict(record.body),
                digest=record.digest,
            )
            for record in await desk.journal_tail(last)
        ]

    if metrics is not None:
        _serve_metrics(router, metrics)
    return router


def health() -> APIRouter:
    """Return the one route that asks for no token."""
    router = APIRouter(tags=["look"])

    @router.get("/healthz", response_class=PlainTextResponse, openapi_extra={"security": []})
    async def healthz() -> str:
        """Say that the process answers, and nothing else."""
        return "ok"

    return router


def _serve_metrics(router: APIRouter, metrics: "DeskMetrics") -> None:
    from hedgerow.dashboard.metrics import CONTENT_TYPE  # noqa: PLC0415 - only where it is used

    text = {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}}

    @router.get("/metrics", response_model=None, responses={200: text})
    async def exposition() -> Response:
        """Metrics for Prometheus, in its text format."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)
