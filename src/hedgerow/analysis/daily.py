"""P&L of each UTC day, with and without the hedge."""

import polars as pl

from hedgerow.analysis.periods import changes, day_of_close, instants
from hedgerow.analysis.run import Run


def daily(run: Run) -> pl.DataFrame:
    """Return one row a UTC day, in numeraire.

    Returns
    -------
    polars.DataFrame
        ``day``, then the day's ``hedged`` and ``unhedged`` P&L, the parts of `Attribution`, and
        ``flows``. Over all rows each column adds up to the last value of its series.
    """
    labels, columns = changes(run, day_of_close(instants(run.series)[1:]))
    day = pl.Series("day", labels).cast(pl.Int32).cast(pl.Date)
    return pl.DataFrame([day, *(pl.Series(name, column) for name, column in columns.items())])
