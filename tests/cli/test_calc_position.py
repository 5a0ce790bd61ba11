"""`calc liquidation`, `margin` and `pnl` answer by the venue's rules, and refuse by name."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.kernels.margin import liquidation_price as kernel_price
from hedgerow.kernels.margin import required
from hedgerow.market.requirement import initial_rate, requirement_of
from hedgerow.market.tables import contract_rules

DAY = date(2026, 11, 1)
ON = ["--on", DAY.isoformat()]
TREASURY = [
    *("--venue", "binance", "--instrument", "BTC/USDT:USDT", "--side", "short"),
    *("--quantity", "120", "--entry", "50000", *ON),
]
KEYS = {
    "liquidation_price",
    "maintenance_margin",
    "headroom",
    "bracket",
    "bracket_at_mark",
    "bankruptcy_price",
    "distance",
    "equity",
    "leverage",
    "initial_margin",
    "rules",
    "warnings",
}


@pytest.fixture
def runner(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"COLUMNS": "140", "XDG_CONFIG_HOME": str(tmp_path)})


def ask(runner: CliRunner, command: str, *words: str) -> dict[str, Any]:
    done = runner.invoke(app, ["calc", command, *words, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refused(runner: CliRunner, command: str, *words: str) -> str:
    done = runner.invoke(app, ["calc", command, *words])
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    return " ".join(done.stderr.split())


def test_the_treasury_dies_where_the_venues_formula_says(runner: CliRunner) -> None:
    answer = ask(runner, "liquidation", *TREASURY, "--deposit", "6500000")
    assert set(answer) >= KEYS
    # Binance: (WB + cum + q E) / (q (MMR + 1)) in the bracket from 12 to 70 millions.
    expected = (6_500_000.0 + 131_450.0 + 6_000_000.0) / (120.0 * 1.02)
    assert answer["liquidation_price"] == pytest.approx(expected, rel=1e-13)
    assert answer["liquidation_price_on_tick"] == math.floor(expected * 10.0) / 10.0
    assert answer["bankruptcy_price"] == pytest.approx(12_500_000.0 / 120.0)
    assert answer["maintenance_margin"] == pytest.approx(6_000_000.0 * 0.01 - 11_450.0)
    assert answer["headroom"] == pytest.approx((6_500_000.0 - 48_550.0) / 6_000_000.0)
    assert answer["distance"] == pytest.approx(expected / 50_000.0 - 1.0)
    assert answer["bracket"] == {
        "number": 5,
        "floor": 12e6,
        "cap": 70e6,
        "rate": 0.02,
        "amount": 131_450.0,
        "max_leverage": 25.0,
        "measured_in": "USDT",
    }
    assert answer["bracket_at_mark"]["number"] == 4
    assert answer["mode"] == "isolated"
    assert any("confidence: third-party" in line for line in answer["rules"])


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize(
    ("venue", "symbol", "quantity"),
    [
        ("binance", "BTC/USDT:USDT", 120.0),
        ("binance", "BTC/USD:BTC", 1_000_000.0),
        ("bybit", "BTC/USDT:USDT", 12.0),
        ("bybit", "BTC/USD:BTC", 1_000_000.0),
        ("okx", "BTC/USDT:USDT", 120.0),
        ("deribit", "BTC/USD:BTC", 1_000_000.0),
        ("deribit", "BTC/USDC:USDC", 25.0),
        ("hyperliquid", "BTC/USDC:USDC", 120.0),
        ("dydx", "BTC/USDC:USDC", 10.0),
    ],
)
def test_on_every_venue_equity_is_the_requirement_at_the_answer(
    runner: CliRunner, venue: str, symbol: str, quantity: float, side: str
) -> None:
    words = ["--venue", venue, "--instrument", symbol, "--side", side, *ON]
    words += ["--quantity", str(quantity), "--entry", "50000", "--leverage", "4"]
    answer = ask(runner, "liquidation", *words)
    price = answer["liquidation_price"]
    rules = contract_rules(venue, symbol, DAY)
    inverse = rules.perpetual.inverse
    size = quantity if side == "long" else -quantity
    profit = size * (1.0 / 50_000.0 - 1.0 / price) if inverse else size * (price - 50_000.0)
    asked = required(size, 50_000.0, price, inverse, requirement_of(rules))
    assert answer["deposit"] + profit == pytest.approx(asked, rel=1e-9)
    assert (price < 50_000.0) == (side == "long")
    margin = ask(
        runner,
        "margin",
        *("--venue", venue, "--instrument", symbol, "--price", "50000"),
        *("--quantity", str(quantity), *ON),
    )
    worth = quantity / 50_000.0 if inverse else quantity * 50_000.0
    assert margin["initial_margin"] == pytest.approx(worth * initial_rate(rules, size, 50_000.0))
    # What the engines use for brackets gives the same price.
    if rules.margin.method == "brackets":
        rule = requirement_of(rules)
        schedule = (rule.rate, rule.amount)
        engines = kernel_price(size, 50_000.0, answer["deposit"], inverse, schedule)
        assert price == pytest.approx(engines, rel=1e-12)


def test_leverage_says_the_deposit(runner: CliRunner) -> None:
    by_leverage = ask(runner, "liquidation", *TREASURY, "--leverage", "4")
    by_deposit = ask(runner, "liquidation", *TREASURY, "--deposit", "1500000")
    assert by_leverage["deposit"] == 1_500_000.0
    assert by_leverage["liquidation_price"] == by_deposit["liquidation_price"]
    assert by_leverage["initial_margin"] == 1_500_000.0


def test_coins_as_collateral_move_with_the_price(runner: CliRunner) -> None:
    words = ["--collateral", "BTC=120@50000:0.05", "--hedged-spot", "5"]
    answer = ask(runner, "liquidation", *TREASURY, *words)
    assert answer["mode"] == "cross"
    price = answer["liquidation_price"]
    equity = 120.0 * 0.95 * price - 120.0 * (price - 50_000.0)
    worth = 120.0 * price
    bracket = answer["bracket"]
    assert bracket["floor"] < worth <= bracket["cap"]
    assert equity == pytest.approx(worth * bracket["rate"] - bracket["amount"], rel=1e-9)
    assert answer["hedged_spot"]["net_delta"] == pytest.approx(5.0)
    assert answer["hedged_spot"]["pair_profit_up"] == pytest.approx(5.0 * (price - 50_000.0))


def test_a_second_position_shares_the_deposit(runner: CliRunner) -> None:
    company = ["--position", "ETH/USDT:USDT:long:50:3000:2500", "--deposit", "650000"]
    alone = ask(runner, "liquidation", *TREASURY, "--deposit", "650000")
    joined = ask(runner, "liquidation", *TREASURY, *company)
    assert joined["liquidation_price"] < alone["liquidation_price"]
    assert [row["instrument"] for row in joined["positions"]] == ["BTC/USDT:USDT", "ETH/USDT:USDT"]
    assert joined["equity"] == pytest.approx(650_000.0 - 25_000.0)
    with_all = ask(runner, "liquidation", *TREASURY, *company, "--moving", "all")
    assert with_all["liquidation_price"] > joined["liquidation_price"]


def test_hedge_mode_nets_the_two_sides_of_a_contract(runner: CliRunner) -> None:
    words = ["--deposit", "650000", "--position", "BTC/USDT:USDT:long:20:48000"]
    answer = ask(runner, "liquidation", *TREASURY, *words)
    first, second = answer["positions"]
    assert first["liquidation_price"] == second["liquidation_price"] > 50_000.0
    assert first["mark"] == second["mark"] == 50_000.0
    said = refused(runner, "liquidation", *TREASURY, *words[:3], "BTC/USDT:USDT:short:2:48000")
    assert "the same position is given twice" in said


@pytest.mark.parametrize("long", ["1", "0.999", "1.001"])
@pytest.mark.parametrize("side", ["short", "long"])
def test_a_pair_that_almost_cancels_out_dies_where_its_frontier_is(
    runner: CliRunner, long: str, side: str
) -> None:
    quantity, other = ("1", f"long:{long}") if side == "short" else (long, "short:1")
    words = ["--venue", "binance", "--instrument", "BTC/USDT:USDT", "--side", side, *ON]
    words += ["--quantity", quantity, "--entry", "50000", "--deposit", "1000"]
    words += ["--position", f"BTC/USDT:USDT:{other}:50000"]
    answer = ask(runner, "liquidation", *words)
    assert answer["frontier"]["down"] is None
    assert answer["frontier"]["up"] > 100_000.0
    for leg in answer["positions"]:
        assert leg["liquidation_price"] == pytest.approx(answer["frontier"]["up"], rel=1e-12)
        assert leg["distance"] == pytest.approx(leg["liquidation_price"] / 50_000.0 - 1.0)
    assert answer["liquidation_price_on_tick"] <= answer["liquidation_price"]
    if long == "1":  # 2 (0.005 P - 50) = 1 000, the bracket from 50 000 to 600 000
        assert answer["liquidation_price"] == pytest.approx(110_000.0, rel=1e-12)


def test_margin_that_rises_with_volatility_brings_liquidation_nearer(runner: CliRunner) -> None:
    plain = ask(runner, "liquidation", *TREASURY, "--deposit", "650000")
    words = ["--deposit", "650000", "--margin-multiplier", "1.5"]
    times = ask(runner, "liquidation", *TREASURY, *words)
    lively = ["--realised-volatility", "0.9", "--reference-volatility", "0.6"]
    by_volatility = ask(runner, "liquidation", *TREASURY, "--deposit", "650000", *lively)
    assert by_volatility == times
    assert times["margin_multiplier"] == 1.5
    for key in ("initial_margin", "maintenance_margin"):
        assert times[key] == pytest.approx(1.5 * plain[key])
    # D + q E - q P = 1.5 (0.01 q P - 11 450), the bracket from 3 to 12 millions.
    expected = (650_000.0 + 6_000_000.0 + 1.5 * 11_450.0) / (120.0 * 1.015)
    assert times["liquidation_price"] == pytest.approx(expected, rel=1e-12)
    shown = runner.invoke(app, ["calc", "liquidation", *TREASURY, *words])
    assert "requirements multiplied by" in shown.stdout
    place = [*TREASURY[:8], "--price", "50000", *ON, "--deposit", "120000"]
    calm, wild = (ask(runner, "margin", *place, *more) for more in ([], lively))
    for key in ("initial_margin", "maintenance_margin", "initial_rate", "maintenance_rate"):
        assert wild[key] == pytest.approx(1.5 * calm[key])
    assert wild["max_leverage"] == pytest.approx(calm["max_leverage"] / 1.5)
    largest = str(wild["largest_quantity"])
    just = ask(
        runner, "margin", *TREASURY[:6], "--price", "50000", *ON, "--quantity", largest, *lively
    )
    assert just["initial_margin"] == pytest.approx(120_000.0)


def test_a_stablecoin_off_its_peg_counts_for_less(runner: CliRunner) -> None:
    sound = ask(runner, "liquidation", *TREASURY, "--collateral", "USDC=900000@1:0.01")
    shaken = ask(runner, "liquidation", *TREASURY, "--collateral", "USDC=900000@1:0.01:0.1")
    assert sound["equity"] == pytest.approx(891_000.0)
    assert shaken["equity"] == pytest.approx(801_900.0)
    expected = (801_900.0 + 6_000_000.0 + 11_450.0) / (120.0 * 1.01)
    assert shaken["liquidation_price"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--price", "nan"], "--price nan"),
        (["--price", "-1"], "--price -1"),
        (["--price", "5", "--open-interest", "nan"], "--open-interest nan"),
        (["--price", "5", "--open-interest", "-5"], "--open-interest -5"),
        (["--price", "5", "--margin-multiplier", "inf"], "--margin-multiplier inf"),
    ],
)
def test_a_wrong_margin_is_refused(runner: CliRunner, words: list[str], said: str) -> None:
    assert said in refused(runner, "margin", *TREASURY[:8], *ON, *words)


def test_margin_that_rises_with_open_interest_says_when_that_is_left_out(
    runner: CliRunner,
) -> None:
    words = ["--venue", "dydx", "--instrument", "SOL/USDC:USDC", "--price", "100", *ON]
    words += ["--quantity", "10"]
    without = ask(runner, "margin", *words)
    assert without["open_interest"] is None
    assert "that of low open interest" in without["warnings"][0]
    assert "give --open-interest" in " ".join(
        runner.invoke(app, ["calc", "margin", *words]).stdout.split()
    )
    # Half way between 40 and 100 millions: half of what is missing to the whole.
    half = ask(runner, "margin", *words, "--open-interest", "70000000")
    assert half["open_interest"] == 70_000_000.0
    assert not any("open interest" in line for line in half["warnings"])
    assert half["initial_rate"] == pytest.approx(0.5 * (1.0 + without["initial_rate"]))
    flat = ask(runner, "margin", *TREASURY[:8], "--price", "50000", *ON, "--open-interest", "5")
    assert "--open-interest changes nothing" in flat["warnings"][0]


def test_a_table_reads_well(runner: CliRunner) -> None:
    done = runner.invoke(
        app, ["calc", "liquidation", *TREASURY, "--deposit", "6500000", "--hedged-spot", "120"]
    )
    assert done.exit_code == 0
    for words in ("103,198.12", "106.40%", "6,500,000.00 USDT", "5 of 12: 2.00%", "never"):
        assert words in done.stdout


def test_what_cannot_be_opened_is_said(runner: CliRunner) -> None:
    thin = ask(runner, "liquidation", *TREASURY, "--deposit", "100000")
    assert "below the initial margin" in thin["warnings"][0]
    dead = ask(runner, "liquidation", *TREASURY, "--deposit", "100000", "--mark", "55000")
    assert "would be liquidated now" in dead["warnings"][0]
    assert dead["headroom"] < 0.0
    assert dead["leverage"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--deposit is missing"),
        (["--deposit", "1", "--leverage", "2"], "--deposit 1 and --leverage 2 contradict"),
        (["--leverage", "100"], "leverage 100 is beyond the 50"),
        (["--deposit", "nan"], "--deposit nan"),
        (["--deposit", "-5"], "--deposit -5"),
        (["--deposit", "5", "--mark", "inf"], "--mark inf"),
        (["--deposit", "5", "--collateral", "BTC"], "cannot be read"),
        (["--deposit", "5", "--collateral", "BTC=x@5"], "'x' is not a number"),
        (["--deposit", "5", "--collateral", "BTC=1@50000:1.5"], "haircut = 1.5"),
        (["--deposit", "5", "--collateral", "BTC=1@90000"], "contradicts the mark"),
        (["--deposit", "5", "--collateral", "BTC=-1@50000"], "BTC=-1@50000: the amount is -1"),
        (["--deposit", "5", "--collateral", "USDT=1000@0.5"], "contradicts --deposit 5"),
        (["--deposit", "5", "--collateral", "USDT=9@1:0:0.1"], "USDT at 0.9 contradicts"),
        (["--deposit", "5", "--collateral", "BTC=1@50000:0:0.1"], "a shock of 0.1 contradicts"),
        (["--deposit", "5", "--collateral", "USDC=9@1:0:1"], "a shock of 1 leaves nothing"),
        (["--deposit", "5", "--collateral", "USDC=9@1:0:x"], "'x' is not a number"),
        (["--deposit", "5", "--margin-multiplier", "nan"], "--margin-multiplier nan"),
        (["--deposit", "5", "--margin-multiplier", "0"], "--margin-multiplier 0"),
        (["--deposit", "5", "--realised-volatility", "1"], "--reference-volatility is missing"),
        (["--deposit", "5", "--reference-volatility", "1"], "--realised-volatility is missing"),
        (
            ["--deposit", "5", "--realised-volatility", "1", "--reference-volatility", "nan"],
            "--reference-volatility nan",
        ),
        (
            ["--deposit", "5", "--margin-multiplier", "2", "--realised-volatility", "1"],
            "--margin-multiplier 2 contradicts --realised-volatility",
        ),
        (["--deposit", "5", "--position", "ETH/USDT:USDT:long:5:-3"], "the entry -3"),
        (
            ["--collateral", "ETH=1@3000:0.1", "--collateral", "ETH=1@3000:0.2"],
            "contradict each other",
        ),
        (["--deposit", "5", "--position", "ETH/USDT:USDT:long:5"], "cannot be read"),
        (["--deposit", "5", "--position", "ETH/USDT:USDT:up:5:3000"], "the side is 'up'"),
        (["--deposit", "5", "--position", "ETH/USDT:USDT:long:-5:3000"], "--quantity -5"),
        (["--deposit", "5", "--position", "ETJ/USDT:USDT:long:5:3000"], "did you mean 'ETH"),
        (["--deposit", "5", "--hedged-spot", "-1"], "--hedged-spot -1"),
        (["--deposit", "5", "--fee", "gold"], "unknown fee tier 'gold'"),
        (["--deposit", "5", "--on", "yesterday"], "is not a day"),
        (["--deposit", "5", "--quantity", "90000"], "larger than the venue's last bracket"),
        (["--deposit", "5", "--quantity", "0"], "--quantity 0"),
        (["--deposit", "5", "--entry", "nan"], "--entry nan"),
        (["--deposit", "5", "--instrument", "BTC/USDT:USDQ"], "unknown instrument"),
        (["--deposit", "5", "--venue", "binanc"], "did you mean 'binance'"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    runner: CliRunner, words: list[str], said: str
) -> None:
    assert said in refused(runner, "liquidation", *TREASURY, *words)


def test_a_missing_tier_is_refused_and_a_table_of_ones_own_gives_it(
    runner: CliRunner, tmp_path: Path
) -> None:
    words = ["--venue", "bybit", "--instrument", "SOL/USDT:USDT", "--quantity", "10", *ON]
    words += ["--entry", "100", "--deposit", "500"]
    assert "no table gives its" in refused(runner, "liquidation", *words)
    table = tmp_path / "mine.toml"
    table.write_text(
        'venue = "mine"\nmarket = "perp"\neffective = 2024-01-01\nchecked = 2026-10-01\n'
        'source = "my notes"\nconfidence = "memory"\n\n'
        '[[fees]]\nname = "base"\nmaker = "0.0002"\ntaker = "0.0005"\n\n'
        '[[contract]]\nsymbol = "SOL/USDT:USDT"\n'
        'size = { multiplier = "1", tick = "0.01", lot = "0.1", minimum_notional = "5" }\n'
        'funding = { interval_hours = 8, cap = "0.01", floor = "-0.01", interest = "0.0001", '
        'clamp = "0.0005", method = "clamp", price = "mark" }\n'
        'margin = { method = "brackets", closing_fee = false }\n'
        'liquidation = { method = "full", fee = "0.005", deleveraging = "profit_leverage" }\n'
        'tiers = [{ floor = "0", cap = "100000", rate = "0.02", amount = "0", '
        'max_leverage = "25" }]\n',
        encoding="utf-8",
    )
    words[1] = "mine"
    answer = ask(runner, "liquidation", *words, "--table", str(table))
    assert answer["liquidation_price"] == pytest.approx((500.0 + 1_000.0) / (10.0 * 1.02))
    assert any("confidence: memory" in line for line in answer["rules"])


def test_the_largest_position_can_just_be_opened(runner: CliRunner) -> None:
    words = ["--venue", "deribit", "--instrument", "BTC/USD:BTC", "--price", "50000", *ON]
    largest = ask(runner, "margin", *words, "--quantity", "10", "--deposit", "2")
    quantity = str(largest["largest_quantity"])
    assert ask(runner, "margin", *words, "--quantity", quantity)["initial_margin"] == (
        pytest.approx(2.0)
    )
    assert "leverage 60 is beyond" in refused(
        runner, "margin", *words, "--quantity", "10", "--leverage", "60"
    )


def test_profit_of_an_inverse_short_is_the_dollars_it_locks(runner: CliRunner) -> None:
    words = ["--venue", "bybit", "--instrument", "BTC/USD:BTC", "--quantity", "100000", *ON]
    words += ["--entry", "50000", "--exit", "40000"]
    answer = ask(runner, "pnl", *words, "--funding-rate", "0.0001", "--settlements", "3")
    assert answer["pnl"] == pytest.approx(0.5)
    assert answer["funding"] == pytest.approx(0.0006)
    fee = float(contract_rules("bybit", "BTC/USD:BTC", DAY).fees[0].taker)
    assert answer["fees"] == pytest.approx(-fee * (2.0 + 2.5))
    assert answer["total"] == pytest.approx(answer["pnl"] + answer["fees"] + answer["funding"])
    assert answer["roi"] is None
    even = ask(
        runner,
        "pnl",
        *words[:-1],
        repr(answer["break_even"]),
        *("--funding-rate", "0.0001", "--settlements", "3", "--leverage", "2"),
    )
    assert even["total"] == pytest.approx(0.0, abs=1e-12)
    assert even["roi"] == pytest.approx(0.0, abs=1e-12)


def test_profit_of_a_quanto_contract_is_in_its_coin(runner: CliRunner) -> None:
    words = ["--venue", "bitmex", "--instrument", "ETH/USD:BTC", "--side", "long", *ON]
    words += ["--quantity", "1000", "--entry", "2000", "--exit", "2500"]
    answer = ask(runner, "pnl", *words)
    assert answer["pnl"] == pytest.approx(1_000 * 1e-6 * 500.0)
    assert answer["unit"] == "BTC"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--exit", "0"], "--exit 0"),
        (["--exit", "5", "--funding-rate", "nan"], "--funding-rate nan"),
        (["--exit", "5", "--funding-rate", "0.1"], "--settlements is missing"),
        (["--exit", "5", "--settlements", "-1"], "--settlements -1"),
        (["--exit", "5", "--leverage", "2", "--deposit", "5"], "contradict each other"),
        (["--exit", "5", "--leverage", "500"], "leverage 500 is beyond"),
    ],
)
def test_a_wrong_profit_is_refused(runner: CliRunner, words: list[str], said: str) -> None:
    assert said in refused(runner, "pnl", *TREASURY, *words)
