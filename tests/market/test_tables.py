"""Rules resolve by date, and what is not known is refused by name."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.market.table_file import Table, load_table
from hedgerow.market.tables import (
    FOLDER,
    age_warning,
    contract_rules,
    contracts,
    spot_fee,
    tables,
    tier_arrays,
    venues,
)

BITCOIN = "BTC/USDT:USDT"
COINS = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "LTC", "LINK", "AVAX")

TABLE = """
venue = "acme"
market = "perp"
effective = 2024-01-01
checked = 2024-01-01
source = "https://acme.example/rules"
confidence = "source"

[[fees]]
name = "base"
maker = "-0.0001"
taker = "0.0004"

[[contract]]
symbol = "BTC/USDT:USDT"
size = { multiplier = "0.01", tick = "0.5", lot = "1", minimum_notional = "10" }
liquidation = { method = "full", fee = "0.005", deleveraging = "none" }
margin = { method = "brackets", closing_fee = false }
tiers = [{ floor = "0", cap = "1000", rate = "0.01", amount = "0", max_leverage = "50" }]

[contract.funding]
interval_hours = 4
method = "damped"
price = "mark"
cap = "1"
floor = "-1"
clamp = "0"
"""


def a_table(tmp_path: Path, text: str = TABLE) -> Table:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return load_table(file)


def without(key: str) -> str:
    if key == "funding":
        return TABLE[: TABLE.index("[contract.funding]")]
    return "\n".join(line for line in TABLE.splitlines() if not line.startswith(key))


def test_every_shipped_table_loads_and_lies_in_the_folder_of_its_venue() -> None:
    for venue in venues():
        files = {f"{venue}/{path.name}" for path in (FOLDER / venue).iterdir()}
        assert {table.name for table in tables(venue)} == files
        for table in tables(venue):
            assert table.venue == venue
            assert table.name == f"{venue}/{table.market}.{table.effective}.toml"
            assert table.source.startswith("https://")


@pytest.mark.parametrize("symbol", [*(f"{c}/USDT:USDT" for c in COINS), "BTC/USD:BTC"])
def test_every_contract_of_the_first_release_is_complete(symbol: str) -> None:
    rules = contract_rules("binance", symbol, date(2026, 9, 1))
    assert rules.perpetual.symbol == symbol
    assert rules.fee("base").taker == Decimal("0.0005")
    assert rules.funding.interval_hours == 8
    assert not rules.stamped


def test_base_fees_are_those_of_the_market_of_the_contract() -> None:
    day = date(2026, 9, 1)
    assert contract_rules("binance", BITCOIN, day).fee("base").maker == Decimal("0.0002")
    assert contract_rules("binance", "BTC/USD:BTC", day).fee("base").maker == Decimal("0.0001")
    assert spot_fee("binance", day)[0].taker == Decimal("0.001")


def test_an_unknown_fee_tier_names_the_known_ones() -> None:
    rules = contract_rules("binance", BITCOIN, date(2026, 9, 1))
    with pytest.raises(UnknownName, match=r"BTC/USDT:USDT: unknown fee tier 'vip9' \(known: base"):
        rules.fee("vip9")
    with pytest.raises(UnknownName, match="binance spot: unknown fee tier"):
        spot_fee("binance", date(2026, 9, 1), "vip9")


def test_each_section_is_stamped_only_where_an_earliest_table_stands_in() -> None:
    rules = contract_rules("binance", BITCOIN, date(2024, 12, 31))
    stamped = {origin.section: origin.stamped for origin in rules.origins}
    assert stamped == {
        "size": True,
        "funding": False,
        "margin": False,
        "liquidation": True,
        "premium": False,
        "mark": False,
        "tiers": False,
        "fees": True,
    }
    assert rules.stamped
    assert rules.effective == max(origin.effective for origin in rules.origins)
    assert rules.checked == date(2024, 10, 24)


def test_stamps_say_what_stands_in_and_how_sure_it_is() -> None:
    rules = contract_rules("binance", "BTC/USD:BTC", date(2022, 1, 1))
    assert rules.stamps() == (
        (
            "binance BTC/USD:BTC: size, fees as of 2026-08-01, standing in for earlier days "
            "(checked 2026-08-01, confidence: third-party)"
        ),
        (
            "binance BTC/USD:BTC: funding, premium, mark as of 2020-08-10 (checked 2024-12-31, "
            "confidence: memory)"
        ),
        (
            "binance BTC/USD:BTC: margin, tiers as of 2021-07-27 (checked 2021-07-27, "
            "confidence: memory)"
        ),
        (
            "binance BTC/USD:BTC: liquidation as of 2026-08-01, standing in for earlier days "
            "(checked 2026-08-01, confidence: memory)"
        ),
    )


def test_what_is_from_memory_says_so() -> None:
    rules = contract_rules("binance", "BTC/USD:BTC", date(2026, 9, 1))
    by_section = {origin.section: origin.confidence for origin in rules.origins}
    assert by_section["tiers"] == "memory"
    assert by_section["size"] == "third-party"
    assert rules.confidence == "memory"


def test_an_unknown_venue_or_contract_names_the_nearest() -> None:
    day = date(2026, 9, 1)
    with pytest.raises(UnknownName, match="did you mean 'binance'"):
        contract_rules("binanse", BITCOIN, day)
    with pytest.raises(UnknownName, match="did you mean 'BTC/USDT:USDT'"):
        contract_rules("binance", "BTC/USDT:USDC", day)


def test_a_table_of_ones_own_makes_a_venue(tmp_path: Path) -> None:
    own = (a_table(tmp_path),)
    rules = contract_rules("acme", BITCOIN, date(2024, 6, 1), own)
    assert rules.perpetual.lot_size == Decimal("0.01")
    assert rules.fee("base").maker == Decimal("-0.0001")
    assert rules.liquidation.method == "full"
    assert contracts("acme", own) == (BITCOIN,)


def test_a_table_of_ones_own_wins_on_its_day_and_not_before(tmp_path: Path) -> None:
    base = a_table(tmp_path, TABLE.replace('"acme"', '"binance"').replace('"perp"', '"usdm"'))
    own = (replace(base, effective=date(2026, 7, 4)),)
    before = contract_rules("binance", BITCOIN, date(2026, 7, 3), own)
    after = contract_rules("binance", BITCOIN, date(2026, 7, 4), own)
    assert len(before.tiers) == 12
    assert len(after.tiers) == 1
    assert after.fee("base").taker == Decimal("0.0004")


@pytest.mark.parametrize("section", ["size", "funding", "liquidation", "tiers"])
def test_a_section_that_no_table_gives_is_refused_by_name(tmp_path: Path, section: str) -> None:
    own = (a_table(tmp_path, without(section)),)
    with pytest.raises(ConfigError, match=f"acme BTC/USDT:USDT: no table gives its {section}"):
        contract_rules("acme", BITCOIN, date(2024, 6, 1), own)


def test_fees_that_no_table_gives_are_refused_by_name(tmp_path: Path) -> None:
    text = TABLE.replace(TABLE[TABLE.index("[[fees]]") : TABLE.index("[[contract]]")], "")
    own = (a_table(tmp_path, text),)
    with pytest.raises(ConfigError, match="no table gives its fees"):
        contract_rules("acme", BITCOIN, date(2024, 6, 1), own)


def test_a_table_is_old_after_ninety_days() -> None:
    table = tables("binance")[0]
    assert age_warning(table, table.checked + timedelta(days=90)) is None
    warning = age_warning(table, table.checked + timedelta(days=91))
    assert warning is not None
    assert "91 days ago" in warning
    assert table.source in warning


def test_a_table_checked_in_the_future_is_named_with_its_key(tmp_path: Path) -> None:
    text = TABLE.replace("[[fees]]", "[origin.tiers]\nchecked = 2031-02-03\n\n[[fees]]", 1)
    table = a_table(tmp_path, text)
    assert age_warning(table, table.checked) is None
    warning = age_warning(table, table.checked - timedelta(days=1))
    assert warning is not None
    assert f"{table.name}: checked = {table.checked}: checked in the future" in warning
    rules = contract_rules("acme", BITCOIN, date(2024, 6, 1), (table,))
    later = {age_warning(origin, table.checked) for origin in rules.origins} - {None}
    assert len(later) == 1
    assert f"{table.name}: origin.tiers.checked = 2031-02-03: checked in the future" in str(later)


def test_brackets_as_arrays_keep_order_and_the_finite_last_cap() -> None:
    rules = contract_rules("binance", BITCOIN, date(2024, 12, 31))
    cap, rate, amount, leverage = tier_arrays(rules)
    assert cap.tolist()[-1] == 1.8e9
    assert rate.tolist()[:3] == [0.004, 0.005, 0.0065]
    assert amount.tolist()[3] == 11_450.0
    assert leverage.tolist()[0] == 125.0


def test_a_notional_finds_its_bracket_and_too_much_is_refused() -> None:
    rules = contract_rules("binance", BITCOIN, date(2024, 12, 31))
    assert rules.tier(Decimal(50_000)).rate == Decimal("0.004")
    assert rules.tier(Decimal("50000.01")).rate == Decimal("0.005")
    with pytest.raises(ConfigError, match="larger than the last bracket of 1800000000"):
        rules.tier(Decimal(1_800_000_001))


def test_reading_rules_needs_no_numpy() -> None:
    code = (
        "import sys, datetime; from hedgerow.market.tables import contract_rules;"
        "contract_rules('binance', 'BTC/USDT:USDT', datetime.date(2024, 1, 1));"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
