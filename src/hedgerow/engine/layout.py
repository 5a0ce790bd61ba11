"""Where each number lies in the arrays of the lane engine.

One table of rows for what moves (the state) and one for what is given (the numbers), each with
lanes contiguous: ``(rows, lanes)``. Rows of legs come first, then accounts, then assets, then
what a lane has once. The record of a lane uses the same order.
"""

from typing import Final, NamedTuple

from hedgerow.policies.state import RULE_SIZE as RULE_SIZE  # noqa: PLC0414 - lanes read it here
from hedgerow.policies.state import STATE_FIELDS

# --- prices of one instrument in one bar: quote per base -----------------------------------------
OPEN: Final = 0  # trade open: what a next-open order fills at
MEAN: Final = 1  # mean of open, high, low and close
CLOSE: Final = 2  # trade close
HIGH: Final = 3  # trade extremes: whether a resting order was traded through
LOW: Final = 4
MARK_OPEN: Final = 5
MARK_HIGH: Final = 6  # worst mark for a short
MARK_LOW: Final = 7  # worst mark for a long
MARK: Final = 8  # mark at the close
INDEX_OPEN: Final = 9
INDEX: Final = 10  # index at the close
VOLUME: Final = 11  # base coin if linear, quote if inverse
DEVIATION: Final = 12  # of a bar's return, as known before the bar
VOLATILITY: Final = 13  # yearly, as known at the close
PREDICTED: Final = 14  # funding rate of the running interval, as known at the close
INTERVAL: Final = 15  # hours of that interval
STATUS: Final = 16  # whether an order can fill: TRADING, HOLE, REJECTING or DELAYING
SOURCE: Final = 17  # of the margin price: FROM_MARK, BOUNDED or FROM_LAST
TAKEN: Final = 18  # part of a winning position that the venue deleverages, 0 in most bars
TAKEN_PRICE: Final = 19  # at this price
PRICE_ROWS: Final = 20

WORTH_OPEN: Final = 0  # of one unit of an asset, in numeraire
WORTH: Final = 1
WORTH_ROWS: Final = 2

# --- whether an order can fill in a bar ----------------------------------------------------------
TRADING: Final = 0
HOLE: Final = 1  # no bar: orders wait
REJECTING: Final = 2  # an outage that refuses orders
DELAYING: Final = 3  # an outage in which orders wait

# --- where a margin price comes from -------------------------------------------------------------
FROM_MARK: Final = 0
BOUNDED: Final = 1  # last price within a coarser mark range
FROM_LAST: Final = 2

# --- the clock: one row a bar, and one more for the ends of the ranges ---------------------------
TIME: Final = 0  # open instant, UTC nanoseconds
SETTLEMENT: Final = 1  # first settlement of the bar
FLOW: Final = 2  # first flow of the bar
DAY_END: Final = 3  # 1 where the close ends a UTC day or the run
CLOCK_COLUMNS: Final = 4

# --- a settlement --------------------------------------------------------------------------------
SETTLEMENT_LEG: Final = 0
SETTLEMENT_INSIDE: Final = 1  # 0 at the open instant, 1 inside the bar
SETTLEMENT_RATE: Final = 2
SETTLEMENT_PRICE: Final = 3
SETTLEMENT_ROWS: Final = 4

# --- a bracket -----------------------------------------------------------------------------------
FLOOR: Final = 0
CAP: Final = 1
RATE: Final = 2
AMOUNT: Final = 3
LEVERAGE: Final = 4
KIND: Final = 5  # of the requirement, the same all along the row; see `kernels.margin`
SLOPE: Final = 6  # of the maintenance rate per coin
OPENING_SLOPE: Final = 7  # of the initial rate per coin
BRACKET_ROWS: Final = 8

COLLATERAL: Final = 0  # of an account: its asset
SELLS: Final = 1  # asset it sells to raise cash, -1 for none
SHARED: Final = 2  # 1 where it may hold more than its collateral: pledges, or legs paid in others
ACCOUNT_COLUMNS: Final = 3

# --- what an account holds beside its collateral: one row of `Fixed.pledges` an account ----------
PLEDGED: Final = 0  # amount at the start
HAIRCUT: Final = 1
GUIDE: Final = 2  # leg whose price it moves with inside a bar, -1 for none
PLEDGED_FROM_HOLDING: Final = 3
PLEDGE_ROWS: Final = 4

# --- what an instrument is: one row of `Fixed.contract` ------------------------------------------
INVERSE: Final = 0
LOT_SIZE: Final = 1  # base coin if linear, quote if inverse
MINIMUM: Final = 2  # smallest order, quote
ACCOUNT: Final = 3  # which account holds it
ASSET: Final = 4  # which asset it hedges
SETTLE: Final = 5  # which asset it pays in
METHOD: Final = 6  # of liquidation: FULL, STEP_DOWN, BANKRUPTCY or PARTIAL of `kernels.margin`
WORTH_POWER: Final = 7  # how the worth of its settle asset follows its price inside a bar
STEP: Final = 8  # PARTIAL: part closed at a time
STEP_ABOVE: Final = 9  # PARTIAL: worth, quote, below which all is closed
BACKSTOP: Final = 10  # fraction of maintenance below which equity goes with the position
CONTRACT_ROWS: Final = 11

