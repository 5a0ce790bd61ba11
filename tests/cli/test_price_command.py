"""`hedgerow price`: each pricer against QuantLib or a formula written out here."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from QuantLib import BlackCalculator, Option, PlainVanillaPayoff, blackFormula
from typer.testing import CliRunner

from hedgerow.cli.app import app

OPTION = "--strike 66000 --volatility 0.6 --days 30"


def run(words: str) -> tuple[int, str, str]:
    done = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["price", *words.split()])
    return done.exit_code, done.stdout, done.stderr


def answer(words: str) -> dict[str, Any]:
    code, out, err = run(f"{words} --json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def black(forward: float, strike: float, deviation: float, kind: int = Option.Call) -> float:
    return float(blackFormula(kind, strike, forward, deviation))


def test_an_option_on_a_forward_is_quantlibs() -> None:
    found = answer(f"black76 --forward 60000 {OPTION} --kind put --rate 0.05")
    years = 30 / 365
    calculator = BlackCalculator(
        PlainVanillaPayoff(Option.Put, 66_000.0),
        60_000.0,
        0.6 * math.sqrt(years),
        math.exp(-0.05 * years),
    )
    assert found["price"] == pytest.approx(calculator.value(), rel=1e-12)
    assert found["delta"] == pytest.approx(calculator.deltaForward(), rel=1e-12)
    assert found["gamma"] == pytest.approx(calculator.gammaForward(), rel=1e-12)
    assert found["vega"] == pytest.approx(calculator.vega(years), rel=1e-12)
    assert found["hedge"]["linear_perp"] == -found["delta"]
    assert found["hedge"]["inverse_perp"] == pytest.approx(-60_000.0 * found["delta"])
    assert set(found["units"]) == {*found, *found["hedge"]} - {
        "asked",
        "hedge",
        "units",
        "warnings",
    }


def test_an_option_on_a_spot_is_quantlibs() -> None:
    found = answer(f"bsm --spot 60000 {OPTION} --rate 0.05 --dividend 0.02")
    years = 30 / 365
    forward = 60_000.0 * math.exp(0.03 * years)
    calculator = BlackCalculator(
        PlainVanillaPayoff(Option.Call, 66_000.0),
        forward,
        0.6 * math.sqrt(years),
        math.exp(-0.05 * years),
    )
    assert found["price"] == pytest.approx(calculator.value(), rel=1e-12)
    assert found["delta"] == pytest.approx(calculator.delta(60_000.0), rel=1e-12)
    assert found["rho"] == pytest.approx(calculator.rho(years), rel=1e-11)
    assert found["dividend_rho"] == pytest.approx(calculator.dividendRho(years), rel=1e-11)


def test_a_coin_option_has_a_hedge_for_each_wealth() -> None:
    found = answer(f"coin --forward 60000 {OPTION} --contracts -3 --coins 2 --perp 60100")
    price = black(60_000.0, 66_000.0, 0.6 * math.sqrt(30 / 365)) / 60_000.0
    assert found["price_coin"] == pytest.approx(price, rel=1e-12)
    net = found["delta"] - price
    assert found["delta_net"] == pytest.approx(net, rel=1e-11)
    assert found["hedge"]["inverse_perp_coin"] == pytest.approx(3.0 * net * 60_100.0)
    dollars = -60_100.0 * (2.0 - 3.0 * price - 3.0 * net)
    assert found["hedge"]["inverse_perp_dollar"] == pytest.approx(dollars)


@pytest.mark.parametrize("unit", ["quote", "coin"])
def test_a_volatility_comes_back_from_its_price(unit: str) -> None:
    price = black(60_000.0, 66_000.0, 0.6 * math.sqrt(30 / 365))
    price = price if unit == "quote" else price / 60_000.0
    words = f"implied --price {price!r} --in {unit} --forward 60000 --strike 66000 --days 30"
    assert answer(words)["volatility"] == pytest.approx(0.6, rel=1e-12)


def test_a_price_at_its_bound_has_no_finite_volatility() -> None:
    words = "implied --price 60000 --forward 60000 --strike 66000 --days 30"
    found = answer(words)
    assert found["volatility"] is None
    assert "upper bound" in found["warnings"][0]
    assert "infinite" in run(words)[1]


def test_an_everlasting_option_is_the_mean_of_dated_ones() -> None:
    found = answer("everlasting --spot 60000 --strike 60000 --volatility 0.8 --funding-days 7")
    period, steps, far = 7 / 365, 20_000, 30.0
    total = 0.0
    for step in range(steps):
        share = (step + 0.5) * far / steps  # of the period
        worth = black(60_000.0, 60_000.0, 0.8 * math.sqrt(share * period))
        total += worth * math.exp(-share) * far / steps
    assert found["price"] == pytest.approx(total, rel=1e-4)
    assert found["funding_flow"] == pytest.approx(found["price"] / period, rel=1e-12)


def test_an_everlasting_option_paid_at_intervals_is_a_sum() -> None:
    found = answer("everlasting --spot 60000 --strike 66000 --volatility 0.8 --payments 1")
    dated = (
        black(60_000.0, 66_000.0, 0.8 * math.sqrt(count / 365)) / 2.0**count
        for count in range(1, 60)
    )
    assert found["price"] == pytest.approx(sum(dated), rel=1e-9)


def test_powers_follow_their_formulas() -> None:
    token = answer("squeeth --spot 3000 --volatility 0.9 --norm 0.8 --contracts -100")
    worth = 0.8 * 3_000.0**2 / 1e4 * math.exp(0.81 * 17.5 / 365)
    assert token["price"] == pytest.approx(worth, rel=1e-12)
    assert token["hedge"]["linear_perp"] == pytest.approx(100.0 * 2.0 * worth / 3_000.0)
    power = answer("power --spot 3000 --volatility 0.9 --power 2")
    assert power["price"] == pytest.approx(9e6 / (1.0 - 17.5 / 365 * 0.81), rel=1e-12)
    once = answer("power --spot 3000 --volatility 0.9 --payments 1")
    growth = math.exp(0.81 * 17.5 / 365)
    assert once["price"] == pytest.approx(9e6 * 0.5 * growth / (1.0 - 0.5 * growth), rel=1e-12)


def test_a_perpetual_trades_at_spot_where_its_interest_is_the_carry() -> None:
    first = answer("perp --spot 60000 --rate 0.10 --interest 0.0001")
    growth = math.expm1(0.10 * 8 / 8760)
    assert first["price"] == pytest.approx(60_000.0 * (1.0 - 1e-4) / (1.0 - growth), rel=1e-14)
    same = answer(f"perp --spot 60000 --rate 0.10 --interest {first['interest_at_spot']!r}")
    assert same["price"] == pytest.approx(60_000.0, rel=1e-14)
    assert same["basis"] == pytest.approx(0.0, abs=1e-15)
    quanto = "--payoff quanto --time continuous --intensity 1095 --covariance 0.3"
    found = answer(f"perp --spot 3000 --rate 0.05 {quanto}")
    assert found["price"] == pytest.approx(3_000.0 * 1_095.0 / (1_095.0 - 0.35), rel=1e-14)
    inverse = answer("perp --spot 60000 --rate 0.10 --payoff inverse --time continuous")
    assert inverse["price"] == pytest.approx(60_000.0 * 1.1, rel=1e-14)


def test_a_perpetual_american_put_is_the_textbooks() -> None:
    found = answer("american --spot 60000 --strike 50000 --volatility 0.7 --kind put --rate 0.04")
    root = 2.0 * 0.04 / 0.49
    boundary = 50_000.0 * root / (1.0 + root)
    worth = (50_000.0 - boundary) * (60_000.0 / boundary) ** -root
    assert found["boundary"] == pytest.approx(boundary, rel=1e-12)
    assert found["price"] == pytest.approx(worth, rel=1e-12)
    assert found["delta"] == pytest.approx(-root * worth / 60_000.0, rel=1e-12)


def test_liquidity_in_a_range_is_what_its_formulas_say() -> None:
    words = "pool --price 3000 --liquidity 1000 --lower 2500 --upper 3600 --volatility 0.8"
    found = answer(f"{words} --later 3300 --days 30")
    coin = 1_000.0 * (1.0 / math.sqrt(3_000.0) - 1.0 / 60.0)
    cash = 1_000.0 * (math.sqrt(3_000.0) - 50.0)
    assert found["coin"] == pytest.approx(coin, rel=1e-12)
    assert found["value"] == pytest.approx(3_000.0 * coin + cash, rel=1e-12)
    assert found["gamma"] == pytest.approx(-500.0 / 3_000.0**1.5, rel=1e-12)
    rate = 0.5 * 0.64 * 3_000.0**2 * 500.0 / 3_000.0**1.5
    assert found["loss_rate"] == pytest.approx(rate, rel=1e-12)
    later_coin = 1_000.0 * (1.0 / math.sqrt(3_300.0) - 1.0 / 60.0)
    later = 3_300.0 * later_coin + 1_000.0 * (math.sqrt(3_300.0) - 50.0)
    held = 3_300.0 * coin + cash
    assert found["impermanent_loss"] == pytest.approx(later - held, rel=1e-9)
    assert found["impermanent_fraction"] == pytest.approx((later - held) / held, rel=1e-9)
    assert 0.0 < found["expected_loss"] < rate * 30 / 365
    bought = answer(f"pool --price 3000 --coins {coin!r} --cash {cash!r} --lower 2500 --upper 3600")
    assert bought["liquidity"] == pytest.approx(1_000.0, rel=1e-12)
    assert not bought["warnings"]
    over = answer(f"pool --price 3000 --coins {coin!r} --cash 9000 --lower 2500 --upper 3600")
    assert "stay over" in over["warnings"][0]


def test_a_streamed_premium_is_the_fee_of_the_swaps() -> None:
    words = "streaming --lower 2500 --upper 3600 --coins 1 --path 3000,3100"
    found = answer(f"{words} --fee 0.003 --volatility 0.8")
    liquidity = 1.0 / (1.0 / 50.0 - 1.0 / 60.0)
    cash_in = liquidity * (math.sqrt(3_100.0) - math.sqrt(3_000.0))
    assert found["strike"] == pytest.approx(3_000.0)
    assert found["premium_cash"] == pytest.approx(cash_in * 0.003 / 0.997, rel=1e-12)
    assert found["premium_coin"] == 0.0
    share = (0.8 / found["volatility"]) ** 2
    assert found["fair_premium"] == pytest.approx(found["premium"] * share, rel=1e-12)
    still = answer("streaming --lower 2500 --upper 3600 --path 5000,6000")
    assert "volatility" not in still
    assert "no premium" in still["warnings"][0]


BAD = [
    ("black76 --forward 60000 --strike -1 --volatility 0.6 --days 30", "--strike -1"),
    (f"black76 --forward nan {OPTION}", "--forward nan"),
    ("black76 --forward 60000 --strike 1 --volatility -0.6 --days 30", "--volatility -0.6"),
    ("black76 --forward 60000 --strike 1 --volatility nan --days 30", "--volatility nan"),
    ("black76 --forward 60000 --strike 1 --volatility 0.6 --days 0", "--days 0"),
    ("black76 --forward 60000 --strike 1 --volatility 0.6 --days -2", "--days -2"),
    (f"black76 --forward 60000 {OPTION} --contracts nan", "--contracts nan"),
    (f"black76 --forward 60000 {OPTION} --rate inf", "--rate inf"),
    (f"bsm --spot 0 {OPTION}", "--spot 0"),
    (f"coin --forward 60000 {OPTION} --perp -1", "--perp -1"),
    (f"coin --forward 60000 {OPTION} --coins inf", "--coins inf"),
    ("implied --price -1 --forward 60000 --strike 66000 --days 30", "--price -1"),
    ("implied --price 70000 --forward 60000 --strike 66000 --days 30", "between 0 and 60000"),
    ("implied --price 1 --in coin --kind put --forward 6 --strike 3 --days 3", "upper bound"),
    ("implied --price 5 --forward 60 --strike 50 --days 3", "below the intrinsic value"),
    ("everlasting --spot 1 --strike 1 --volatility 0 --funding-days 7", "--volatility 0"),
    ("everlasting --spot 1 --strike 1 --volatility 1 --funding-days nan", "--funding-days nan"),
    ("everlasting --spot 1 --strike 1 --volatility 1 --payments 0", "--payments 0"),
    ("power --spot 1 --volatility 1 --power nan", "--power nan"),
    ("power --spot 1 --volatility 9", "outgrows its funding"),
    ("squeeth --spot 3000 --volatility 0.9 --norm 0", "--norm 0"),
    ("perp --spot 1 --rate nan", "--rate nan"),
    ("perp --spot 1 --rate 9999", "too weak for the carry"),
    ("perp --spot 1 --rate 0.1 --covariance 0.2", "--covariance 0.2"),
    ("perp --spot 1 --rate 0.1 --payoff quanto", "continuous funding only"),
    ("american --spot 1 --strike 1 --volatility 1 --rate -0.1", "--rate -0.1"),
    ("pool --price 3000", "--liquidity is missing"),
    ("pool --price 3000 --liquidity 1 --coins 2", "contradicts"),
    ("pool --price 3000 --liquidity 1 --lower 5 --upper 4", "lower < upper"),
    ("pool --price 3000 --liquidity -1", "--liquidity -1"),
    ("pool --price 3000 --liquidity 1 --days 3", "--volatility"),
    ("pool --price 10 --cash 1 --lower 12 --upper 15", "buy no liquidity"),
    ("streaming --lower 3 --upper 2 --path 1,2", "0 < lower < upper"),
    ("streaming --lower 1 --upper 2 --path 1,x", "--path '1,x'"),
    ("streaming --lower 1 --upper 2 --path 1", "at least two"),
    ("streaming --lower 1 --upper 2 --path 1,-2", "--path -2"),
    ("streaming --lower 1 --upper 2 --path 1,2 --fee 1", "--fee 1"),
    (f"black76 --forward 1e308 {OPTION}", "--forward 1e+308: it must be below 1e+50;"),
    ("perp --spot 1 --rate 0.1 --payoff quanto", "--time previous: the price of a quanto"),
    ("perp --spot 1 --rate 0.1 --payoff quanto", "add --time continuous"),
    ("perp --spot 1 --rate 0.1 --interval-hours -8", "--interval-hours -8:"),
    ("perp --spot 1 --rate 0.1 --intensity 0", "--intensity 0:"),
    ("american --spot 1 --strike 1 --volatility 1 --coin-rate -1", "--coin-rate -1:"),
    ("black76 --forward 6 --strike 6 --volatility 0.6 --days 1e9", "below 3,650,000"),
    ("black76 --forward 6 --strike 6 --volatility 0.6 --days x", "'x' is not a number; write one"),
    (f"black76 --forward 6 {OPTION} --kind foo", "'--kind': 'foo' is not one of 'call', 'put'"),
]


@pytest.mark.parametrize(
    ("words", "said"), BAD, ids=[f"{words[:60]}: {said}" for words, said in BAD]
)
def test_bad_input_ends_with_2_and_the_mend(words: str, said: str) -> None:
    code, out, err = run(words)
    assert code == 2
    assert said in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_a_person_gets_a_table_with_units() -> None:
    code, out, _ = run(f"coin --forward 60000 {OPTION}")
    assert code == 0
    assert "Call at 66,000" in out
    assert "quote a point" in out
    assert "inverse perp, dollar wealth" in out


def test_a_process_of_its_own_compiles_nothing_and_says_the_same(tmp_path: Path) -> None:
    words = f"coin --forward 60000 {OPTION} --coins 2 --json".split()
    done = subprocess.run(
        [sys.executable, "-m", "hedgerow", "price", *words],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert json.loads(done.stdout) == answer(" ".join(words[:-1]))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_volatility_meant_as_per_cent_is_told() -> None:
    words = "black76 --forward 60000 --strike 66000 --days 30 --volatility"
    assert answer(f"{words} 0.6")["warnings"] == []
    warned = answer(f"{words} 60")["warnings"]
    assert warned == ["A volatility of 60 is 6,000% a year; 60 % is written 0.6."]


def test_a_price_beyond_all_doubles_is_no_defect() -> None:
    words = ["price", "power", "--spot", "3000", "--volatility", "0.8", "--power", "100"]
    done = subprocess.run(
        [sys.executable, "-m", "hedgerow", *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "beyond what a double can hold" in done.stderr


def test_one_day_is_written_as_one() -> None:
    words = "black76 --forward 60000 --strike 66000 --volatility 0.6 --days"
    assert "66,000, 1 day, on" in run(f"{words} 1")[1]
    assert "66,000, 1.5 days, on" in run(f"{words} 1.5")[1]
    once = run("everlasting --spot 60000 --strike 60000 --volatility 0.8 --funding-days 1")[1]
    assert "over 1 day," in " ".join(once.split())
