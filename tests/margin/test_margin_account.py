"""An account: what it is worth, what it asks for, and when it dies."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.kernels.cross_margin import joint_exit
from hedgerow.kernels.margin import required
from hedgerow.kernels.plain import plain
from hedgerow.margin.collateral import Collateral, HaircutTier
from hedgerow.margin.dynamic import volatility_multiplier
from hedgerow.margin.liquidation import (
    Moving,
    bankruptcy_price,
    frontier,
    liquidation_price,
    liquidation_prices,
)
from hedgerow.margin.margin_account import MarginAccount, isolated
from hedgerow.margin.position import Position
from hedgerow.margin.rows import rows_of
from hedgerow.margin.terms import flat_terms
from margin_makers import cash, found_by_bisection, moved, short, surplus, terms

METHODS = ("brackets", "entry_brackets", "size_tiers", "size_slope")


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_rows_ask_for_what_the_rule_asks_for(method: str, inverse: bool) -> None:
    asked = terms(method=method, inverse=inverse)
    held = Position(terms=asked, size=-7_000_000.0 if inverse else -140.0, entry=50_000.0)
    for price in (20_000.0, 50_000.0, 90_000.0):
        account = isolated(held.at(price), 0.0)
        rows = rows_of(account, (0.0,))
        lines = rows.line_constant[0] + rows.line_slope[0] * price
        found = max(0.0, float(lines.max())) + rows.curve[0] / price
        rule = required(held.size, held.entry, price, inverse, asked.requirement)
        assert found == pytest.approx(rule * (price if inverse else 1.0), rel=1e-13)
        worth = rows.constant[0] + rows.slope[0] * price
        assert worth == pytest.approx(held.pnl(price) * (price if inverse else 1.0), rel=1e-12)


def test_the_bracket_is_the_one_at_the_liquidation_price() -> None:
    found = liquidation_prices(isolated(short(120.0), 6_500_000.0))[0]
    assert found.price is not None
    assert found.bracket is not None
    assert found.bracket != found.position.bracket()
    worth = found.position.notional(found.price)
    assert float(found.bracket.floor) < worth <= float(found.bracket.cap)


def test_a_short_backed_by_its_own_coins_cannot_be_liquidated_upwards() -> None:
    coins = Collateral(asset="BTC", amount=1.1, price=50_000.0)
    held = Position(terms=flat_terms(0.02), size=-1.0, entry=50_000.0)
    account = MarginAccount(positions=(held,), collaterals=(coins,))
    assert liquidation_price(account) is None
    haircut = replace(account, collaterals=(replace(coins, haircut=0.2),))
    price = liquidation_price(haircut)
    # 1.1 * 0.8 P - (P - 50 000) = 0.02 P
    assert price == pytest.approx(50_000.0 / (1.02 - 0.88), rel=1e-12)


def test_a_fully_collateralised_inverse_short_has_no_liquidation_price() -> None:
    held = Position(terms=terms(inverse=True), size=-50_000.0, entry=50_000.0)
    found = liquidation_prices(isolated(held, 1.0))[0]
    assert (found.price, found.bankruptcy, found.bracket, found.distance) == (None,) * 4


def test_long_and_short_of_one_contract_share_a_liquidation_price() -> None:
    long = Position(terms=terms(), size=3.0, entry=50_000.0, label="long")
    hedge = Position(terms=terms(), size=-1.0, entry=52_000.0, mark=50_000.0, label="short")
    account = MarginAccount(positions=(long, hedge), collaterals=(cash(30_000.0),))
    first, second = liquidation_prices(account)
    assert first.price == second.price
    assert first.price is not None
    assert first.price < 50_000.0
    assert surplus(moved(account, "BTC/USDT:USDT", first.price)) == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(ConfigError, match="one-way mode"):
        replace(account, hedge_mode=False)


@pytest.mark.parametrize("size", [0.999, 1.0, 1.001, 2.0])
@pytest.mark.parametrize("moving", ["alone", "asset", "all"])
def test_each_leg_of_a_pair_dies_on_its_own_side_or_else_on_the_other(
    size: float, moving: Moving
) -> None:
    long = Position(terms=terms(), size=size, entry=50_000.0, label="long")
    hedge = Position(terms=terms(), size=-1.0, entry=50_000.0, label="short")
    account = MarginAccount(positions=(long, hedge), collaterals=(cash(1_000.0),))
    down, up = (found_by_bisection(account, "BTC/USDT:USDT", way) for way in (False, True))
    own = {1.0: down if down is not None else up, -1.0: up if up is not None else down}
    edge = frontier(account, "BTC")
    assert edge.down == (None if down is None else pytest.approx(down, rel=1e-9))
    assert edge.up == (None if up is None else pytest.approx(up, rel=1e-9))
    for leg in liquidation_prices(account, moving):
        assert leg.price == pytest.approx(own[leg.position.side], rel=1e-9)
        assert leg.price is not None
        assert leg.distance == pytest.approx(abs(leg.price / 50_000.0 - 1.0))
        assert leg.hurts == (1.0 if leg.price < 50_000.0 else -1.0)


def test_a_short_with_many_coins_behind_it_and_a_debt_dies_on_a_fall() -> None:
    coins = Collateral(asset="BTC", amount=3.0, price=50_000.0)
    account = MarginAccount(
        positions=(Position(terms=flat_terms(0.02), size=-1.0, entry=50_000.0),),
        collaterals=(coins, cash(-110_000.0)),
    )
    (found,) = liquidation_prices(account)
    # 3 P - 110 000 - (P - 50 000) = 0.02 P, and bankrupt at 2 P = 60 000
    assert found.price == pytest.approx(60_000.0 / 1.98, rel=1e-12)
    assert found.price == pytest.approx(frontier(account, "BTC").down, rel=1e-12)
    assert found.bankruptcy == pytest.approx(30_000.0, rel=1e-12)


def test_bankruptcy_lies_on_the_side_of_the_liquidation() -> None:
    rising = Position(terms=terms(), size=1.01, entry=50_000.0, label="long")
    account = MarginAccount(
        positions=(rising, short(1.0, label="short")), collaterals=(cash(450.0),)
    )
    long_leg, short_leg = liquidation_prices(account)
    # 450 + 0.01 (P - 50 000) = 0, or 0.004 * 2.01 P in the first bracket
    assert long_leg.bankruptcy == pytest.approx(5_000.0, rel=1e-12)
    assert long_leg.price == pytest.approx(50.0 / 0.00196, rel=1e-12)
    assert short_leg.price is not None
    assert short_leg.price > 50_000.0
    assert short_leg.bankruptcy is None  # equity only grows on that side


def test_others_that_move_along_bring_it_nearer() -> None:
    bitcoin = Position(terms=terms("BTC"), size=-1.0, entry=50_000.0)
    ether = Position(terms=terms("ETH"), size=-10.0, entry=3_000.0)
    account = MarginAccount(positions=(bitcoin, ether), collaterals=(cash(20_000.0),))
    alone = liquidation_price(account)
    together = liquidation_price(account, "all")
    lively = liquidation_price(account, {"BTC": 1.0, "ETH": 1.5})
    assert alone is not None
    assert together is not None
    assert lively is not None
    assert 50_000.0 < lively < together < alone
    move = lively / 50_000.0 - 1.0
    there = account.marked(
        {"BTC/USDT:USDT": lively, "ETH/USDT:USDT": 3_000.0 * (1.0 + 1.5 * move)}, {}
    )
    assert surplus(there) == pytest.approx(0.0, abs=1e-6)
    assert liquidation_price(account, "asset") == pytest.approx(alone, rel=1e-12)


def test_the_frontier_of_a_hedged_pair_counts_coins_only_where_they_are_collateral() -> None:
    held = Position(terms=flat_terms(0.01), size=-1.0, entry=50_000.0)
    off = frontier(isolated(held, 10_000.0), "BTC")
    assert off.up == pytest.approx(60_000.0 / 1.01, rel=1e-12)
    assert off.down is None
    coins = Collateral(asset="BTC", amount=1.0, price=50_000.0, haircut=0.1)
    inside = frontier(MarginAccount(positions=(held,), collaterals=(coins,)), "BTC")
    assert inside.up == pytest.approx(50_000.0 / 0.11, rel=1e-12)
    levered = Position(terms=flat_terms(0.01), size=1.0, entry=50_000.0)
    both = MarginAccount(positions=(levered,), collaterals=(coins,))
    down = frontier(both, "BTC").down
    assert down == pytest.approx(50_000.0 / 1.89, rel=1e-12)


def test_an_account_below_its_requirement_says_where_it_would_live() -> None:
    account = isolated(short(1.0).at(60_000.0), 5_000.0)
    assert account.headroom < 0.0
    found = liquidation_prices(account)[0]
    assert found.price is not None
    assert found.price < 60_000.0
    assert found.distance is not None
    assert found.distance < 0.0
    assert surplus(moved(account, "BTC/USDT:USDT", found.price)) == pytest.approx(0.0, abs=1e-6)


def test_the_closing_fee_may_stand_in_the_requirement() -> None:
    plain = flat_terms(0.01)
    with_fee = replace(plain, taker_fee=0.001, closing_fee="price")
    held = Position(terms=with_fee, size=1.0, entry=100.0)
    assert liquidation_price(isolated(held, 20.0)) == pytest.approx(80.0 / (1.0 - 0.011))
    assert bankruptcy_price(isolated(held, 20.0)) == pytest.approx(80.0)
    bust = replace(held, terms=replace(plain, taker_fee=0.001, closing_fee="bankruptcy"))
    assert bankruptcy_price(isolated(bust, 20.0)) == pytest.approx(80.0 / 0.999)
    fee = 0.001 * 80.0 / 0.999
    assert liquidation_price(isolated(bust, 20.0)) == pytest.approx((80.0 + fee) / 0.99)


def test_a_multiplier_brings_liquidation_nearer() -> None:
    calm = isolated(short(10.0), 100_000.0)
    nervous = replace(calm, multiplier=volatility_multiplier(1.2, 0.6))
    assert nervous.maintenance == 2.0 * calm.maintenance
    near, far = liquidation_price(nervous), liquidation_price(calm)
    assert near is not None
    assert far is not None
    assert near < far
    there = moved(nervous, "BTC/USDT:USDT", near)
    assert surplus(there) == pytest.approx(0.0, abs=1e-6)


def test_a_stablecoin_off_its_peg_counts_for_less() -> None:
    dollars = Collateral(asset="USDE", amount=1_000.0, shock=0.03, haircut=0.1)
    assert dollars.worth() == 970.0
    assert dollars.counted() == 873.0


def test_haircuts_rise_with_the_holding() -> None:
    parts = (HaircutTier(cap=1_000.0, haircut=0.0), HaircutTier(cap=math.inf, haircut=0.5))
    coins = Collateral(asset="ETH", amount=1.0, price=3_000.0, haircut=parts)
    assert coins.counted() == 2_000.0
    assert coins.counted(500.0) == 500.0
    debt = Collateral(asset="USDT", amount=-100.0, haircut=0.2)
    assert debt.counted() == -100.0


def test_an_account_in_coin_values_dollars_at_the_price_that_moves() -> None:
    held = Position(terms=flat_terms(0.01, symbol="BTC/USD:BTC"), size=50_000.0, entry=50_000.0)
    dollars = Collateral(asset="USDT", amount=20_000.0)
    account = MarginAccount(positions=(held,), collaterals=(dollars,))
    assert account.unit == "BTC"
    assert account.equity == pytest.approx(0.4)
    # 20 000 + 50 000 (P / 50 000 - 1) = 0.01 * 50 000
    assert liquidation_price(account) == pytest.approx(30_500.0, rel=1e-12)


def test_what_another_contract_made_in_coin_moves_with_the_coin() -> None:
    held = Position(terms=flat_terms(0.01, symbol="BTC/USD:BTC"), size=50_000.0, entry=50_000.0)
    other = replace(flat_terms(0.01, symbol="BTC/USDT:BTC"), settle="BTC", inverse=True)
    dated = Position(terms=other, size=-20_000.0, entry=40_000.0, mark=50_000.0)
    wallet = Collateral(asset="BTC", amount=1.0, price=50_000.0)
    account = MarginAccount(positions=(held, dated), collaterals=(wallet,))
    price = liquidation_prices(account)[0].price
    assert price is not None
    left = 1.0 + dated.pnl() - dated.maintenance()
    assert left + held.pnl(price) == pytest.approx(held.maintenance(price), rel=1e-12)


def test_a_quanto_contract_is_linear_in_its_coin() -> None:
    ether = flat_terms(0.01, symbol="ETH/USD:ETH")
    quanto = replace(ether, symbol="ETH/USD:BTC", settle="BTC", inverse=False)
    held = Position(terms=quanto, size=-10_000.0 * 1e-6, entry=2_500.0)
    account = isolated(held, 5.0)
    assert account.unit == "BTC"
    assert held.notional() == 25.0
    assert liquidation_price(account) == pytest.approx(2_500.0 * 1.2 / 1.01, rel=1e-12)


def test_contradictions_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="two marks"):
        MarginAccount(
            positions=(short(1.0, label="a"), short(1.0, label="b").at(51_000.0)),
            collaterals=(cash(1.0),),
        )
    with pytest.raises(ConfigError, match="given twice"):
        MarginAccount(positions=(short(1.0), short(2.0)), collaterals=(cash(1.0),))
    inverse = Position(terms=terms("ETH", inverse=True), size=1.0, entry=3_000.0)
    with pytest.raises(ConfigError, match=r"say with `unit`"):
        MarginAccount(positions=(short(1.0), inverse), collaterals=(cash(1.0),))
    with pytest.raises(ConfigError, match=r"haircut = 1\.5"):
        Collateral(asset="BTC", amount=1.0, price=1.0, haircut=1.5)
    with pytest.raises(ConfigError, match="must rise"):
        Collateral(asset="BTC", amount=1.0, haircut=(HaircutTier(cap=1.0, haircut=0.1),))
    with pytest.raises(ConfigError, match="entry = nan"):
        Position(terms=terms(), size=1.0, entry=math.nan)
    with pytest.raises(ConfigError, match="there is no margin tier"):
        replace(terms(), tiers=())
    with pytest.raises(ConfigError, match="realised = nan"):
        volatility_multiplier(math.nan, 0.5)


def test_a_flat_position_is_never_liquidated() -> None:
    flat = Position(terms=terms(), size=0.0, entry=50_000.0)
    account = MarginAccount(positions=(flat, short(1.0, label="x")), collaterals=(cash(9_000.0),))
    assert liquidation_prices(account)[0].price is None
    assert account.maintenance == short(1.0).maintenance()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_compiled_and_plain_find_the_same_exit(sign: float) -> None:
    for size in (-30.0, 30.0):
        account = MarginAccount(
            positions=(
                Position(terms=terms(), size=size, entry=50_000.0),
                Position(terms=terms(inverse=True), size=-2e5, entry=50_000.0),
            ),
            collaterals=(cash(200_000.0),),
            unit="USDT",
        )
        rows = rows_of(account, (0.0, 0.0))
        beta = np.array([1.0, 1.0, 0.0])
        compiled, slow = joint_exit(rows, beta, sign), plain(joint_exit)(rows, beta, sign)
        assert compiled == slow or (math.isnan(compiled) and math.isnan(slow))


def test_every_step_of_the_price_keeps_its_sign() -> None:
    account = isolated(short(30.0), 300_000.0)
    price = liquidation_price(account)
    assert price is not None
    for mark in np.linspace(1_000.0, 2.0 * price, 300):
        alive = surplus(moved(account, "BTC/USDT:USDT", float(mark))) >= 0.0
        assert alive == (mark <= price)
