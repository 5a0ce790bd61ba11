"""Where a person's own venue tables lie, and what they say."""

from pathlib import Path

from hedgerow.config.environment import config_folder
from hedgerow.config.schema import Document
from hedgerow.market.own_tables import tables_in
from hedgerow.market.table_file import Table, load_table


def tables_folder() -> Path:
    """Return the folder of own tables: ``hedgerow/tables`` under ``XDG_CONFIG_HOME``."""
    return config_folder() / "tables"


def with_own_tables(document: Document) -> Document:
    """Return `document` with the own tables of its venues named first under ``[data] tables``.

    A document that gives fingerprints of its tables is a run written down: it stays as it is.
    """
    if document.data.tables_sha256:
        return document
    venues = {hedge.venue for hedge in document.hedge}
    venues |= {leg.venue for pair in document.pair for leg in (pair.first, pair.second)}
    found = [table.name for table in tables_in(tables_folder()) if table.venue in venues]
    if not found:
        return document
    data = document.data.model_copy(update={"tables": [*found, *document.data.tables]})
    return document.model_copy(update={"data": data})


def own_tables(files: tuple[Path, ...] = ()) -> tuple[Table, ...]:
    """Return the tables of that folder, then those in `files`, which win over them.

    Give the result as `extra` to `hedgerow.market.tables.contract_rules`.
    """
    return (*tables_in(tables_folder()), *(load_table(path) for path in files))
