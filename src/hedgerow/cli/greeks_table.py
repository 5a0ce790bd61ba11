"""The tables of a book's greeks, and how a number stands in them."""

import math
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rich.table import Table

WORDS: Final = ("unit", "expiry", "trade", "until", "")  # heads of columns that hold words
HUNDREDS: Final = 1e3  # from which on numbers are written with two decimals


def table_of(*heads: str) -> "Table":
    """Return an empty table with these heads, words to the left and numbers to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    low: Literal["bottom", "top"] = "bottom" if any("\n" in head for head in heads) else "top"
    for place, head in enumerate(heads):
        words = place == 0 or head in WORDS
        table.add_column(
            head,
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold",
            vertical=low if words else "top",
        )
    return table


def written(value: float | None, *, sign: str = "-") -> str:
    """Return a number with five digits that say something."""
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    if size >= HUNDREDS:
        return f"{value + 0.0:{sign},.2f}"
    return f"{value + 0.0:{sign}.5g}"
