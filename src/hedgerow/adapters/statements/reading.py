"""From a file to the statement it is."""

from pathlib import Path

from hedgerow.adapters.statements.formats import FORMATS
from hedgerow.adapters.statements.line import Statement
from hedgerow.adapters.statements.own_map import own_format
from hedgerow.adapters.statements.table import read_table
from hedgerow.errors import ConfigError


def read_statement(path: Path, columns: Path | None = None) -> Statement:
    """Return the statement in a file, oldest line first.

    Parameters
    ----------
    columns
        A map of its columns, where it is of a shape that nobody here knows.

    Raises
    ------
    ConfigError
        Naming the file, the line, the value and the mend.
    """
    formats = FORMATS if columns is None else (own_format(columns),)
    table = read_table(path, [one.columns for one in formats])
    for one in formats:
        if one.columns <= table.header:
            lines = tuple(sorted(one.read(table), key=lambda line: line.time))
            if not lines:
                raise ConfigError(
                    f"{path}: has no line of a futures account; export the days that you want to "
                    "look at, with that account"
                )
            return Statement(venue=one.venue, kind=one.kind, lines=lines)
    raise ConfigError(
        f"{path}: its columns are none that hedgerow knows ({', '.join(sorted(table.header))}); "
        "give them with --map FILE"
    )
