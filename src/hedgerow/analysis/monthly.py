"""The monthly table: what the hedge changed, what it earned and what it cost."""

import polars as pl


def monthly(daily: pl.DataFrame) -> pl.DataFrame:
    """Return one row a UTC month from the frame that `analysis.daily.daily` gives, in numeraire.

    Returns
    -------
    polars.DataFrame
        ``month`` ("2024-01"), ``hedged``, ``unhedged``, ``exposure``, ``hedge`` (index and basis),
        ``funding``, ``costs`` (fees, slippage and liquidation; a cost is < 0), ``financing`` and
        ``collateral``. ``hedged`` is the sum of all after ``unhedged``.
    """
    return (
        daily.group_by(pl.col("day").dt.strftime("%Y-%m").alias("month"), maintain_order=True)
        .sum()
        .select(
            "month",
            "hedged",
            "unhedged",
            "exposure",
            (pl.col("hedge_index") + pl.col("hedge_basis")).alias("hedge"),
            "funding",
            (pl.col("fees") + pl.col("slippage") + pl.col("liquidation")).alias("costs"),
            "financing",
            "collateral",
        )
    )
