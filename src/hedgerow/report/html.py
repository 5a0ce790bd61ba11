"""A run as one HTML file that needs nothing else: no network, no other file."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from hedgerow.analysis.run import Run
from hedgerow.report.files import write_whole
from hedgerow.report.page import Page
from hedgerow.report.result import result as result_of
from hedgerow.report.verdict import Figures

ASSETS: Final = {
    "style": "report.css",
    "script": "report.js",
    "chart_style": "uplot/uPlot.min.css",
    "chart_script": "uplot/uPlot.iife.min.js",
    "chart_licence": "uplot/LICENSE",
}


def render(run: Run, result: Figures) -> str:
    """Return the page of `run` and of its `result`; the same input gives the same text."""
    page = Page(run, result)
    template = _environment().get_template("report.html.j2")
    return template.render(
        page=page.sections(), assets=_assets(), chart_data=_safe_json(page.chart_data())
    )


def write_html(run: Run, path: Path) -> None:
    """Write the page of `run` to `path`, whole or not at all."""
    write_whole(path, render(run, result_of(run)))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: _read(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _assets() -> dict[str, Markup]:
    """Return styles and scripts, which are ours and go into the page as they are."""
    return {name: Markup(_read(f"assets/{path}")) for name, path in ASSETS.items()}  # noqa: S704


def _read(path: str) -> str:
    return files("hedgerow.report").joinpath(path).read_text(encoding="utf-8")


def _safe_json(values: dict[str, Any]) -> Markup:
    """Return `values` as JSON that cannot end the script element it stands in."""
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704
