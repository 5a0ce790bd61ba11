"""What a policy may look at: named numbers of one hedging leg at the close of a bar."""

from typing import Final

STATE_FIELDS: Final = (
    "time",  # hours since 1970-01-01 UTC
    "exposure",  # base coin, the hedge not counted
    "goal",  # the hedge that ratio and exposure ask for, base coin
    "held",  # position with orders not yet filled, base coin, long > 0
    "spot",  # index, quote per base
    "mark",
    "basis",  # mark - spot
    "last_time",  # of the last fill, hours since 1970; -1e30 before the first
    "last_price",  # of the last fill; 0 before the first
    "volatility",  # yearly
    "headroom",  # of the account, fraction of notional; 1e30 when flat
    "funding",  # predicted rate of the running interval; > 0: longs pay
    "interval",  # its hours
    "years",  # to the nearest expiry of the book; 1e30 without options
    "gamma",  # of the book, base coin per quote/base
    "vega",  # quote per 1.00 of volatility
    "theta",  # quote per year
)
MEMORY_SLOTS: Final = 4
RULE_SIZE: Final = 12
