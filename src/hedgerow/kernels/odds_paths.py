r"""One margined position along many random price paths: when it dies, and the cash it needs.

A block of lanes walks together, one step at a time. With :math:`y = P` for a linear contract and
:math:`y = 1 / P` for an inverse one, equity is :math:`A + B y` and the requirement the largest of
lines :math:`|q| y m_k - c_k` (plus, where the rate rises with an inverse position's coins,
:math:`s (q y)^2`), so the account is safe on an interval of :math:`y`. A lane therefore walks
:math:`w = \ln y` and compares it with two levels, which move only when cash does.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.counter_random import key_of, normal, normal_pairs, uniform
from hedgerow.kernels.jit import kernel, part, rowwise
from hedgerow.kernels.quick_functions import quick_exp, quick_log

Floats = npt.NDArray[np.float64]

BLOCK = 256
HUGE = 1e300
FAR = 20.0  # a level that a bridge touches with odds under exp(-2 * FAR) is not looked at

DIFFUSION = 0  # constant volatility
STOCHASTIC = 1  # Heston's variance
RECORDED = 2  # blocks of recorded returns

PRICES, JUMPS, FUNDING, BRIDGES = 0, 1, 2, 3  # streams of random numbers
FIRST_WAIT = 0xFFFFFFFF  # count of the number that draws the wait for the first jump

# The rows of a block's state, one number a lane.
LEVEL = 0  # w
TOP, BOTTOM = 1, 2  # extremes of w since the last settlement
BEFORE, PEAK, PIT = 3, 4, 5  # w before the step, and its extremes inside it
ONE, OTHER = 6, 7  # normal numbers
SPREAD, VARIANCE = 8, 9  # of the step's log return, and of a year's
CASH, PAID, ADDED = 10, 11, 12  # all of it; funding received; top-ups landed
TRANSIT, LANDS = 13, 14  # cash under way, and when it lands, in steps
HIGH, LOW, DEAD_HIGH, DEAD_LOW = 15, 16, 17, 18  # levels to look at, levels of liquidation
CALLS = 19  # 1 where the reserve may be called on now
DUE, JUMPED = 20, 21  # time of the next jump, in steps; jumps so far
BEGIN = 22  # of the block of recorded returns
RATE, SETTLED = 23, 24  # funding rate, and w at the last settlement
SCRATCH = 25
DIED, NEED, SENT = 26, 27, 28  # what is asked about
ROWS = 29


class Walk(NamedTuple):
    """How the price moves; years of 365 days, log returns."""

    kind: int
    steps: int
    years: float  # a step
    drift: float  # of the log price where the variance is constant, else of the price
    volatility: float  # at the start
    jumps: float  # a year
    jump_mean: float
    jump_deviation: float
    reversion: float  # of the variance, a year
    level: float  # of the variance
    wobble: float  # volatility of the variance
    correlation: float  # of the variance with the price
    history: Floats  # recorded returns, one a step
    block: int  # of recorded returns, steps
    bridge: bool  # whether extremes between the steps count


class Carry(NamedTuple):
    """Funding as a mean-reverting rate, paid on the notional at each settlement."""

    every: int  # steps from one settlement to the next, 0 for none
    start: float
    level: float
    decay: float  # from one settlement to the next
    shock: float  # deviation of one settlement's surprise
    correlation: float  # with the log return since the last settlement


class Footing(NamedTuple):
    """The position and the cash behind it."""

    inverse: bool
    start: float  # price
    constant: float  # A without any cash: -q E, or Q / E
    slope: float  # B
    size: float
    cash: float  # in the account at the start
    reserve: float
    delay: int  # steps that a transfer takes
    below: float  # headroom that calls for cash
    upto: float  # headroom that a call restores
    rate: Floats  # of the requirement's lines
    amount: Floats
    curve: float  # of the requirement, per squared notional


@rowwise
def _copy(source: Floats, target: Floats) -> None:
    for lane in range(source.shape[0]):
        target[lane] = source[lane]


@rowwise
def _safe_levels(cash: Floats, footing: Footing, extra: float, high: Floats, low: Floats) -> None:
    """Write the levels of w between which equity covers the requirement and `extra` headroom."""
    lanes = cash.shape[0]
    weight = abs(footing.size)
    high[:] = np.inf
    low[:] = 0.0
    for tier in range(footing.rate.shape[0]):
        amount = footing.constant + footing.amount[tier]
        slope = footing.slope - weight * (footing.rate[tier] + extra)
        inverse = -1.0 / slope
        if footing.curve > 0.0:
            bend = footing.curve * weight * weight
            for lane in range(lanes):
                inside = slope * slope + 4.0 * bend * (cash[lane] + amount)
                root = math.sqrt(max(inside, 0.0))
                high[lane] = (slope + root) / (2.0 * bend) if inside >= 0.0 else 0.0
                low[lane] = max((slope - root) / (2.0 * bend), 0.0)
        elif slope < 0.0:
            for lane in range(lanes):
                high[lane] = min(high[lane], (cash[lane] + amount) * inverse)
        elif slope > 0.0:
            for lane in range(lanes):
                low[lane] = max(low[lane], (cash[lane] + amount) * inverse)
        else:
            for lane in range(lanes):
                high[lane] = high[lane] if cash[lane] + amount >= 0.0 else 0.0
    for lane in range(lanes):
        bound = high[lane]
        level = quick_log(max(min(bound, HUGE), 1.0 / HUGE))
        high[lane] = np.inf if bound > HUGE else (-np.inf if bound <= 0.0 else level)
    for lane in range(lanes):
        bound = low[lane]
        level = quick_log(max(bound, 1.0 / HUGE))
        low[lane] = level if bound > 0.0 else -np.inf


@rowwise
def _raise_need(level: Floats, paid: Floats, footing: Footing, worth: Floats, need: Floats) -> None:
    """Raise `need` to the deposit that survives `level` of w, funding received so far `paid`."""
    weight = abs(footing.size)
    bend = footing.curve * weight * weight
    for lane in range(level.shape[0]):
        worth[lane] = quick_exp(level[lane])
    for tier in range(footing.rate.shape[0]):
        lean = weight * footing.rate[tier] - footing.slope
        amount = footing.amount[tier] + footing.constant
        for lane in range(level.shape[0]):
            y = worth[lane]
            need[lane] = max(need[lane], y * (lean + bend * y) - amount - paid[lane])


@rowwise
def _add_scaled(w: Floats, random: Floats, drift: float, deviation: float) -> None:
    for lane in range(w.shape[0]):
        w[lane] += drift + deviation * random[lane]


@rowwise
def _add_stochastic(
    w: Floats, variance: Floats, one: Floats, other: Floats, walk: Walk, sign: float
) -> None:
    """Move price and variance by Euler's step, the variance cut off at zero.

    References
    ----------
    Lord, R., Koekkoek, R. and van Dijk, D. (2010). A comparison of biased simulation schemes for
    stochastic volatility models. Quantitative Finance 10, 177-194 (full truncation).
    """
    rest = math.sqrt(1.0 - walk.correlation * walk.correlation)
    for lane in range(w.shape[0]):
        level = max(variance[lane], 0.0)
        deviation = math.sqrt(level * walk.years)
        surprise = walk.correlation * one[lane] + rest * other[lane]
        w[lane] += sign * ((walk.drift - 0.5 * level) * walk.years + deviation * one[lane])
        variance[lane] += (
            walk.reversion * (walk.level - level) * walk.years + walk.wobble * deviation * surprise
        )


@part
def _add_recorded(
    rows: Floats, walk: Walk, step: int, first: int, key: np.uint64, sign: float
) -> None:
    """Add one recorded return; at the start of a block, draw where it begins."""
    w, begin = rows[LEVEL], rows[BEGIN]
    inside = step % walk.block
    count = walk.history.shape[0]
    for lane in range(w.shape[0]):
        if inside == 0:
            begin[lane] = math.floor(uniform(key, first + lane, step) * count)
        w[lane] += sign * walk.history[(int(begin[lane]) + inside) % count]


@part
def _add_jumps(
    rows: Floats, walk: Walk, time: float, first: int, key: np.uint64, sign: float
) -> None:
    """Add the jumps of the step that ends at `time`."""
    w, due, jumped = rows[LEVEL], rows[DUE], rows[JUMPED]
    for lane in range(w.shape[0]):
        while due[lane] < time:
            number = 2 * int(jumped[lane])
            size = walk.jump_mean + walk.jump_deviation * normal(key, first + lane, number)
            w[lane] += sign * size
            due[lane] += _wait(walk, uniform(key, first + lane, number + 1))
            jumped[lane] += 1.0


@part
def _wait(walk: Walk, drawn: float) -> float:
    """Return the steps from one jump to the next."""
    return -math.log(drawn) / (walk.jumps * walk.years)


@rowwise
def _extremes(before: Floats, w: Floats, peak: Floats, pit: Floats) -> None:
    for lane in range(w.shape[0]):
        peak[lane] = max(before[lane], w[lane])
        pit[lane] = min(before[lane], w[lane])


@rowwise
def _widen(w: Floats, peak: Floats, pit: Floats) -> None:
    for lane in range(w.shape[0]):
        peak[lane] = max(peak[lane], w[lane])
        pit[lane] = min(pit[lane], w[lane])


@rowwise
def _spread(variance: Floats, years: float, spread: Floats) -> None:
    for lane in range(variance.shape[0]):
        spread[lane] = max(variance[lane], 0.0) * years


@rowwise
def _near(
    before: Floats,
    w: Floats,
    spread: Floats,
    watched: Floats,
    seen: Floats,
    up: float,
    near: Floats,
) -> None:
    """Write 1 where the bridge may pass the level watched or the extreme seen, else 0."""
    for lane in range(w.shape[0]):
        edge = up * min(up * watched[lane], up * seen[lane])
        product = (edge - before[lane]) * (edge - w[lane])
        near[lane] = 1.0 if product < FAR * spread[lane] else 0.0


@part
def _add_bridge(rows: Floats, up: float, step: int, first: int, key: np.uint64) -> None:
    r"""Write the highest (`up` is 1) or lowest (-1) price of the step, where it could matter.

    The highest point of a bridge from a to b of variance v is
    :math:`\tfrac12 (a + b + \sqrt{(b - a)^2 - 2 v \ln U})`.

    References
    ----------
    Glasserman, P. (2003). Monte Carlo Methods in Financial Engineering, section 6.4.
    """
    before, w, spread, near = rows[BEFORE], rows[LEVEL], rows[SPREAD], rows[SCRATCH]
    way = 0 if up > 0.0 else 1
    extreme = rows[PEAK + way]
    _near(before, w, spread, rows[HIGH + way], rows[TOP + way], up, near)
    for lane in range(w.shape[0]):
        if near[lane] == 1.0:
            drawn = quick_log(uniform(key, first + lane, 2 * step + way))
            gap = w[lane] - before[lane]
            reach = math.sqrt(gap * gap - 2.0 * spread[lane] * drawn)
            extreme[lane] = 0.5 * (before[lane] + w[lane] + up * reach)


@part
def _move(
    rows: Floats, walk: Walk, step: int, first: int, seed: int, sign: float, ways: tuple[bool, bool]
) -> None:
    """Move every lane by one step, and write its extremes where the walk looks between steps."""
    w = rows[LEVEL]
    if walk.bridge:
        _copy(w, rows[BEFORE])
        if walk.kind == STOCHASTIC:
            _spread(rows[VARIANCE], walk.years, rows[SPREAD])
    key = key_of(seed, PRICES)
    if walk.kind == RECORDED:
        _add_recorded(rows, walk, step, first, key, sign)
    elif walk.kind == STOCHASTIC:
        normal_pairs(key, first, step, rows[ONE], rows[OTHER])
        _add_stochastic(w, rows[VARIANCE], rows[ONE], rows[OTHER], walk, sign)
    else:
        if step % 2 == 0:
            normal_pairs(key, first, step // 2, rows[ONE], rows[OTHER])
        deviation = sign * walk.volatility * math.sqrt(walk.years)
        _add_scaled(w, rows[ONE + step % 2], sign * walk.drift * walk.years, deviation)
    if walk.bridge:
        _extremes(rows[BEFORE], w, rows[PEAK], rows[PIT])
        bridges = key_of(seed, BRIDGES)
        if ways[0]:
            _add_bridge(rows, 1.0, step, first, bridges)
        if ways[1]:
            _add_bridge(rows, -1.0, step, first, bridges)
    if walk.jumps > 0.0:
        _add_jumps(rows, walk, step + 1.0, first, key_of(seed, JUMPS), sign)
        if walk.bridge:
            _widen(w, rows[PEAK], rows[PIT])


@rowwise
def _tally(
    peak: Floats, pit: Floats, top: Floats, bottom: Floats, high: Floats, low: Floats
) -> int:
    """Widen the range seen since the last settlement; return how often a level was left."""
    out = 0
    for lane in range(peak.shape[0]):
        top[lane] = max(top[lane], peak[lane])
        bottom[lane] = min(bottom[lane], pit[lane])
        out += int(peak[lane] > high[lane]) + int(pit[lane] < low[lane])
    return out


@part
def _refresh(rows: Floats, footing: Footing, begin: int, end: int) -> None:
    """Write the levels of some lanes anew, after their cash has moved."""
    cash = rows[CASH][begin:end]
    high, low = rows[HIGH][begin:end], rows[LOW][begin:end]
    dead_high, dead_low = rows[DEAD_HIGH][begin:end], rows[DEAD_LOW][begin:end]
    calls, died = rows[CALLS][begin:end], rows[DIED][begin:end]
    paid, added = rows[PAID][begin:end], rows[ADDED][begin:end]
    for lane in range(cash.shape[0]):
        cash[lane] = footing.cash + paid[lane] + added[lane]
    _safe_levels(cash, footing, 0.0, dead_high, dead_low)
    if footing.reserve > 0.0:
        _safe_levels(cash, footing, footing.below, high, low)
    for lane in range(cash.shape[0]):
        high[lane] = dead_high[lane] if calls[lane] == 0.0 else high[lane]
        low[lane] = dead_low[lane] if calls[lane] == 0.0 else low[lane]
        high[lane] = np.inf if died[lane] >= 0.0 else high[lane]
        low[lane] = -np.inf if died[lane] >= 0.0 else low[lane]


@part
def _call(w: float, cash: float, footing: Footing) -> float:
    """Return the top-up that restores the headroom, at `w` and with `cash`."""
    y = math.exp(w)
    worth = abs(footing.size) * y
    required = -np.inf
    for tier in range(footing.rate.shape[0]):
        required = max(required, worth * footing.rate[tier] - footing.amount[tier])
    required += footing.curve * worth * worth
    surplus = cash + footing.constant + footing.slope * y - required
    return footing.upto * worth - surplus


@part
def _watch(
    rows: Floats, peak: Floats, pit: Floats, time: float, landing: float, footing: Footing
) -> float:
    """Liquidate lanes beyond their levels, call cash for those near; return the next landing."""
    w, high, low = rows[LEVEL], rows[HIGH], rows[LOW]
    if _tally(peak, pit, rows[TOP], rows[BOTTOM], high, low) == 0:
        return landing
    for lane in range(w.shape[0]):
        up, down = peak[lane], pit[lane]
        if not (up > high[lane] or down < low[lane]):
            continue
        if up > rows[DEAD_HIGH, lane] or down < rows[DEAD_LOW, lane]:
            rows[DIED, lane] = time
            rows[LANDS, lane] = np.inf
            _refresh(rows, footing, lane, lane + 1)
        elif w[lane] > high[lane] or w[lane] < low[lane]:
            left = footing.reserve - rows[SENT, lane]
            given = min(_call(w[lane], rows[CASH, lane], footing), left)
            if given > 0.0:
                rows[SENT, lane] += given
                rows[TRANSIT, lane] = given
                rows[LANDS, lane] = time + footing.delay
                rows[CALLS, lane] = 0.0
                landing = min(landing, rows[LANDS, lane])
                _refresh(rows, footing, lane, lane + 1)
    if landing <= time:
        landing = _land(rows, time, footing)
    return landing


@part
def _land(rows: Floats, time: float, footing: Footing) -> float:
    """Add the transfers that have arrived to their accounts; return when the next one does."""
    lands = rows[LANDS]
    landing = np.inf
    for lane in range(lands.shape[0]):
        if lands[lane] <= time:
            rows[ADDED, lane] += rows[TRANSIT, lane]
            lands[lane] = np.inf
            rows[CALLS, lane] = 1.0 if footing.reserve > rows[SENT, lane] else 0.0
            _refresh(rows, footing, lane, lane + 1)
        landing = min(landing, lands[lane])
    return landing


@rowwise
def _pay(
    w: Floats,
    settled: Floats,
    rate: Floats,
    noise: Floats,
    paid: Floats,
    carry: Carry,
    size: float,
    scale: float,
) -> None:
    """Move the rate, then pay it on the notional."""
    rest = math.sqrt(1.0 - carry.correlation * carry.correlation)
    for lane in range(w.shape[0]):
        surprise = carry.correlation * scale * (w[lane] - settled[lane]) + rest * noise[lane]
        rate[lane] = carry.level + carry.decay * (rate[lane] - carry.level) + carry.shock * surprise
        paid[lane] -= size * quick_exp(w[lane]) * rate[lane]
        settled[lane] = w[lane]


@part
def _settle(
    rows: Floats,
    carry: Carry,
    footing: Footing,
    first: int,
    count: int,
    seed: int,
    scale: float,
    ways: tuple[bool, bool],
) -> None:
    """Pay one settlement, and begin to look for extremes anew."""
    _look_back(rows, footing, ways)
    if carry.shock > 0.0:
        normal_pairs(key_of(seed, FUNDING), first, count, rows[SCRATCH], rows[PEAK])
    _pay(
        rows[LEVEL],
        rows[SETTLED],
        rows[RATE],
        rows[SCRATCH],
        rows[PAID],
        carry,
        footing.size,
        scale,
    )
    _copy(rows[LEVEL], rows[TOP])
    _copy(rows[LEVEL], rows[BOTTOM])
    _refresh(rows, footing, 0, rows.shape[1])


@part
def _look_back(rows: Floats, footing: Footing, ways: tuple[bool, bool]) -> None:
    """Raise the need to what the extremes since the last settlement asked for."""
    if ways[0]:
        _raise_need(rows[TOP], rows[PAID], footing, rows[SCRATCH], rows[NEED])
    if ways[1]:
        _raise_need(rows[BOTTOM], rows[PAID], footing, rows[SCRATCH], rows[NEED])


@part
def _dangerous_ways(footing: Footing) -> tuple[bool, bool]:
    """Return whether the account can die by a rise of w, and by a fall."""
    rises = footing.curve > 0.0
    falls = False
    for tier in range(footing.rate.shape[0]):
        lean = footing.slope - abs(footing.size) * footing.rate[tier]
        rises = rises or lean <= 0.0
        falls = falls or lean > 0.0
    return rises, falls


@part
def _begin(rows: Floats, walk: Walk, carry: Carry, footing: Footing, first: int, seed: int) -> None:
    """Set a block of lanes to the start."""
    start = math.log(footing.start)
    for row in (LEVEL, TOP, BOTTOM, SETTLED):
        rows[row] = -start if footing.inverse else start
    rows[VARIANCE] = walk.volatility * walk.volatility
    rows[SPREAD] = walk.volatility * walk.volatility * walk.years
    rows[RATE] = carry.start
    rows[LANDS] = np.inf
    rows[CALLS] = 1.0 if footing.reserve > 0.0 else 0.0
    rows[DIED] = -1.0
    rows[NEED] = -np.inf
    if walk.jumps > 0.0:
        key = key_of(seed, JUMPS)
        for lane in range(rows.shape[1]):
            rows[DUE, lane] = _wait(walk, uniform(key, first + lane, FIRST_WAIT))
    _refresh(rows, footing, 0, rows.shape[1])


@part
def _walk_block(
    rows: Floats, walk: Walk, carry: Carry, footing: Footing, first: int, seed: int
) -> None:
    """Walk one block to the end."""
    ways = _dangerous_ways(footing)
    sign = -1.0 if footing.inverse else 1.0
    deviation = walk.volatility * math.sqrt(walk.years * max(carry.every, 1))
    scale = sign / deviation if deviation > 0.0 else 0.0
    peak = rows[PEAK] if walk.bridge else rows[LEVEL]
    pit = rows[PIT] if walk.bridge else rows[LEVEL]
    _begin(rows, walk, carry, footing, first, seed)
    landing = _watch(rows, rows[LEVEL], rows[LEVEL], 0.0, np.inf, footing)
    for step in range(walk.steps):
        time = step + 1.0
        _move(rows, walk, step, first, seed, sign, ways)
        if landing <= time:
            landing = _land(rows, time, footing)
        landing = _watch(rows, peak, pit, time, landing, footing)
        if carry.every > 0 and (step + 1) % carry.every == 0:
            _settle(rows, carry, footing, first, step // carry.every, seed, scale, ways)
            landing = _watch(rows, rows[LEVEL], rows[LEVEL], time, landing, footing)
    _look_back(rows, footing, ways)


@kernel
def walk_lanes(
    first: int, seed: int, walk: Walk, carry: Carry, footing: Footing, out: Floats
) -> None:
    """Walk one lane for each column of `out`, the first of them lane number `first`.

    Parameters
    ----------
    out
        Shape ``(3, lanes)``: the steps until liquidation, -1 where the account lived; the
        deposit with which it would have lived without any top-up; the cash sent from the reserve.

    Notes
    -----
    A lane's outcome depends on the seed and its number alone, so any split of the lanes over
    calls or threads gives the same bits.
    """
    lanes = out.shape[1]
    for begin in range(0, lanes, BLOCK):
        end = min(begin + BLOCK, lanes)
        rows = np.zeros((ROWS, end - begin))
        _walk_block(rows, walk, carry, footing, first + begin, seed)
        for row in range(3):
            _copy(rows[DIED + row], out[row, begin:end])
