"""Symbols of every kind are taken apart, and put together again."""

from datetime import date
from decimal import Decimal

import pytest

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import (
    DatedSymbol,
    OptionKind,
    OptionSymbol,
    Perpetual,
    Settlement,
    parse_contract,
    parse_symbol,
)


@pytest.mark.parametrize(
    ("text", "settlement"),
    [
        ("BTC/USDT:USDT", Settlement.LINEAR),
        ("BTC/USD:USDC", Settlement.LINEAR),
        ("BTC/USDC:USDT", Settlement.LINEAR),
        ("BTC/USD:BTC", Settlement.INVERSE),
        ("ETH/USD:BTC", Settlement.QUANTO),
        ("ETH/BTC:USDT", Settlement.QUANTO),
    ],
)
def test_the_settlement_follows_from_the_currencies(text: str, settlement: Settlement) -> None:
    assert parse_symbol(text).settlement is settlement


@pytest.mark.parametrize(
    "text",
    ["BTC/USDT", "BTC/USD:BTC", "BTC/USD:BTC-260327", "BTC/USD:BTC-260327-100000-C"],
)
def test_a_symbol_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_contract(text)) == text


def test_an_option_has_kind_strike_and_expiry() -> None:
    option = parse_contract("ETH/USDC:USDC-260327-2500.5-P")
    assert isinstance(option, OptionSymbol)
    assert option.kind is OptionKind.PUT
    assert option.strike == Decimal("2500.5")
    assert option.expiry == date(2026, 3, 27)
    assert option.underlying.settlement is Settlement.LINEAR
    assert isinstance(parse_contract("BTC/USD:BTC-260327"), DatedSymbol)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BTC/USD:BTC-261327", "261327 is no day"),
        ("BTC/USD:BTC-260327-0-C", "the strike must be above zero"),
        ("BTC/USD-260327-100000-C", "name what it settles in, like BTC/USD:BTC"),
        ("BTC-260327-100000-C", "is not a symbol"),
        ("btc/usdt", "is not a symbol"),
    ],
)
def test_a_symbol_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_contract(text)


def test_a_quanto_contract_is_worth_settlement_coin_for_each_dollar() -> None:
    # BitMEX, ETHUSD series guide: a contract is 0.000001 XBT for each dollar of the price.
    contract = Perpetual(
        symbol="ETH/USD:BTC",
        settlement=Settlement.QUANTO,
        multiplier=Decimal("0.000001"),
        tick=Decimal("0.05"),
        lot=Decimal(1),
        minimum_notional=Decimal(0),
    )
    assert contract.quanto
    assert not contract.inverse
    assert contract.settle == "BTC"
    assert contract.notional(Decimal(-50_000), Decimal(200)) == Decimal(10)
