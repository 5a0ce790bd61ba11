"""`hedgerow backtest`: a config over recorded history."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.outputs import CsvOption, HtmlOption, JsonOption, Outputs, QuietOption
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.config.config import Config
    from hedgerow.market.source import MarketSource


def backtest(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="Config file; `hedgerow init` prints one.")
    ],
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="LAKE",
            help="Folder that `hedgerow data import --to` wrote; overrules [data] lake.",
        ),
    ] = "",
    json_file: JsonOption = "",
    html_file: HtmlOption = "",
    csv_folder: CsvOption = "",
    quiet: QuietOption = False,
) -> None:
    """Run a config over recorded history and say what the hedge cost, saved and survived.

    \b
    Examples:
      hedgerow backtest treasury.toml --data lake
      hedgerow backtest treasury.toml --data lake --html hedge.html --csv tables
      hedgerow backtest treasury.toml --data lake --json - | jq .pnl

    The same config over the same data gives the same result. Nothing is written before the run
    is done.
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped; nothing was written."):
        from hedgerow.cli.running import deliver, run_config
        from hedgerow.config.loading import load

        outputs = Outputs(json=json_file, html=html_file, csv=csv_folder)
        asked = with_lake(load(config), data)
        outputs.check(asked.inputs, asked.lake)
        quiet = quiet or outputs.to_screen
        run = run_config(asked, source_of(asked), quiet=quiet)
        deliver(run, outputs, quiet=quiet)
        if not quiet:
            tell_ages(asked)


def tell_ages(config: "Config") -> None:
    """Say on stderr how many of the tables behind a run nobody has checked for long."""
    from hedgerow.cli.calc_output import stamps
    from hedgerow.market.tables import contract_rules

    _, old = stamps(
        [
            contract_rules(hedge.venue, hedge.instrument, config.world.start, config.tables)
            for hedge in config.job.hedges
        ]
    )
    if old:
        rules = "a table of rules was" if len(old) == 1 else f"{len(old)} tables of rules were"
        typer.secho(
            f"Note: {rules} last checked more than 90 days ago, or in the future; "
            "`hedgerow venues list` says which.",
            err=True,
            fg="yellow",
        )


def with_lake(config: "Config", folder: str) -> "Config":
    """Return `config` with the lake given on the command line, which its text does not name.

    Raises
    ------
    ConfigError
        If a lake is given for a simulation, or none for a replay.
    """
    from hedgerow.config.config import on_lake

    name = config.inputs[0]
    if config.world.kind == "simulation":
        if folder:
            raise ConfigError(
                f'{name}: [world] kind = "simulation" needs no data; leave --data away, or set '
                'kind = "replay" with start and end'
            )
        return config
    if folder:
        return on_lake(config, Path(folder))
    if config.lake is None:
        raise ConfigError(
            f'{name}: no recorded data is named; add --data LAKE, or lake = "..." under [data] '
            "(`hedgerow data import FILES --to LAKE` makes one, `hedgerow demo` needs none)"
        )
    return config


def source_of(config: "Config") -> "MarketSource":
    """Return the market of a config: its lake opened, or a simulation of its span."""
    if config.lake is not None and config.world.kind == "replay":
        from hedgerow.adapters.lake import Lake

        return Lake(config.lake)
    from hedgerow.simulation.market import market

    world = config.world
    return market(world.seed, start=world.start, days=(world.end - world.start).days + 1)
