"""An exposure as tables: by underlying, by expiry, one sensitivity as a ladder, by position."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.greeks import COUNT, NAMES
from hedgerow.exposure.line import NEVER
from hedgerow.exposure.measured import Measured
from hedgerow.units import DAY, Floats, Integers

OPEN: Final = "no expiry"
PAST: Final = "past"


def by_underlying(exposed: Measured) -> pl.DataFrame:
    """Return ``underlying``, ``spot`` and the sensitivities, one row each."""
    names = exposed.underlyings
    codes, _, values = exposed.by_cell()
    rows = [values[:, codes == exposed.names.index(name)].sum(axis=1) for name in names]
    table = np.array(rows).reshape(len(names), COUNT)
    return pl.DataFrame(
        {
            "underlying": list(names),
            "spot": [exposed.market.spot_of(name) for name in names],
            **{name: table[:, at] for at, name in enumerate(NAMES)},
        },
        schema_overrides={"underlying": pl.String, "spot": pl.Float64},
    )


def by_expiry(exposed: Measured, buckets: Sequence[float] | None = None) -> pl.DataFrame:
    """Return ``underlying``, ``expiry``, ``bucket`` and the sensitivities, sorted.

    Parameters
    ----------
    buckets
        Ends of buckets in days from now, such as ``[7, 30, 90, 180]``; left out, each expiry is a
        bucket of its own. An expiry at an end belongs to the bucket that it ends.

    Returns
    -------
    ``expiry`` is the last of the bucket, null for what has none; ``bucket`` its name,
    ``2026-03-27`` or ``7-30 days``, ``no expiry`` or ``past``.
    """
    codes, expiry, values = exposed.by_cell()
    ends = None if buckets is None else _ends(buckets)
    columns = {
        "underlying": [exposed.names[code] for code in codes.tolist()],
        "order": _order(expiry, exposed.market.now, ends),
        "expiry": expiry,
        **{name: values[at] for at, name in enumerate(NAMES)},
    }
    frame = pl.DataFrame(columns, schema_overrides={"underlying": pl.String, "expiry": pl.Int64})
    frame = frame.filter(pl.col("underlying").is_in(list(exposed.underlyings)))
    found = (
        frame.group_by("underlying", "order")
        .agg(pl.col("expiry").max(), *(pl.col(name).sum() for name in NAMES))
        .sort("underlying", "order")
    )
    labels = [
        _label(order, when, exposed.market.now, ends)
        for order, when in zip(found["order"].to_list(), found["expiry"].to_list(), strict=True)
    ]
    instant = pl.when(pl.col("expiry") == NEVER).then(None).otherwise(pl.col("expiry"))
    return found.with_columns(
        instant.cast(pl.Datetime("ns", "UTC")).alias("expiry"),
        pl.Series("bucket", labels, dtype=pl.String),
    ).select("underlying", "expiry", "bucket", *NAMES)


def ladder(
    exposed: Measured, quantity: str = "vega", buckets: Sequence[float] | None = None
) -> pl.DataFrame:
    """Return one sensitivity: ``bucket``, a column for each underlying, and their ``total``.

    Of delta, gamma and vanna, which are counted in coins of each, there is no total.
    """
    if quantity not in NAMES:
        raise UnknownName("sensitivity", quantity, NAMES)
    frame = by_expiry(exposed, buckets).with_columns(
        pl.col("expiry").cast(pl.Int64).fill_null(NEVER)
    )
    names = list(exposed.underlyings)
    order = frame.group_by("bucket").agg(pl.col("expiry").max())
    wide = frame.pivot("underlying", index="bucket", values=quantity, aggregate_function="sum")
    wide = wide.with_columns(
        *(pl.col(name).fill_null(0.0) for name in names if name in wide.columns),
        *(pl.lit(0.0).alias(name) for name in names if name not in wide.columns),
    )
    wide = wide.join(order, on="bucket").sort("expiry").select("bucket", *names)
    if quantity in {"delta", "gamma", "vanna"}:
        return wide
    return wide.with_columns(pl.sum_horizontal(names).alias("total"))


def contributions(exposed: Measured) -> pl.DataFrame:
    """Return what each position brings, in the book's order.

    ``row``, ``position``, ``kind``, ``underlying``, ``expiry``, ``size``, the sensitivities and
    ``reason``: why it is not counted, or not wholly. What a position's worth adds to the exposure
    to a coin numeraire that it does not move with itself is in ``numeraire_delta``.
    """
    columns = exposed.book.columns
    parts = [_of_group(exposed, at) for at in range(len(exposed.groups))]
    reasons = {problem.row: problem.reason for problem in exposed.problems}
    schema = {"row": pl.Int64, "position": pl.String, "underlying": pl.String, "reason": pl.String}
    left = pl.DataFrame(
        {"row": [problem.row for problem in columns.problems]}, schema={"row": pl.Int64}
    )
    frame = pl.concat([*parts, left], how="diagonal") if parts else left
    rows = frame["row"].to_list()
    return (
        frame.with_columns(
            pl.Series("position", [columns.names[row] for row in rows], dtype=pl.String),
            pl.Series("reason", [reasons.get(row, "") for row in rows], dtype=pl.String),
        )
        .cast({name: kind for name, kind in schema.items() if name in frame.columns})
        .sort("row")
        .select(
            "row",
            "position",
            "kind",
            "underlying",
            "expiry",
            "size",
            *NAMES,
            "numeraire_delta",
            "reason",
        )
    )


def _of_group(exposed: Measured, at: int) -> pl.DataFrame:
    valued = exposed.groups[at]
    group = valued.group
    money = valued.table
    count = group.rows.size
    codes = group.codes
    expiry = group.expiries
    values, brought = money, np.zeros(count)
    if exposed.moves_with_numeraire:
        found, _, both = exposed.told(money, codes, expiry)
        values = both[:, :count]
        foreign = codes != exposed.names.index(exposed.numeraire)
        brought[foreign] = both[NAMES.index("delta"), found.size - int(foreign.sum()) :]
    names = np.array(exposed.book.columns.underlyings)
    frame = pl.DataFrame(
        {
            "row": group.rows,
            "kind": [group.kind.word] * count,
            "underlying": names[codes].tolist(),
            "expiry": expiry,
            "size": group["size"],
            **{name: values[place] for place, name in enumerate(NAMES)},
            "numeraire_delta": brought,
        }
    )
    instant = pl.when(pl.col("expiry") == NEVER).then(None).otherwise(pl.col("expiry"))
    return frame.with_columns(instant.cast(pl.Datetime("ns", "UTC")).alias("expiry"))


def _ends(buckets: Sequence[float]) -> Floats:
    ends = np.asarray(buckets, dtype=np.float64)
    if ends.ndim != 1 or not ends.size or not (np.diff(ends, prepend=0.0) > 0.0).all():
        raise ConfigError("buckets: write rising numbers of days above 0, such as [7, 30, 90]")
    return ends


def _order(expiry: Integers, now: int, ends: Floats | None) -> Integers:
    """Return numbers that sort buckets and are one for each: -1 past, the largest none."""
    if ends is None:
        return expiry
    days = (expiry - now) / DAY
    order = np.searchsorted(ends, days, side="left").astype(np.int64)
    order[days <= 0.0] = -1
    order[expiry == NEVER] = ends.size + 1
    return order


def _label(order: int, expiry: int, now: int, ends: Floats | None) -> str:
    if expiry == NEVER:
        return OPEN
    if ends is None:
        return str(np.datetime64(expiry, "ns"))[:10]
    if expiry <= now:
        return PAST
    low = 0.0 if order == 0 else float(ends[order - 1])
    high = math.inf if order == ends.size else float(ends[order])
    return f"over {low:g} days" if high == math.inf else f"{low:g}-{high:g} days"
