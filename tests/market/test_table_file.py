"""A table that is wrong is refused, and the message names file, key and value."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.errors import ConfigError, HedgeError
from hedgerow.market.table_file import load_table, read_table
from hedgerow.market.table_reader import TableReader

GOOD = """
venue = "acme"
market = "perp"
effective = 2024-01-01
checked = 2024-01-01
source = "https://acme.example/rules"
confidence = "source"

[[fees]]
name = "base"
maker = "0.0002"
taker = "0.0005"

[origin.tiers]
confidence = "memory"
note = "from memory"

[defaults]
funding = { method = "clamp", price = "mark" }
liquidation = { deleveraging = "none" }

[[contract]]
symbol = "BTC/USDT:USDT"
listed = 2019-09-08
size = { multiplier = "1", tick = "0.1", lot = "0.001", minimum_notional = "5" }
margin = { method = "brackets", closing_fee = false }
funding = { interval_hours = 8, cap = "0.01", floor = "-0.02", interest = "0", clamp = "0.0005" }
liquidation = { method = "step_down", fee = "0.005" }
premium = { method = "impact", sample_seconds = 5, weights = "rising", impact_notional = "100" }
mark = { method = "index_ema", window_seconds = 30, index = "median" }
tiers = [
  { floor = "0", cap = "1000", rate = "0.01", amount = "0", max_leverage = "50" },
  { floor = "1000", cap = "5000", rate = "0.02", amount = "10", max_leverage = "25" },
]
"""

# What is written instead of what, and what the message must say.
WRONG = [
    ('venue = "acme"', "", "own.toml: venue is missing"),
    ('venue = "acme"', "venue = 3", "own.toml: venue = 3 is refused; write a text"),
    ('"source"', '"hearsay"', "own.toml: confidence: unknown value 'hearsay'"),
    ("checked = 2024-01-01", 'checked = "2024-01-01"', "checked = '2024-01-01' is refused"),
    ("effective = 2024-01-01", "effective = 2024-01-01T00:00:00", "effective = 2024-01-01 00:00"),
    ("[[fees]]", "[[fee]]", "unknown key 'fee'; did you mean 'fees'"),
    ("[origin.tiers]", "[origin.tier]", "origin: unknown key 'tier'; did you mean 'tiers'"),
    (
        'taker = "0.0005"',
        "taker = 0.0005",
        r"fees\[0\].taker = 0.0005 is refused; write the number",
    ),
    ('taker = "0.0005"', 'taker = "0,05"', r"taker = '0,05' is refused"),
    ('taker = "0.0005"', 'taker = "nan"', r"taker = 'nan' is refused"),
    ('taker = "0.0005"', 'taker = "0.0001"', r"maker = 0.0002 is refused"),
    (
        '"BTC/USDT:USDT"',
        '"BTCUSDT"',
        r"own.toml: contract\[0\].symbol = 'BTCUSDT' is refused; 'BTCUSDT' is not a symbol",
    ),
    ('venue = "acme"', 'venue = "../acme"', r"own.toml: venue = '../acme' is refused; use up to"),
    ('venue = "acme"', 'venue = "Acme"', r"own.toml: venue = 'Acme' is refused; use up to 40"),
    ('venue = "acme"', f'venue = "{"a" * 41}"', "own.toml: venue = 'a+' is refused; use up to 40"),
    ('"BTC/USDT:USDT"', '"BTC/USDT"', r"contract\[0\].symbol = 'BTC/USDT' is refused"),
    ('tick = "0.1"', 'tick = "0"', r"contract\[0\].size.tick = 0 is refused; write a number above"),
    ('tick = "0.1", ', "", r"contract\[0\].size.tick is missing"),
    ("interval_hours = 8, ", "", r"funding.interval_hours is missing"),
    ("interval_hours = 8", "interval_hours = 0", r"interval_hours = 0 is refused; write whole"),
    ("interval_hours = 8", "interval_hours = true", r"interval_hours = True is refused"),
    ('cap = "0.01"', 'cap = "-0.02"', r"funding.cap = -0.02 is refused; the cap must be above"),
    ('clamp = "0.0005"', 'clamp = "-1"', r"funding.clamp = -1 is refused"),
    ('"step_down"', '"gently"', "liquidation.method: unknown value 'gently'"),
    (', fee = "0.005"', "", "liquidation.fee is missing"),
    ('fee = "0.005"', 'fee = "1.5"', "liquidation.fee = 1.5 is refused"),
    ('floor = "0",', 'floor = "1",', r"tiers\[0\].floor = 1 is refused; .* should be 0"),
    ('floor = "1000"', 'floor = "1001"', r"tiers\[1\].floor = 1001 .* should be 1000"),
    ('cap = "5000"', 'cap = "900"', r"tiers\[1\].cap = 900 is refused"),
    ('rate = "0.02"', 'rate = "0.01"', r"tiers\[1\].rate = 0.01 .* above the 0.01 of"),
    ('rate = "0.02"', 'rate = "0.04"', r"tiers\[1\].rate = 0.04 .* below 1/leverage = 0.04"),
    (
        'rate = "0.02", amount = "10", max_leverage = "25"',
        'rate = "0.015", amount = "5", max_leverage = "50"',
        r"tiers\[1\].max_leverage = 50 is refused; it must be below the 50 before it",
    ),
    ('leverage = "25"', 'leverage = "0.5"', r"max_leverage = 0.5 is refused"),
    ('amount = "10"', 'amount = "11"', r"tiers\[1\].amount = 11 .* it should be 10"),
    ("tiers = [", "tiers = []\nothers = [", r"tiers = \[\] is refused"),
    ('liquidation = { method = "step_down", fee = "0.005" }', "liquidation = 1", "write a table"),
    ('method = "clamp", price', "price", "funding.method is missing"),
    ('method = "clamp", price', 'method = "clamps", price', "unknown value 'clamps'; did you mean"),
    (', price = "mark"', "", "funding.price is missing"),
    ('price = "mark"', 'price = "last"', "funding.price: unknown value 'last'"),
    ('method = "clamp", ', 'method = "damped", ', "unknown key 'interest'"),
    ('price = "mark" }', 'price = "mark", continuous = 1 }', "continuous = 1 is refused"),
    (', clamp = "0.0005"', "", "funding.clamp is missing"),
    ('deleveraging = "none"', 'deleveraging = "luck"', "deleveraging: unknown value 'luck'"),
    ('deleveraging = "none"', "", "liquidation.deleveraging is missing"),
    ("[defaults]", "[default]", r"contract\[0\].funding.method is missing"),
    ("[defaults]", "[default.mark]\n[defaults]", "unknown key 'default'; did you mean 'defaults'"),
    ("[defaults]", "[defaults.sizes]\n[defaults]", "defaults: unknown key 'sizes'"),
    (", closing_fee = false", "", "margin.closing_fee is missing"),
    ("closing_fee = false", 'closing_fee = "no"', "closing_fee = 'no' is refused; write true"),
    ('"brackets"', '"size_tiers"', r"tiers\[1\].amount = 10 .* has none; write 0"),
    ('"brackets", closing', '"brackets", slope = "1", closing', "unknown key 'slope'"),
    ('"brackets", closing', '"size_slope", closing', "margin.slope is missing"),
    (
        '"brackets", closing',
        '"size_slope", slope = "2", initial_slope = "1", closing',
        "margin.slope = 2 is refused; write more than 0, up to 1",
    ),
    (
        '"brackets", closing',
        '"brackets", open_interest_lower = "5", closing',
        "open_interest_upper is missing",
    ),
    (
        '"brackets", closing',
        '"brackets", open_interest_lower = "5", open_interest_upper = "4", closing',
        "open_interest_lower = 5 is refused",
    ),
    (
        'margin = { method = "brackets", closing_fee = false }',
        "",
        r"contract\[0\].margin is missing",
    ),
    ('"step_down", fee', '"partial", fee', "liquidation.step is missing"),
    (
        '"step_down", fee',
        '"partial", step = "2", step_above = "0", fee',
        "liquidation.step = 2 is refused",
    ),
    (
        '"step_down", fee',
        '"partial", step = "1", step_above = "-1", fee',
        "liquidation.step_above = -1 is refused",
    ),
    ('"step_down", fee', '"full", backstop = "3", fee', "backstop = 3 is refused"),
    ("sample_seconds = 5", "sample_seconds = -5", "sample_seconds = -5 is refused"),
    ("sample_seconds = 5", "sample_seconds = 5.5", "sample_seconds = 5.5 is refused"),
    ('impact_notional = "100"', 'impact_notional = "0"', "impact_notional = 0 is refused"),
    ('"impact", sample', '"mid", sample', "unknown key 'impact_notional'"),
    ('weights = "rising"', 'weights = "falling"', "weights: unknown value 'falling'"),
    ('"index_ema"', '"index_emu"', "mark.method: unknown value 'index_emu'; did you mean"),
    ('minimum_notional = "5"', 'minimum_notional = "-5"', "minimum_notional = -5 is refused"),
    ("listed = 2019-09-08", "listd = 2019-09-08", "unknown key 'listd'; did you mean 'listed'"),
]


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_table_is_read_as_written(tmp_path: Path) -> None:
    table = load_table(write(tmp_path, GOOD))
    contract = table.contracts["BTC/USDT:USDT"]
    assert contract.listed is not None
    assert [str(tier.amount) for tier in contract.tiers] == ["0", "10"]
    assert table.origins["tiers"].confidence == "memory"
    assert table.origins["size"].confidence == "source"
    assert table.origins["tiers"].source == table.source


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_a_wrong_table_is_refused_with_key_and_value(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=message) as caught:
        load_table(write(tmp_path, GOOD.replace(old, new, 1)))
    assert "\n" not in str(caught.value)


def test_two_contracts_of_one_name_are_refused(tmp_path: Path) -> None:
    again = GOOD + GOOD[GOOD.index("[[contract]]") :]
    with pytest.raises(ConfigError, match=r"contract\[1\].symbol = .* name each contract once"):
        load_table(write(tmp_path, again))


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the table is empty"):
        load_table(write(tmp_path, GOOD[: GOOD.index("[[fees]]")]))


def test_a_file_that_is_not_there_or_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot read the table"):
        load_table(tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match=r"own\.toml: not a TOML file"):
        load_table(write(tmp_path, "venue = "))
    broken = tmp_path / "own.toml"
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"own\.toml: not a TOML file"):
        load_table(broken)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
keys = st.sampled_from(["venue", "market", "effective", "checked", "source", "fees", "contract"])


@given(st.dictionaries(keys | st.text(max_size=5), values, max_size=8))
def test_no_table_breaks_the_reader(data: dict[str, object]) -> None:
    with pytest.raises(HedgeError):
        read_table(TableReader("fuzz.toml", data), "fuzz.toml")
