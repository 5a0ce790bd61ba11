"""Capital used and the returns on it, by arithmetic on the sample's own constants."""

from dataclasses import replace

import pytest

from hedgerow.analysis.capital import capital
from sample_run import DEPOSIT, HOLDING, RESERVE, sample_run

run = sample_run(days=73)  # a fifth of a year


def test_margin_capital_is_deposit_and_reserve_without_the_coins() -> None:
    found = capital(run)
    assert found.margin == DEPOSIT + RESERVE
    assert found.book == DEPOSIT + RESERVE + HOLDING * 42_000.0


def test_returns_of_a_fifth_of_a_year_are_annualised_fivefold() -> None:
    found = capital(run)
    assert found.total_return == pytest.approx(run.pnl.total / found.book)
    assert found.annual_return == pytest.approx(5.0 * found.total_return)
    assert found.turnover_a_year == pytest.approx(5.0 * run.turnover / found.book)


def test_carry_counts_what_holding_the_hedge_paid_and_cost() -> None:
    pnl = replace(run.pnl, funding=90.0, fees=-20.0, slippage=-10.0, financing=5.0)
    found = capital(replace(run, pnl=pnl))
    assert found.carry == 65.0
    assert found.carry_return == pytest.approx(5.0 * 65.0 / (DEPOSIT + RESERVE))
