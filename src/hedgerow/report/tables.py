"""The CSV tables: ledger, daily and monthly P&L, realised lots.

Times are ISO 8601 UTC. Text that a spreadsheet would take for a formula starts with an apostrophe.
"""

from pathlib import Path
from typing import Final

import polars as pl

from hedgerow.analysis.analysis import Analysis, analyse
from hedgerow.analysis.lots import lots_frame
from hedgerow.analysis.run import Run
from hedgerow.report.files import write_whole

FORMULA: Final = r"^[=+\-@\t\r\n]"


def write_csv(run: Run, folder: Path) -> tuple[Path, ...]:
    """Write the tables of `run` into `folder`, made if need be, and return their paths."""
    return write_csv_of(run, analyse(run), folder)


def write_csv_of(run: Run, analysis: Analysis, folder: Path) -> tuple[Path, ...]:
    """Write the tables as `write_csv` does, from figures that are there already."""
    tables = {
        "ledger.csv": run.ledger.frame(),
        "daily.csv": analysis.daily,
        "monthly.csv": analysis.monthly,
        "lots.csv": lots_frame(analysis.lots),
    }
    if run.simulated:
        mark = pl.lit("SIMULATED").alias("market")
        tables = {name: table.with_columns(mark) for name, table in tables.items()}
    texts = {name: csv_text(table) for name, table in tables.items()}
    for name, text in texts.items():
        write_whole(folder / name, text)
    return tuple(folder / name for name in texts)


def csv_text(table: pl.DataFrame) -> str:
    """Return `table` as CSV: ISO times, empty cells for NaN and null, no live formulas."""
    safe = pl.col(pl.String)
    return table.with_columns(
        pl.when(safe.str.contains(FORMULA)).then(pl.lit("'") + safe).otherwise(safe).name.keep(),
        pl.col(pl.Float64).fill_nan(None),
        pl.col(pl.Datetime("ns", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
    ).write_csv()
