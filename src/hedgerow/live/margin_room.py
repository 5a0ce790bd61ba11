"""How much room an account has, and what would restore it: cash, or less of a position."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_margin import FLAT
from hedgerow.engine.desk_market import Market
from hedgerow.engine.terms import LegTerms
from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.first_passage import log_touch
from hedgerow.kernels.margin import (
    Pledges,
    Positions,
    Schedule,
    breach_fraction,
    needed,
    surplus,
    unit_of,
)

FAR: Final = 4.0  # times the price: beyond that nobody asks for odds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Lots to take off a leg's position, whatever its side."""

    leg: int
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarginRoom:
    """One account at the present marks; amounts in its collateral."""

    legs: tuple[LegTerms, ...]
    wallet: float
    positions: Positions
    schedule: Schedule
    pledges: Pledges
    volatility: float  # a year, the largest of what is held

    @property
    def headroom(self) -> float:
        """Equity less maintenance as a fraction of notional; 1e30 when flat."""
        left, worth = self._after({})
        return left / worth if worth > 0.0 else FLAT

    def call(self, upto: float) -> float:
        """Return the cash that brings headroom to `upto`, >= 0."""
        left, worth = self._after({})
        return max(upto * worth - left, 0.0)

    def reductions(self, upto: float, cash: float = 0.0) -> tuple[Reduction, ...]:
        """Return the fewest lots that bring headroom to `upto` once `cash` is there.

        The position that asks for most maintenance goes first, and as much of it as it takes;
        closing pays the fee and realises what is open. Where even closing everything is not
        enough, everything is closed.
        """
        closed: dict[int, int] = {}
        for leg in self._by_need():
            if self._is_enough(closed, upto, cash):
                break
            # What closing brings rises with every lot, so the fewest are found by halving.
            fewest, most = 0, round(abs(float(self.positions.size[leg])) / self.legs[leg].lot_size)
            while fewest < most:
                middle = (fewest + most) // 2
                if self._is_enough({**closed, leg: middle}, upto, cash):
                    most = middle
                else:
                    fewest = middle + 1
            closed[leg] = fewest
        return tuple(Reduction(leg=leg, lots=lots) for leg, lots in closed.items() if lots)

    def odds(self, years: float) -> float:
        """Return the odds that the account is liquidated within `years` if nothing is done.

        All marks move together, as a geometric Brownian motion without drift; the odds of either
        side are added, so they are never too low by that.
        """
        both = (self._distance(FAR), self._distance(1.0 / FAR))
        drift = -0.5 * self.volatility**2
        return min(
            1.0, sum(math.exp(log_touch(one, drift, self.volatility, years)) for one in both)
        )

    def _distance(self, times: float) -> float:
        """Return the log distance to maintenance on the way to `times` the price; else infinite."""
        moved = self.positions._replace(worst=self.positions.start * times)
        if surplus(self.wallet, 1.0, moved, self.schedule, self.pledges) >= 0.0:
            return math.copysign(math.inf, math.log(times))
        part = breach_fraction(self.wallet, 0.0, moved, self.schedule, self.pledges)
        return math.log1p(part * (times - 1.0))

    def _is_enough(self, closed: dict[int, int], upto: float, cash: float) -> bool:
        left, worth = self._after(closed)
        return left + cash >= upto * worth

    def _by_need(self) -> list[int]:
        held = [leg for leg, size in enumerate(self.positions.size) if size != 0.0]
        need = {leg: needed(leg, 1.0, self.positions, self.schedule, self.pledges) for leg in held}
        return sorted(held, key=lambda leg: -need[leg])

    def _after(self, closed: dict[int, int]) -> tuple[float, float]:
        """Return surplus and notional once so many lots of each leg are closed at the mark."""
        wallet, size, amount = self.wallet, self.positions.size.copy(), self.pledges.amount.copy()
        for leg, lots in closed.items():
            terms, price = self.legs[leg], float(self.positions.worst[leg])
            taken = math.copysign(lots * terms.lot_size, float(size[leg]))
            made = position_pnl(taken, float(self.positions.entry[leg]), price, terms.inverse)
            made -= max(terms.fee, 0.0) * notional(taken, price, terms.inverse)
            size[leg] -= taken
            if abs(size[leg]) < 0.5 * terms.lot_size:
                size[leg] = 0.0
            if self.pledges.assets == 0 or self.pledges.settle[leg] < 0.0:
                wallet += made
            else:
                amount[int(self.pledges.settle[leg])] += made
        positions = self.positions._replace(size=size)
        pledges = self.pledges._replace(amount=amount)
        worth = sum(
            notional(float(size[leg]), float(positions.worst[leg]), terms.inverse)
            * unit_of(leg, 1.0, positions, pledges)
            for leg, terms in enumerate(self.legs)
            if size[leg] != 0.0
        )
        return surplus(wallet, 1.0, positions, self.schedule, pledges), worth


@lru_cache(maxsize=8)
def _schedule(legs: tuple[LegTerms, ...]) -> Schedule:
    """Return what all legs ask for; the same legs ask for the same."""
    return schedule_of(legs)


def margin_room(books: Books, market: Market, account: int) -> MarginRoom:
    """Return the room of an account at the last marks."""
    marks = [quote.mark for quote in market.quotes]
    held = Holdings(
        lots=[position.lots for position in books.positions],
        entry=[position.entry for position in books.positions],
        start=marks,
        worst=marks,
        pledges=books.purses[account].pledges,
        worth=market.worth,
    )
    positions = positions_of(books.terms, account, held)
    moving = [
        quote.volatility
        for quote, size in zip(market.quotes, positions.size, strict=True)
        if size != 0.0 and not np.isnan(quote.volatility)
    ]
    return MarginRoom(
        legs=books.terms.legs,
        wallet=books.purses[account].wallet,
        positions=positions,
        schedule=_schedule(books.terms.legs),
        pledges=pledges_of(books.terms, account, held),
        volatility=max(moving, default=0.0),
    )
