"""Position arithmetic against exact fractions and the exchanges' own worked examples.

Sources of the examples: Bybit help centre, "Profit & Loss calculations (Inverse Contracts)" and
"P&L calculations (USDT Contract)", average entry; Bybit help centre, "Maintenance Margin (USDT
Contract)", a position of 3 500 over marginal brackets.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kernels.contract import after_fill, average_entry, position_pnl
from hedgerow.kernels.margin import (
    BRACKETS,
    Opening,
    affordable_notional,
    lots_after_step_down,
    maintenance,
)
from hedgerow.kernels.sizing import is_lot_away, order_lots

prices = st.floats(1.0, 1e5)
lots = st.integers(-500, 500)


@pytest.mark.parametrize(
    ("fills", "inverse", "expected"),
    [
        (((1_000.0, 5_000.0), (2_000.0, 6_000.0)), True, 5_625.0),
        (((0.5, 5_000.0), (0.3, 6_000.0)), False, 5_375.0),
    ],
)
def test_average_entries_as_bybit_works_them_out(
    fills: tuple[tuple[float, float], ...], inverse: bool, expected: float
) -> None:
    (size, entry), (added, price) = fills
    assert average_entry(size, entry, added, price, inverse) == pytest.approx(expected, rel=1e-14)


def test_maintenance_over_marginal_brackets_as_bybit_works_it_out() -> None:
    rate = np.array([0.02, 0.025, 0.03, 0.035, 0.04])
    floor = np.array([0.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0])
    amount = np.concatenate([[0.0], np.cumsum(floor[1:] * np.diff(rate))])
    assert maintenance(3_500.0, rate, amount) == pytest.approx(92.5, rel=1e-14)


def exact_profit(size: Fraction, entry: Fraction, price: Fraction, *, inverse: bool) -> Fraction:
    return size * (1 / entry - 1 / price) if inverse else size * (price - entry)


@given(trades=st.lists(st.tuples(lots, prices), min_size=1, max_size=8), inverse=st.booleans())
def test_realised_and_open_profit_are_the_cash_of_all_trades(
    trades: list[tuple[int, float]], inverse: bool
) -> None:
    """However fills are netted, the total equals each trade held on its own to the last price."""
    size, entry, realised = 0.0, 1.0, 0.0
    for traded, price in trades:
        filled = after_fill(size, entry, float(traded), price, inverse)
        size, entry, realised = size + traded, filled.entry, realised + filled.realised
    last = trades[-1][1]
    alone = [
        exact_profit(Fraction(traded), Fraction(price), Fraction(last), inverse=inverse)
        for traded, price in trades
    ]
    scale = sum(
        abs(traded) * (1.0 / min(price, last) if inverse else max(price, last))
        for traded, price in trades
    )
    found = realised + position_pnl(size, entry, last, inverse)
    assert found == pytest.approx(float(sum(alone)), rel=1e-12, abs=1e-12 * max(scale, 1e-9))


@given(target=st.floats(-1e3, 1e3), held=lots, price=prices, inverse=st.booleans())
def test_an_order_never_trades_more_than_asked_and_leaves_less_than_a_lot(
    target: float, held: int, price: float, inverse: bool
) -> None:
    lot = 10.0 if inverse else 0.001
    order = order_lots(target, float(held), lot, price, inverse)
    wanted = Fraction(target) * (Fraction(price) if inverse else 1) / Fraction(lot) - held
    crumb = 1e-9 + 1e-12 * abs(float(wanted)) + 1e-12 * abs(held)
    assert order == int(order)
    assert abs(order) <= abs(float(wanted)) + crumb
    assert abs(float(wanted) - order) < 1.0 + crumb


@given(target=st.floats(-1e3, 1e3), held=st.integers(-5_000, 5_000), price=prices)
def test_less_than_a_lot_away_means_no_order(target: float, held: int, price: float) -> None:
    lot = 0.001
    if not is_lot_away(target, held * lot, lot, price, False):
        assert abs(order_lots(target, float(held), lot, price, False)) <= 1.0


@given(held=st.integers(1, 10_000), price=prices, lower=st.floats(1.0, 1e6), short=st.booleans())
def test_a_step_down_fits_the_lower_bracket_and_always_closes_something(
    held: int, price: float, lower: float, short: bool
) -> None:
    signed = -float(held) if short else float(held)
    left = lots_after_step_down(signed, 0.001, price, False, lower)
    assert abs(left) < held
    assert left * signed >= 0.0
    assert abs(left) * 0.001 * price <= lower * (1.0 + 1e-12)


@given(equity=st.floats(1.0, 1e7), limit=st.floats(0.5, 150.0))
def test_what_is_affordable_obeys_the_leverage_of_its_bracket(equity: float, limit: float) -> None:
    floor = np.array([0.0, 5e4, 6e5])
    cap = np.array([5e4, 6e5, 3e6])
    leverage = np.array([125.0, 100.0, 20.0])
    most = affordable_notional(
        equity, 50_000.0, False, Opening(BRACKETS, 0.0, floor, cap, leverage, limit)
    )
    tier = int(np.searchsorted(cap, most))
    assert most <= equity * min(leverage[tier], limit) * (1.0 + 1e-12)
    assert most <= cap[-1]
