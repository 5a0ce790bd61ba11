"""`hedgerow init`: a commented config to start from."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.cli.ending import fail, told


def init(
    path: Annotated[
        str,
        typer.Argument(metavar="[PATH|-]", help="Where to write it; the screen if left out or -."),
    ] = "-",
    inverse: Annotated[
        bool,
        typer.Option("--inverse", help="The inverse perpetual with coins as collateral."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Print a commented config: a treasury of 120 BTC with a band of 2 %.

    \b
    Examples:
      hedgerow init > treasury.toml
      hedgerow init inverse.toml --inverse
      hedgerow backtest treasury.toml --data lake
    """  # noqa: D301 - the control character keeps the lines of the help apart
    from hedgerow.config.samples import sample

    text = sample("inverse" if inverse else "treasury")
    if path == "-":
        typer.echo(text, nl=False)
        return
    with told("Stopped; nothing was written."):
        from hedgerow.report.files import write_whole

        target = Path(path)
        if target.is_dir():
            fail(f"{path}: this is a folder; name a file in it, such as {target / 'hedge.toml'}")
        if target.exists() and not force:
            fail(f"{path}: is there already; choose another name, or add --force to replace it")
        write_whole(target, text)
    typer.echo(f"Wrote {path}; run it with `hedgerow backtest {path} --data LAKE`.")
