"""What opening takes: leverage, brackets, open interest, and the largest position."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.margin.bracket_table import tiers_of
from hedgerow.margin.initial import (
    initial_margin,
    largest_size,
    least_rate,
    open_interest_rate,
)
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms, terms_of
from hedgerow.market.tables import contract_rules
from hedgerow.market.venue import MarginRule
from margin_makers import short, terms


def test_without_a_chosen_leverage_the_bracket_says_it() -> None:
    assert initial_margin(short(1.0)) == pytest.approx(50_000.0 / 125.0)
    assert initial_margin(short(20.0)) == pytest.approx(1_000_000.0 * 2.0 * 0.0065)


def test_leverage_beyond_the_bracket_is_refused_with_the_highest() -> None:
    with pytest.raises(ConfigError, match=r"leverage 120 is beyond the 76.92"):
        initial_margin(short(20.0, leverage=120.0))
    assert initial_margin(short(20.0, leverage=50.0)) == 20_000.0


def test_a_position_beyond_the_last_bracket_is_refused() -> None:
    tiers = terms().tiers
    ending = replace(terms(), tiers=(*tiers[:-1], replace(tiers[-1], cap=Decimal(20_000_000))))
    with pytest.raises(ConfigError, match="larger than the venue's last bracket"):
        least_rate(ending, 1_000.0, 50_000.0)


def test_open_interest_raises_the_initial_rate_to_one() -> None:
    rule = MarginRule(open_interest_lower=Decimal(20), open_interest_upper=Decimal(60))
    market = replace(flat_terms(0.03, initial=0.05), rule=rule)
    found = [least_rate(market, 1.0, 1.0, interest) for interest in (0.0, 20.0, 40.0, 60.0, 99.0)]
    assert found == pytest.approx([0.05, 0.05, 0.525, 1.0, 1.0])
    assert least_rate(market, 1.0, 1.0) == pytest.approx(0.05)
    assert open_interest_rate(0.05, 99.0, 0.0, 0.0) == 0.05


def test_the_rate_rises_with_size_at_deribit() -> None:
    # Deribit, "Linear USDC perpetual": 25 BTC at 100 000 ask for 53 125 and 28 125.
    rule = MarginRule(
        method="size_slope", slope=Decimal("0.00005"), initial_slope=Decimal("0.00005")
    )
    market = replace(flat_terms(0.01, initial=0.02), rule=rule)
    held = Position(terms=market, size=25.0, entry=100_000.0)
    assert initial_margin(held) == pytest.approx(53_125.0)
    assert held.maintenance() == pytest.approx(28_125.0)


@pytest.mark.parametrize("equity", [100.0, 400.0, 3_000.0, 60_000.0, 5e6])
def test_the_largest_position_is_the_one_that_equity_just_opens(equity: float) -> None:
    market = terms()
    size = largest_size(market, equity, 50_000.0)
    grid = np.linspace(0.0, 130.0 * equity, 4_001)[1:] / 50_000.0
    opened = [
        one for one in grid.tolist() if least_rate(market, one, 50_000.0) * one * 50_000.0 <= equity
    ]
    assert max(opened) <= size <= max(opened) + grid[0]
    assert initial_margin(short(size)) <= equity * (1.0 + 1e-12)


@pytest.mark.parametrize("inverse", [False, True])
def test_the_largest_position_on_a_slope_uses_all_equity(inverse: bool) -> None:
    rule = MarginRule(method="size_slope", initial_slope=Decimal("0.00005"))
    symbol = "BTC/USD:BTC" if inverse else "BTC/USDC:USDC"
    market = replace(
        flat_terms(0.01, symbol=symbol, initial=0.02), rule=rule, tiers=tiers_of([0.0], [0.01])
    )
    equity = 2.0 if inverse else 100_000.0
    size = largest_size(market, equity, 50_000.0)
    held = Position(terms=market, size=-size, entry=50_000.0)
    assert initial_margin(held) == pytest.approx(equity, rel=1e-12)
    limited = largest_size(market, equity, 50_000.0, leverage=3.0)
    worth = limited / 50_000.0 if inverse else limited * 50_000.0
    assert worth == pytest.approx(3.0 * equity)


def test_nothing_can_be_opened_with_nothing() -> None:
    assert largest_size(terms(), 0.0, 50_000.0) == 0.0


def test_the_largest_size_shrinks_as_open_interest_grows() -> None:
    """At the middle of the range a rate of 5 % is 52.5 %: a deposit opens that much less."""
    rules = contract_rules("dydx", "SOL/USDC:USDC", date(2026, 8, 1))
    terms = terms_of(rules)
    free = largest_size(terms, 10_000.0, 150.0)
    crowded = largest_size(terms, 10_000.0, 150.0, open_interest=70e6)
    assert free == pytest.approx(10_000.0 / (0.05 * 150.0))
    assert crowded == pytest.approx(10_000.0 / (0.525 * 150.0))
    full = largest_size(terms, 10_000.0, 150.0, open_interest=200e6)
    assert full == pytest.approx(10_000.0 / 150.0)
