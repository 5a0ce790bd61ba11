"""How much of an instrument takes a sensitivity of a book away."""

import math
from typing import Final

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.book import Book
from hedgerow.exposure.columns import columns_of
from hedgerow.exposure.greeks import DELTA, NAMES, WORTH
from hedgerow.exposure.line import Kind, Line
from hedgerow.exposure.measured import Measured, measured
from hedgerow.exposure.positions import DatedFuture, Option, Perp, Position
from hedgerow.market.instrument import DatedSymbol, OptionSymbol, parse_contract

HEDGED: Final = tuple(name for name in NAMES if name != "worth")


def hedge_size(
    exposed: Measured, instrument: str | Position, *, greek: str = "delta", underlying: str = ""
) -> float:
    r"""Return the size of a trade in `instrument` that takes a sensitivity away.

    With the account's whole coin equity :math:`C` and the net deltas of its options in the book, an
    inverse perpetual's face is :math:`-X(C + \sum n_i \Delta_i)` in a dollar numeraire and
    :math:`-X \sum n_i \Delta_i` in the coin. What is paid for an option that settles in coin leaves
    the coin equity, so it counts with its net delta.

    Parameters
    ----------
    instrument
        A symbol, or a position: of the latter only the contract matters, not its size or entry.
    greek
        What to take away, by its name.
    underlying
        Of what; the instrument's own where left out.

    Raises
    ------
    ConfigError
        If the instrument does not move with it, or the market lacks what it is valued by.
    """
    if greek not in HEDGED:
        raise UnknownName("sensitivity", greek, HEDGED)
    place = NAMES.index(greek)
    line = _line(instrument)
    asked = underlying or line.underlying
    one = measured(_book_of(line, exposed), exposed.market)
    for group in one.groups:
        # What is only noted, such as carry that is not counted, hinders no other sensitivity.
        notes = group.notes if greek == "carry" else ()
        for _, reason in (*group.rows.problems(), *notes):
            raise ConfigError(f"{line.name} cannot hedge: {reason}")
    money = one.cells.sum(axis=1)
    if line.inverse > 0.0 and line.paid > 0.0:
        money[DELTA] -= money[WORTH] / exposed.market.spot_of(line.underlying)
    price = exposed.price
    # A trade moves no worth: what is bought is paid for, and nothing is crossed to the numeraire.
    money[WORTH] = 0.0
    if asked != line.underlying:
        raise ConfigError(f"{line.name} moves with {line.underlying}, not with {asked}")
    unit = float(money[place]) / (price if greek not in {"delta", "gamma", "vanna"} else 1.0)
    if unit == 0.0 or not math.isfinite(unit):
        raise ConfigError(f"{line.name} has no {greek}; take an instrument that has")
    return -_held(exposed, asked, greek) / unit


def _held(exposed: Measured, underlying: str, greek: str) -> float:
    if underlying not in exposed.underlyings:
        return 0.0
    return float(exposed[underlying][NAMES.index(greek)])


def _line(instrument: str | Position) -> Line:
    if isinstance(instrument, str):
        parts = parse_contract(instrument)
        if isinstance(parts, OptionSymbol):
            instrument = Option(instrument, 1.0)
        elif isinstance(parts, DatedSymbol):
            instrument = DatedFuture(instrument, 1.0)
        elif parts.is_spot:
            return Line(parts.base, Kind.COIN, parts.base, 1.0, paid=0.0)
        else:
            instrument = Perp(instrument, 1.0)
    lines = instrument.lines()
    if len(lines) != 1:
        raise ConfigError("a hedge is one contract, not several flows")
    return lines[0]._replace(size=1.0, entry=math.nan)


def _book_of(line: Line, exposed: Measured) -> Book:
    return Book((), exposed.numeraire, _columns=columns_of([line]))
