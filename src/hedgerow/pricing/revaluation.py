"""Books of options priced anew over a grid of spot, volatility and time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError
from hedgerow.kernels.revaluation import revalue_grid
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Argument, Call, Column, Kind, Rows, share_out
from hedgerow.units import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The scenarios: every spot move with every volatility move at every time.

    Attributes
    ----------
    spots
        Factors on every forward, 0.9 for a fall of 10 per cent, ``(spots,)``.
    factors, added
        On every volatility: a factor, and what is added to the product; as many of each.
    passed
        Years gone by, ``(times,)``.
    """

    spots: Floats
    factors: Floats
    added: Floats
    passed: Floats

    @staticmethod
    def of(
        *,
        spot: Column = 0.0,
        volatility: Column = 0.0,
        volatility_factor: Column = 1.0,
        years: Column = 0.0,
    ) -> "Grid":
        """Return a grid from moves: relative ones of spot, added ones of volatility, years passed.

        >>> Grid.of(spot=[-0.1, 0.0, 0.1], volatility=[-0.1, 0.0]).shape
        (2, 1, 3)
        """
        mend = "write -0.1 for a fall of 10 %; a price cannot fall by all of itself"
        move = Argument(name="spot", given=spot, above=-1.0, mend=mend)
        (moves,) = _line(move)
        factor, added = _line(
            given.not_negative("volatility_factor", volatility_factor),
            given.finite("volatility", volatility),
        )
        (passed,) = _line(given.not_negative("years", years))
        return Grid(spots=1.0 + moves, factors=factor, added=added, passed=passed)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Volatilities, times, spots."""
        return self.factors.size, self.passed.size, self.spots.size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Revaluation:
    """What each group of a book is worth in each scenario.

    Attributes
    ----------
    grid
        The scenarios.
    value
        In quote, undiscounted, ``(groups, volatilities, times, spots)``.
    rows
        Which positions are valid; the others are left out of `value`.
    """

    grid: Grid
    value: Floats
    rows: Rows

    @property
    def total(self) -> Floats:
        """Of all groups together, ``(volatilities, times, spots)``."""
        total: Floats = self.value.sum(axis=0)
        return total


def revalue(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind,
    size: Column,
    *,
    grid: Grid,
    group: npt.ArrayLike | None = None,
    workers: int = 1,
) -> Revaluation:
    """Return what positions in options on forwards are worth over a grid of scenarios.

    A coin-settled option's worth in quote at spot is its value here times spot over forward: a
    constant, to be put into its size.

    Parameters
    ----------
    forward, strike, volatility, years, kind
        As in `options.black76`; where an option's time is up in a scenario, it is its payoff.
    size
        Of each position, in base, short below 0.
    grid
        The scenarios; see `Grid.of`.
    group
        To which group each position belongs, whole numbers from 0; one for all where left out.
    workers
        Threads; not a bit of the answer depends on it.

    Examples
    --------
    >>> grid = Grid.of(spot=[-0.1, 0.0, 0.1], years=[0.0, 1.0])
    >>> found = revalue([100.0], [100.0], [0.5], [0.25], ["call"], [2.0], grid=grid)
    >>> found.total.round(3).tolist()
    [[[10.544, 19.895, 32.381], [0.0, 0.0, 20.0]]]
    """
    call = Call(
        given.forward(forward),
        given.strike(strike),
        given.volatility(volatility),
        given.years(years),
        given.option_sign(kind),
        given.finite("size", size, "a size is a number of coins, short below 0"),
    )
    groups = np.zeros(call.size, dtype=np.int64) if group is None else _groups(group, call.size)
    columns = call.full()
    many = int(groups.max(initial=0)) + 1
    if call.rows.codes is not None:
        good = call.rows.codes == 0
        columns = tuple(column[good] for column in columns)
        groups = groups[good]
    value = np.zeros((many, *grid.shape))
    axis = _axis(grid.shape, workers)

    def one(start: int, stop: int) -> None:
        parts = [slice(None), slice(None), slice(None)]
        parts[axis] = slice(start, stop)
        volatilities, times, spots = parts
        moves = np.vstack([grid.factors[volatilities], grid.added[volatilities]])
        place = (slice(None), *parts)
        part = np.zeros_like(value[place])
        revalue_grid(columns, groups, grid.spots[spots], moves, grid.passed[times], part)
        value[place] = part

    share_out(one, grid.shape[axis], workers, least=1)
    return Revaluation(grid=grid, value=value, rows=call.rows)


def _axis(shape: tuple[int, int, int], workers: int) -> int:
    """Return which moves to share out among threads: spot moves are best left together."""
    return next((axis for axis in (0, 1) if shape[axis] >= workers), 2)


def _line(*arguments: Argument) -> tuple[Floats, ...]:
    call = Call(*arguments)
    if len(call.shape) > 1:
        names = " and ".join(argument.name for argument in arguments)
        raise ConfigError(f"{names}: write one line of moves, not a table of shape {call.shape}")
    problems = call.rows.problems()
    if problems:
        place, reason = problems[0]
        raise ConfigError(f"move {place} of the scenarios: {reason}")
    if call.size == 0:
        raise ConfigError(f"{arguments[0].name} has no moves: write at least one")
    return call.full()


def _groups(group: npt.ArrayLike, size: int) -> npt.NDArray[np.int64]:
    groups = np.ascontiguousarray(group)
    if groups.shape != (size,) or groups.dtype.kind not in "iu" or groups.min(initial=0) < 0:
        raise ConfigError("group: write one whole number from 0 up for each position")
    return groups.astype(np.int64)
