"""The numbers that kernels take are the venue's: checked against the venues' own examples."""

from datetime import date

import pytest

from hedgerow.errors import ConfigError
from hedgerow.kernels.margin import required
from hedgerow.market.requirement import initial_rate, requirement_of, tier_of
from hedgerow.market.tables import contract_rules
from hedgerow.market.venue import ContractRules

DAY = date(2026, 11, 22)


def rules(venue: str, symbol: str) -> ContractRules:
    return contract_rules(venue, symbol, DAY)


@pytest.mark.parametrize(
    ("symbol", "coins", "price", "initial", "maintenance"),
    [
        ("BTC/USDC:USDC", 25.0, 100_000.0, 53_125.0, 28_125.0),
        ("SOL/USDC:USDC", 25.0, 200.0, 200.625, 100.625),
    ],
)
def test_deribit_examples_of_linear_margin(
    symbol: str, coins: float, price: float, initial: float, maintenance: float
) -> None:
    # Deribit support, article 25944738177565, worked examples of initial margin.
    found = rules("deribit", symbol)
    asked = required(coins, price, price, False, requirement_of(found))
    assert initial_rate(found, -coins, price) * coins * price == pytest.approx(initial, rel=1e-12)
    assert asked == pytest.approx(maintenance, rel=1e-12)


def test_deribit_margin_of_an_inverse_position_is_in_coin() -> None:
    found = rules("deribit", "BTC/USD:BTC")
    face, price = 100.0 * 50_000.0, 50_000.0  # 100 BTC: 1 % + 100 x 0.005 % = 1.5 %
    asked = required(face, price, price, True, requirement_of(found))
    assert asked == pytest.approx(1.5, rel=1e-12)
    assert initial_rate(found, face, price) == pytest.approx(0.025, rel=1e-12)


def test_okx_brackets_go_by_coins_and_count_the_closing_fee() -> None:
    found = rules("okx", "BTC/USDT:USDT")
    tier = tier_of(found, -120.0, 50_000.0)
    assert str(tier.rate) == "0.0075"  # 12 000 contracts of 0.01 BTC are in the third tier
    asked = required(-120.0, 50_000.0, 50_000.0, False, requirement_of(found))
    assert asked == pytest.approx(120.0 * 50_000.0 * (0.0075 + 0.0005), rel=1e-12)
    without = required(-120.0, 50_000.0, 50_000.0, False, requirement_of(found, taker_fee=0.0))
    assert without == pytest.approx(120.0 * 50_000.0 * 0.0075, rel=1e-12)


def test_bitmex_margin_stands_still_while_the_price_moves() -> None:
    requirement = requirement_of(rules("bitmex", "BTC/USD:BTC"))
    at_entry = required(15_000.0, 750.0, 750.0, True, requirement)
    assert required(15_000.0, 750.0, 800.0, True, requirement) == at_entry
    assert at_entry == pytest.approx(20.0 * 0.005, rel=1e-12)


def test_dydx_initial_margin_rises_with_open_interest() -> None:
    # dYdX v4-chain, liquidity tiers: base 5 %, half way between the caps 5 % + 95 % / 2.
    found = rules("dydx", "SOL/USDC:USDC")
    assert initial_rate(found, 10.0, 100.0) == 0.05
    assert initial_rate(found, 10.0, 100.0, 40e6) == 0.05
    assert initial_rate(found, 10.0, 100.0, 70e6) == pytest.approx(0.525, rel=1e-12)
    assert initial_rate(found, 10.0, 100.0, 1e9) == 1.0


def test_hyperliquid_maintenance_is_half_the_initial_rate_and_continuous() -> None:
    found = rules("hyperliquid", "BTC/USDC:USDC")
    requirement = requirement_of(found)
    assert required(1.0, 1e5, 1e5, False, requirement) == pytest.approx(1e5 / 80, rel=1e-12)
    # 200 M: 2.5 % less the deduction of 150 M x (2.5 % - 1.25 %).
    asked = required(2_000.0, 1e5, 1e5, False, requirement)
    assert asked == pytest.approx(200e6 * 0.025 - 1_875_000.0, rel=1e-12)


def test_a_position_beyond_the_last_bracket_is_refused() -> None:
    with pytest.raises(ConfigError, match="larger than the last bracket of 9200"):
        tier_of(rules("okx", "BTC/USDT:USDT"), 9_201.0, 50_000.0)
