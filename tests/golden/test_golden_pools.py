"""Every case of liquidity in pools: holdings, greeks, losses, and Uniswap's whole numbers."""

import math
from decimal import Decimal

import pytest
from golden_cases import Case, cases, golden

from hedgerow.kernels import protocol_uniswap
from hedgerow.pricing.answers import Answer
from hedgerow.pricing.pools import expected_pool, pool, pool_liquidity, pool_loss

FILE = "amm_lp"


def is_liquidity(case: Case) -> bool:
    return "sqrtP" in case.inputs and "liquidity" not in case.inputs


def is_amounts(case: Case) -> bool:
    return "sqrtP" in case.inputs and "liquidity" in case.inputs


def is_range(case: Case) -> bool:
    return "Pa" in case.inputs


def is_loss(case: Case) -> bool:
    return "price_ratio" in case.inputs


def is_product(case: Case) -> bool:
    return {"P", "k"} <= set(case.inputs)


def is_static_hedge(case: Case) -> bool:
    return "R" in case.inputs


def is_expected(case: Case) -> bool:
    return "fee_apr" in case.inputs


def number(answer: Answer) -> float:
    assert isinstance(answer, float)
    return answer


def roots(case: Case) -> tuple[int, int, int]:
    now, lower, upper = (
        int(Decimal(str(case.inputs[key])) * protocol_uniswap.Q96)
        for key in ("sqrtP", "sqrtA", "sqrtB")
    )
    return now, lower, upper


@golden(FILE, is_liquidity)
def test_liquidity_is_cut_as_the_contracts_cut_it(case: Case) -> None:
    coin, cash = int(case.inputs["amount0"]), int(case.inputs["amount1"])
    found = protocol_uniswap.liquidity_of(*roots(case), coin, cash)
    assert found == int(case.expected["liquidity_floor"])
    now, lower, upper = (case.number(key) ** 2 for key in ("sqrtP", "sqrtA", "sqrtB"))
    uncut = pool_liquidity(now, coin, cash, lower=lower, upper=upper)
    assert math.floor(number(uncut.liquidity)) == found


@golden(FILE, is_amounts)
def test_amounts_are_cut_as_the_contracts_cut_them(case: Case) -> None:
    found = protocol_uniswap.amounts_of(*roots(case), int(case.inputs["liquidity"]))
    assert found == (int(case.expected["amount0_floor"]), int(case.expected["amount1_floor"]))


@golden(FILE, is_range)
def test_a_range_comes_out(case: Case) -> None:
    price, liquidity = case.number("P"), case.number("L")
    lower, upper = case.number("Pa"), case.number("Pb")
    found = pool(price, liquidity, lower=lower, upper=upper, volatility=0.8)
    for key, value in (
        ("amount0", found.coin),
        ("amount1", found.cash),
        ("value", found.value),
        ("delta", found.delta),
        ("gamma", found.gamma),
        ("lvr_per_year_sigma_0_8", found.loss_rate),
    ):
        case.check(number(value), key)
    for factor, wanted in case.expected["il_vs_hold"].items():
        lost = pool_loss(price, price * float(factor), liquidity, lower=lower, upper=upper)
        assert number(lost.fraction) == pytest.approx(float(wanted), rel=1e-12, abs=1e-14)


@golden(FILE, is_loss)
def test_the_loss_against_holding_comes_out(case: Case) -> None:
    case.check(number(pool_loss(1.0, case.number("price_ratio")).fraction))


@golden(FILE, is_product)
def test_a_pool_without_a_range_comes_out(case: Case) -> None:
    found = pool(case.number("P"), math.sqrt(case.number("k")), volatility=0.8)
    case.check(number(found.value), "value")
    case.check(number(found.delta), "delta")
    case.check(number(found.gamma), "gamma")
    case.check(-number(found.hedge()), "hedge_short_perp_coins")
    case.check(number(found.break_even_fee), "lvr_rate_sigma_0_8")


@golden(FILE, is_static_hedge)
def test_a_hedge_held_still_loses_what_holding_would_have_kept(case: Case) -> None:
    start = case.number("P0")
    found = pool_loss(start, start * case.number("R"), math.sqrt(case.number("k")))
    case.check(number(found.loss), "pnl")
    case.check(number(found.loss), "closed")


@golden(FILE, is_expected)
def test_the_loss_to_expect_comes_out(case: Case) -> None:
    worth, price = case.number("V0"), 3_000.0
    found = expected_pool(
        price, 0.5 * worth / math.sqrt(price), case.number("sigma"), case.number("T")
    )
    case.check(number(found.loss), "expected_lvr")
    case.check(number(found.break_even_fee), "breakeven_fee_apr")
    case.check(number(found.net(case.number("fee_apr"))), "net_expected")


def test_no_case_is_left_unanswered() -> None:
    kinds = (
        is_liquidity,
        is_amounts,
        is_range,
        is_loss,
        is_product,
        is_static_hedge,
        is_expected,
    )
    assert [case.id for case in cases(FILE) if sum(kind(case) for kind in kinds) != 1] == []
