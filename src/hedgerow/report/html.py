"""A run as one HTML file that needs nothing else: no network, no other file."""

import json
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from hedgerow.analysis.run import Run
from hedgerow.report.files import write_whole
from hedgerow.report.page import Page
from hedgerow.report.paper import asset, environment
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
    template = environment().get_template("report.html.j2")
    assets = {name: asset(path) for name, path in ASSETS.items()}
    return template.render(
        page=page.sections(), assets=assets, chart_data=_safe_json(page.chart_data())
    )


def write_html(run: Run, path: Path) -> None:
    """Write the page of `run` to `path`, whole or not at all."""
    write_whole(path, render(run, result_of(run)))


def _safe_json(values: dict[str, Any]) -> Markup:
    """Return `values` as JSON that cannot end the script element it stands in."""
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704
