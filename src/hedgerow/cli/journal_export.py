"""`hedgerow journal export`: the records as lines that any program reads."""

import sys
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from hedgerow.ledger.journal import Record


class Form(StrEnum):
    """How a record is written."""

    JSONL = "jsonl"
    CSV = "csv"


def export(
    journal: Annotated[
        str,
        typer.Argument(
            metavar="JOURNAL", help="Path of the journal, or postgresql://USER@HOST/DATABASE."
        ),
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="FILE|-", help="Where to; - is the screen.")
    ] = "-",
    form: Annotated[
        Form, typer.Option("--format", help="One JSON object a line, or a table.")
    ] = Form.JSONL,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only records of this kind; may be given again."),
    ] = None,
    since: Annotated[
        str,
        typer.Option(metavar="TIME", help="Only records from then on: 2024-12-31, or with a time."),
    ] = "",
) -> None:
    """Write the records out, one a line, their chain verified on the way.

    What is not chosen by --kind and --since is left out, but verified all the same.
    """
    with told("stopped; a file that was there is as it was"):
        import asyncio

        kinds = frozenset(kind or ())
        first = _nanoseconds(since)

        def wanted(record: "Record") -> bool:
            return record.time >= first and (not kinds or record.kind in kinds)

        with _written(to) as file:
            asyncio.run(_write(journal, file, form, wanted))


async def _write(
    journal: str, file: "IO[str]", form: Form, wanted: "Callable[[Record], bool]"
) -> None:
    from hedgerow.cli.journal_chain import chained

    line = _csv_line(file) if form is Form.CSV else _json_line(file)
    async for record in chained(journal):
        if wanted(record):
            line(record)


def _json_line(file: "IO[str]") -> "Callable[[Record], object]":
    from hedgerow.ledger.journal import canonical

    def write(record: "Record") -> None:
        fields = {
            name: getattr(record, name)
            for name in ("number", "time", "kind", "key", "body", "before", "digest")
        }
        file.write(canonical(fields) + "\n")

    return write


def _csv_line(file: "IO[str]") -> "Callable[[Record], object]":
    import csv
    from datetime import UTC, datetime

    from hedgerow.ledger.journal import canonical

    table = csv.writer(file, lineterminator="\n")
    table.writerow(("number", "moment", "time", "kind", "key", "body", "before", "digest"))

    def write(record: "Record") -> None:
        moment = datetime.fromtimestamp(record.time // 10**9, UTC).isoformat()
        body = canonical(record.body)
        table.writerow(
            (
                *(record.number, moment, record.time, record.kind),
                *(record.key, body, record.before, record.digest),
            )
        )

    return write


@contextmanager
def _written(to: str) -> "Iterator[IO[str]]":
    """Give a file that takes the place of `to` only when all of it is written."""
    if to == "-":
        yield sys.stdout
        return
    place = Path(to)
    if place.is_dir():
        raise ConfigError(f"--to {to}: is a folder; name a file")
    part = place.with_name(f"{place.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(place)
    except OSError as error:
        raise ConfigError(
            f"--to {to}: cannot be written ({error.strerror or error}); check the folder and its "
            "disk"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _nanoseconds(text: str) -> int:
    if not text:
        return -(2**63)
    from hedgerow.config.moments import read_instant

    try:
        return round(read_instant(text).timestamp()) * 10**9
    except ValueError as error:
        raise ConfigError(
            f"--since {text!r} is no moment; write it like 2024-12-31 or 2024-12-31T08:00"
        ) from error
