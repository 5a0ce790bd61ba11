"""`hedgerow journal`: check what a desk recorded, export it, and fold it to any moment."""

from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.journal_export import export

if TYPE_CHECKING:
    from hedgerow.ledger.journal import Record

app = typer.Typer(
    help="Check what a desk recorded, export it, and fold it to any moment.",
    no_args_is_help=True,
)

JournalArgument = Annotated[
    str,
    typer.Argument(
        metavar="JOURNAL", help="Path of the journal, or postgresql://USER@HOST/DATABASE."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


@app.callback()
def journal() -> None:
    """Check what a desk recorded, export it, and fold it to any moment.

    All of it works while the desk runs, and changes nothing.
    """


app.command()(export)


@app.command()
def verify(
    journal: JournalArgument,
    anchor: Annotated[
        str,
        typer.Option(
            metavar="NUMBER:DIGEST",
            help="What an earlier verify printed: nothing up to there may have been rewritten or "
            "cut off.",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Follow the chain of seals from the first record to the last.

    Each record is sealed to the one before it, so a record that was changed, taken out or moved
    is named. Records cut off at the end leave no gap: note the last line, and give it as --anchor.
    """
    with told("stopped"):
        import asyncio

        from hedgerow.cli.journal_chain import anchored, verified_to_the_end

        found = asyncio.run(verified_to_the_end(journal, anchored(anchor)))
    if as_json:
        import json

        typer.echo(json.dumps(found.as_json(), indent=2))
        return
    typer.echo(found.sentence())
    if found.number:
        typer.echo(f"anchor {found.number}:{found.digest}")


@app.command()
def replay(
    journal: JournalArgument,
    to: Annotated[
        int, typer.Option(metavar="NUMBER", help="The last record to fold; the last by default.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Fold the records and show what they add up to: state, positions, wallets, orders, guards.

    The records are verified on the way; what is shown follows from them and from nothing else.
    """
    with told("stopped"):
        import asyncio

        from hedgerow.cli.journal_chain import shown_at
        from hedgerow.live.fold import describe

        found = describe(asyncio.run(_records(journal, to)))
        if to and found["record"] < to:
            from hedgerow.errors import ConfigError

            raise ConfigError(
                f"--to {to}: the journal ends with record {found['record']}; give a number up to it"
            )
    if as_json:
        import json

        typer.echo(json.dumps(found, indent=2))
        return
    from hedgerow.cli.journal_view import sentences, view

    for sentence in sentences(found, shown_at(journal)):
        typer.echo(sentence)
    if found["record"]:
        from rich.console import Console

        Console(emoji=False).print(view(found))


async def _records(journal: str, to: int) -> "list[Record]":
    from hedgerow.cli.journal_chain import chained
    from hedgerow.errors import ConfigError

    if to < 0:
        raise ConfigError(f"--to {to}: records are numbered from 1")
    found: list[Record] = []
    async for record in chained(journal):
        found.append(record)
        if record.number == to:
            break
    return found
