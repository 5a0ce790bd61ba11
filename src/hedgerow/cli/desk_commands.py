"""The commands that talk to a running desk: look at it, ask it why, tell it what to do."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hedgerow.cli.desk_client import DeskClient
from hedgerow.cli.desk_find import DeskOption, find_desk
from hedgerow.cli.ending import fail, told
from hedgerow.errors import HedgeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from hedgerow.dashboard.address import Address
    from hedgerow.live.view import DeskView

STOPPED: Final = "Stopped; nothing was sent."
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="WORDS", help="Why; it is kept in the journal.")
]


def status(desk: DeskOption = "", as_json: JsonOption = False) -> None:
    """Show everything a running desk shows, once."""

    def whole(view: "DeskView") -> "RenderableType":
        from hedgerow.cli.watch_frame import Frame

        return Frame(view=view, bounded=False)

    _show(desk, "/status", whole, as_json=as_json)


def positions(desk: DeskOption = "", as_json: JsonOption = False) -> None:
    """Show what a running desk holds: hedge, legs, funding and margin."""

    def held(view: "DeskView") -> "RenderableType":
        from hedgerow.cli import desk_tables

        return desk_tables.positions(view)

    _show(desk, "/positions", held, as_json=as_json)


def orders(desk: DeskOption = "", as_json: JsonOption = False) -> None:
    """Show the child orders that work, or whose outcome is not known."""

    def working(view: "DeskView") -> "RenderableType":
        from hedgerow.cli import desk_tables

        return desk_tables.orders(view)

    _show(desk, "/orders", working, as_json=as_json)


def why(
    leg: Annotated[
        str, typer.Argument(metavar="[LEG]", help="Symbol or number of a leg; all by default.")
    ] = "",
    last: Annotated[int, typer.Option("--last", min=1, max=1000, help="How many.")] = 10,
    desk: DeskOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say why the desk traded, or why it did not: exposure, band, costs and what decided."""
    with told(STOPPED):
        client = DeskClient(find_desk(desk))
        try:
            content = client.get("/why", leg=leg, last=last)
        finally:
            client.close()
        if as_json:
            _print_json(content)
            return
        from pydantic import TypeAdapter

        from hedgerow.cli.desk_tables import Why
        from hedgerow.live.view import DecisionView

        decisions = TypeAdapter(tuple[DecisionView, ...]).validate_json(content)
        _print(Why(decisions=decisions))


def arm(desk: DeskOption = "", reason: ReasonOption = "") -> None:
    """Measure and decide, but open nothing; closing goes on."""
    _tell("arm", desk, reason)


def pause(desk: DeskOption = "", reason: ReasonOption = "") -> None:
    """Open nothing until resumed; orders that reduce risk go on."""
    _tell("pause", desk, reason)


def resume(desk: DeskOption = "", reason: ReasonOption = "") -> None:
    """Trade, or trade again after a pause or a kill."""
    _tell("resume", desk, reason)


def flatten(desk: DeskOption = "", reason: ReasonOption = "", yes: YesOption = False) -> None:
    """Close every hedge, then stay paused: the book is naked afterwards."""
    _tell("flatten", desk, reason, sure="closes every hedge and leaves the book naked", yes=yes)


def kill(desk: DeskOption = "", reason: ReasonOption = "", yes: YesOption = False) -> None:
    """Freeze the book as it is: cancel what waits, close nothing, order nothing more.

    The hedge that is held stays, and is still topped up with margin. Use `flatten` to be rid of it.
    """
    _tell(
        "kill",
        desk,
        reason,
        sure="cancels what waits and freezes the hedge as it is; nobody manages it until resumed",
        yes=yes,
    )


def reset(
    guard: Annotated[str, typer.Argument(help="Name of the guard, as `hedgerow status` shows.")],
    desk: DeskOption = "",
    reason: ReasonOption = "",
) -> None:
    """Clear a tripped guard, if what tripped it is over."""
    _tell("reset", desk, reason, guard=guard)


def _show(
    desk: str, path: str, draw: "Callable[[DeskView], RenderableType]", *, as_json: bool
) -> None:
    with told(STOPPED):
        client = DeskClient(find_desk(desk))
        try:
            if as_json:
                _print_json(client.get(path))
                return
            content = client.get("/status")
        finally:
            client.close()
        _print(draw(read_view(content)))


def read_view(content: bytes) -> "DeskView":
    """Return the view that a desk sent.

    Raises
    ------
    HedgeError
        If the desk is of a version that shows itself otherwise.
    """
    from hedgerow.live.view_json import from_json

    try:
        return from_json(content)
    except ValueError:
        raise HedgeError(
            "the desk shows itself in a way that this version does not know; use the version of "
            "hedgerow that runs the desk"
        ) from None


def _print(drawn: "RenderableType") -> None:
    from rich.console import Console

    Console(emoji=False, highlight=False).print(drawn)


def _print_json(content: bytes) -> None:
    import json

    typer.echo(json.dumps(json.loads(content), indent=2, ensure_ascii=False))


def _tell(
    order: str, desk: str, reason: str, *, guard: str = "", sure: str = "", yes: bool = False
) -> None:
    with told(STOPPED):
        address = find_desk(desk)
        if sure and not yes:
            _ask(order, address, sure)
        client = DeskClient(address)
        try:
            said = {"reason": reason} | ({"guard": guard} if guard else {})
            typer.echo(client.tell(order, **said))
        finally:
            client.close()


def _ask(order: str, address: "Address", sure: str) -> None:
    """Ask a person; without one, nothing is done."""
    if not _somebody_is_here():
        fail(f"{order} {sure}, and nobody is here to confirm it; add --yes")
    question = f"{order.capitalize()} {address.name} ({address.mode})? It {sure}."
    if not typer.confirm(question):
        fail(STOPPED)


def _somebody_is_here() -> bool:
    return sys.stdin.isatty()
