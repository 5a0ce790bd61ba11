"""One expiry's quotes on their way to a smile."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.pricing.surface.clean import POINTS, Quotes
from hedgerow.units import Floats, Integers

TRUST: Final = 0.25  # points that are added to every half spread: what a middle is worth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expiry:
    """Rows of one expiry.

    Attributes
    ----------
    expiry, years, forward
        UTC nanoseconds, time from the snapshot, quote per base.
    rows, used
        Places in the chain, of all and of those that are fit to be fitted.
    weights
        How much each of `used` counts; they sum to 1.
    """

    expiry: int
    years: float
    forward: float
    rows: Integers
    used: Integers
    weights: Floats


def gather(quotes: Quotes, expiry: int) -> Expiry:
    """Return one expiry's rows, those that are fit to be fitted, and how much each counts.

    A middle is known to half the spread and to `TRUST` more. Where a strike's call and put are
    both there they share its weight by their spreads.
    """
    chain = quotes.chain
    rows = np.flatnonzero(chain.expiry == expiry)
    used = rows[quotes.rows.valid[rows]]
    half = 0.5 * POINTS * (quotes.ask[used] - quotes.bid[used])
    weights = 1.0 / (half * half + TRUST * TRUST)
    forwards = quotes.forward[rows]
    known = forwards[np.isfinite(forwards)]
    return Expiry(
        expiry=expiry,
        years=float(chain.years[rows[0]]),
        forward=float(np.median(known)) if known.size else math.nan,
        rows=rows,
        used=used,
        weights=weights / weights.sum() if used.size else weights,
    )
