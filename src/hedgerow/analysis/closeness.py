"""How close each leg came to liquidation."""

import math
from dataclasses import dataclass

import numpy as np

from hedgerow.analysis.periods import instants
from hedgerow.analysis.run import LegRun, Run
from hedgerow.units import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosestApproach:
    """The two tightest moments of one leg; NaN and None where it never held a position.

    Attributes
    ----------
    min_headroom
        Lowest margin headroom inside any bar, fraction of notional; below 0 it was liquidated.
    headroom_time
        Close of that bar, UTC nanoseconds.
    min_distance
        Smallest move of the mark, as a fraction of it, that would have liquidated the leg, at the
        close of any bar: up for a short, down for a long.
    distance_time
        The close at which it was smallest.
    """

    instrument: str
    account: str
    min_headroom: float
    headroom_time: int | None
    min_distance: float
    distance_time: int | None


def closest_approaches(run: Run) -> tuple[ClosestApproach, ...]:
    """Return the tightest moments of each leg of `run`."""
    return tuple(_of_leg(leg) for leg in run.legs)


def distance_to_liquidation(leg: LegRun) -> Floats:
    """Return by bar the move that liquidates, as a fraction of the mark; NaN where none does."""
    position = leg.series["position"].to_numpy()
    mark = leg.series["mark"].to_numpy()
    price = leg.series["liquidation_price"].fill_null(math.nan).to_numpy()
    distance: Floats = np.where(position == 0.0, np.nan, -np.sign(position) * (price - mark) / mark)
    return distance


def _of_leg(leg: LegRun) -> ClosestApproach:
    time = instants(leg.series)
    headroom = leg.series["headroom"].fill_null(math.nan).to_numpy()
    min_headroom, headroom_time = _lowest(headroom, time)
    min_distance, distance_time = _lowest(distance_to_liquidation(leg), time)
    return ClosestApproach(
        instrument=leg.instrument,
        account=leg.account,
        min_headroom=min_headroom,
        headroom_time=headroom_time,
        min_distance=min_distance,
        distance_time=distance_time,
    )


def _lowest(values: Floats, time: Times) -> tuple[float, int | None]:
    if not np.isfinite(values).any():
        return math.nan, None
    place = int(np.nanargmin(values))
    return float(values[place]), int(time[place])
