"""`calc funding` says rate, year and cash by the venue's rule, and refuses what it cannot know."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from hedgerow.cli.calc_funding import funding

app = typer.Typer()
app.command()(funding)
BINANCE = ["--venue", "binance", "--instrument", "BTC/USDT:USDT", "--on", "2026-08-01"]
HYPERLIQUID = ["--venue", "hyperliquid", "--instrument", "BTC/USDC:USDC", "--on", "2024-06-01"]
INVERSE = ["--venue", "binance", "--instrument", "BTC/USD:BTC", "--on", "2026-08-01"]
KEYS = {
    "rate",
    "interval_hours",
    "annualised",
    "annualised_compounded",
    "payment",
    "price_kind",
    "capped",
    "rules",
}


def ask(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refused(*words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 2
    assert done.stdout == ""
    return done.stderr


def test_a_short_of_120_coins_at_a_quiet_premium() -> None:
    position = ["--quantity", "120", "--price", "50000", "--side", "short"]
    answer = ask(*BINANCE, "--premium", "0.0003", *position)
    assert set(answer) >= KEYS
    assert answer["rate"] == pytest.approx(0.0001)
    assert answer["interval_hours"] == 8
    assert answer["annualised"] == pytest.approx(0.1095)
    assert answer["annualised_compounded"] == pytest.approx(0.1157139628)
    assert answer["payment"] == pytest.approx(600.0)
    assert (answer["price_kind"], answer["settle"]) == ("mark", "USDT")
    assert answer["capped"] is False
    assert answer["predicted"] is False
    assert any("confidence" in line for line in answer["rules"])


def test_a_long_pays_what_the_short_receives() -> None:
    position = ["--quantity", "120", "--price", "50000", "--side", "long"]
    assert ask(*BINANCE, "--premium", "0.0003", *position)["payment"] == pytest.approx(-600.0)


def test_a_bound_that_holds_the_rate_is_said() -> None:
    answer = ask(*BINANCE, "--premium", "-0.02")
    assert (answer["rate"], answer["capped"], answer["payment"]) == (-0.003, True, None)


def test_an_inverse_contract_pays_coins() -> None:
    answer = ask(*INVERSE, "--premium", "0", "--quantity", "6000000", "--price", "60000")
    assert answer["settle"] == "BTC"
    assert answer["payment"] == pytest.approx(0.01)  # 100 coins at 0.01 %


def test_an_hourly_venue_pays_on_its_oracle() -> None:
    answer = ask(*HYPERLIQUID, "--premium", "0.01", "--quantity", "1", "--price", "10000")
    assert answer["rate"] == pytest.approx(0.0095 / 8)
    assert (answer["interval_hours"], answer["price_kind"]) == (1, "oracle")
    assert answer["payment"] == pytest.approx(11.875)


def test_samples_are_weighted_as_the_venue_does(tmp_path: Path) -> None:
    file = tmp_path / "premiums.csv"
    file.write_text("premium\n0.001\n0.002\n0.004\n")
    rising = ask(*BINANCE, "--samples", str(file))
    assert rising["premium"] == pytest.approx((0.001 + 0.004 + 0.012) / 6.0)
    equal = ask(*HYPERLIQUID, "--samples", str(file))
    assert equal["premium"] == pytest.approx(0.007 / 3.0)


def test_half_an_interval_predicts_with_the_newest_premium(tmp_path: Path) -> None:
    file = tmp_path / "premiums.csv"
    file.write_text("0.001\n0.003\n")
    answer = ask(*HYPERLIQUID, "--samples", str(file), "--elapsed", "0.5")
    assert answer["predicted"] is True
    assert answer["premium"] == pytest.approx(0.0025)  # 0.002 so far, then 0.003
    same = ask(*HYPERLIQUID, "--premium", "0.002", "--newest", "0.003", "--elapsed", "0.5")
    assert same["rate"] == answer["rate"]


def test_a_book_is_walked_for_the_venue_s_notional(tmp_path: Path) -> None:
    file = tmp_path / "book.json"
    file.write_text(json.dumps({"bids": [[10100, 10]], "asks": [[10110, 10]]}))
    answer = ask(*HYPERLIQUID, "--book", str(file), "--index", "10000")
    assert answer["premium"] == pytest.approx(0.01)  # the documentation's own example
    assert answer["rate"] == pytest.approx(0.0095 / 8)
    thin = [*HYPERLIQUID, "--book", str(file), "--index", "10000", "--impact-notional", "1e6"]
    assert "bids are too thin: 1 levels hold 101000" in refused(*thin)


def test_a_rate_that_follows_open_interest() -> None:
    gmx = ["--venue", "gmx", "--instrument", "BTC/USD:USDC", "--saved", "5e-9"]
    sides = ["--long-interest", "150000", "--short-interest", "100000"]
    position = ["--quantity", "1", "--price", "60000"]
    short = ask(*gmx, *sides, *position)
    assert short["rate"] == pytest.approx(5e-9 * 3_600)
    assert short["premium"] is None
    assert short["payment"] == pytest.approx(60_000 * 5e-9 * 3_600 * 1.5)  # 1.5 longs a short
    assert "give --long-interest" in refused(*gmx)


def test_a_person_gets_a_table() -> None:
    words = [*BINANCE, "--premium", "0.0003", "--quantity", "120", "--price", "50000"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    for text in ("longs pay shorts", "0.010000%", "10.95%", "you receive per 8 h", "600 USDT"):
        assert text in done.stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "give one of --premium, --samples and --book"),
        (["--premium", "0.1", "--samples", "x.csv"], "(given: --premium, --samples)"),
        (["--premium", "nan"], "premium = nan"),
        (["--premium", "0.1", "--elapsed", "0"], "elapsed = 0.0"),
        (["--premium", "0.1", "--quantity", "-1", "--price", "1"], "--quantity -1"),
        (["--premium", "0.1", "--quantity", "1"], "--price is missing"),
        (["--premium", "0.1", "--quantity", "1", "--price", "0"], "price = 0.0"),
        (["--samples", "no-such-file.csv"], "no-such-file.csv: cannot read"),
        (["--premium", "0.1", "--on", "yesterday"], "--on 'yesterday' is not a day"),
        (["--premium", "0.1", "--instrument", "BTC/USDX:USDX"], "unknown instrument"),
        (["--premium", "0.1", "--venue", "binanse"], "did you mean 'binance'"),
        (["--premium", "0.1", "--table", "none.toml"], "none.toml: cannot read"),
    ],
)
def test_what_is_missing_or_wrong_is_named(words: list[str], complaint: str) -> None:
    assert complaint in refused(*BINANCE, *words)


def test_a_book_needs_its_index_and_a_known_notional(tmp_path: Path) -> None:
    file = tmp_path / "book.json"
    file.write_text(json.dumps({"bids": [[100, 1]], "asks": [[101, 1]]}))
    assert "--index is missing" in refused(*BINANCE, "--book", str(file))
    unknown = refused(*INVERSE, "--book", str(file), "--index", "100")
    assert "--impact-notional is missing" in unknown


def test_a_change_beyond_the_venues_limit_is_held_back() -> None:
    """BitMEX, 2020-04-17: 75 % of a maintenance rate of 0.5 % a settlement."""
    asked = ["--venue", "bitmex", "--instrument", "BTC/USD:BTC", "--on", "2026-11-01"]
    free = ask(*asked, "--premium", "0.003")
    held = ask(*asked, "--premium", "0.003", "--previous", "-0.003")
    assert (free["rate"], free["capped"]) == (0.0025, False)
    assert held["rate"] == pytest.approx(-0.003 + 0.75 * 0.005)
    assert held["capped"] is True
