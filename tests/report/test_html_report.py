"""The HTML report: whole, offline, honest, and with no number that the JSON does not have."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hedgerow.analysis.run import Run
from hedgerow.errors import ConfigError
from hedgerow.report.html import render, write_html
from hedgerow.report.result import result
from sample_run import sample_run

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}
HOSTILE = "</script><script>alert(1)</script>"


class Outline(HTMLParser):
    """Reads a page strictly: every element closed in order, ids and figures noted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.figures: list[tuple[str, str]] = []
        self.scripts = 0
        self.titled = ""
        self.table = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in named:
            self.ids.append(named["id"])
        self.scripts += tag == "script"
        self.outside += [
            value
            for name, value in named.items()
            if name in {"src", "href", "action", "data", "srcset", "poster"}
            and not value.startswith("#")
        ]
        if tag == "table":
            self.table = named.get("id", "")
        if tag == "data":
            self.figures.append((self.table, named["value"]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["title"]:
            self.titled += data
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    def in_table(self, name: str) -> list[float]:
        """Return the exact numbers behind the cells of one table, in order."""
        return [float(value) for table, value in self.figures if table == name]


def outline(page: str) -> Outline:
    reader = Outline()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def chart_data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="chart-data">(.*?)</script>', page)
    assert found is not None
    parsed: dict[str, Any] = json.loads(found.group(1))
    return parsed


def decoded(line: dict[str, Any]) -> list[float]:
    """Undo the encoding by its description: add up the steps, divide by the power of ten."""
    total, values = 0, []
    for step in line["values"]["steps"]:
        total += step or 0
        values.append(float("nan") if step is None else total / 10 ** line["values"]["places"])
    return values


@pytest.fixture(scope="module")
def run() -> Run:
    return sample_run(seed=7)


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return render(run, result(run))


def two_legged(run: Run) -> Run:
    leg, account = run.legs[0], run.accounts[0]
    other = "binance:ETH/USDT:USDT"
    return replace(
        run,
        legs=(leg, replace(leg, instrument="ETH/USDT:USDT", asset="ETH", account=other)),
        accounts=(account, replace(account, name=other)),
    )


def test_the_page_asks_nothing_of_the_network(page: str) -> None:
    assert outline(page).outside == []
    assert "default-src 'none'" in page
    for loading in ("@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "import("):
        assert loading not in page
    assert re.findall(r"https?://[^\s)<]+", page) == ["https://github.com/leeoniya/uPlot"]


def test_the_page_is_well_formed_and_every_id_is_unique(page: str) -> None:
    ids = outline(page).ids
    assert len(ids) == len(set(ids))
    assert {"result", "months", "leg-1", "cash", "costs", "data", "again"} <= set(ids)


def test_every_link_and_every_chart_has_its_place(page: str) -> None:
    ids = set(outline(page).ids)
    assert set(re.findall(r'href="#([^"]*)"', page)) <= ids
    places = re.findall(r'data-chart="([a-z0-9-]+)"', page)
    assert sorted(places) == sorted(chart["name"] for chart in chart_data(page)["charts"])
    assert len(places) == len(set(places)) == 12


def test_the_licence_of_the_chart_library_travels_with_it(page: str) -> None:
    assert "Copyright (c) 2022 Leon Sorokin" in page
    assert "Permission is hereby granted" in page


def test_the_tables_hold_the_numbers_of_the_json(run: Run, page: str) -> None:
    figures: dict[str, Any] = result(run)
    read = outline(page)
    parts = [*figures["pnl"]]
    assert parts[-1] == "residual"
    assert read.in_table("attribution") == [figures["pnl"][name] for name in parts[:-1]]
    assert read.in_table("figures") == [
        figures[side][name] for name in figures["hedged"] for side in ("hedged", "unhedged")
    ]
    assert read.in_table("monthly") == [
        value for row in figures["monthly"] for name, value in row.items() if name != "month"
    ]
    assert read.in_table("liquidations") == [
        closed[name]
        for event in figures["margin"]["liquidation_events"]
        for closed in event["closed"]
        for name in ("steps", "first_price", "quantity", "left", "loss", "fee")
    ]
    assert read.in_table("effectiveness") == [
        value
        for one in figures["effectiveness"].values()
        for value in (
            one["variance_reduction"],
            one["without_carry"]["variance_reduction"],
            one["without_liquidation_days"]["variance_reduction"],
            one["changes"],
        )
    ]


def test_the_charts_end_where_the_json_does(run: Run, page: str) -> None:
    charts = {chart["name"]: chart for chart in chart_data(page)["charts"]}
    hedged, unhedged = (decoded(line) for line in charts["profit"]["lines"])
    assert hedged[-1] == pytest.approx(run.pnl.total, abs=0.51)
    assert unhedged[-1] == pytest.approx(run.pnl.exposure, abs=0.51)
    funding = decoded(charts["leg-1-funding-total"]["lines"][0])
    assert funding[-1] == pytest.approx(run.pnl.funding, abs=0.51)
    deepest = decoded(charts["drawdown"]["lines"][0])
    figures: dict[str, Any] = result(run)
    assert -min(deepest) == pytest.approx(figures["hedged"]["max_drawdown"], abs=0.51)
    for line in charts["histogram"]["lines"]:
        assert sum(decoded(line)) == pytest.approx(100.0, abs=0.01)


def test_five_years_of_hours_stay_small_and_keep_the_worst_moment() -> None:
    long = sample_run(seed=7, days=1_825)
    page = render(long, result(long))
    assert len(page.encode()) < 1_500_000
    charts = {chart["name"]: chart for chart in chart_data(page)["charts"]}
    lowest = 100.0 * float(np.nanmin(long.legs[0].series["headroom"].fill_null(np.nan).to_numpy()))
    headroom = decoded(charts["leg-1-margin-headroom"]["lines"][0])
    assert np.nanmin(headroom) == pytest.approx(lowest, abs=0.01)
    assert "of every day the lowest, the highest and the last value" in page


def test_simulated_is_said_everywhere_when_it_is_and_nowhere_when_it_is_not(
    run: Run, page: str
) -> None:
    assert outline(page).titled.startswith("SIMULATED")
    assert 'class="watermark"' in page
    assert chart_data(page)["simulated"] is True
    real = replace(run, simulated=False, stamps=("prices: an exchange",))
    shown = render(real, result(real))
    assert "SIMULATED" not in "".join(outline(shown).text)
    assert "SIMULATED" not in outline(shown).titled
    assert 'class="watermark"' not in shown
    assert chart_data(shown)["simulated"] is False


def test_the_verdict_says_in_words_what_happened(page: str) -> None:
    text = " ".join("".join(outline(page).text).split())
    assert "it was liquidated once" in text
    assert "The hedge did not survive." in text
    assert "ran dry on" in text
    assert "would have been enough" in text


def test_the_same_run_gives_the_same_page(run: Run, page: str) -> None:
    again = sample_run(seed=7)
    assert render(again, result(again)) == page
    assert render(run, result(run)) == page


def test_text_from_outside_stays_text(run: Run, page: str) -> None:
    hostile = replace(
        run,
        world=HOSTILE,
        numeraire=HOSTILE,
        stamps=(HOSTILE,),
        legs=(replace(run.legs[0], venue=HOSTILE, asset=HOSTILE),),
        accounts=(replace(run.accounts[0], mode=HOSTILE, reserve_from=HOSTILE),),
        provenance=replace(run.provenance, policy=HOSTILE, config=HOSTILE, version=HOSTILE),
    )
    shown = render(hostile, result(hostile))
    assert "<script>alert" not in shown
    assert outline(shown).scripts == outline(page).scripts == 3
    assert HOSTILE in "".join(outline(shown).text)
    assert chart_data(shown)["numeraire"] == HOSTILE


def test_two_legs_and_two_accounts_each_get_their_section(run: Run) -> None:
    both = two_legged(run)
    read = outline(render(both, result(both)))
    assert {"leg-1", "leg-2"} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    text = "".join(read.text)
    assert "Account binance:ETH/USDT:USDT" in text
    assert "BTC and ETH hedged with BTC/USDT:USDT and ETH/USDT:USDT on binance" in text


def test_a_leg_that_never_held_anything_is_shown_flat(run: Run) -> None:
    leg = run.legs[0]
    nothing = pl.lit(None, dtype=pl.Float64)
    flat = leg.series.with_columns(
        pl.lit(0.0).alias("position"),
        nothing.alias("headroom"),
        nothing.alias("liquidation_price"),
    )
    idle = replace(run, legs=(replace(leg, series=flat, half_width=float("nan")),), liquidations=())
    text = "".join(outline(render(idle, result(idle))).text)
    assert "never held a position on margin" in text
    assert "band ±" not in text


def test_the_page_is_written_whole(run: Run, page: str, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_html(run, target)
    assert target.read_text(encoding="utf-8") == page
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    with pytest.raises(ConfigError, match="file"):
        write_html(run, tmp_path / "file" / "report.html")
