"""Protocols: whole quantums, the premium on size, and pool positions."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.liquidation import liquidation_price
from hedgerow.margin.margin_account import isolated
from hedgerow.margin.position import Position
from hedgerow.margin.protocols.pool_position import PoolPosition
from hedgerow.margin.protocols.quantums import ChainMarket, Subaccount
from hedgerow.margin.protocols.size_premium import BASE, margin_ratio_units, size_premium_terms
from hedgerow.margin.terms import flat_terms

BITCOIN = ChainMarket(
    price=5_000_000_000,
    exponent=-5,
    atomic_resolution=-10,
    initial_ppm=50_000,
    maintenance_fraction_ppm=600_000,
)


def test_notionals_are_cut_towards_zero_on_both_sides() -> None:
    tiny = ChainMarket(price=3, exponent=0, atomic_resolution=-7)
    assert [tiny.net_notional(size) for size in (9, 4, -4, -9)] == [2, 1, -1, -2]


def test_margins_are_rounded_up() -> None:
    market = ChainMarket(
        price=1,
        exponent=0,
        atomic_resolution=-6,
        initial_ppm=333_333,
        maintenance_fraction_ppm=500_000,
    )
    assert market.initial(10) == 4
    assert market.maintenance(10) == 2


@given(
    size=st.integers(1, 10**12),
    closed=st.floats(0.01, 1.0),
    quote=st.integers(-(10**13), 10**13),
    short=st.booleans(),
)
def test_closing_at_the_bankruptcy_price_leaves_its_share(
    size: int, closed: float, quote: int, short: bool
) -> None:
    held = -size if short else size
    account = Subaccount(quote=quote, positions=((BITCOIN, held),))
    if account.maintenance == 0:
        return
    delta = -held if closed == 1.0 else -max(1, int(size * closed)) * (1 if held > 0 else -1)
    paid = account.bankruptcy_quote(0, delta)
    # What was left over, exactly, against what the whole numbers say: within one quantum.
    change = BITCOIN.net_notional(held + delta) - BITCOIN.net_notional(held)
    freed = BITCOIN.maintenance(held) - BITCOIN.maintenance(held + delta)
    exact = -change - Fraction(account.net_collateral * freed, account.maintenance)
    assert 0 <= paid - exact < 1


def test_the_fillable_price_falls_from_the_oracle_towards_bankruptcy() -> None:
    size = 10**10
    price = Fraction(BITCOIN.net_notional(size), size)
    found = []
    for equity in (1_500_000_000, 750_000_000, 0):
        account = Subaccount(quote=equity - 50_000_000_000, positions=((BITCOIN, size),))
        found.append(account.fillable_price(0))
    assert found[0] == price
    assert found[1] == price * (1 - Fraction(1, 2) * Fraction(3, 2) * Fraction(3, 100))
    assert found[2] == price * (1 - Fraction(3, 2) * Fraction(3, 100))


def test_a_change_that_does_not_reduce_is_refused() -> None:
    account = Subaccount(quote=0, positions=((BITCOIN, 10),))
    for delta in (5, -11, 0):
        with pytest.raises(ConfigError, match="does not reduce"):
            account.bankruptcy_quote(0, delta)


def test_a_subaccount_dies_where_the_float_formula_says() -> None:
    market = flat_terms(0.03, symbol="BTC/USDC:USDC")
    price = liquidation_price(isolated(Position(terms=market, size=-1.0, entry=50_000.0), 5_000.0))
    assert price is not None
    for shift, dead in ((-1, False), (1, True)):
        there = replace(BITCOIN, price=round(price * 1e5) + shift * 1_000)
        account = Subaccount(quote=55_000_000_000, positions=((there, -(10**10)),))
        assert account.liquidatable is dead


@given(coins=st.floats(0.001, 1e6), factor=st.integers(0, 5_000), ratio=st.integers(100, 5_000))
def test_the_size_premium_in_units_is_that_in_numbers(
    coins: float, factor: int, ratio: int
) -> None:
    units = margin_ratio_units(int(coins * BASE), factor, ratio)
    flat = flat_terms(ratio / 10_000, initial=2.0 * ratio / 10_000)
    rate = float(size_premium_terms(flat, coins, factor / 1e6).tiers[0].rate)
    assert units / 10_000 == pytest.approx(rate, abs=3e-4)


def test_a_pool_position_dies_where_its_collateral_is_too_little() -> None:
    coins = Collateral(asset="BTC", amount=0.1, price=50_000.0)
    long = PoolPosition(
        asset="BTC",
        size=50_000.0,
        entry=50_000.0,
        collateral=coins,
        fees=100.0,
        impact=-50.0,
    )
    price = long.liquidation_price
    # 0.1 P + (P - 50 000) - 150 = 500
    assert price is not None
    assert price == pytest.approx(50_650.0 / 1.1, rel=1e-12)
    assert long.is_liquidatable(price - 0.01)
    assert not long.is_liquidatable(price + 0.01)


def test_a_gain_by_impact_saves_no_pool_position() -> None:
    dollars = Collateral(asset="USDC", amount=600.0)
    held = PoolPosition(asset="BTC", size=50_000.0, entry=50_000.0, collateral=dollars)
    assert replace(held, impact=500.0).liquidation_price == held.liquidation_price
