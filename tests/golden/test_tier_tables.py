"""Brackets against the exchanges' pages: those that ship, and those of the folder of cases."""

import itertools
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from golden_cases import Case, golden

from hedgerow.kernels.margin import maintenance
from hedgerow.margin.bracket_table import maintenance_amounts
from hedgerow.market.tables import contract_rules, contracts

# Binance, "Leverage & Margin", BTCUSDT in October 2024: up to, leverage, rate, amount.
BTC_LINEAR = [
    (50_000, 125, "0.0040", 0),
    (600_000, 100, "0.0050", 50),
    (3_000_000, 75, "0.0065", 950),
    (12_000_000, 50, "0.0100", 11_450),
    (70_000_000, 25, "0.0200", 131_450),
    (100_000_000, 20, "0.0250", 481_450),
    (230_000_000, 10, "0.0500", 2_981_450),
    (480_000_000, 5, "0.1000", 14_481_450),
    (600_000_000, 4, "0.1250", 26_481_450),
    (800_000_000, 3, "0.1500", 41_481_450),
    (1_200_000_000, 2, "0.2500", 121_481_450),
    (1_800_000_000, 1, "0.5000", 421_481_450),
]
# Binance, "Leverage and Margin in Coin-Margined Futures Contracts", edition of July 2021.
BTC_INVERSE = [(5, 125), (10, 100), (20, 50), (50, 20), (100, 10), (200, 5), (400, 4)]


@golden("perp_exchange_examples", lambda case: case.topic == "maintenance_margin_tiered")
def test_the_kernel_charges_each_bracket_its_own_rate(case: Case) -> None:
    floors, rates = (
        [Decimal(str(row[column])) for row in case.inputs["tiers"]] for column in (0, 2)
    )
    amounts = maintenance_amounts(floors, rates)
    rows = (np.array([float(value) for value in column]) for column in (rates, amounts))
    case.check(maintenance(case.number("position_value"), *rows))


def test_the_brackets_of_the_linear_bitcoin_contract() -> None:
    tiers = contract_rules("binance", "BTC/USDT:USDT", date(2024, 12, 31)).tiers
    shown = [(tier.cap, tier.max_leverage, tier.rate, tier.amount) for tier in tiers]
    assert shown == [
        (Decimal(cap), Decimal(lever), Decimal(rate), Decimal(amount))
        for cap, lever, rate, amount in BTC_LINEAR
    ]


def test_the_brackets_of_the_inverse_bitcoin_contract_are_in_coin() -> None:
    tiers = contract_rules("binance", "BTC/USD:BTC", date(2022, 1, 1)).tiers
    shown = [(tier.cap, tier.max_leverage) for tier in tiers]
    assert shown[: len(BTC_INVERSE)] == [
        (Decimal(cap), Decimal(lever)) for cap, lever in BTC_INVERSE
    ]


@pytest.mark.parametrize("symbol", contracts("binance"))
def test_maintenance_is_continuous_across_brackets(symbol: str) -> None:
    tiers = contract_rules("binance", symbol, date(2026, 9, 1)).tiers
    for below, above in itertools.pairwise(tiers):
        ends = below.cap * below.rate - below.amount
        begins = above.floor * above.rate - above.amount
        assert ends == begins
