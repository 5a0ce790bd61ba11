"""`hedgerow greeks` on a small chain of flat volatility, against Black's formula from QuantLib."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from QuantLib import BlackCalculator, Option, PlainVanillaPayoff
from typer.testing import CliRunner

from hedgerow.cli.app import app

SPOT, FORWARD, VOLATILITY = 60_000.0, 60_900.0, 0.6
YEARS = (71 + 1 / 3) / 365  # 2026-01-15 00:00 to 2026-03-27 08:00
HEAD = (
    "snapshot,instrument_name,currency,option_type,strike,expiry,underlying_price,index_price,"
    "bid,ask,mark_price,mark_iv,delta,open_interest"
)
BOOK = """
[[holding]]
asset = "BTC"
amount = 2.0

[[holding]]
asset = "USDT"
amount = 10_000

[[option]]
symbol = "BTC-27MAR26-70000-C"
size = -2.0

[[option]]
symbol = "BTC-27MAR26-50000-P"
size = 1.0
"""


def calculator(strike: float, kind: int) -> BlackCalculator:
    payoff = PlainVanillaPayoff(kind, strike)
    return BlackCalculator(payoff, FORWARD, VOLATILITY * math.sqrt(YEARS), 1.0)


def chain_file(folder: Path) -> Path:
    """Write quotes of one expiry, priced by QuantLib at one volatility."""
    lines = [HEAD]
    for strike in range(35_000, 105_000, 5_000):
        for letter, kind in (("C", Option.Call), ("P", Option.Put)):
            price = calculator(float(strike), kind).value() / FORWARD
            name = f"BTC-27MAR26-{strike}-{letter}"
            word = "call" if letter == "C" else "put"
            lines.append(
                f"2026-01-15 00:00:00,{name},BTC,{word},{strike},2026-03-27 08:00:00,{FORWARD},"
                f"{SPOT},{price - 1e-5},{price + 1e-5},{price},{VOLATILITY},,1"
            )
    path = folder / "chain.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("book")
    chain_file(found)
    (found / "book.toml").write_text(BOOK, encoding="utf-8")
    return found


def run(
    folder: Path, *words: str, book: str = "book.toml", width: int = 120
) -> tuple[int, str, str]:
    runner = CliRunner(env={"COLUMNS": str(width)})
    done = runner.invoke(app, ["greeks", str(folder / book), *words])
    return done.exit_code, done.stdout, done.stderr


def answer(folder: Path, *words: str, book: str = "book.toml") -> dict[str, Any]:
    code, out, err = run(folder, *words, "--json", "-", book=book)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def numbers(found: dict[str, Any]) -> dict[str, float]:
    """Return the sensitivities by the first underlying."""
    first = found["underlyings"][0]
    return {name: value for name, value in first.items() if name != "underlying"}


def chain_of(folder: Path) -> tuple[str, str]:
    return "--chain", str(folder / "chain.csv")


def test_the_venues_volatilities_give_blacks_greeks(folder: Path) -> None:
    found = answer(folder, *chain_of(folder), "--surface", "none")
    call, put = calculator(70_000.0, Option.Call), calculator(50_000.0, Option.Put)
    # A coin option is worth S / F times Black's value, and F moves as S does.
    worth = (-2.0 * call.value() + put.value()) * SPOT / FORWARD
    (only,) = found["underlyings"]
    assert only["worth"] == pytest.approx(2.0 * SPOT + worth, rel=1e-12)
    assert found["worth"] == pytest.approx(only["worth"] + 10_000.0, rel=1e-12)
    delta = -2.0 * call.deltaForward() + put.deltaForward()
    assert only["delta"] == pytest.approx(2.0 + delta, rel=1e-12)
    vega = (-2.0 * call.vega(YEARS) + put.vega(YEARS)) * SPOT / FORWARD
    assert only["vega"] == pytest.approx(vega, rel=1e-11)
    gamma = (-2.0 * call.gammaForward() + put.gammaForward()) * FORWARD / SPOT
    assert only["gamma"] == pytest.approx(gamma, rel=1e-11)
    assert [row["bucket"] for row in found["expiries"]] == ["2026-03-27", "no expiry"]
    assert [row["position"] for row in found["positions"]][2] == "BTC/USD:BTC-260327-70000-C"
    total = sum(row["delta"] for row in found["positions"])
    assert total == pytest.approx(only["delta"], rel=1e-12)
    assert not found["problems"]
    assert not found["surfaces"]


@pytest.mark.parametrize("kind", ["svi", "ssvi", "vanna-volga"])
def test_a_fitted_surface_finds_the_flat_volatility(kind: str, folder: Path) -> None:
    flat = answer(folder, *chain_of(folder), "--surface", "none")["underlyings"][0]
    found = answer(folder, *chain_of(folder), "--surface", kind)
    assert found["surfaces"] == {"BTC": {"kind": kind, "expiries": 1, "fits": 1, "violations": 0}}
    assert found["underlyings"][0]["delta"] == pytest.approx(flat["delta"], abs=1e-3)
    assert found["underlyings"][0]["vega"] == pytest.approx(flat["vega"], rel=1e-2)


def test_the_hedge_takes_the_delta_away(folder: Path) -> None:
    found = answer(folder, *chain_of(folder))
    trades = {one["instrument"]: one["size"] for one in found["hedges"]}
    assert set(trades) == {"BTC/USD:BTC", "BTC/USDT:USDT"}
    delta = found["underlyings"][0]["delta"]
    assert trades["BTC/USDT:USDT"] == pytest.approx(-delta, rel=1e-12)
    assert trades["BTC/USD:BTC"] == pytest.approx(-delta * SPOT, rel=1e-12)
    perp = f'\n[[perp]]\nsymbol = "BTC-PERPETUAL"\nsize = {trades["BTC/USD:BTC"]!r}\n'
    (folder / "hedged.toml").write_text(BOOK + perp, encoding="utf-8")
    words = ("--mark", f"BTC-PERPETUAL={SPOT}", "--funding", "BTC-PERPETUAL=0.1")
    hedged = answer(folder, *chain_of(folder), *words, book="hedged.toml")
    assert hedged["underlyings"][0]["delta"] == pytest.approx(0.0, abs=1e-9)
    assert hedged["underlyings"][0]["carry"] != found["underlyings"][0]["carry"]


def test_in_coin_the_money_is_the_exposure(folder: Path) -> None:
    dollars = answer(folder, *chain_of(folder))
    coins = answer(folder, *chain_of(folder), "--numeraire", "BTC")
    assert coins["numeraire"] == "BTC"
    assert coins["worth"] == pytest.approx(dollars["worth"] / SPOT, rel=1e-12)
    told = dollars["underlyings"][0]["delta"] - dollars["worth"] / SPOT
    assert coins["underlyings"][0]["delta"] == pytest.approx(told, rel=1e-12)


def test_without_a_chain_the_market_comes_from_flags_and_the_file(folder: Path) -> None:
    words = ("--spot", f"BTC={FORWARD}", "--volatility", "BTC=0.6", "--at", "2026-01-15")
    found = answer(folder, *words)
    call, put = calculator(70_000.0, Option.Call), calculator(50_000.0, Option.Put)
    delta = 2.0 - 2.0 * call.deltaForward() + put.deltaForward()
    assert found["underlyings"][0]["delta"] == pytest.approx(delta, rel=1e-12)
    assert "no forwards are given" in found["warnings"][0]
    market = "[market]\ntime = 2026-01-15\n[market.spot]\nBTC = 60_000\n"
    curve = f"[market.forward.BTC]\n2026-03-27 = {FORWARD}\n[market.volatility]\nBTC = 0.6\n"
    (folder / "own.toml").write_text(BOOK + market + curve, encoding="utf-8")
    own = answer(folder, book="own.toml")
    quoted = answer(folder, *chain_of(folder), "--surface", "none")
    assert numbers(own) == pytest.approx(numbers(quoted), rel=1e-12)
    assert not own["warnings"]


def test_what_is_missing_is_named_and_the_rest_counts(folder: Path) -> None:
    more = (
        '\n[[option]]\nsymbol = "ETH-27MAR26-3000-C"\nsize = 1\n'
        '\n[[option]]\nsymbol = "BTC-26DEC25-70000-C"\nsize = 1\n'
        '\n[[perp]]\nsymbol = "BTC/USDT:USDT"\nsize = -1\n'
    )
    (folder / "more.toml").write_text(BOOK + more, encoding="utf-8")
    found = answer(folder, *chain_of(folder), book="more.toml")
    reasons = {one["position"]: one["reason"] for one in found["problems"]}
    assert reasons == {
        "BTC/USDT:USDT": "mark is missing",
        "ETH/USD:ETH-260327-3000-C": "spot is missing",
        "BTC/USD:BTC-251226-70000-C": "expired",
    }
    kept = answer(folder, *chain_of(folder))
    assert found["underlyings"][0]["delta"] == pytest.approx(kept["underlyings"][0]["delta"])
    code, out, _ = run(folder, *chain_of(folder), book="more.toml")
    assert code == 0
    assert "BTC/USDT:USDT: mark is missing" in out
    assert "--mark SYMBOL=PRICE" in out


def test_a_file_of_several_coins_serves_each_of_them(folder: Path) -> None:
    one = (folder / "chain.csv").read_text("utf-8")
    money = one.replace("BTC-27MAR26", "SOL_USDC-27MAR26").replace(",BTC,", ",SOL_USDC,")
    mixed = one + money.partition("\n")[2]
    (folder / "mixed.csv").write_text(mixed, encoding="utf-8")
    more = '\n[[option]]\nsymbol = "SOL_USDC-27MAR26-70000-C"\nsize = 1\n'
    doge = '\n[[holding]]\nasset = "DOGE"\namount = 1\n'
    (folder / "two.toml").write_text(BOOK + doge + more, encoding="utf-8")
    words = ("--chain", str(folder / "mixed.csv"), "--surface", "none")
    found = answer(folder, *words, book="two.toml")
    by_coin = {row["underlying"]: row for row in found["underlyings"]}
    alone = answer(folder, *chain_of(folder), "--surface", "none")
    assert by_coin["BTC"]["delta"] == pytest.approx(alone["underlyings"][0]["delta"], rel=1e-12)
    call = calculator(70_000.0, Option.Call)
    # Paid in money, it is worth Black's value itself.
    assert by_coin["SOL"]["worth"] == pytest.approx(call.value(), rel=1e-12)
    assert any(one.startswith("DOGE") for one in found["warnings"])
    assert found["problems"] == [{"row": 2, "position": "DOGE", "reason": "spot is missing"}]


def test_a_day_counts_to_its_end(folder: Path) -> None:
    assert answer(folder, *chain_of(folder), "--at", "2026-01-15")["time"].startswith("2026-01-15")
    code, _, _ = run(folder, *chain_of(folder), "--at", "2026-01-14")
    assert code == 2


def test_a_table_is_a_book_too(folder: Path) -> None:
    (folder / "book.csv").write_text(
        "symbol,size\nBTC,2\nUSDT,10000\nBTC-27MAR26-70000-C,-2\nBTC-27MAR26-50000-P,1\nwhat?,1\n",
        encoding="utf-8",
    )
    one = answer(folder, *chain_of(folder), book="book.csv")
    other = answer(folder, *chain_of(folder))
    assert numbers(one) == pytest.approx(numbers(other), rel=1e-12)
    assert one["problems"] == [
        {"row": 4, "position": "what?", "reason": "symbol is none that we know"}
    ]


@pytest.mark.parametrize("by", ["expiry", "position"])
@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_person_reads_tables_at_any_width(by: str, width: int, folder: Path) -> None:
    code, out, _ = run(folder, *chain_of(folder), "--by", by, width=width)
    assert code == 0
    assert "USD a point" in out
    assert "BTC/USD:BTC" in out
    assert "What takes the delta away" in out
    assert f"By {by}" in out
    assert "…" not in out
    assert max(len(line) for line in out.splitlines()) <= width


def test_the_answer_goes_into_a_file_and_quietly(folder: Path) -> None:
    target = folder / "out.json"
    code, out, _ = run(folder, *chain_of(folder), "--json", str(target), "--quiet")
    assert (code, out) == (0, "")
    assert json.loads(target.read_text("utf-8"))["numeraire"] == "USD"


BAD = [
    (("--chain", "none.parquet"), "none.parquet"),
    (("--chain", "book.toml"), "book.toml"),
    (("--columns", "tardis"), "without --chain"),
    (("--at", "soon"), "--at 'soon'"),
    (("--spot", "BTC"), "--spot BTC"),
    (("--spot", "BTC=0"), "--spot BTC=0"),
    (("--spot", "BTC=nan"), "--spot BTC=nan"),
    (("--spot", "BTC=1", "--spot", "BTC=2"), "given twice"),
    (("--mark", "BTC/USDT:USDT=-1"), "a number above 0"),
    (("--funding", "BTC/USDT:USDT=x"), "--funding"),
    (("--volatility", "BTC=-0.5"), "--volatility BTC=-0.5"),
    (("--spot", "BTC=60000", "--rate", "nan"), "rate"),
    (("--spot", "BTC=60000", "--numeraire", "DOGE"), "DOGE"),
    (("--spot", "btc=60000"), "--spot: unknown name 'btc'"),
    (("--mark", "BTC=60000"), "--mark: unknown name 'BTC'"),
    (("--funding", "ETH-PERPETUAL=0.1"), "--funding: unknown name 'ETH/USD:ETH'"),
    (("--volatility", "ETH=0.6"), "--volatility: unknown name 'ETH'"),
    (("--spot", "BTC=60000", "--numeraire", "btc"), "write BTC"),
    (("--json", "book.toml"), "would replace the input"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_ends_with_2_and_the_mend(
    words: tuple[str, ...], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, out, err = run(folder, *words)
    assert code == 2
    assert said in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_numbers_beyond_all_doubles_are_refused(folder: Path) -> None:
    huge = BOOK.replace("amount = 2.0", "amount = 1e308")
    (folder / "huge.toml").write_text(huge, encoding="utf-8")
    code, out, err = run(folder, *chain_of(folder), book="huge.toml")
    assert (code, out) == (2, "")
    assert "beyond what a double can hold" in " ".join(err.split())


def test_a_time_before_all_quotes_is_named(folder: Path) -> None:
    code, _, err = run(folder, *chain_of(folder), "--at", "2020-01-01")
    assert code == 2
    assert "2020-01-01" in err


def test_a_volatility_meant_as_per_cent_is_told(folder: Path) -> None:
    found = answer(folder, "--spot", "BTC=60000", "--volatility", "BTC=60")
    assert "BTC: a volatility of 60 is 6,000% a year; 60 % is written 0.6" in found["warnings"]


def test_a_chain_of_other_coins_still_tells_the_time(folder: Path) -> None:
    other = '[[option]]\nsymbol = "ETH-27MAR26-3000-C"\nsize = 1\n'
    (folder / "other.toml").write_text(other, encoding="utf-8")
    found = answer(folder, *chain_of(folder), book="other.toml")
    assert found["time"] == "2026-01-15T00:00:00Z"
    assert [one["reason"] for one in found["problems"]] == ["spot is missing"]


def test_what_has_expired_asks_for_nothing(folder: Path) -> None:
    old = '[[option]]\nsymbol = "BTC-27MAR20-3000-C"\nsize = 1\n'
    (folder / "old.toml").write_text(old, encoding="utf-8")
    code, out, _ = run(folder, *chain_of(folder), book="old.toml")
    assert code == 0
    assert "expired" in out
    assert "What is missing" not in out


def test_a_name_that_is_no_option_is_refused_with_how_one_is_written(folder: Path) -> None:
    wrong = '[[option]]\nsymbol = "BTC-27MAR26-3000-X"\nsize = 1\n'
    (folder / "wrong.toml").write_text(wrong, encoding="utf-8")
    code, _, err = run(folder, *chain_of(folder), book="wrong.toml")
    assert code == 2
    assert "BTC-27MAR26-70000-C" in err.replace("\n", " ")


def test_rows_too_old_for_a_surface_are_told(folder: Path) -> None:
    names = {"quoted": "snapshot", "symbol": "instrument_name", "kind": "option_type"}
    names |= {"strike": "strike", "expiry": "expiry", "forward": "underlying_price"}
    names |= {"index": "index_price", "bid": "bid", "ask": "ask", "mark": "mark_price"}
    lines = [f'{ours} = "{theirs}"' for ours, theirs in names.items()]
    map_ = folder / "rows.toml"
    map_.write_text("[columns]\n" + "\n".join(lines), encoding="utf-8")
    found = answer(folder, *chain_of(folder), "--columns", str(map_), "--at", "2026-01-20")
    assert "BTC: no quote is fit for a surface" in found["warnings"][0]
    assert "stale" in found["warnings"][0]
