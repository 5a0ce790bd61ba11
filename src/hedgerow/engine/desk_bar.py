"""One bar of a tape, read for one lane."""

from typing import Final, NamedTuple

from hedgerow.engine import layout as at
from hedgerow.engine.tape import Floats, Tape


class LegBar(NamedTuple):
    """Prices of one leg's instrument in a bar, in the order of the rows of a tape."""

    open: float
    mean: float
    close: float
    high: float
    low: float
    mark_open: float
    mark_high: float
    mark_low: float
    mark: float
    index_open: float
    index_close: float
    volume: float
    deviation: float
    volatility: float
    predicted: float
    interval: float
    status: float
    source: float
    taken: float
    taken_price: float


class Settlement(NamedTuple):
    """One funding row of a tape."""

    leg: int
    inside: bool
    rate: float
    price: float


class Bar(NamedTuple):
    """All that happens between two instants."""

    time: int
    close_time: int
    legs: tuple[LegBar, ...]
    worth_open: tuple[float, ...]
    worth: tuple[float, ...]
    settlements: tuple[Settlement, ...]
    flows: tuple[tuple[int, float], ...]
    years: float  # since the last day's end where a day ends here, else 0


_YEAR: Final = 3.1536e16


class Bars:
    """The bars of a tape, one after another, as one lane sees them."""

    def __init__(self, tape: Tape, lane: int) -> None:
        self._tape = tape
        self._prices = _of_lane(tape.prices, lane)
        self._worth = _of_lane(tape.worth, lane)
        self._settlements = _of_lane(tape.settlements, lane)
        self._clock = tape.clock.tolist()

    def __len__(self) -> int:
        return len(self._prices)

    def at(self, step: int) -> Bar:
        """Return one bar."""
        row, after = self._clock[step], self._clock[step + 1]
        prices = self._prices[step].tolist()
        worth = self._worth[step].tolist()
        return Bar(
            time=row[at.TIME],
            close_time=row[at.TIME] + self._tape.step,
            legs=tuple(
                LegBar(*prices[first : first + at.PRICE_ROWS])
                for first in range(0, len(prices), at.PRICE_ROWS)
            ),
            worth_open=tuple(worth[at.WORTH_OPEN :: at.WORTH_ROWS]),
            worth=tuple(worth[at.WORTH :: at.WORTH_ROWS]),
            settlements=tuple(
                self._settlement(number)
                for number in range(row[at.SETTLEMENT], after[at.SETTLEMENT])
            ),
            flows=tuple(
                (int(asset), float(amount))
                for asset, amount in self._tape.flows[row[at.FLOW] : after[at.FLOW]]
            ),
            years=self._years(step) if row[at.DAY_END] else 0.0,
        )

    def _settlement(self, number: int) -> Settlement:
        row = self._settlements[number].tolist()
        return Settlement(
            leg=int(row[at.SETTLEMENT_LEG]),
            inside=row[at.SETTLEMENT_INSIDE] != 0.0,
            rate=row[at.SETTLEMENT_RATE],
            price=row[at.SETTLEMENT_PRICE],
        )

    def _years(self, step: int) -> float:
        first = step
        while first > 0 and not self._clock[first - 1][at.DAY_END]:
            first -= 1
        return (step + 1 - first) * (self._tape.step / _YEAR)


def _of_lane(cube: Floats, lane: int) -> Floats:
    """Return the slice of a lane; a cube of width 1 is shared by all."""
    return cube[:, :, 0 if cube.shape[2] == 1 else lane]
