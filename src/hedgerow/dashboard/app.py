"""The API of a running desk: what it shows, why it did so, and the few orders it takes."""

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware

from hedgerow.dashboard.gate import LOOPBACK, Failures, Gate
from hedgerow.dashboard.looking import health, looking
from hedgerow.dashboard.page import page
from hedgerow.dashboard.stream import stream
from hedgerow.dashboard.telling import telling
from hedgerow.errors import HedgeError
from hedgerow.live.handle import DeskHandle

if TYPE_CHECKING:
    from hedgerow.dashboard.metrics import DeskMetrics
    from hedgerow.execution.secret import Secret

LARGEST_BODY: Final = 16_384  # bytes
DESCRIPTION: Final = (
    "Every route but /healthz asks for `Authorization: Bearer TOKEN`. Times are UTC nanoseconds, "
    "ages seconds, amounts base coin (quote face where a leg is inverse); null means unknown. "
    "WebSocket /stream sends the body of GET /status twice a second."
)


def application(
    desk: DeskHandle,
    token: "Secret",
    *,
    metrics: "DeskMetrics | None" = None,
    hosts: frozenset[str] = LOOPBACK,
) -> FastAPI:
    """Return the API of `desk`.

    Parameters
    ----------
    token
        What every request must carry.
    metrics
        Served at ``/metrics`` where given.
    hosts
        Names, without port, that requests may call us by.
    """
    app = FastAPI(
        title="hedgerow desk",
        summary="A running hedging desk: look at it, ask it why, tell it what to do.",
        description=DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        max_body_size=LARGEST_BODY,
        middleware=[Middleware(Gate, token=token, hosts=hosts, failures=(failures := Failures()))],
        swagger_ui_oauth2_redirect_url=None,
    )
    app.include_router(looking(desk, metrics))
    app.include_router(health())
    app.include_router(telling(desk))
    app.include_router(stream(desk, token, failures))
    app.include_router(page())
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HedgeError, _unable)
    _ask_for_the_token(app)
    return app


async def _unfit(_request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request, and repeat nothing of it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it was registered for
    said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return JSONResponse({"detail": "; ".join(said)}, status_code=422)


async def _unable(_request: Request, error: Exception) -> JSONResponse:
    """Say why the desk cannot do it now."""
    return JSONResponse({"detail": str(error)}, status_code=503)


def _ask_for_the_token(app: FastAPI) -> None:
    """Make the OpenAPI document say that a token is needed."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
        schema["security"] = [{"token": []}]
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