# --- state of a leg ------------------------------------------------------------------------------
LOTS: Final = 0  # whole, signed
ENTRY: Final = 1  # average of fill prices
REFERENCE: Final = 2  # average of the prices before slippage
INDEX_ENTRY: Final = 3  # average of the index at the fills
PENDING: Final = 4  # lots ordered and not yet filled
LAST_TIME: Final = 5  # of the last fill, hours since 1970
LAST_PRICE: Final = 6
RESIDUAL: Final = 7  # wanted at the last decision and not ordered, base coin
WANTED: Final = 8  # notional asked for and not yet ordered, settle currency
GOAL: Final = 9  # the hedge that ratio and exposure ask for, base coin
EXPOSURE: Final = 10
LEG_ROWS: Final = 11

# --- state of an account -------------------------------------------------------------------------
WALLET: Final = 0
CASH: Final = 1  # reserve off the venue
LINE: Final = 2  # what may still be borrowed, or raised by selling coins
DEBT: Final = 3
TRANSIT: Final = 4  # > 0 on its way to the account, < 0 from it
ARRIVAL: Final = 5  # seconds since 1970
STAYED: Final = 6  # 1 once liquidated under "stay"
DRY: Final = 7  # 1 while a call stands that the reserve cannot meet
HEADROOM: Final = 8  # worst of the bar
ACCOUNT_ROWS: Final = 9

# --- state of an asset ---------------------------------------------------------------------------
HOLDING: Final = 0  # declared, less what was sold to raise cash
POCKET: Final = 1  # of it, what lies off the venue
HOLDING_COST: Final = 2  # worth of the holding when it came
BEYOND_COST: Final = 3  # worth of what is held beyond it when it came
DECLARED: Final = 4  # as if nothing had been sold: the unhedged book
DECLARED_COST: Final = 5
ASSET_ROWS: Final = 6

# --- state of a lane -----------------------------------------------------------------------------
REALISED_INDEX: Final = 0
REALISED_BASIS: Final = 1
FUNDING: Final = 2
FEES: Final = 3
SLIPPAGE: Final = 4
FINANCING: Final = 5
LIQUIDATION: Final = 6
STAKING: Final = 7  # part of financing that the unhedged book earns too
FLOWS: Final = 8
OPENING: Final = 9
TURNOVER: Final = 10
TRADES: Final = 11
TOP_UPS: Final = 12
WITHDRAWALS: Final = 13
LIQUIDATIONS: Final = 14
CAPPED: Final = 15
UNMET: Final = 16
SETTLEMENTS: Final = 17
RECEIVED: Final = 18
PAID: Final = 19
MIN_HEADROOM: Final = 20
PARTIAL: Final = 21
REHEDGES: Final = 22
DAYS: Final = 23
HEDGED: Final = 24  # cumulative P&L at the last day's end
UNHEDGED: Final = 25
HEDGED_MEAN: Final = 26  # of daily P&L, running (Welford)
HEDGED_SQUARES: Final = 27
UNHEDGED_MEAN: Final = 28
UNHEDGED_SQUARES: Final = 29
HEDGED_PEAK: Final = 30
HEDGED_DRAWDOWN: Final = 31
UNHEDGED_PEAK: Final = 32
UNHEDGED_DRAWDOWN: Final = 33
NAKED: Final = 34  # 1 from a liquidation until the next fill: counts re-hedges
DELEVERAGED: Final = 35
TOTAL_ROWS: Final = 36

# --- given numbers of a leg ----------------------------------------------------------------------
RATIO: Final = 0
VALUE_MODE: Final = 1
COOLDOWN: Final = 2  # hours
MINIMUM_TRADE: Final = 3  # quote
NAKED_LIMIT: Final = 4  # quote
MAX_LEVERAGE: Final = 5
FEE: Final = 6  # of a trade, fraction
LIQUIDATION_FEE: Final = 7
RULE: Final = 8  # the policy's own numbers from here on
LEG_NUMBERS: Final = RULE + RULE_SIZE

# --- given numbers of an account -----------------------------------------------------------------
DEPOSIT: Final = 0
RESERVE: Final = 1  # owned, lying ready
LIMIT: Final = 2  # may be borrowed or raised
LINE_KIND: Final = 3  # how: BORROWED or SOLD
TOP_UP_BELOW: Final = 4
TOP_UP_TO: Final = 5
WITHDRAW_ABOVE: Final = 6
WITHDRAW_TO: Final = 7
DELAY: Final = 8  # seconds
STAY: Final = 9  # after a liquidation
FROM_HOLDING: Final = 10  # 1 where deposit and reserve come out of the declared holding
DEPOSIT_KIND: Final = 11  # OWNED, BORROWED or SOLD
ACCOUNT_NUMBERS: Final = 12

