"""Laws of margin: where an account dies, and that more cash never brings that nearer."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedgerow.margin.collateral import Collateral, HaircutTier
from hedgerow.margin.liquidation import frontier, liquidation_price, liquidation_prices
from hedgerow.margin.loss import isolated_loss
from hedgerow.margin.margin_account import MarginAccount, isolated
from hedgerow.margin.position import Position
from hedgerow.market.venue import LiquidationRule
from margin_makers import cash, found_by_bisection, moved, surplus, terms

METHODS = ("brackets", "entry_brackets", "size_tiers", "size_slope")
prices = st.floats(20_000.0, 90_000.0)
sides = st.sampled_from([1.0, -1.0])
coins = st.floats(0.01, 400.0)
leverages = st.floats(1.05, 40.0)
SCALE = 1e-9
CALM = settings(deadline=None, max_examples=60)  # the first call compiles


@st.composite
def positions(draw: st.DrawFn, asset: str = "BTC") -> Position:
    """Draw a position of any method, linear or inverse, with or without a closing fee."""
    inverse = draw(st.booleans())
    entry = draw(prices)
    held = terms(
        asset,
        draw(st.sampled_from(METHODS)),
        inverse=inverse,
        fee=0.0006,
        closing_fee=draw(st.sampled_from(["none", "price", "bankruptcy"])),
    )
    size = draw(sides) * draw(coins) * (entry if inverse else 1.0)
    return Position(terms=held, size=size, entry=entry, mark=entry * draw(st.floats(0.97, 1.03)))


@st.composite
def accounts(draw: st.DrawFn) -> MarginAccount:
    """Draw a cross account in dollars: two contracts, dollars and both coins behind them."""
    bitcoin, ether = draw(positions("BTC")), draw(positions("ETH"))
    worth = bitcoin.delta() * bitcoin.price, ether.delta() * ether.price
    gross = sum(map(abs, worth))
    haircut = (HaircutTier(cap=0.1 * gross, haircut=0.05), HaircutTier(cap=math.inf, haircut=0.2))
    held = (
        cash(gross * draw(st.floats(0.05, 1.0))),
        Collateral(
            asset="BTC",
            amount=draw(st.floats(0.0, 1.0)) * abs(bitcoin.delta()),
            price=bitcoin.price,
            haircut=haircut,
        ),
        Collateral(asset="ETH", amount=0.1, price=ether.price, shock=draw(st.floats(0.0, 0.1))),
    )
    return MarginAccount(positions=(bitcoin, ether), collaterals=held, unit="USDT")


@CALM
@given(held=positions(), leverage=leverages)
def test_at_its_liquidation_price_equity_is_the_requirement(
    held: Position, leverage: float
) -> None:
    assume(held.terms.closing_fee != "bankruptcy")
    account = isolated(held, held.notional(held.entry) / leverage)
    price = liquidation_price(account)
    assume(price is not None)
    assert price is not None
    there = moved(account, held.terms.symbol, price)
    assert surplus(there) == pytest.approx(0.0, abs=SCALE * there.notional)


@CALM
@given(account=accounts())
def test_in_a_cross_account_too_with_the_others_standing(account: MarginAccount) -> None:
    plain = all(held.terms.closing_fee != "bankruptcy" for held in account.positions)
    assume(plain)
    for found in liquidation_prices(account):
        if found.price is not None:
            there = moved(account, found.position.terms.symbol, found.price)
            assert surplus(there) == pytest.approx(0.0, abs=SCALE * account.notional)


@settings(deadline=None, max_examples=15)
@given(account=accounts())
def test_no_price_on_the_way_there_kills_it(account: MarginAccount) -> None:
    assume(surplus(account) > 0.0)
    assume(all(held.terms.closing_fee != "bankruptcy" for held in account.positions))
    for found in liquidation_prices(account):
        symbol = found.position.terms.symbol
        slow = found_by_bisection(account, symbol, up=found.position.side < 0.0)
        if slow is None:
            far = found.position.price * 1e5
            assert found.price is None or found.price > far or found.price < 1e-3
        else:
            assert found.price == pytest.approx(slow, rel=1e-7)


@CALM
@given(held=positions(), leverage=leverages, more=st.floats(0.0, 2.0))
def test_more_collateral_never_brings_it_nearer(
    held: Position, leverage: float, more: float
) -> None:
    deposit = held.notional(held.entry) / leverage
    near = liquidation_price(isolated(held, deposit))
    far = liquidation_price(isolated(held, deposit * (1.0 + more)))
    assume(near is not None)
    assert near is not None
    assert far is None or held.side * (near - far) >= -1e-9 * near


@CALM
@given(
    side=sides,
    entry=prices,
    size=coins,
    thin=st.floats(0.002, 0.02),
)
def test_inverse_and_linear_agree_to_first_order(
    side: float, entry: float, size: float, thin: float
) -> None:
    # Entry brackets: the requirement is the same share of the entry's worth in both.
    linear = Position(terms=terms(method="entry_brackets"), size=side * size, entry=entry)
    inverse = Position(
        terms=terms(method="entry_brackets", inverse=True), size=side * size * entry, entry=entry
    )
    found = [
        liquidation_price(isolated(held, held.maintenance() + thin * held.notional()))
        for held in (linear, inverse)
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert abs(found[0] - found[1]) <= 1.1 * entry * thin**2


@CALM
@given(
    held=positions(),
    leverage=leverages,
    move=st.floats(-0.9, 2.0),
    method=st.sampled_from(["full", "bankruptcy", "step_down"]),
)
def test_isolated_never_loses_more_than_its_deposit(
    held: Position, leverage: float, move: float, method: str
) -> None:
    deposit = held.notional(held.entry) / leverage
    rule = LiquidationRule(method=method, fee=terms().tiers[0].rate)
    lost = isolated_loss(held, deposit, held.entry * (1.0 + move), rule)
    assert 0.0 <= lost <= deposit


@CALM
@given(account=accounts())
def test_the_frontier_is_where_the_pair_dies(account: MarginAccount) -> None:
    assume(surplus(account) > 0.0)
    assume(all(held.terms.closing_fee != "bankruptcy" for held in account.positions))
    found = frontier(account, "BTC")
    symbol = account.positions[0].terms.symbol
    for price in (found.down, found.up):
        if price is not None:
            there = moved(account, symbol, price)
            assert surplus(there) == pytest.approx(0.0, abs=SCALE * account.notional)


def test_fifty_positions_each_die_where_bisection_says() -> None:
    random = np.random.default_rng(11)
    held = []
    for number in range(50):
        entry = float(random.uniform(0.1, 90_000.0))
        side = float(random.choice([-1.0, 1.0]))
        held.append(
            Position(
                terms=terms(f"C{number}", str(random.choice(METHODS))),
                size=side * float(random.uniform(1e4, 1e6)) / entry,
                entry=entry,
                mark=entry * float(random.uniform(0.95, 1.05)),
            )
        )
    bare = MarginAccount(positions=tuple(held), collaterals=(cash(0.0),), unit="USDT")
    enough = 200_000.0 - surplus(bare)
    account = MarginAccount(positions=tuple(held), collaterals=(cash(enough),), unit="USDT")
    checked = 0
    for found in liquidation_prices(account)[::7]:
        symbol, side = found.position.terms.symbol, found.position.side
        slow = found_by_bisection(account, symbol, up=side < 0.0)
        assert (found.price is None) == (slow is None)
        if found.price is not None:
            assert found.price == pytest.approx(slow, rel=1e-10)
            checked += 1
    assert checked > 3
