"""Asking the policy: what a leg shows it, and the compiled rule on one lane."""

from typing import Final, NamedTuple

import numpy as np

from hedgerow.engine.desk_books import HOUR_NANOSECONDS, Books
from hedgerow.engine.desk_margin import FLAT, room
from hedgerow.engine.desk_market import Market
from hedgerow.engine.desk_orders import Wish
from hedgerow.engine.desk_worth import exposure
from hedgerow.engine.pack import account_of
from hedgerow.engine.terms import Terms
from hedgerow.kernels.contract import base_size
from hedgerow.policies.state import MEMORY_SLOTS, RULE_SIZE, STATE_FIELDS
from hedgerow.units import Floats

_HEADROOM: Final = 1 << STATE_FIELDS.index("headroom")
FAR_YEARS: Final = 1e30


class Shown(NamedTuple):
    """What a policy may look at, named as in `policies.state`."""

    time: float
    exposure: float
    goal: float
    held: float
    spot: float
    mark: float
    basis: float
    last_time: float
    last_price: float
    volatility: float
    headroom: float
    funding: float
    interval: float
    years: float = FAR_YEARS
    gamma: float = 0.0
    vega: float = 0.0
    theta: float = 0.0


class Adviser:
    """The policy of all legs, with the memory it keeps from bar to bar."""

    __slots__ = ("_block", "_memory", "_needs_headroom", "_numbers", "_state", "_target", "shifts")

    def __init__(self, terms: Terms, memory: tuple[tuple[float, ...], ...] = ()) -> None:
        self._block = terms.rule.block
        self._needs_headroom = bool(terms.rule.needs & _HEADROOM)
        self._state = np.zeros((len(STATE_FIELDS), 1))
        self._target = np.zeros(1)
        self._memory = [np.zeros((MEMORY_SLOTS, 1)) for _ in terms.legs]
        self._numbers = [np.zeros((RULE_SIZE, 1)) for _ in terms.legs]
        for leg, numbers in zip(terms.legs, self._numbers, strict=True):
            numbers[: len(leg.numbers), 0] = leg.numbers
        self.shifts = [0.0 for _ in terms.legs]  # of the goals, base coin
        for kept, slots in zip(memory, self._memory, strict=False):
            slots[:, 0] = kept

    @property
    def memory(self) -> tuple[tuple[float, ...], ...]:
        """What the rule keeps, one tuple a leg."""
        return tuple(tuple(_column(slots)) for slots in self._memory)

    def wish(self, books: Books, market: Market, leg: int, waiting: float, time: int) -> Wish:
        """Return what the policy asks of a leg, `waiting` lots being on order."""
        shown = self._show(books, market, leg, waiting, time)
        self._state[:, 0] = shown
        self._block(self._state, self._memory[leg], self._numbers[leg], self._target)
        return Wish(
            leg=leg,
            exposure=shown.exposure,
            goal=shown.goal,
            held=shown.held,
            target=float(self._target[0]),
        )

    def _show(self, books: Books, market: Market, leg: int, waiting: float, time: int) -> Shown:
        terms, position = books.terms.legs[leg], books.positions[leg]
        quote = market.quotes[leg]
        exposed = exposure(books, market, leg)
        goal = -terms.ratio * exposed
        if terms.by_value:
            goal *= quote.index_price / quote.mark
        if self.shifts[leg] != 0.0:
            goal += self.shifts[leg]
        size = (position.lots + waiting) * terms.lot_size
        return Shown(
            time=time / HOUR_NANOSECONDS,
            exposure=exposed,
            goal=goal,
            held=base_size(size, quote.mark, terms.inverse),
            spot=quote.index_price,
            mark=quote.mark,
            basis=quote.mark - quote.index_price,
            last_time=position.last_time,
            last_price=position.last_price,
            volatility=quote.volatility,
            headroom=self._headroom(books, market, leg),
            funding=quote.funding,
            interval=quote.interval,
        )

    def _headroom(self, books: Books, market: Market, leg: int) -> float:
        if not self._needs_headroom:
            return FLAT
        return room(books, market, account_of(books.terms, leg)).headroom


def _column(slots: Floats) -> list[float]:
    column: list[float] = slots[:, 0].tolist()
    return column
