"""`hedgerow drill`: one thing after another goes wrong on paper, and what comes of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.outputs import JsonOption, QuietOption
from hedgerow.errors import ConfigError, UnknownName

if TYPE_CHECKING:
    from rich.console import Console

    from hedgerow.live.drill.drill import Ending

BROKEN = 1
SCHEMA = "hedgerow.drill/1"


def drill(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Config of the desk to drill.")],
    seed: Annotated[int, typer.Option(min=0, help="Of the made-up market.")] = 7,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="Only this: feed, stream, venue, process, leg, journal, clock or failover; "
            "repeatable.",
        ),
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(metavar="COIN=PRICE", help="Where a coin starts; repeatable."),
    ] = None,
    json_file: JsonOption = "",
    quiet: QuietOption = False,
) -> None:
    """Let feed, venue, process, orders, journal and clock fail, and see whether the hedge survives.

    \b
    Examples:
      hedgerow drill treasury.toml
      hedgerow drill treasury.toml --only venue --only process
      hedgerow drill treasury.toml --json drill.json

    Each act begins with the config's own desk, hedged, on paper and on a virtual clock; nothing is
    reached and nothing of a running desk is touched. While it lasts, coins come in. Afterwards the
    book must be hedged again within [live] recovery_seconds, no order may have been sent twice, and
    closing orders must only have closed. Ends with 1 if one act failed.
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped."):
        endings, name = _drilled(
            config, seed, only or [], price or [], quiet=quiet or json_file == "-"
        )
        if json_file:
            _deliver(endings, name, seed, json_file)
        if json_file != "-":
            _print(endings, name)
    if any(ending.verdict == "FAILED" for ending in endings):
        raise typer.Exit(BROKEN)


def _drilled(
    path: Path, seed: int, only: list[str], prices: list[str], *, quiet: bool
) -> "tuple[list[Ending], str]":
    from hedgerow.cli.coin_prices import coin_prices
    from hedgerow.config.drilling import drill_task
    from hedgerow.config.live import live_setup
    from hedgerow.config.loading import load
    from hedgerow.live.drill.acts import GROUPS
    from hedgerow.live.drill.drill import drill as play
    from hedgerow.units import SECOND

    for what in only:
        if what not in GROUPS:
            raise UnknownName("thing to fail", what, GROUPS, where="--only")
    given = live_setup(load(path), live=False)
    task = drill_task(given, coin_prices(prices, given.setup))
    endings: list[Ending] = []
    for ending in play(task, limit=given.recovery / SECOND, seed=seed, only=only):
        endings.append(ending)
        if not quiet:
            typer.echo(f"  {ending.killed}: {ending.verdict}", err=True)
    if not endings:
        raise ConfigError(f"--only {' --only '.join(only)}: nothing of this config is concerned")
    return endings, given.setup.name


def _print(endings: "list[Ending]", name: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(emoji=False, highlight=False)
    table = Table(
        title=f"SIMULATED: drill of {name} on paper",
        title_justify="left",
        show_lines=True,
        expand=True,
    )
    table.add_column("what failed", ratio=3)
    table.add_column("what the desk said and did", ratio=7)
    table.add_column("hedged after", justify="right", no_wrap=True)
    table.add_column("limit", justify="right", no_wrap=True)
    table.add_column("verdict", ratio=3)
    for ending in endings:
        table.add_row(
            ending.killed,
            "\n".join(ending.did) or "nothing had to be done",
            _seconds(ending),
            f"{ending.limit:.0f} s" if ending.limit else "",
            _verdict(ending),
        )
    console.print(table)
    _sum_up(console, endings)


def _sum_up(console: "Console", endings: "list[Ending]") -> None:
    from hedgerow.live.drill.drill import Verdict

    failed = [ending for ending in endings if ending.verdict is Verdict.FAILED]
    held = [ending for ending in endings if ending.verdict is Verdict.HELD_BACK]
    times = [ending.seconds for ending in endings if ending.seconds and ending not in held]
    if times:
        console.print(f"The longest time to be hedged again was {max(times):.0f} s.")
    if held:
        text = "Left open by a limit of the config: " + ", ".join(one.killed for one in held)
        console.print(text + ".", style="yellow")
    if failed:
        console.print(f"{len(failed)} of {len(endings)} acts failed.", style="red")
    else:
        console.print(
            "No act failed: nothing was ordered twice, and closing orders only closed.",
            style="green",
        )


def _seconds(ending: "Ending") -> str:
    if ending.seconds is None:
        return ""
    return f"{ending.seconds:,.0f} s" if ending.seconds >= 0.5 else "meanwhile"


def _verdict(ending: "Ending") -> str:
    colour = {"FAILED": "red", "hedged": "green"}.get(str(ending.verdict), "yellow")
    why = f"\n{ending.why}" if ending.why else ""
    return f"[{colour}]{ending.verdict}[/]{_plain(why)}"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _deliver(endings: "list[Ending]", name: str, seed: int, target: str) -> None:
    from dataclasses import asdict

    document: dict[str, Any] = {
        "schema": SCHEMA,
        "desk": name,
        "seed": seed,
        "simulated": True,
        "acts": [{**asdict(ending), "did": list(ending.did)} for ending in endings],
    }
    text = json.dumps(document, indent=2) + "\n"
    if target == "-":
        typer.echo(text, nl=False)
    else:
        Path(target).write_text(text, encoding="utf-8")
