"""`hedgerow payoff` against payoffs that are worked out by hand."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

MARKET = """
[market]
time = 2026-01-15
[market.spot]
BTC = 60_000
[market.forward.BTC]
2026-03-27 = 61_500
2026-06-26 = 63_000
[market.volatility]
BTC = 0.6
"""
ETHER = "[market.spot]\nETH = 3_000\n"
STRADDLE = """
[[option]]
symbol = "BTC/USDC:USDC-260327-60000-C"
size = 1.0
entry = 6_000

[[option]]
symbol = "BTC/USDC:USDC-260327-60000-P"
size = 1.0
entry = 5_000
"""


def run(path: Path, text: str, *words: str, width: int = 100) -> tuple[int, str, str]:
    path.write_text(text, encoding="utf-8")
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["payoff", str(path), *words])
    return done.exit_code, done.stdout, done.stderr


def answer(path: Path, text: str, *words: str) -> dict[str, Any]:
    code, out, err = run(path, text, *words, "--json", "-")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book.toml"


def curve(found: dict[str, Any], place: int) -> tuple[Any, Any]:
    one = found["curves"][place]
    return np.array(one["prices"]), np.array(one["profit"])


def test_a_straddle_ends_at_its_payoff_less_what_was_paid(book: Path) -> None:
    found = answer(book, STRADDLE + MARKET)
    prices, profit = curve(found, -1)
    assert profit == pytest.approx(np.abs(prices - 60_000.0) - 11_000.0, abs=1e-6)
    last = found["curves"][-1]
    assert last["label"] == "at expiry"
    assert last["break_evens"] == pytest.approx([49_000.0, 71_000.0])
    assert last["lowest"] == {"price": 60_000.0, "profit": pytest.approx(-11_000.0)}
    assert found["strikes"] == [60_000.0]


def test_without_an_entry_profit_counts_from_now(book: Path) -> None:
    text = STRADDLE.replace("entry = 6_000", "").replace("entry = 5_000", "") + MARKET
    found = answer(book, text)
    prices, now = curve(found, 0)
    assert found["gained"] == 0.0
    assert float(np.interp(60_000.0, prices, now)) == pytest.approx(0.0, abs=1e-8)
    _, last = curve(found, -1)
    assert last == pytest.approx(np.abs(prices - 60_000.0) - found["worth"], abs=1e-6)


COVERED = """
[[holding]]
asset = "BTC"
amount = 2.0

[[option]]
symbol = "BTC-27MAR26-70000-C"
size = -2.0
entry = 0.05
"""


def test_a_covered_call_in_coin_keeps_its_premium(book: Path) -> None:
    found = answer(book, COVERED + MARKET)
    prices, last = curve(found, -1)
    paid = 2.0 * 0.05 * 60_000.0  # at the spot price of now
    by_hand = 2.0 * (prices - 60_000.0) - 2.0 * np.maximum(prices - 70_000.0, 0.0) + paid
    assert last == pytest.approx(by_hand, abs=1e-6)
    coins = answer(book, COVERED + MARKET, "--numeraire", "BTC")
    _, in_coin = curve(coins, -1)
    told = 0.1 - 2.0 * np.maximum(prices - 70_000.0, 0.0) / prices
    assert in_coin == pytest.approx(told, abs=1e-9)


def test_futures_come_to_spot_and_funding_is_paid(book: Path) -> None:
    text = """
[[perp]]
symbol = "BTC-PERPETUAL"
size = -60_000
entry = 61_000