OWNED: Final = 0
BORROWED: Final = 1
SOLD: Final = 2

# --- given numbers of a lane, after a row of holdings for each asset -----------------------------
HALF_SPREAD: Final = 0
IMPACT: Final = 1
LATENCY: Final = 2  # square root of the latency in seconds
SPOT_FEE: Final = 3
CASH_RATE: Final = 4
BORROW_RATE: Final = 5
STAKING_RATE: Final = 6
COMMON_NUMBERS: Final = 7

# --- when an order fills -------------------------------------------------------------------------
NEXT_OPEN: Final = 0
NEXT_MEAN: Final = 1
AT_CLOSE: Final = 2

# --- what a policy sees --------------------------------------------------------------------------
FIELDS: Final = len(STATE_FIELDS)
FAR: Final = 1e30

# --- one line of a recorded lane's events --------------------------------------------------------
EVENT_STEP: Final = 0
EVENT_PHASE: Final = 1  # 0 at the open, 1 inside, 2 at the close
EVENT_KIND: Final = 2
EVENT_LEG: Final = 3  # -1 where none
EVENT_POCKET: Final = 4  # account index; -1 holding
EVENT_QUANTITY: Final = 5
EVENT_PRICE: Final = 6
EVENT_CASH: Final = 7
EVENT_FEE: Final = 8
EVENT_REALISED: Final = 9
EVENT_WORTH: Final = 10  # of one unit of `cash`, in numeraire
EVENT_EXTRA: Final = 11  # settlement number, price source or asset
EVENT_COLUMNS: Final = 12

OVERDRAWN: Final = 3.0  # and the asset's number: extra of interest charged inside an account

# kinds, in the order of `ledger.EntryKind`
KIND_OPENING: Final = 0
KIND_FILL: Final = 1
KIND_FUNDING: Final = 2
KIND_LIQUIDATION: Final = 3
KIND_TOP_UP: Final = 4
KIND_WITHDRAWAL: Final = 5
KIND_ARRIVAL: Final = 6
KIND_INTEREST: Final = 7
KIND_STAKING: Final = 8
KIND_SALE: Final = 9
KIND_LOAN: Final = 10
KIND_FLOW: Final = 11
KIND_CONVERSION: Final = 12
KIND_DELEVERAGING: Final = 13
KIND_UNMET: Final = 14  # the last two are in no ledger
KIND_REJECT: Final = 15

# --- recorded series of a lane: parts first, then legs, then accounts ----------------------------
PARTS: Final = (
    "exposure",
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "financing",
    "collateral",
    "liquidation",
)
SERIES_WORTH: Final = 9
SERIES_FLOWS: Final = 10
SERIES_UNHEDGED: Final = 11
SERIES_HEAD: Final = 12
LEG_SERIES: Final = ("lots", "goal", "exposure", "residual", "headroom", "entry")
ACCOUNT_SERIES: Final = (
    "wallet",
    "unrealised",
    "maintenance",
    "cash",
    "line",
    "transit",
    "debt",
    "pledged",
)


class Shape(NamedTuple):
    """How many of everything, and the rows at which each block of the two tables begins."""

    legs: int
    accounts: int
    assets: int
    account_rows: int  # state: first row of accounts
    pledge_rows: int  # what accounts hold beside their collateral, account by account
    asset_rows: int
    total_rows: int
    state_rows: int
    account_numbers: int  # numbers: first row of accounts
    holding_numbers: int
    common_numbers: int
    number_rows: int


def shape(legs: int, accounts: int, assets: int) -> Shape:
    """Return the layout for so many legs, accounts and assets."""
    account_rows = legs * LEG_ROWS
    pledge_rows = account_rows + accounts * ACCOUNT_ROWS
    asset_rows = pledge_rows + accounts * assets
    total_rows = asset_rows + assets * ASSET_ROWS
    account_numbers = legs * LEG_NUMBERS
    holding_numbers = account_numbers + accounts * ACCOUNT_NUMBERS
    common_numbers = holding_numbers + assets
    return Shape(
        legs=legs,
        accounts=accounts,
        assets=assets,
        account_rows=account_rows,
        pledge_rows=pledge_rows,
        asset_rows=asset_rows,
        total_rows=total_rows,
        state_rows=total_rows + TOTAL_ROWS,
        account_numbers=account_numbers,
        holding_numbers=holding_numbers,
        common_numbers=common_numbers,
        number_rows=common_numbers + COMMON_NUMBERS,
    )
