"""A config run to the end: progress while it goes, then the summary and the files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from hedgerow.analysis.run import Run
    from hedgerow.cli.outputs import Outputs
    from hedgerow.config.config import Config
    from hedgerow.market.source import MarketSource


def run_config(config: "Config", source: "MarketSource", *, quiet: bool) -> "Run":
    """Run the job of `config` over `source`, with a bar on stderr unless `quiet`."""
    from hedgerow.config.config import effective
    from hedgerow.replay.world import Replay, run_job

    world = config.world
    with progress(quiet=quiet) as tell:
        return run_job(
            config.job,
            Replay(
                source,
                world.start,
                world.end,
                bar=world.bar,
                outages=world.outages,
                allow_gaps=config.allow_gaps,
                proxy=config.proxy,
                deleveraging=world.deleveraging,
            ),
            config=effective(config),
            seed=world.seed if world.kind == "simulation" else None,
            tables=config.tables,
            progress=tell,
        )


def deliver(run: "Run", outputs: "Outputs", *, quiet: bool) -> None:
    """Write what was asked for, then print the summary and where everything is."""
    from hedgerow.analysis.analysis import analyse
    from hedgerow.report.result import result_of, to_json

    analysis = analyse(run)
    figures = result_of(run, analysis)
    written = outputs.write(run, analysis, figures)
    if outputs.to_screen:
        typer.echo(to_json(figures), nl=False)
        return
    if quiet:
        return
    from rich.console import Console

    from hedgerow.report.terminal import summary

    Console(emoji=False).print(summary(run, figures))
    for name in written:
        typer.echo(f"{'SIMULATED; wrote' if run.simulated else 'Wrote'} {name}")


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[float], None] | None]:
    """Show how far a run is, as a fraction, on stderr."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task("getting ready (the very first run compiles for a while)", total=None)

        def tell(done: float) -> None:
            bar.update(task, description="running", completed=done, total=1.0)

        yield tell
