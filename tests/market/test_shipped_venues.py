"""What ships for each venue: complete where it must be, honest where it is not."""

import itertools
from datetime import date
from decimal import Decimal

import pytest

from hedgerow.errors import ConfigError
from hedgerow.market.tables import contract_rules, contracts, known_rules, tables, venues
from hedgerow.market.venue import ContractRules

DAY = date(2026, 11, 22)
COMPLETE = [
    ("binance", "BTC/USDT:USDT"),
    ("binance", "ETH/USDT:USDT"),
    ("binance", "BTC/USD:BTC"),
    ("bybit", "BTC/USDT:USDT"),
    ("bybit", "ETH/USDT:USDT"),
    ("bybit", "BTC/USD:BTC"),
    ("okx", "BTC/USDT:USDT"),
    ("okx", "ETH/USDT:USDT"),
    ("deribit", "BTC/USD:BTC"),
    ("deribit", "ETH/USD:ETH"),
    ("deribit", "BTC/USDC:USDC"),
    ("hyperliquid", "BTC/USDC:USDC"),
    ("hyperliquid", "ETH/USDC:USDC"),
    ("dydx", "BTC/USDC:USDC"),
    ("dydx", "ETH/USDC:USDC"),
    ("bitmex", "BTC/USD:BTC"),
    ("gmx", "BTC/USD:USDC"),
]
EVERY = [(venue, symbol) for venue in venues() for symbol in contracts(venue)]


@pytest.mark.parametrize(("venue", "symbol"), COMPLETE)
def test_the_great_contracts_are_complete_today(venue: str, symbol: str) -> None:
    rules = contract_rules(venue, symbol, DAY)
    assert not rules.stamped
    assert rules.tiers
    assert {origin.section for origin in rules.origins} >= {"size", "funding", "tiers", "fees"}


@pytest.mark.parametrize(("venue", "symbol"), EVERY)
def test_a_contract_is_complete_or_refused_by_name(venue: str, symbol: str) -> None:
    known = known_rules(venue, symbol, DAY)
    if known.missing:
        with pytest.raises(ConfigError, match=f"no table gives its {known.missing[0]}"):
            contract_rules(venue, symbol, DAY)
    else:
        assert isinstance(contract_rules(venue, symbol, DAY), ContractRules)


@pytest.mark.parametrize(("venue", "symbol"), EVERY)
def test_brackets_of_notional_are_continuous(venue: str, symbol: str) -> None:
    known = known_rules(venue, symbol, DAY)
    if known.margin is None or known.margin.method not in ("brackets", "entry_brackets"):
        return
    for below, above in itertools.pairwise(known.tiers or ()):
        assert below.cap * below.rate - below.amount == above.floor * above.rate - above.amount


def test_bybit_amounts_are_those_of_the_venue() -> None:
    # GET /v5/market/risk-limit, mmDeduction of the last risk limit, as recorded on 2025-12-29.
    last = {"BTC": 226_382_000, "ETH": 138_018_220, "XRP": 16_446_625}
    for coin, deduction in last.items():
        tiers = contract_rules("bybit", f"{coin}/USDT:USDT", DAY).tiers
        assert tiers[-1].amount == Decimal(deduction)


@pytest.mark.parametrize(
    ("venue", "symbol", "day", "method", "hours"),
    [
        ("binance", "BTC/USDT:USDT", date(2025, 9, 17), "clamp", 8),
        ("binance", "BTC/USDT:USDT", date(2025, 9, 18), "scaled_clamp", 8),
        ("okx", "BTC/USDT:USDT", date(2024, 12, 31), "premium", 8),
        ("okx", "BTC/USDT:USDT", date(2025, 6, 1), "scaled_clamp", 8),
        ("hyperliquid", "BTC/USDC:USDC", date(2023, 6, 1), "scaled_clamp", 8),
        ("hyperliquid", "BTC/USDC:USDC", date(2024, 6, 1), "scaled_clamp", 1),
    ],
)
def test_funding_rules_change_on_their_day(
    venue: str, symbol: str, day: date, method: str, hours: int
) -> None:
    rule = contract_rules(venue, symbol, day).funding
    assert (rule.method, rule.interval_hours) == (method, hours)


def test_the_damper_of_deribit_became_narrower() -> None:
    early = contract_rules("deribit", "BTC/USD:BTC", date(2020, 3, 12)).funding
    late = contract_rules("deribit", "BTC/USD:BTC", DAY).funding
    assert (early.clamp, late.clamp) == (Decimal("0.0005"), Decimal("0.00025"))


def test_every_table_says_how_sure_it_is() -> None:
    for venue in venues():
        for table in tables(venue):
            assert table.confidence in {"source", "third-party", "memory"}
            assert table.checked <= DAY
            assert table.confidence == "source" or table.note or table.fees
