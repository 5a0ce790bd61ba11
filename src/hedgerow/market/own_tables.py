"""A person's own tables: files in one folder, which win over those that ship."""

from pathlib import Path

from hedgerow.market.table_file import Table, load_table


def tables_in(folder: Path) -> tuple[Table, ...]:
    """Return all tables in `folder` and below, by name; none where there is no such folder.

    Raises
    ------
    ConfigError
        If one of the files is refused: a broken table is never passed over.

    Examples
    --------
    >>> tables_in(Path("no-such-folder"))
    ()
    """
    return tuple(load_table(path) for path in sorted(folder.rglob("*.toml")))
