"""`hedgerow demo`: the whole job on a simulated market, or on a lake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.outputs import CsvOption, JsonOption, Outputs, QuietOption
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.config.config import Config

REPORT = "hedgerow-demo.html"
SEED = 7


def demo(
    data: Annotated[
        str,
        typer.Option(
            "--data", metavar="LAKE", help="Run on this lake instead, over all the days it covers."
        ),
    ] = "",
    html_file: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Where the report goes.")
    ] = REPORT,
    json_file: JsonOption = "",
    csv_folder: CsvOption = "",
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, help=f"Of the simulated market; {SEED} if left out.", metavar="N"
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Hedge a treasury of 120 BTC on a simulated market and write the report.

    No network and no files are needed: the market has calm, a rally with a short squeeze, a crash
    and changing funding, from a fixed seed. Everything it shows says SIMULATED.

    \b
    Examples:
      hedgerow demo
      hedgerow demo --seed 11 --html other.html
      hedgerow demo --data lake
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped; nothing was written."):
        outputs = Outputs(json=json_file, html=html_file, csv=csv_folder)
        outputs.check((), Path(data) if data else None)
        from hedgerow.cli.backtest import source_of
        from hedgerow.cli.running import deliver, run_config

        config = _on_lake(Path(data), seed) if data else _simulated(SEED if seed is None else seed)
        quiet = quiet or outputs.to_screen
        run = run_config(config, source_of(config), quiet=quiet)
        deliver(run, outputs, quiet=quiet)


def _simulated(seed: int) -> "Config":
    return _treasury({"kind": "simulation", "seed": seed})


def _on_lake(folder: Path, seed: int | None) -> "Config":
    """Return the demo over the longest span that the lake covers."""
    if seed is not None:
        raise ConfigError("--seed makes a simulated market and --data reads one; give one of them")
    from hedgerow.adapters.lake import Lake
    from hedgerow.cli.lake_span import covered
    from hedgerow.config.config import on_lake

    start, end = covered(Lake(folder), "binance", "BTC/USDT:USDT")
    world: dict[str, object] = {"kind": "replay", "start": start, "end": end}
    return on_lake(_treasury(world), folder)


def _treasury(world: dict[str, object]) -> "Config":
    """Return the sample config in another world."""
    from hedgerow.config.loading import config_from
    from hedgerow.config.reading import parse_toml
    from hedgerow.config.samples import sample

    raw = {**parse_toml(sample("treasury"), "demo"), "world": world}
    return config_from(raw, name="demo", folder=Path())
