"""`hedgerow soak`: the desk through thousands of simulated days in which things go wrong."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.idle_options import refuse_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hedgerow.live.chaos.soak import Tally
    from hedgerow.live.chaos.world import World

BROKEN = 1


def soak(
    context: typer.Context,
    desk_days: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="How many days, one a seed.")
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="N", help="The first seed.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="Processes.")] = 1,
    replay: Annotated[
        int | None,
        typer.Option(metavar="SEED", help="Live one seed again, and show how it ended."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Simulate the desk while requests, messages, venues, the journal and the desk itself fail.

    Each seed is a day of its own: what kind of desk, its market, venues and accounts, an operator,
    and faults, all out of the seed. After every event the invariants are checked; whenever faults
    stop, the book must be hedged and reconciled in time. Ends with 1 and the seeds that broke
    something, if any did; each can be lived again with --replay. Ctrl-C ends it early, with the
    tally so far.
    """
    if replay is not None:
        with told("Stopped."):
            why = "--replay lives the one seed that it names; leave it out"
            refuse_idle(context, ("desk_days", "seed", "jobs"), why)
    from hedgerow.live.chaos.soak import Tally, lived
    from hedgerow.live.chaos.soak import soak as soak_seeds

    tally = Tally()
    if replay is not None:
        world, life = lived(replay)
        _show_end(world)
        tally.add(life)
    else:
        with _progress(desk_days, quiet=quiet) as tell:
            try:
                seeds = range(seed, seed + desk_days)
                tally = soak_seeds(seeds, jobs=jobs, tell=tell)
            except KeyboardInterrupt:
                tally = tell.last
    _print(tally)
    if tally.broken:
        raise typer.Exit(BROKEN)


class _Teller:
    """Keeps the last tally that was told."""

    def __init__(self, show: "Callable[[Tally], None]") -> None:
        from hedgerow.live.chaos.soak import Tally

        self.last = Tally()
        self._show = show

    def __call__(self, tally: "Tally") -> None:
        self.last = tally
        self._show(tally)


@contextmanager
def _progress(days: int, *, quiet: bool) -> "Iterator[_Teller]":
    if quiet:
        yield _Teller(lambda _: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task("desk-days", total=days)

        def show(tally: "Tally") -> None:
            faults = sum(tally.faults.values())
            text = f"{tally.lives:,} desk-days, {faults:,} faults, {len(tally.broken)} broken"
            bar.update(task, completed=tally.lives, description=text)

        yield _Teller(show)


def _print(tally: "Tally") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(emoji=False)
    for title, what, counts in (
        ("SIMULATED: desks by kind", "desk", tally.desks),
        ("SIMULATED: faults by kind", "fault", tally.faults),
    ):
        table = Table(title=title, title_justify="left")
        table.add_column(what)
        table.add_column("times", justify="right")
        for name, times in counts.most_common():
            table.add_row(name, f"{times:,}")
        console.print(table)
    console.print(
        f"{tally.days:,.1f} desk-days, {tally.events:,} events, {sum(tally.faults.values()):,} "
        f"faults, {tally.orders:,} orders, {tally.trades:,} trades, {tally.checked:,} invariants "
        "checked"
    )
    console.print(
        f"{len(tally.recoveries):,} recoveries once faults stopped: half within "
        f"{tally.recovery(0.5):.0f} s, 99 % within {tally.recovery(0.99):.0f} s, the longest "
        f"{tally.worst_recovery:.0f} s; {tally.left:,} of them as an operator left the desk"
    )
    console.print(
        f"The worst: {tally.naked:.3g} USD seconds unhedged, {tally.alone:.3g} of a pair on one "
        f"leg, {tally.double:.1%} hedged twice while others stood in"
    )
    if not tally.broken:
        console.print("No invariant was broken.", style="green")
        return
    console.print(f"{len(tally.broken)} seeds broke an invariant:", style="red")
    for seed, broken in sorted(tally.broken.items()):
        console.print(f"  {seed}: {broken.name}: {broken.text}", highlight=False, markup=False)
    console.print(f"Live one again: hedgerow soak --replay {min(tally.broken)}")


def _show_end(world: "World") -> None:
    """Print the last facts that a simulated desk wrote down."""
    from hedgerow.ledger.journal import canonical
    from hedgerow.units import iso

    for place in world.scenario.places:
        typer.echo(f"{place.symbol} at {place.venue}, account {place.account}")
    for record in world.process.tape.records[-30:]:
        typer.echo(f"{record.number:>6} {iso(record.time)} {record.kind} {canonical(record.body)}")
