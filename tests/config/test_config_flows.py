"""A table of balances or transactions becomes a holding that changes."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.config.flows import holding_from
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Flow, Holding

OPENING = datetime(2022, 1, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2022, month, day, hour, tzinfo=UTC)


def holding(text: str, amount: float = 0.0) -> Holding:
    return holding_from(text, "flows.csv", Holding("BTC", amount), OPENING)


def refused(text: str, amount: float = 0.0) -> str:
    with pytest.raises(ConfigError) as caught:
        holding(text, amount)
    message = str(caught.value)
    assert message.startswith("flows.csv: ")
    assert "\n" not in message
    return message.removeprefix("flows.csv: ")


def test_transactions_add_to_the_amount() -> None:
    found = holding("time,amount\n2022-02-01,2.5\n2022-03-01T12:00:00Z,-1\n", amount=100.0)
    assert found.amount == 100.0
    assert found.flows == (
        Flow(time=at(2, 1), amount=2.5),
        Flow(time=at(3, 1, 12), amount=-1.0),
    )


def test_what_happened_up_to_the_start_is_in_the_amount_at_the_start() -> None:
    found = holding("time,amount\n2021-05-01,3\n2022-01-01,4\n2022-01-01T00:00:01,5\n", 10.0)
    assert found.amount == 17.0
    assert [flow.amount for flow in found.flows] == [5.0]


def test_balances_become_changes_and_an_unchanged_one_none() -> None:
    found = holding("time,balance\n2021-12-31,100\n2022-02-01,100\n2022-03-01,90.5\n")
    assert found.amount == 100.0
    assert found.flows == (Flow(time=at(3, 1), amount=-9.5),)


def test_changes_of_balances_are_exact_in_decimals() -> None:
    found = holding("time,balance\n2022-01-01,0.3\n2022-02-01,0.1\n2022-03-01,0\n")
    assert [flow.amount for flow in found.flows] == [-0.2, -0.1]
    spent = holding("time,amount\n2022-02-01,-0.1\n2022-03-01,-0.2\n", amount=0.3)
    assert [flow.amount for flow in spent.flows] == [-0.1, -0.2]


def test_a_time_without_a_zone_is_utc_and_one_with_a_zone_is_converted() -> None:
    found = holding("time,amount\n2022-02-01T00:00,1\n2022-02-01T03:00+01:00,1\n")
    assert [flow.time for flow in found.flows] == [at(2, 1), at(2, 1, 2)]


def test_the_asset_column_chooses_rows_and_notes_are_not_read() -> None:
    text = """asset,note,time,amount
BTC,"mined, pool",2022-02-01,1
ETH,,2021-01-01,5

BTC,,2022-02-02,2
"""
    assert [flow.amount for flow in holding(text).flows] == [1.0, 2.0]


def test_a_byte_order_mark_spaces_and_windows_lines_are_taken() -> None:
    assert holding("time , amount\r\n 2022-02-01 , 1 \r\n").flows[0].amount == 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header is 'empty'; write time,amount"),
        ("time;amount\n", "line 1: columns must be separated by commas"),
        ("time,amuont\n", "line 1: unknown column 'amuont'; did you mean 'amount'?"),
        ("time,amount,balance\n", "write time,amount for transactions or time,balance"),
        ("time,time,amount\n", "line 1: column 'time' is there twice"),
        ("time,amount\n", "nothing about BTC in it, but no rows"),
        ("time,amount,asset\n2022-02-01,1,ETH\n", "nothing about BTC in it, but ETH"),
        ("time,amount\n2022-02-01,nan\n", "line 2: amount = 'nan': write a number"),
        ("time,amount\n2022-02-01,inf\n", "line 2: amount = 'inf': write a number"),
        ("time,amount\n2022-02-01,\n", "line 2: amount = '': write a number"),
        ("time,amount\n2022-02-01,1e99\n", "line 2: amount = '1e99': write a number"),
        ("time,amount\n2022-02-01,1,000\n", "line 2: has 3 cells, the header 2"),
        ("time,amount\n02/01/2022,1\n", "line 2: time = '02/01/2022': write a day"),
        ("time,amount\n0001-01-01T00:00+01:00,1\n", "line 2: time = '0001-01-01T00:00+01:00'"),
        ("time,amount\n\n2022-02-02,1\n2022-02-01,1\n", "line 4: time = 2022-02-01T00:00:00+00:00"),
        ("time,amount\n2022-02-01,1\n2022-02-01,1\n", "was on line 2 already; join the two lines"),
        ("time,balance\n2022-01-01,5\n2022-01-01,5\n", "was on line 2 already"),
        ("time,balance\n2022-01-01,5\n2022-02-01,-5\n", "line 3: balance = -5: a balance is never"),
        ("time,balance\n2022-02-01,5\n", "add a line for that day or before it, such as"),
        ("time,amount\n2022-02-01,1\n2022-03-01,-2\n", "line 3: after amount = -2 there would be"),
        ('time,amount\n"2022-02-01,1\n', "not a CSV file (unexpected end of data)"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_is_refused_with_its_line(text: str, message: str) -> None:
    assert message in refused(text)


def test_balances_contradict_an_amount() -> None:
    assert "remove amount from the config" in refused("time,balance\n2022-01-01,5\n", amount=1.0)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_balances_add_up_to_the_last_one(units: list[int]) -> None:
    balances = [f"{unit / 1e8:.8f}" for unit in units]
    lines = [f"2022-01-01T00:{n:02d}:00Z,{balance}" for n, balance in enumerate(balances)]
    found = holding("\n".join(["time,balance", *lines]))
    assert found.amount == float(balances[0])
    total = found.amount + sum(flow.amount for flow in found.flows)
    assert total == pytest.approx(float(balances[-1]), abs=1e-8)


@given(st.text())
def test_no_text_is_more_than_refused(text: str) -> None:
    for start in ("", "time,amount\n", "time,balance\n2021-01-01,"):
        with suppress(ConfigError):
            assert isinstance(holding(start + text), Holding)


def test_a_config_names_its_table_beside_it_and_takes_no_other(tmp_path: Path) -> None:
    table = tmp_path / "balances.csv"
    table.write_text("time,balance\n2021-01-01,100\n2023-01-01,140\n", encoding="utf-8")
    path = tmp_path / "treasury.toml"
    text = sample("treasury").replace("amount = 120.0  ", 'flows = "balances.csv"')
    path.write_text(text, encoding="utf-8")
    config = load(path)
    (held,) = config.job.book.holdings
    assert (held.amount, [flow.amount for flow in held.flows]) == (100.0, [40.0])
    assert config.inputs == (path, table)
    (section,) = config.document.book.holding
    path.write_text(
        text.replace("[hedge]\n", f'flows_sha256 = "{section.flows_sha256}"\n[hedge]\n'),
        encoding="utf-8",
    )
    assert load(path) == config
    table.write_text("time,balance\n2021-01-01,100\n2023-01-01,141\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not the file the config was written for"):
        load(path)
