"""A page that reads the API's own description aloud; it holds no data and loads nothing else."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response

POLICY: Final = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
KINDS: Final = {
    "/docs": ("page.html", "text/html"),
    "/docs/page.js": ("page.js", "text/javascript"),
    "/docs/page.css": ("page.css", "text/css"),
}


def page() -> APIRouter:
    """Return the routes of the page: without a token they show nothing of the desk."""
    router = APIRouter(include_in_schema=False)

    def serve(path: str, name: str, kind: str) -> None:
        content = files("hedgerow.dashboard").joinpath("assets", name).read_bytes()

        async def asset() -> Response:
            return Response(content, media_type=kind, headers={"content-security-policy": POLICY})

        router.add_api_route(path, asset)

    for path, (name, kind) in KINDS.items():
        serve(path, name, kind)
    return router
