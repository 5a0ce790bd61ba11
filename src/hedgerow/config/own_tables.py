"""Where a person's own venue tables lie, and what they say."""

from pathlib import Path

from hedgerow.config.environment import config_folder
from hedgerow.market.own_tables import tables_in
from hedgerow.market.table_file import Table, load_table


def tables_folder() -> Path:
    """Return the folder of own tables: ``hedgerow/tables`` under ``XDG_CONFIG_HOME``."""
    return config_folder() / "tables"


def own_tables(files: tuple[Path, ...] = ()) -> tuple[Table, ...]:
    """Return the tables of that folder, then those in `files`, which win over them.

    Give the result as `extra` to `hedgerow.market.tables.contract_rules`.
    """
    return (*tables_in(tables_folder()), *(load_table(path) for path in files))
