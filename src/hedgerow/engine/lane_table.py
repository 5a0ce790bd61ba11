"""One lane of the state table: how its numbers are read, changed and written down.

Every function of the `lane_` files works on column `lane` of the table and calls the same scalar
kernels as `engine.desk`. `slot` is the record to write events to, -1 for none.
"""

from typing import NamedTuple

from hedgerow.engine import layout as at
from hedgerow.engine.layout import Shape
from hedgerow.engine.tape import Fixed, Floats, Integers, Tape
from hedgerow.kernels.jit import part, woven


class Lanes(NamedTuple):
    """A block of lanes: what is given, what moves and where the recorded ones write.

    Attributes
    ----------
    shape
        The layout of both tables.
    numbers
        ``(number_rows, lanes)``.
    state
        ``(state_rows, lanes)``.
    events, count
        ``(slots, capacity, EVENT_COLUMNS)`` and how many were wanted, ``(slots,)``: more than the
        capacity if it was too small.
    series
        ``(slots, steps, columns)``.
    first
        Number of the block's first lane among all.
    work
        Room for positions and pledges of one account, ``(10, max(legs, assets))``.
    """

    shape: Shape
    numbers: Floats
    state: Floats
    events: Floats
    count: Integers  # type: ignore[assignment]  # a method of tuples that nobody needs here
    series: Floats
    first: int
    work: Floats


What = tuple[float, float, float, float, float, float, float]
Where = tuple[int, int, int, int]


@woven
def emit(
    lanes: Lanes, slot: int, when: tuple[int, int, int], whom: tuple[int, int], what: What
) -> None:
    """Write one event of a recorded lane.

    `when` is (step, phase, kind), `whom` (leg, pocket) and `what` (quantity, price, cash, fee,
    realised, worth, extra).
    """
    if slot >= 0:
        line = _next_line(lanes.events, lanes.count, slot)
        line[at.EVENT_STEP] = when[0]
        line[at.EVENT_PHASE] = when[1]
        line[at.EVENT_KIND] = when[2]
        line[at.EVENT_LEG] = whom[0]
        line[at.EVENT_POCKET] = whom[1]
        line[at.EVENT_QUANTITY] = what[0]
        line[at.EVENT_PRICE] = what[1]
        line[at.EVENT_CASH] = what[2]
        line[at.EVENT_FEE] = what[3]
        line[at.EVENT_REALISED] = what[4]
        line[at.EVENT_WORTH] = what[5]
        line[at.EVENT_EXTRA] = what[6]


@part
def _next_line(events: Floats, count: Integers, slot: int) -> Floats:
    """Return the next free line of a record; its last line, over and over, once it is full."""
    row = count[slot]
    count[slot] += 1
    return events[slot, min(row, events.shape[1] - 1)]


@woven
def column_of(tape: Tape, lanes: Lanes, lane: int) -> int:
    """Return the column of prices that a lane of this block reads."""
    return min(lane + lanes.first, tape.prices.shape[2] - 1)


@woven
def price_of(tape: Tape, step: int, leg: int, field: int, column: int) -> float:
    """Return one price of one instrument in one bar; `column` is 0 where lanes share prices."""
    return tape.prices[step, leg * at.PRICE_ROWS + field, column]


@woven
def worth_of(tape: Tape, step: int, asset: int, field: int, column: int) -> float:
    """Return the worth of one unit of an asset at a bar's open or close, in numeraire."""
    return tape.worth[step, asset * at.WORTH_ROWS + field, column]


@woven
def common(lanes: Lanes, number: int, lane: int) -> float:
    """Return one of the numbers that a lane has once."""
    return lanes.numbers[lanes.shape.common_numbers + number, lane]


@woven
def leg_number(lanes: Lanes, leg: int, number: int, lane: int) -> float:
    """Return one of the numbers given for a leg."""
    return lanes.numbers[leg * at.LEG_NUMBERS + number, lane]


@woven
def account_number(lanes: Lanes, account: int, number: int, lane: int) -> float:
    """Return one of the numbers given for an account."""
    row = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS + number
    return lanes.numbers[row, lane]


@woven
def account_row(lanes: Lanes, account: int) -> int:
    """Return the first row of an account in the state table."""
    return lanes.shape.account_rows + account * at.ACCOUNT_ROWS


@woven
def wallet_row(fixed: Fixed, lanes: Lanes, account: int, asset: int) -> int:
    """Return the row of what an account has of an asset: its wallet, or what is pledged."""
    return (
        lanes.shape.account_rows + account * at.ACCOUNT_ROWS + at.WALLET
        if int(fixed.accounts[account, at.COLLATERAL]) == asset
        else lanes.shape.pledge_rows + account * lanes.shape.assets + asset
    )


@woven
def asset_row(lanes: Lanes, asset: int) -> int:
    """Return the first row of an asset in the state table."""
    return lanes.shape.asset_rows + asset * at.ASSET_ROWS


@woven
def leg_size(fixed: Fixed, lanes: Lanes, leg: int, lane: int) -> float:
    """Return the position of a leg: base coin if linear, quote face if inverse."""
    return lanes.state[leg * at.LEG_ROWS + at.LOTS, lane] * fixed.contract[leg, at.LOT_SIZE]


@woven
def add(lanes: Lanes, number: int, lane: int, amount: float) -> None:
    """Add to one of the sums that a lane has once."""
    lanes.state[lanes.shape.total_rows + number, lane] += amount


@woven
def receive(lanes: Lanes, asset: int, lane: int, amount: float, worth: float) -> None:
    """Note that `amount` of an asset came to be held beyond what was declared."""
    lanes.state[asset_row(lanes, asset) + at.BEYOND_COST, lane] += amount * worth
