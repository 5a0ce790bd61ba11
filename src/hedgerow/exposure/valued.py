"""The positions of one kind at a market: what each is worth and how it moves, in money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hedgerow.exposure.columns import Group
from hedgerow.exposure.greeks import COUNT
from hedgerow.exposure.packed import curves_of, is_packed, smiles_of
from hedgerow.exposure.view import MarketView
from hedgerow.kernels.book_arrays import Curves, Smiles
from hedgerow.kernels.book_smiles import forward_rows, smile_rows
from hedgerow.pricing.rows import Rows
from hedgerow.units import Bools, Floats, Times

_NONE: Final = np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Valued:
    """A group's sensitivities; see `greeks.NAMES` for their order.

    Attributes
    ----------
    table
        Of each row, ``(10, rows)``, NaN where it is not valid.
    rows
        Which rows are valid, and why the others are not.
    notes
        Rows that count all the same, with what is missing of them.
    """

    group: Group
    table: Floats = field(repr=False)
    rows: Rows
    notes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where a group stands: the market, the names, and what kernels read of each underlying.

    Attributes
    ----------
    names
        Of the book's lines.
    underlyings
        Of the book.
    spots
        Of each underlying, NaN where unknown.
    curves, smiles
        Forwards and volatilities of each underlying.
    own
        Volatilities of positions, by name.
    asked
        The underlyings whose smile is asked in Python.
    """

    view: MarketView
    names: Sequence[str]
    underlyings: tuple[str, ...]
    spots: Floats
    curves: Curves
    smiles: Smiles
    own: Mapping[str, float]
    asked: tuple[int, ...]

    @staticmethod
    def of(view: MarketView, names: Sequence[str], underlyings: tuple[str, ...]) -> "Place":
        """Return where a book of these lines and underlyings stands."""
        return Place(
            view=view,
            names=names,
            underlyings=underlyings,
            spots=np.array([view.spot_of(name) for name in underlyings], dtype=np.float64),
            curves=curves_of(view, underlyings),
            smiles=smiles_of(view, underlyings),
            own=view.own_volatilities(underlyings),
            asked=tuple(
                code
                for code, name in enumerate(underlyings)
                if name in view.volatility and not is_packed(view.volatility[name])
            ),
        )

    def marks(self, group: Group) -> Floats:
        """Return the market's mark of each row, NaN where there is none."""
        marks = self.view.marks
        found = [marks.get(name, np.nan) for name in group.markets]
        return np.array(found, dtype=np.float64)[group.market]

    def funding(self, group: Group) -> Floats:
        """Return the yearly funding of each row's perpetual, NaN where there is none."""
        found = [self.view.funding_now(name) for name in group.markets]
        return np.array(found, dtype=np.float64)[group.market]

    def spot(self, group: Group) -> Floats:
        """Return the spot price of each row's underlying."""
        found: Floats = self.spots[group.codes]
        return found

    def years(self, group: Group) -> Floats:
        """Return the years to each row's expiry."""
        return self.view.years_to(group.expiries)

    def forwards(self, group: Group) -> Floats:
        """Return the forward of each segment, NaN where unknown."""
        found = np.empty(group.starts.size)
        forward_rows(self.curves, self.smiles, group.underlying, group.expiry, self.view.now, found)
        for code in self.asked:
            here = group.underlying == code
            if here.any():
                found[here] = self.view.forwards_of(self.underlyings[code], group.expiry[here])
        return found

    def volatilities(self, group: Group, strike: Floats, expiry: Times) -> Floats:
        """Return the volatility of each row: its own, else its coin's at a strike and an expiry."""
        found = np.empty(strike.size)
        smile_rows(self.smiles, group.codes, strike, expiry, found)
        given = self.given(group, strike, expiry)
        if given.size:
            found = np.where(np.isnan(given), found, given)
        return found

    def given(self, group: Group, strike: Floats, expiry: Times) -> Floats:
        """Return volatilities that are not in `smiles`, NaN where there is none; empty if none.

        Those of positions by name, and those of a coin whose smile is asked in Python.
        """
        if not self.own and not self.asked:
            return _NONE
        found = np.full(strike.size, np.nan)
        for code in self.asked:
            here = group.codes == code
            if here.any():
                coin = self.underlyings[code]
                found[here] = self.view.volatilities_of(coin, strike[here], expiry[here])
        if self.own:
            for row, line in enumerate(group.rows.tolist()):
                found[row] = self.own.get(self.names[line], found[row])
        return found


def empty(group: Group) -> Floats:
    """Return a table for a group's rows, to be written."""
    return np.empty((COUNT, group.rows.size))


def checked(size: int, *checks: "tuple[Bools, str]") -> Rows:
    """Return rows marked by the first check that each fails."""
    rows = Rows((size,))
    for bad, reason in checks:
        rows = rows.also(bad, reason)
    return rows
