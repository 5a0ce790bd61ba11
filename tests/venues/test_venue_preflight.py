"""Each thing that is wrong with an account is named, weighed, and has its mend."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hedgerow.adapters.venues.preflight import (
    Expected,
    Finding,
    Wanted,
    Weight,
    check_facts,
    may_trade,
)
from hedgerow.execution.order import Listing
from hedgerow.execution.port import Facts

BTC, PEPE = "BTC/USDT:USDT", "1000PEPE/USDT:USDT"


def listing(symbol: str) -> Listing:
    return Listing(
        venue="binance", account="main", symbol=symbol, tick=Decimal("0.1"), lot=Decimal("0.001")
    )


GOOD = Facts(
    venue="binance",
    account="main",
    one_way=True,
    margin_mode={BTC: "cross"},
    leverage={BTC: 5.0},
    maker={BTC: 0.0002},
    taker={BTC: 0.0005},
    clock_offset=0.02,
    listings={symbol: listing(symbol) for symbol in (BTC, PEPE)},
    may_trade=True,
    may_withdraw=False,
    interval_hours={BTC: 8.0},
)
WANTED = Wanted(
    symbols=(
        Expected(
            symbol=BTC,
            tick=Decimal("0.10"),
            lot=Decimal("0.001"),
            minimum_size=Decimal("0.001"),
            minimum_notional=Decimal(100),
            interval_hours=8.0,
            maker=0.0002,
            taker=0.0005,
        ),
    ),
    leverage={BTC: 5.0},
)


def listed(**steps: Decimal) -> Facts:
    return replace(GOOD, listings={BTC: replace(listing(BTC), **steps)})  # type: ignore[arg-type]


def only(facts: Facts, wanted: Wanted = WANTED) -> Finding:
    (found,) = check_facts(facts, wanted)
    return found


def test_an_account_as_it_should_be_has_no_finding() -> None:
    assert check_facts(GOOD, WANTED) == ()
    assert may_trade(())


@pytest.mark.parametrize(
    ("facts", "topic", "mend"),
    [
        (replace(GOOD, may_withdraw=True), "key-may-withdraw", "may only read and trade"),
        (replace(GOOD, may_trade=False), "key-may-not-trade", "give it that right"),
        (replace(GOOD, clock_offset=-1.2), "clock", "NTP"),
        (replace(GOOD, one_way=False), "hedge-mode", "set one-way mode"),
        (replace(GOOD, margin_mode={BTC: "isolated"}), "margin-mode", "set it on the venue's page"),
        (replace(GOOD, leverage={BTC: 3.0}), "leverage", "5x"),
        (replace(GOOD, interval_hours={BTC: 4.0}), "interval-differs", "2 times"),
        (replace(GOOD, listings={PEPE: listing(PEPE)}), "symbol-gone", "change the config"),
        (replace(GOOD, unusable={BTC: "no tick"}), "symbol-gone", "no tick; nothing is opened"),
        (listed(lot=Decimal("0.01")), "lot-differs", "hedgerow venues update binance"),
        (
            listed(minimum_size=Decimal("0.005")),
            "minimum-differs",
            "is 0.005 at the venue, and 0.001",
        ),
        (listed(minimum_notional=Decimal(200)), "minimum-differs", "is 200 at the venue, and 100"),
    ],
)
def test_what_forbids_trading_is_refused(facts: Facts, topic: str, mend: str) -> None:
    found = only(facts)
    assert (found.weight, found.topic) == (Weight.REFUSE, topic)
    assert mend in found.text
    assert "binance, account main" in found.text
    assert not may_trade((found,))


@pytest.mark.parametrize(
    ("facts", "topic"),
    [
        (replace(GOOD, may_withdraw=None), "key-unknown"),
        (replace(GOOD, testnet=True), "testnet"),
        (replace(GOOD, clock_offset=0.7), "clock"),
        (replace(GOOD, interval_hours={}), "interval-unknown"),
        (replace(GOOD, taker={BTC: 0.0004}), "fee-differs"),
        (listed(tick=Decimal(1)), "tick-differs"),
        (listed(lot=Decimal("0.0005")), "lot-differs"),
    ],
)
def test_what_is_only_different_is_told(facts: Facts, topic: str) -> None:
    found = only(facts)
    assert (found.weight, found.topic) == (Weight.WARN, topic)
    assert may_trade((found,))


@pytest.mark.parametrize(
    ("steps", "weight"),
    [
        ({"minimum_size": "0.005"}, Weight.WARN),
        ({"minimum_size": "0.01"}, Weight.WARN),
        ({"minimum_size": "0.011"}, Weight.REFUSE),
        ({"minimum_notional": "500"}, Weight.WARN),
        ({"minimum_notional": "500.01"}, Weight.REFUSE),
    ],
)
def test_a_larger_minimum_refuses_only_what_the_desk_would_order(
    steps: dict[str, str], weight: Weight
) -> None:
    (expected,) = WANTED.symbols
    orders = replace(expected, order_size=Decimal("0.01"), order_notional=Decimal(500))
    facts = listed(**{name: Decimal(step) for name, step in steps.items()})
    found = only(facts, replace(WANTED, symbols=(orders,)))
    assert (found.topic, found.weight) == ("minimum-differs", weight)
    assert ("little beside the hedge" in found.text) is (weight is Weight.WARN)
    assert "hedgerow venues update binance" in found.text


@pytest.mark.parametrize(("offset", "findings"), [(0.5, 0), (0.51, 1), (1.0, 1), (1.01, 1)])
def test_the_clock_is_weighed_at_half_a_second_and_at_one(offset: float, findings: int) -> None:
    found = check_facts(replace(GOOD, clock_offset=offset), WANTED)
    assert len(found) == findings
    assert may_trade(found) is (offset <= 1.0)


def test_a_renamed_symbol_is_found_under_the_name_that_counts_in_thousands() -> None:
    wanted = Wanted(symbols=(Expected(symbol="PEPE/USDT:USDT"),))
    found = only(GOOD, wanted)
    assert f"the nearest is {PEPE}" in found.text
    typed = Wanted(symbols=(Expected(symbol="BTCC/USDT:USDT"),))
    assert f"the nearest is {BTC}" in only(GOOD, typed).text


def test_a_venue_without_a_choice_of_mode_is_not_in_the_wrong_one() -> None:
    assert check_facts(replace(GOOD, one_way=None, margin_mode={}, leverage={}), WANTED) == ()


def test_a_venue_with_one_margin_for_all_says_what_to_write_instead() -> None:
    perpetual = "BTC/USD:BTC"
    wanted = Wanted(symbols=(), margin_mode="isolated")
    found = only(replace(GOOD, venue="deribit", margin_mode={perpetual: "cross"}), wanted)
    assert found.topic == "margin-mode"
    assert 'deribit has no isolated margin: write mode = "cross" under [margin]' in found.text
    netted = only(replace(GOOD, margin_mode={BTC: "portfolio"}))
    assert "set standard margin on the venue's page" in netted.text


def test_what_forbids_trading_comes_first() -> None:
    worst = replace(GOOD, may_withdraw=None, one_way=False, clock_offset=0.7)
    weights = [finding.weight for finding in check_facts(worst, WANTED)]
    assert weights == sorted(weights, key=[Weight.REFUSE, Weight.WARN].index)
