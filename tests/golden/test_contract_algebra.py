"""The kernels against published numbers: profit, notional, liquidation price of single contracts.

The profits of the folder of cases, and a few accounts worked through by hand.

Sources: Binance support, "How to calculate liquidation price of USD-M futures contracts" (the
worked ETH and BTC account); Binance COIN-M REST API, position information (recorded sample);
freqtrade's test-suite, which quotes Binance's formula; BitMEX, perpetual contracts guide.
"""

import math

import numpy as np
import pytest
from golden_cases import Case, golden
from golden_positions import first_of, is_inverse, size_of

from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.funding import funding_cash
from hedgerow.kernels.margin import (
    NO_PLEDGES,
    Positions,
    Schedule,
    breach_fraction,
    liquidation_price,
    maintenance,
    surplus,
)


def one_bracket(rate: float, amount: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([rate]), np.array([amount])


@golden("perp_exchange_examples", lambda case: case.topic in {"pnl_linear", "pnl_inverse"})
def test_the_kernel_makes_the_published_profit(case: Case) -> None:
    entry, size = case.number("entry"), size_of(case.inputs)
    if "size_value_xbt" in case.inputs:
        size /= entry  # the value at the entry is given instead of the size
    out = first_of(case.inputs, ("exit", "mark"))
    assert out is not None
    case.check(position_pnl(size, entry, out, is_inverse(case)))


def test_binance_cross_account_of_two_longs() -> None:
    btc = 109.488 * (31_967.27 - 32_481.98) - (109.488 * 31_967.27 * 0.025 - 16_300.0)
    price = liquidation_price(
        3_683.979, 1_456.84, 1_535_443.01 + btc, False, one_bracket(0.1, 135_365.0)
    )
    assert round(price, 2) == 1_153.26


def test_binance_the_same_position_alone() -> None:
    price = liquidation_price(3_683.979, 1_456.84, 1_535_443.01, False, one_bracket(0.1, 135_365.0))
    assert round(price, 2) == 1_114.78


@pytest.mark.parametrize(
    ("size", "collateral", "expected"),
    [
        (-1.0, 2.0, 11.89108910891089),
        (-1.0, 3.3333333333, 13.211221122079207),
        (1.0, 2.0, 8.070707070707071),
    ],
)
def test_isolated_positions_as_freqtrade_quotes_binance(
    size: float, collateral: float, expected: float
) -> None:
    price = liquidation_price(size, 10.0, collateral, False, one_bracket(0.01, 0.01))
    assert price == pytest.approx(expected, rel=1e-12)


def test_binance_coin_margined_position_of_the_api_sample() -> None:
    price = liquidation_price(200.0, 37_643.10000021, 0.00268058, True, one_bracket(0.004, 0.0))
    assert price == pytest.approx(25_119.97445760, abs=2e-2)  # the wallet has eight digits
    assert notional(200.0, 38_103.05510455, True) == pytest.approx(0.00524892, abs=5e-9)
    profit = position_pnl(200.0, 37_643.10000021, 38_103.05510455, True)
    assert math.floor(profit * 1e8) == 6_413  # the venue cuts after the eighth digit


def test_bitmex_guide_funding_and_profit_of_15_000_contracts() -> None:
    assert funding_cash(15_000.0, 750.0, 0.0025, True) == pytest.approx(-0.05)
    assert position_pnl(15_000.0, 750.0, 800.0, True) == pytest.approx(1.25)


@pytest.mark.parametrize("out", [90_000.0, 30_000.0, 60_003.0])
def test_an_inverse_short_of_all_coins_locks_their_dollars(out: float) -> None:
    coins, entry = 2.0, 60_000.0
    worth = (coins + position_pnl(-coins * entry, entry, out, True)) * out
    assert worth == pytest.approx(coins * entry, rel=1e-13)


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("short", [False, True])
def test_at_its_liquidation_price_an_account_holds_just_its_maintenance(
    inverse: bool, short: bool
) -> None:
    rate = np.array([0.004, 0.005, 0.0065, 0.01])
    floor = np.array([0.0, 5e4, 6e5, 3e6]) / (40_000.0 if inverse else 1.0)
    amount = np.concatenate([[0.0], np.cumsum(floor[1:] * np.diff(rate))])
    size = (-1.0 if short else 1.0) * (3e6 if inverse else 75.0)
    cash = 15.0 if inverse else 600_000.0
    price = liquidation_price(size, 40_000.0, cash, inverse, (rate, amount))
    equity = cash + position_pnl(size, 40_000.0, price, inverse)
    required = maintenance(notional(size, price, inverse), rate, amount)
    assert equity == pytest.approx(required, rel=1e-9)
    # The search along a bar finds the same price.
    far = price * (1.3 if short else 0.7)
    positions = Positions(
        size=np.array([size]),
        entry=np.array([40_000.0]),
        start=np.array([40_000.0]),
        worst=np.array([far]),
        inverse=np.array([float(inverse)]),
    )
    none = np.zeros((1, len(rate)))
    schedule = Schedule(none, none, none, none, rate[np.newaxis], amount[np.newaxis])
    assert surplus(cash, 1.0, positions, schedule, NO_PLEDGES) < 0.0
    found = breach_fraction(cash, 0.0, positions, schedule, NO_PLEDGES)
    assert 40_000.0 + found * (far - 40_000.0) == pytest.approx(price, rel=1e-12)
