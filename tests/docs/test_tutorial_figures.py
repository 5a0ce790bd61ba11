"""The tutorial's commands do what the page says, figure by figure.

Set HEDGEROW_DATA_DIR to the folder that holds bundle/ and ohlcv/.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "hedge-a-treasury.md"
FILES = {
    "binance_btcusdt_1h_aligned.parquet": "bundle/binance_btcusdt_1h_aligned.parquet",
    "binance_ethusdt_1h_aligned.parquet": "bundle/binance_ethusdt_1h_aligned.parquet",
    "three_exchanges_8h.parquet": "ohlcv/aha_3venue_spot_perp_funding_8h.parquet",
}
FENCE = re.compile(r"^```(\w+)(?: title=\"([\w.-]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.skipif(
        not all((DATA / path).is_file() for path in FILES.values()),
        reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
    ),
    pytest.mark.skipif(shutil.which("sed") is None, reason="the tutorial edits configs with sed"),
]


@dataclass(slots=True)
class Desk:
    """A folder in which the page was followed, and what the screen showed."""

    place: Path
    shown: dict[str, str] = field(default_factory=dict)  # by the first line of each text block

    def figure(self, run: str, key: str) -> Any:  # noqa: ANN401 - parsed JSON
        """Return one figure of a result by its dotted key."""
        value = json.loads((self.place / f"{run}.json").read_text())
        for name in key.split("."):
            value = value[int(name)] if name.isdigit() else value[name]
        return value


def follow(line: str, place: Path) -> str:
    """Run one line of a shell block; return what it printed."""
    program, *words = shlex.split(line)
    if program == "hedgerow":
        done = CliRunner(env={"COLUMNS": "140"}).invoke(app, words)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.stdout
    *words, arrow, target = words
    assert (program, arrow) == ("sed", ">")
    edited = subprocess.run(["sed", *words], cwd=place, check=True, capture_output=True)  # noqa: S607 - the page's own text
    (place / target).write_bytes(edited.stdout)
    return ""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Follow the page from top to bottom."""
    place = tmp_path_factory.mktemp("desk")
    (place / "downloads").mkdir()
    for name, path in FILES.items():
        (place / "downloads" / name).symlink_to((DATA / path).resolve())
    followed = Desk(place)
    screen = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for kind, title, text in FENCE.findall(PAGE.read_text(encoding="utf-8")):
            if title:
                (place / title).write_text(text, encoding="utf-8")
            elif kind == "sh":
                screen = "\n".join(follow(line, place) for line in text.splitlines())
            elif kind == "text":
                followed.shown[text] = screen
        yield followed


def test_what_the_page_quotes_is_what_the_screen_shows(desk: Desk) -> None:
    assert len(desk.shown) == 4
    for quoted, screen in desk.shown.items():
        lines = {" ".join(line.split()) for line in screen.splitlines()}
        for line in quoted.splitlines():
            assert line == "..." or " ".join(line.split()) in lines, line


CALLS = "margin.cash_calls.0.worst."
DRY = "margin.shortfall.0."
FIGURES = [
    ("treasury", "unhedged.pnl", "{:,.0f}"),
    ("treasury", "hedged.pnl", "{:,.0f}"),
    ("treasury", "pnl.hedge_basis", "{:,.0f} dollars in five years"),
    ("treasury", "pnl.funding", "{:,.0f} received, net"),
    ("treasury", "funding.legs.0.annual_rate", "{:.2%} a year"),
    ("treasury", "exit_cost", "another\n  {:,.0f}"),
    ("treasury", "unhedged.volatility", "{:,.0f} dollars to"),
    ("treasury", "hedged.volatility", "{:,.0f}, the worst drawdown"),
    ("treasury", "unhedged.max_drawdown", "drawdown from {:,.0f}"),
    ("treasury", "hedged.max_drawdown", "to\n{:,.0f}"),
    ("treasury", "unhedged.var_99", "more than {:,.0f}"),
    ("treasury", "hedged.var_99", "more than {:,.0f}"),
    ("treasury", "effectiveness.24h.variance_reduction", "{:.1%} of the day-to-day variance"),
    ("treasury", "effectiveness.168h.variance_reduction", "by the week {:.1%}"),
    ("treasury", "margin.min_distance", "a rise of {:.1%} more"),
    ("treasury", DRY + "needed", "a reserve of {:,.0f} USDT"),
    ("treasury", DRY + "missing", "{:,.0f} would have cost"),
    ("treasury", DRY + "borrowing_cost", "{:,.0f} USDT of interest"),
    ("treasury", DRY + "coins_to_sell", "or {:.1f} BTC"),
    ("treasury", DRY + "price", "sold at {:,.0f}"),
    ("thin", "margin.liquidations.0.price", "passed {:,.2f}"),
    ("thin", "capital.margin", "had ever been put in, {:,.0f}"),
    ("enough", "margin.min_headroom", "the tightest moment {:.1%}"),
    ("enough", CALLS + "0.amount", "the hardest day {:,.0f}"),
    ("enough", CALLS + "2.amount", "the hardest 30 days {:,.0f}"),
    ("enough", "capital.margin", "Few own {:,.0f}"),
    ("borrowed", "pnl.financing", "{:,.0f} dollars of interest"),
    ("five-times", "margin.liquidations.0.price", "passed {:,.2f}"),
    ("five-times", "margin.liquidations.0.fee", "takes a fee of {:,.0f}"),
    ("five-times", "pnl.funding", "and {:,.0f} that funding had brought"),
    ("five-times", "pnl.fees", "less {:,.0f} paid for opening"),
    ("five-times-saved", "accounts.0.needed_reserve", "It needed {:,.0f} USDT"),
    ("five-times-saved", "accounts.0.top_ups", "on {:,.0f} top-ups"),
    ("five-times-saved", CALLS + "2.amount", "{:,.0f} of them within the 30 days"),
    ("five-times-saved", CALLS + "0.amount", "and {:,.0f} on its hardest day"),
    ("five-times-saved", "margin.min_headroom", "the account stood {:.1%}"),
    ("coins", "pnl.total", "gained {:,.0f} dollars"),
    ("coins", "pnl.funding", "of which {:,.0f} were funding"),
    ("coins", "hedged.max_drawdown", "drawdown was\n{:,.0f} dollars"),
    ("coins", "unhedged.max_drawdown", "against {:,.0f}"),
    ("coins", "margin.min_headroom", "never less than {:.1%}"),
    ("dollars", "accounts.0.needed_reserve", "a reserve of {:,.0f}"),
    ("coins-hourly", "trades.count", "{:,.0f} trades"),
    ("coins-hourly", "pnl.fees", "{:,.0f} dollars of fees"),
]


