"""Lines of two sides that mean the same, one to one, and what is left over on either."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from hedgerow.adapters.statements.line import Line, same_symbol
from hedgerow.market.instrument import MONEY
from hedgerow.units import MINUTE, SECOND

ZERO: Final = Decimal(0)
EXACT: Final = Decimal("1.5e-8")  # what two roundings to the eighth digit leave
RELATIVE: Final = Decimal("1e-7")  # an average entry that a venue rounds, up to half a cent
CENT: Final = Decimal("0.005")
COIN_DUST: Final = Decimal("1e-7")
WINDOW: Final = 2 * MINUTE  # venues stamp a payment some time after it was due
TOGETHER: Final = 2 * SECOND  # one trade of ours may be several rows of theirs, and vice versa


class Pair(NamedTuple):
    """Lines that mean the same: one of each side, or a few that add up."""

    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What matches, and what is missing on either side, oldest first."""

    pairs: tuple[Pair, ...]
    only_ours: tuple[Line, ...]
    only_theirs: tuple[Line, ...]


def matched(ours: Sequence[Line], theirs: Sequence[Line], window: int = WINDOW) -> Matching:
    """Match lines of the same flow, currency, symbol and amount that lie within `window`.

    The nearest in time are taken first. What is left is matched where a few lines of the same
    instant add up: an order's trades may be one row here and several there.
    """
    near = _nearest(ours, theirs, window)
    pairs = [Pair((ours[mine],), (theirs[other],)) for mine, other in near]
    left = _without(ours, {mine for mine, _ in near})
    right = _without(theirs, {other for _, other in near})
    alone: list[Line] = []
    for group in _groups(left):
        belong = [at for at, line in enumerate(right) if _belongs(line, group)]
        likes = tuple(right[at] for at in belong)
        if likes and _close(_total(group), _total(likes), group[0].currency):
            pairs.append(Pair(group, likes))
            right = _without(right, set(belong))
        else:
            alone.extend(group)
    alone.sort(key=lambda line: line.time)
    return Matching(pairs=tuple(pairs), only_ours=tuple(alone), only_theirs=tuple(right))


def _without(lines: Sequence[Line], taken: set[int]) -> list[Line]:
    return [line for at, line in enumerate(lines) if at not in taken]


def _nearest(ours: Sequence[Line], theirs: Sequence[Line], window: int) -> list[tuple[int, int]]:
    """Return places of pairs one to one, the nearest in time first, then in the files' order."""
    order = sorted(range(len(theirs)), key=lambda number: theirs[number].time)
    times = [theirs[number].time for number in order]
    near = sorted(
        (abs(mine.time - theirs[number].time), place, number)
        for place, mine in enumerate(ours)
        for number in order[
            bisect_left(times, mine.time - window) : bisect_right(times, mine.time + window)
        ]
        if (mine.flow, mine.currency) == (theirs[number].flow, theirs[number].currency)
        and _close(mine.amount, theirs[number].amount, mine.currency)
        and same_symbol(mine.symbol, theirs[number].symbol)
    )
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    pairs = []
    for _, place, number in near:
        if place not in used_ours and number not in used_theirs:
            used_ours.add(place)
            used_theirs.add(number)
            pairs.append((place, number))
    return pairs


def _groups(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Return lines of the same flow, currency and symbol that follow each other closely."""
    groups: list[list[Line]] = []
    latest: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        kind = line.flow, line.currency, line.symbol
        group = latest.get(kind)
        if group is not None and line.time - group[-1].time <= TOGETHER:
            group.append(line)
        else:
            latest[kind] = [line]
            groups.append(latest[kind])
    return [tuple(group) for group in groups]


def _belongs(line: Line, group: tuple[Line, ...]) -> bool:
    first, last = group[0], group[-1]
    return (
        (line.flow, line.currency) == (first.flow, first.currency)
        and first.time - TOGETHER <= line.time <= last.time + TOGETHER
        and same_symbol(line.symbol, first.symbol)
    )


def smallest(currency: str) -> Decimal:
    """Return what does not count: half a cent of money, ten satoshi of a coin."""
    return CENT if currency in MONEY else COIN_DUST


def _close(ours: Decimal, theirs: Decimal, currency: str) -> bool:
    """Whether two amounts are the same: to half the last digit stated, and half a cent at most."""
    exponent = theirs.as_tuple().exponent
    digit = Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else ZERO
    rounded = max(digit, RELATIVE * max(abs(ours), abs(theirs)))
    return abs(ours - theirs) <= EXACT + min(rounded, smallest(currency))


def _total(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
