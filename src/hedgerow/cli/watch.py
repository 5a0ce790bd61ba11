"""`hedgerow watch`: a running desk on the whole screen."""

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hedgerow.cli.desk_client import DeskAway, DeskClient, DeskRefused
from hedgerow.cli.desk_commands import read_view
from hedgerow.cli.desk_find import DeskOption, find_desk
from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from hedgerow.cli.watch_frame import Frame

PAUSE: Final = 0.5  # seconds between two looks
PATIENCE: Final = 2.0  # seconds for one answer, while the last view stays on the screen


def watch(
    desk: DeskOption = "",
    once: Annotated[
        bool, typer.Option("--once", help="Print one screen, and end.", show_default=False)
    ] = False,
) -> None:
    """Watch a running desk: hedge and band, legs, funding, margin, guards, and why it did so.

    Every number carries its age: dim while fresh, yellow when old, red when it cannot be relied
    upon. A "?" behind a leg means that the outcome of an order is not known. Ctrl-C ends it; the
    desk goes on.
    """
    from rich.console import Console

    console = Console(emoji=False, highlight=False)
    with told("Stopped watching; the desk goes on."):
        address = find_desk(desk)
        looking = Looking(DeskClient(address, patience=PATIENCE))
        try:
            if once or not console.is_terminal:
                console.print(looking.frame(must=True))
                return
            _live(console, looking.frame)
        finally:
            looking.close()


class Looking:
    """Takes one view after another, and keeps the last one while the desk does not answer."""

    __slots__ = ("_client", "_clock", "_last", "_seen")

    def __init__(self, client: DeskClient, clock: "Callable[[], float]" = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._last: Frame | None = None
        self._seen = 0.0

    def frame(self, *, must: bool = False) -> "Frame":
        """Return the screen of now.

        Raises
        ------
        HedgeError
            If the desk does not answer, and it `must` or never did; or if it refuses to.
        """
        from dataclasses import replace

        try:
            self._last = self._fresh()
        except DeskRefused:
            raise
        except DeskAway as error:
            if must or self._last is None:
                raise
            lag = self._clock() - self._seen
            return replace(self._last, lag=lag, trouble=str(error))
        self._seen = self._clock()
        return self._last

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _fresh(self) -> "Frame":
        from hedgerow.cli.watch_frame import Frame

        return Frame(view=read_view(self._client.get("/status")))


def _live(console: "Console", frame: "Callable[[], Frame]") -> None:
    from rich.live import Live

    with Live(frame(), console=console, screen=True, auto_refresh=False) as screen:
        while True:
            time.sleep(PAUSE)
            screen.update(frame(), refresh=True)
