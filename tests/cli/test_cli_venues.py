"""`hedgerow venues` shows rules and their origin, and refuses in one paragraph."""

import json

import pytest
from typer.testing import CliRunner

from hedgerow.cli.venues import app

runner = CliRunner(env={"COLUMNS": "140"})


def test_list_shows_each_table_with_its_days_and_confidence() -> None:
    result = runner.invoke(app, ["list"])
    assert result.exit_code == 0
    for word in ("binance", "usdm", "coinm", "2024-10-24", "third-party", "memory"):
        assert word in result.output


def test_show_lists_all_contracts_and_marks_stand_ins() -> None:
    result = runner.invoke(app, ["show", "binance", "--on", "2022-01-01"])
    assert result.exit_code == 0
    assert "BTC/USDT:USDT*" in result.output
    assert "BTC/USD:BTC*" in result.output


def test_show_of_one_contract_says_everything_and_where_it_is_from() -> None:
    result = runner.invoke(
        app, ["show", "binance", "--instrument", "BTC/USD:BTC", "--on", "2026-09-01"]
    )
    assert result.exit_code == 0
    for words in (
        "100 USD",
        "every 8 h, between -0.3 % and 0.3 %",
        "maker 0.01 %, taker 0.05 %",
        "Margin brackets, in BTC",
        "11.605",
        "clearance fee 1.5 %",
        "memory",
        "days ago",
    ):
        assert words in result.output
    assert "*" not in result.output


def test_json_is_exact_and_complete() -> None:
    result = runner.invoke(app, ["show", "binance", "--instrument", "BTC/USDT:USDT", "--json"])
    rules = json.loads(result.output)
    assert rules["perpetual"]["lot"] == "0.001"
    assert rules["tiers"][4] == {
        "floor": "12000000",
        "cap": "70000000",
        "rate": "0.02",
        "amount": "131450",
        "max_leverage": "25",
    }
    assert rules["listed"] == "2019-09-08"
    assert [origin["section"] for origin in rules["origins"]] == [
        "size",
        "funding",
        "liquidation",
        "tiers",
        "fees",
    ]


def test_json_of_a_venue_is_a_list_of_its_contracts() -> None:
    result = runner.invoke(app, ["show", "binance", "--json"])
    assert "ETH/USD:ETH" in [rules["perpetual"]["symbol"] for rules in json.loads(result.output)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "binanse"], "did you mean 'binance'"),
        (["show", "binance", "--instrument", "BTC/USDT:USDC"], "did you mean 'BTC/USDT:USDT'"),
        (["show", "binance", "--on", "yesterday"], "--on 'yesterday' is not a day"),
    ],
)
def test_bad_input_ends_with_code_two_and_one_paragraph(arguments: list[str], message: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
