"""The arrays that a book and its market are for compiled code; it needs none itself."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NANOSECONDS: Final = 365.0 * 86_400e9  # of a year
RAW: Final = 5  # parameters of a slice
WIDTH: Final = 8  # lanes that are worked on together: a multiple of it is, beyond a segment too


class Curves(NamedTuple):
    """Forwards of expiries, one underlying's after the other's.

    Attributes
    ----------
    first
        Where each underlying's begin, and the end of the last's, ``(underlyings + 1,)``.
    times, prices
        Rising within an underlying; UTC nanoseconds, quote per base.
    """

    first: Integers
    times: Integers
    prices: Floats


class Smiles(NamedTuple):
    """Fitted surfaces, one underlying's slices after the other's; or one volatility for all.

    Attributes
    ----------
    first
        As of `Curves`; an underlying without slices has its volatility in `flat`.
    flat
        Volatility, NaN where there is none, ``(underlyings,)``.
    time
        Of each snapshot, UTC nanoseconds.
    today
        Logarithm of each snapshot's price.
    nodes, forwards, raws
        Years from the snapshot, logarithms of forwards, raw SVI parameters ``(slices, 5)``.
    """

    first: Integers
    flat: Floats
    time: Integers
    today: Floats
    nodes: Floats
    forwards: Floats
    raws: Floats


class Segments(NamedTuple):
    """Stretches of rows with one underlying, one expiry and one settlement.

    Attributes
    ----------
    starts, counts
        First row and number of rows, ``(segments,)``.
    underlying, cell
        Places among the book's underlyings and among its sums.
    expiry
        UTC nanoseconds.
    """

    starts: Integers
    counts: Integers
    underlying: Integers
    cell: Integers
    expiry: Integers
