"""How a folded journal looks on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from hedgerow.cli.journal_chain import moment


def sentences(found: Mapping[str, Any], place: str) -> list[str]:
    """Return where `hedgerow.live.fold.describe` stopped, and the desk's state there."""
    if not found["record"]:
        return [f"{place}: no records yet"]
    after = f"{place} after record {found['record']:,}, {moment(found['time'])}"
    state = found["state"]
    if not state:
        return [after, "The desk has not begun."]
    since = moment(state["since"])
    said = f"The desk is {state['state']} since {since}: {state['reason']} ({state['by']})."
    return [after, said]


def view(found: Mapping[str, Any]) -> RenderableType:
    """Return what `hedgerow.live.fold.describe` found, as tables."""
    orders = [
        (
            *(name, order["symbol"], order["side"], order["kind"], order["amount"]),
            *(order["filled"], order["price"], order["status"]),
        )
        for name, order in found["orders"].items()
    ]
    kinds = [(kind, f"{count:,}") for kind, count in found["kinds"].items()]
    headings = ("order", "contract", "side", "kind", "amount", "filled", "price", "status")
    return Group(
        _table("Positions", ("account", "contract", "base coin"), _by_two(found["positions"])),
        _table("Wallets", ("pocket", "currency", "amount"), _by_two(found["wallets"])),
        _table("Orders that may still trade", headings, orders),
        _table("Tripped", ("guard", "what it says"), list(found["guards"].items())),
        _table("Records", ("kind", "count"), kinds),
    )


def _by_two(found: Mapping[str, Mapping[str, float]]) -> list[tuple[str, ...]]:
    return [
        (outer, inner, f"{amount:,.8g}")
        for outer, amounts in found.items()
        for inner, amount in amounts.items()
    ]


def _table(
    title: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> RenderableType:
    if not rows:
        return f"\n{title}: none"
    table = Table(title=f"\n{title}", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        amounts = heading in {"amount", "filled", "price", "base coin", "count"}
        table.add_column(heading, justify="right" if amounts else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    return table
