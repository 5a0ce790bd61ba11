"""A market on one clock, as both engines read it: bars, settlements, flows."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.int8]


class Tape(NamedTuple):
    """What happens, step by step; `width` is 1 where lanes share prices, else one a lane.

    Attributes
    ----------
    time
        Open instants of the bars, UTC nanoseconds, ``(steps,)``.
    step
        Length of a bar, nanoseconds.
    prices
        ``(steps, instruments * PRICE_ROWS, width)``; holes hold the last known price.
    worth
        Of one unit of each asset in numeraire, ``(steps, assets * WORTH_ROWS, width)``.
    status
        Whether orders fill in the bar, ``(steps, instruments)``.
    price_source
        Where the margin prices come from: 0 mark, 1 last within a coarser mark, 2 last.
    settlement_offset, settlement_leg, settlement_inside
        Settlements of step ``t`` are rows ``offset[t]`` to ``offset[t + 1]``, in time order; those
        not inside fall on the open instant.
    settlements
        Rate and price of each, ``(settlements, 2, width)``.
    flow_offset, flow_asset, flow_amount
        What comes into the holding from outside at the open of step ``t``, in the same way.
    day_end
        1 where the bar's close ends a UTC day or the run.
    """

    time: Integers
    step: int
    prices: Floats
    worth: Floats
    status: Bytes
    price_source: Bytes
    settlement_offset: Integers
    settlement_leg: Integers
    settlement_inside: Bytes
    settlements: Floats
    flow_offset: Integers
    flow_asset: Integers
    flow_amount: Floats
    day_end: Bytes


class Fixed(NamedTuple):
    """What is the same in every lane: contracts, brackets, accounts and how orders fill.

    Attributes
    ----------
    contract
        One row an instrument: see `layout`, ``(instruments, CONTRACT_ROWS)``.
    floor, cap, rate, amount, leverage
        Maintenance brackets, ``(instruments, tiers)``, in settle currency.
    collateral
        Asset of each account, ``(accounts,)``.
    sells
        Asset that an account sells to raise cash, -1 for none, ``(accounts,)``.
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
    floor: Floats
    cap: Floats
    rate: Floats
    amount: Floats
    leverage: Floats
    collateral: Integers
    sells: Integers
    is_cash: Bytes
    coin: int
    fill: int
    maker: bool
    checked: bool
    needs: int
