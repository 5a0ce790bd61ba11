"""Contracts and coins, there and back, by the venues' own definitions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.adapters.venues.contracts import contract_of, exact, multiple_of
from hedgerow.errors import MarketDataError


def market(**changes: object) -> dict[str, object]:
    return {
        "symbol": "BTC/USDT:USDT",
        "linear": True,
        "inverse": False,
        "spot": False,
        "settle": "USDT",
        "contractSize": 1.0,
        "precision": {"price": 0.1, "amount": 0.001},
        "limits": {"amount": {"min": 0.001}, "cost": {"min": 100.0}},
    } | changes


def test_okx_counts_a_hundredth_of_a_bitcoin() -> None:
    contract = contract_of(market(contractSize=0.01, precision={"price": 0.1, "amount": 0.01}))
    assert contract.lot == Decimal("0.0001")
    assert contract.to_wire(Decimal("1.2345")) == Decimal("123.45")
    assert contract.from_wire(Decimal("123.45")) == Decimal("1.2345")


def test_an_inverse_contract_of_binance_is_a_hundred_dollars() -> None:
    inverse = market(
        symbol="BTC/USD:BTC",
        linear=False,
        inverse=True,
        settle="BTC",
        contractSize=100.0,
        precision={"price": 0.1, "amount": 1.0},
        limits={"amount": {"min": 1.0}},
    )
    contract = contract_of(inverse)
    assert contract.to_wire(Decimal(25_000)) == 250
    listing = contract.listing("binance", "main")
    assert (listing.lot, listing.minimum_size) == (Decimal(100), Decimal(100))
    assert listing.inverse


def test_deribit_counts_dollars_whatever_its_contract_is() -> None:
    inverse = market(
        symbol="BTC/USD:BTC",
        linear=False,
        inverse=True,
        contractSize=10.0,
        precision={"price": 0.5, "amount": 10.0},
    )
    assert contract_of(inverse, in_units=True).to_wire(Decimal(250)) == 250


def test_digits_of_precision_become_steps() -> None:
    contract = contract_of(market(precision={"price": 1, "amount": 3}), mode=2)
    assert (contract.tick, contract.lot) == (Decimal("0.1"), Decimal("0.001"))


@pytest.mark.parametrize(
    "broken",
    [
        {"contractSize": None},
        {"precision": {"price": None, "amount": 0.001}},
        {"precision": {"price": 0.1, "amount": float("nan")}},
        {"contractSize": 0.0},
    ],
)
def test_an_unknown_step_is_refused_and_never_one(broken: dict[str, object]) -> None:
    with pytest.raises(MarketDataError, match="do not trade it"):
        contract_of(market(**broken))


def test_a_float_becomes_the_number_that_was_written() -> None:
    assert exact(0.1) == Decimal("0.1")
    assert exact("1e-8") == Decimal("0.00000001")
    assert exact(float("nan")) is None
    assert exact(float("inf")) is None
    assert exact("<html>") is None


def test_names_that_stand_for_many_coins() -> None:
    assert multiple_of("1000PEPE") == ("PEPE", 1000)
    assert multiple_of("kPEPE") == ("PEPE", 1000)
    assert multiple_of("1000000MOG") == ("MOG", 1_000_000)
    assert multiple_of("1MBABYDOGE") == ("BABYDOGE", 1_000_000)
    assert multiple_of("1INCH") == ("1INCH", 1)
    assert multiple_of("KAVA") == ("KAVA", 1)


@given(
    unit=st.sampled_from(["0.0001", "0.01", "0.1", "1", "10", "100"]),
    lots=st.integers(1, 10**9),
)
def test_there_and_back_is_the_same(unit: str, lots: int) -> None:
    contract = contract_of(market(contractSize=unit, precision={"price": 0.1, "amount": "0.01"}))
    amount = lots * contract.lot
    assert contract.from_wire(contract.to_wire(amount)) == amount
