"""When a market has fallen far enough, fast enough, for auto-deleveraging."""

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


@kernel
def crash_levels(
    bars: tuple[Times, Floats, Floats, Floats], fall: float, window: int, falling: bool
) -> tuple[Floats, Floats]:
    """Return the price each crash began at and the level that set it off, NaN in calm bars.

    A bar is in a crash when its low is `fall` below the highest high of the bars before it that
    opened less than `window` ago. Its own high does not count, as nobody knows which came first.
    After a crash the search begins anew at the close of its bar, so one fall is counted once and
    a second one of the same depth again.

    Parameters
    ----------
    bars
        Opening times in UTC nanoseconds, rising; highs, lows and closes; each ``(bars,)``. NaN
        where a bar is missing.
    fall
        Fraction, > 0.
    window
        Nanoseconds.
    falling
        False looks for rises from the lowest low instead.

    Returns
    -------
    tuple
        Price at the start of the fall and ``start * (1 - fall)``, or ``start * (1 + fall)`` for
        a rise; each ``(bars,)``.
    """
    times, highs, lows, closes = bars
    count = times.shape[0]
    start = np.full(count, np.nan)
    level = np.full(count, np.nan)
    # A queue of extremes, each more extreme than all behind it: the first one is the extreme.
    opened = np.empty(count + 1, dtype=np.int64)
    extreme = np.empty(count + 1)
    first, last = 0, 0
    sign = 1.0 if falling else -1.0
    for bar in range(count):
        while first < last and times[bar] - opened[first] >= window:
            first += 1
        away = sign * (highs[bar] if falling else lows[bar])
        if first < last:
            began = sign * extreme[first]
            trigger = began * (1.0 - sign * fall)
            reached = lows[bar] if falling else highs[bar]
            if sign * reached <= sign * trigger:
                start[bar] = began
                level[bar] = trigger
                first, last = 0, 0
                away = sign * closes[bar]
        if np.isnan(away):
            continue
        while first < last and extreme[last - 1] <= away:
            last -= 1
        opened[last] = times[bar]
        extreme[last] = away
        last += 1
    return start, level
