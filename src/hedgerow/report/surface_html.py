"""A fitted surface as one HTML file that needs nothing else: no network, no other file."""

from typing import Final

from hedgerow.report.paper import asset, environment
from hedgerow.report.surface_figures import SurfaceFigures
from hedgerow.report.surface_page import sections

ASSETS: Final = {
    "style": "report.css",
    "drawing_style": "drawing.css",
    "own_style": "surface.css",
    "script": "theme.js",
}


def render_surface(given: SurfaceFigures) -> str:
    """Return the page of a surface; the same figures give the same text."""
    assets = {name: asset(path) for name, path in ASSETS.items()}
    template = environment().get_template("surface.html.j2")
    return template.render(page=sections(given), assets=assets)
