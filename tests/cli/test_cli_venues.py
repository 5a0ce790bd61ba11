"""`hedgerow venues` shows rules and their origin, and refuses in one paragraph."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app as whole
from hedgerow.cli.venues import app

runner = CliRunner(env={"COLUMNS": "140", "XDG_CONFIG_HOME": "/nowhere"})


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
        "scaled_clamp rule on the mark price",
        "by the notional at the mark",
        "median of three, 30 s",
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
        "margin",
        "liquidation",
        "premium",
        "mark",
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


@pytest.mark.parametrize(
    ("venue", "instrument", "words"),
    [
        (
            "okx",
            "BTC/USDT:USDT",
            ("by the size; the closing fee counts", "Margin brackets, in BTC"),
        ),
        ("deribit", "BTC/USD:BTC", ("at every instant", "rises by 0.005 % for each coin")),
        ("bitmex", "ETH/USD:BTC", ("BTC (quanto)", "by the notional at entry", "BTC/USD")),
        ("dydx", "SOL/USDC:USDC", ("as open interest goes 40,000,000-100,000,000", "one lot")),
        ("hyperliquid", "BTC/USDC:USDC", ("every 1 h", "20 % at a time", "impact of 20,000")),
        (
            "gmx",
            "BTC/USD:USDC",
            ("adaptive_skew rule on the oracle price", "premium     not known"),
        ),
    ],
)
def test_show_says_what_is_peculiar_to_a_venue(
    venue: str, instrument: str, words: tuple[str, ...]
) -> None:
    result = runner.invoke(app, ["show", venue, "--instrument", instrument, "--on", "2026-11-22"])
    assert result.exit_code == 0
    for word in words:
        assert " ".join(word.split()) in " ".join(result.output.split())


def test_show_names_what_a_contract_lacks_and_a_run_would_refuse() -> None:
    result = runner.invoke(app, ["show", "bybit", "--on", "2026-11-22"])
    assert result.exit_code == 0
    assert "DOGE/USDT:USDT: no liquidation, tiers" in result.output
    alone = runner.invoke(app, ["show", "bybit", "--instrument", "DOGE/USDT:USDT"])
    assert alone.exit_code == 2
    assert "no table gives its liquidation, tiers" in alone.stderr


def test_diff_of_two_days_names_each_number() -> None:
    arguments = ["diff", "hyperliquid", "--from", "2023-06-01", "--to", "2026-11-22", "--json"]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0
    changed = {row["key"]: row for row in json.loads(result.output)["BTC/USDC:USDC"]}
    assert changed["funding.interval_hours"] == {
        "key": "funding.interval_hours",
        "before": "8",
        "after": "1",
    }


def test_diff_of_a_day_with_itself_is_nothing() -> None:
    result = runner.invoke(app, ["diff", "bybit", "--from", "2026-11-22", "--to", "2026-11-22"])
    assert result.output.strip() == "nothing changed"


def test_diff_against_a_table_shows_only_what_it_changes(tmp_path: Path) -> None:
    table = tmp_path / "mine.toml"
    table.write_text(
        'venue = "binance"\nmarket = "usdm"\neffective = 2026-11-01\nchecked = 2026-11-01\n'
        'source = "https://acme.example"\nconfidence = "source"\n'
        '[[fees]]\nname = "base"\nmaker = "0.0002"\ntaker = "0.0004"\n',
        encoding="utf-8",
    )
    result = runner.invoke(app, ["diff", "binance", "--table", str(table), "--json"])
    assert json.loads(result.output)["BTC/USDT:USDT"] == [
        {"key": "fees[0].taker", "before": "0.0005", "after": "0.0004"}
    ]
    assert "BTC/USD:BTC" not in json.loads(result.output)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "binance"], "give either --from DAY or --table FILE"),
        (["diff", "binance", "--from", "once"], "--from 'once' is not a day"),
        (["diff", "binanse", "--from", "2024-01-01"], "did you mean 'binance'"),
        (
            ["diff", "binance", "--from", "2024-01-01", "--instrument", "X/Y:Y"],
            "instrument 'X/Y:Y'",
        ),
        (["diff", "binance", "--table", "/nowhere.toml"], "cannot read the table"),
    ],
)
def test_diff_refuses_in_one_paragraph(arguments: list[str], message: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_table_in_ones_own_folder_wins_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "hedgerow" / "tables" / "binance"
    folder.mkdir(parents=True)
    (folder / "usdm.toml").write_text(
        'venue = "binance"\nmarket = "usdm"\neffective = 2026-11-01\nchecked = 2026-11-01\n'
        'source = "https://acme.example"\nconfidence = "source"\n'
        '[[fees]]\nname = "base"\nmaker = "0.0001"\ntaker = "0.0003"\n',
        encoding="utf-8",
    )
    arguments = ["show", "binance", "--instrument", "BTC/USDT:USDT", "--on", "2026-11-22", "--json"]
    result = runner.invoke(app, arguments, env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert json.loads(result.output)["fees"][0]["taker"] == "0.0003"


def test_a_table_checked_in_the_future_is_named_wherever_it_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "hedgerow" / "tables"
    folder.mkdir(parents=True)
    own = folder / "usdm.toml"
    own.write_text(
        'venue = "binance"\nmarket = "usdm"\neffective = 2026-11-01\nchecked = 2126-11-01\n'
        'source = "https://acme.example"\nconfidence = "source"\n'
        '[[fees]]\nname = "base"\nmaker = "0.0001"\ntaker = "0.0003"\n',
        encoding="utf-8",
    )
    desk = {"XDG_CONFIG_HOME": str(tmp_path), "COLUMNS": "300"}
    listed = runner.invoke(app, ["list"], env=desk)
    assert "2126-11-01 (in the future)" in listed.output
    contract = ["binance", "--instrument", "BTC/USDT:USDT", "--on", "2026-11-22"]
    shown = runner.invoke(app, ["show", *contract], env=desk)
    words = f"{own}: checked = 2126-11-01: checked in the future"
    assert words in shown.output.replace("\n", "")
    position = ["--quantity", "1", "--entry", "50000", "--leverage", "5", "--json"]
    asked = ["calc", "liquidation", "--venue", *contract, *position]
    answer = json.loads(runner.invoke(whole, asked, env=desk).stdout)
    assert any(words in warning for warning in answer["warnings"])
