"""What every page is made of: templates, styles and scripts that go into the one file."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup


@cache
def environment() -> Environment:
    """Return the templates of the room."""
    return Environment(
        loader=FunctionLoader(lambda name: _read(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(path: str) -> Markup:
    """Return a style, script or licence, which are ours and go into a page as they are."""
    return Markup(_read(f"assets/{path}"))  # noqa: S704


def _read(path: str) -> str:
    return files("hedgerow.report").joinpath(path).read_text(encoding="utf-8")