@pytest.mark.parametrize(("run", "key", "words"), FIGURES)
def test_a_figure_in_the_text_is_that_of_the_run(
    desk: Desk, run: str, key: str, words: str
) -> None:
    said = words.format(abs(desk.figure(run, key))).replace("%", " %")
    page = PAGE.read_text(encoding="utf-8")
    assert said in page or _millions(said) in page


def _millions(said: str) -> str:
    """Return the words with a round figure as the page may write it."""
    return said.replace("10,600,000", "10.6 million")


def test_sums_in_the_text_are_those_of_the_runs(desk: Desk) -> None:
    page = PAGE.read_text(encoding="utf-8")
    parts = desk.figure("treasury", "pnl")
    assert f"What they leave, {parts['exposure'] + parts['hedge_index']:,.0f}," in page
    assert f"slippage are {-parts['fees'] - parts['slippage']:,.0f} dollars" in page
    parts = desk.figure("coins-hourly", "pnl")
    left = parts["exposure"] + parts["hedge_index"] + parts["collateral"]
    assert f"add up to {left:,.0f}:" in page
    lost = sum(event["loss"] for event in desk.figure("five-times", "margin.liquidations"))
    assert f"lost with fees is {lost:,.0f}:" in page


def test_days_in_the_text_are_those_of_the_runs(desk: Desk) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert desk.figure("treasury", DRY + "time").startswith("2024-11-20")
    assert desk.figure("treasury", DRY + "calls") == 11
    assert desk.figure("treasury", "margin.min_distance_time").startswith("2024-12-17")
    assert desk.figure("thin", DRY + "time").startswith("2020-12-26")
    events = desk.figure("thin", "margin.liquidations")
    assert [event["time"] for event in events] == ["2021-01-02T12:00:00Z"] * 3
    events = desk.figure("five-times", "margin.liquidations")
    assert [event["time"] for event in events] == ["2020-10-21T16:00:00Z"] * 2
    first, last = (desk.figure("five-times-saved", CALLS + "2." + end) for end in ("first", "last"))
    assert f"from {first} to\n{last}" in page
    assert desk.figure("coins", "coverage.settlements_present") == 1_640
    assert not desk.figure("coins-hourly", "margin.liquidations")


def test_the_coins_sold_are_those_of_the_ledger(desk: Desk) -> None:
    lines = (desk.place / "sold" / "ledger.csv").read_text().splitlines()
    header, *rows = (line.split(",") for line in lines)
    sold = -sum(
        float(row[header.index("quantity")])
        for row in rows
        if row[header.index("kind")] == "sale" and row[header.index("account")] == "holding"
    )
    assert f"{sold:.0f} of the 120 were gone" in PAGE.read_text(encoding="utf-8")


README = [
    ("treasury", "unhedged.pnl", "gained {:,.0f} USD"),
    ("treasury", "unhedged.max_drawdown", "a drawdown of {:,.0f}"),
    ("treasury", "hedged.pnl", "gained {:,.0f}, of it"),
    ("treasury", "pnl.funding", "{:,.0f} funding"),
    ("treasury", "hedged.max_drawdown", "drawdown {:,.0f};"),
    ("treasury", DRY + "needed", "should have been {:,.0f}"),
    ("thin", "capital.margin", "all {:,.0f} gone"),
    ("borrowed", "hedged.pnl", "gained {:,.0f} after"),
    ("borrowed", "pnl.financing", "after {:,.0f} of interest"),
    ("five-times", DRY + "needed", "a reserve of {:,.0f} to"),
    ("coins-hourly", "hedged.pnl", "gained {:,.0f}; drawdown"),
    ("coins-hourly", "hedged.max_drawdown", "drawdown {:,.0f}; no call"),
]


@pytest.mark.parametrize(("run", "key", "words"), README)
def test_a_figure_in_the_readme_is_that_of_the_run(
    desk: Desk, run: str, key: str, words: str
) -> None:
    page = (PAGE.parents[2] / "README.md").read_text(encoding="utf-8")
    assert words.format(abs(desk.figure(run, key))) in page