[[future]]
symbol = "BTC/USDT:USDT-260327"
size = 1.0
"""
    market = MARKET + (
        '[market.mark]\n"BTC-PERPETUAL" = 60_000\n[market.funding]\n"BTC-PERPETUAL" = 0.1\n'
    )
    found = answer(book, text + market)
    prices, last = curve(found, -1)
    years = (71 + 1 / 3) / 365
    perp = -60_000.0 * (1.0 / 61_000.0 - 1.0 / prices) * prices
    by_hand = perp + 60_000.0 * 0.1 * years + (prices - 61_500.0)
    assert last == pytest.approx(by_hand, abs=1e-6)


def test_what_ends_earlier_is_settled_at_the_same_price(book: Path) -> None:
    text = STRADDLE + '\n[[option]]\nsymbol = "BTC/USDC:USDC-260626-80000-C"\nsize = -1.0\n'
    found = answer(book, text + MARKET)
    prices, last = curve(found, -1)
    straddle = np.abs(prices - 60_000.0) - 11_000.0
    sold = found["worth"] - (found["gained"] + 11_000.0)  # what the short call is worth now
    by_hand = straddle - np.maximum(prices - 80_000.0, 0.0) - sold
    assert last == pytest.approx(by_hand, abs=1e-6)
    assert found["curves"][-1]["days"] == pytest.approx(162 + 1 / 3)


def test_the_other_coin_stands_still(book: Path) -> None:
    more = '\n[[holding]]\nasset = "ETH"\namount = 100.0\n'
    alone = answer(book, STRADDLE + MARKET)
    market = MARKET.replace("BTC = 60_000", "BTC = 60_000\nETH = 3_000")
    both = answer(book, STRADDLE + more + market)
    assert both["underlying"] == "BTC"
    assert both["curves"][1]["profit"] == pytest.approx(alone["curves"][1]["profit"], abs=1e-6)
    other = answer(book, STRADDLE + more + market, "--underlying", "ETH", "--days", "1")
    prices, now = curve(other, 0)
    assert now - other["gained"] == pytest.approx(100.0 * (prices - 3_000.0), abs=1e-6)


def test_a_book_without_an_end_looks_a_month_ahead(book: Path) -> None:
    text = '[[pool]]\npair = "ETH/USDC"\nliquidity = 1_000\nlower = 2_500\nupper = 3_600\n'
    found = answer(book, text + ETHER)
    assert [one["label"] for one in found["curves"]] == [
        "now",
        "in 10 days",
        "in 20 days",
        "in 30 days",
    ]
    prices, last = curve(found, -1)
    at = np.clip(prices, 2_500.0, 3_600.0)
    coin = 1_000.0 * (1.0 / np.sqrt(at) - 1.0 / 60.0)
    worth = prices * coin + 1_000.0 * (np.sqrt(at) - 50.0)
    assert last == pytest.approx(worth - found["worth"], abs=1e-6)


def test_a_range_can_be_asked_for(book: Path) -> None:
    found = answer(book, STRADDLE + MARKET, "--from", "50000", "--to", "65000", "--days", "7")
    prices, _ = curve(found, -1)
    assert (prices[0], prices[-1]) == (50_000.0, 65_000.0)
    assert found["curves"][-1]["label"] == "in 7 days"


@pytest.mark.parametrize("width", [60, 100])
def test_a_person_sees_the_curves_and_the_figures(width: int, book: Path) -> None:
    code, out, _ = run(book, STRADDLE + MARKET, width=width)
    assert code == 0
    assert "Break-even at expiry" in out
    assert "49,000 / 71,000" in out
    assert "60,000 (now)" in out
    assert "⠤" in out or "⣀" in out
    assert max(len(line) for line in out.splitlines()) <= width


def test_the_page_needs_nothing_else(book: Path, tmp_path: Path) -> None:
    page = tmp_path / "payoff.html"
    code, _, err = run(book, STRADDLE + MARKET, "--html", str(page), "--quiet")
    assert code == 0, err
    text = page.read_text(encoding="utf-8")
    assert "49,000" in text
    assert "default-src 'none'" in text
    assert "src=" not in text
    assert "http" not in text.replace("http-equiv", "")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 2  # of which the page shows the one that its width suits
    assert not any("nan" in one.lower() for one in drawings)


def test_on_a_narrow_page_all_of_the_chart_is_there_at_its_own_size(
    book: Path, tmp_path: Path
) -> None:
    page = tmp_path / "payoff.html"
    code, _, err = run(book, STRADDLE + MARKET, "--html", str(page), "--quiet")
    assert code == 0, err
    text = page.read_text(encoding="utf-8")
    (narrow,) = re.findall(r'<div class="on-narrow">(<svg.*?</svg>)', text, re.DOTALL)
    (width,) = map(float, re.findall(r'viewBox="0 0 (\d+)', narrow))
    assert width <= 380.0  # so that letters of 11 pixels stay such on a phone
    for said in ("spot 60,000", "49,000", "71,000", "strike 60,000", "at expiry", "BTC price"):
        assert f">{said}</text>" in narrow
    places = [float(one) for one in re.findall(r'\bx[12]?="([-\d.]+)"', narrow)]
    assert min(places) >= 0.0
    assert max(places) <= width
    styles = text.replace(" ", "")
    assert ".on-narrow{display:none" in styles
    assert ".on-wide{display:none;}.on-narrow{display:block;}" in styles.replace("\n", "")
    assert 'class="wide"' not in text  # nothing that has to be scrolled to


def test_a_name_in_the_book_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "a<script>alert(1)<.toml"
    page = tmp_path / "payoff.html"
    code, _, err = run(path, STRADDLE + MARKET, "--html", str(page), "--quiet")
    assert code == 0, err
    assert "<script>alert" not in page.read_text(encoding="utf-8")


BAD = [
    (("--from", "70000", "--to", "60000"), "--from 70000"),
    (("--from", "0"), "--from 0"),
    (("--to", "nan"), "--to nan"),
    (("--days", "0"), "--days 0"),
    (("--days", "nan"), "--days nan"),
    (("--underlying", "DOGE"), "'DOGE'"),
    (("--underlying", "btc"), "'btc'"),
    (("--chain", "none.parquet"), "none.parquet"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_ends_with_2_and_the_mend(words: tuple[str, ...], said: str, book: Path) -> None:
    code, out, err = run(book, STRADDLE + MARKET, *words)
    assert code == 2
    assert said in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_a_coin_without_a_price_has_no_payoff(book: Path) -> None:
    code, _, err = run(book, STRADDLE)
    assert code == 2
    assert "--spot BTC=PRICE" in err


def test_money_alone_has_no_payoff(book: Path) -> None:
    code, _, err = run(book, '[[holding]]\nasset = "USD"\namount = 1\n')
    assert code == 2
    assert "nothing whose price moves" in err
