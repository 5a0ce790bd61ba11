"""A market on one clock, and what is fixed about the contracts, as both engines read them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Tape(NamedTuple):
    """What happens, bar by bar; `width` is 1 where lanes share prices, else one a lane.

    Columns and rows are named in `layout`.

    Attributes
    ----------
    clock
        Open instant, first settlement, first flow and day's end of each bar, and a last row that
        ends the ranges, ``(steps + 1, CLOCK_COLUMNS)``.
    step
        Length of a bar, nanoseconds.
    prices
        ``(steps, instruments * PRICE_ROWS, width)``; holes hold the last known price.
    worth
        Of one unit of each asset in numeraire, ``(steps, assets * WORTH_ROWS, width)``.
    settlements
        In time order, ``(settlements, SETTLEMENT_ROWS, width)``.
    flows
        Asset and amount of what comes into the holding at a bar's open, ``(flows, 2)``.
    """

    clock: Integers
    step: int
    prices: Floats
    worth: Floats
    settlements: Floats
    flows: Floats


class Fixed(NamedTuple):
    """What is the same in every lane: contracts, brackets, accounts and how orders fill.

    Attributes
    ----------
    contract
        One row an instrument, ``(instruments, CONTRACT_ROWS)``.
    brackets
        Maintenance schedule, ``(instruments, BRACKET_ROWS, tiers)``, in settle currency; padded
        with cap 0, rate 0 and amount +inf.
    accounts
        Collateral, the asset sold to raise cash, and whether it is shared,
        ``(accounts, ACCOUNT_COLUMNS)``.
    pledges
        What backs accounts beside their collateral, ``(accounts, PLEDGE_ROWS, assets)``.
    is_cash
        1 for money, 0 for coins, ``(assets,)``.
    coin
        Asset that is the numeraire, -1 where that is money.
    fill
        NEXT_OPEN, NEXT_MEAN or AT_CLOSE.
    maker
        Orders rest and fill only if traded through.
    checked
        Whether margin is watched at all (peers in benchmarks cannot).
    needs
        Bit f is set where the policy reads state field f.
    """

    contract: Floats
    brackets: Floats
    accounts: Integers
    pledges: Floats
    is_cash: Integers
    coin: int
    fill: int
    maker: bool
    checked: bool
    needs: int
