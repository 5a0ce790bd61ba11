"""A surface told to people: figures, terminal, page and table of one chain agree."""

import csv
import io
import json
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from hedgerow.adapters.chains import read_chain
from hedgerow.errors import MarketDataError
from hedgerow.pricing.surface import ForwardFrom, fit
from hedgerow.report.drawing import Axis, apart, log_ticks, ticks
from hedgerow.report.result import to_json
from hedgerow.report.surface_figures import Origin, SurfaceFigures, figures, surface_json
from hedgerow.report.surface_html import render_surface
from hedgerow.report.surface_quotes import quotes_frame
from hedgerow.report.surface_terminal import SurfaceView
from hedgerow.report.surface_words import judged
from hedgerow.report.tables import csv_text
from sample_chain_file import EXPIRIES, chain_csv, volatility

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}
ORIGIN = Origin(name="chain.csv", sha256="ab" * 32, snapshots=1)
HOSTILE = "</text></svg><script>alert(1)</script>"


class Outline(HTMLParser):
    """Reads a page strictly: every element closed in order; what is outside of the file noted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.tags: dict[str, int] = {}
        self.drawings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        if "id" in named:
            self.ids.append(named["id"])
        if tag == "svg" and "aria-label" in named:
            self.drawings.append(named["aria-label"])
        self.outside += [
            named[name]
            for name in ("src", "href", "action", "data", "srcset", "poster")
            if name in named and not named[name].startswith("#")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chain_csv(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def given(chain: Path) -> SurfaceFigures:
    return figures(fit(read_chain(chain, underlying="BTC")), ORIGIN)


def told(given: SurfaceFigures) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(surface_json(given)))
    return found


def outline(page: str) -> Outline:
    reader = Outline()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_figures_are_those_that_the_quotes_were_made_with(given: SurfaceFigures) -> None:
    assert [round(one.days) for one in given.slices] == list(EXPIRIES)
    for one, days in zip(given.slices, EXPIRIES, strict=True):
        assert one.at_the_money == pytest.approx(volatility(0.0, days), abs=2e-4)
        assert one.slice.fits
        assert one.slice.forward_from is ForwardFrom.VENUE
    assert given.month == pytest.approx(volatility(0.0, 30), abs=5e-4)
    assert (given.quoted, given.used) == (51, 45)
    assert given.left_out == {"crossed: bid above ask": 3, "one-sided: no bid": 3}


def test_the_tails_hold_nine_tenths_of_the_chances(given: SurfaceFigures) -> None:
    one = given.slices[1]
    low, middle, high = one.tails.tolist()
    deviation = one.at_the_money * math.sqrt(one.slice.years)
    assert low < middle < one.slice.forward < high
    assert math.log(high / low) == pytest.approx(2.0 * 1.645 * deviation, rel=0.15)


def test_json_has_every_slice_and_no_nan(given: SurfaceFigures) -> None:
    found = told(given)
    assert found["schema"] == "hedgerow.surface/1"
    assert found["source"] == {"file": "chain.csv", "sha256": "ab" * 32, "snapshots": 1}
    assert found["quotes"]["used"] == sum(one["quality"]["used"] for one in found["slices"])
    assert found["violations"] == []
    first = found["slices"][0]
    assert first["volatility_by_call_delta"]["atm"] == first["at_the_money"]
    wings = first["volatility_by_call_delta"]
    assert first["risk_reversal_25"] == pytest.approx(wings["0.25"] - wings["0.75"], abs=1e-12)
    assert set(first["parameters"]) == {"a", "b", "rho", "m", "sigma"}


def test_the_page_is_whole_and_offline(given: SurfaceFigures) -> None:
    page = render_surface(given)
    found = outline(page)
    assert found.outside == []
    assert len(found.ids) == len(set(found.ids))
    assert found.tags["script"] == 1
    assert page == render_surface(given)
    assert "NaN" not in page
    assert not re.search(r"[ML ](nan|inf)", page)


def test_the_page_draws_a_smile_an_expiry_and_four_drawings_of_all(given: SurfaceFigures) -> None:
    drawings = outline(render_surface(given)).drawings
    assert sum(one.startswith("Smile of BTC") for one in drawings) == len(EXPIRIES)
    assert len(drawings) == len(EXPIRIES) + 4


def test_each_quote_in_sight_is_told_with_its_numbers(given: SurfaceFigures) -> None:
    page = render_surface(given)
    frame = quotes_frame(given.surface).filter(pl.col("used"))
    for row in frame.iter_rows(named=True):
        delta = abs(row["delta"])
        if 0.05 < delta < 0.95:
            shown = (
                f"{row['symbol']}: bid {100 * row['bid_volatility']:.1f}, "
                f"ask {100 * row['ask_volatility']:.1f}, mark {100 * row['mark_volatility']:.1f}, "
                f"fit {100 * row['fitted_volatility']:.1f} %"
            )
            assert shown in page


def test_a_hostile_symbol_stays_words(chain: Path, tmp_path: Path) -> None:
    text = chain.read_text("utf-8").replace("BTC-30D", HOSTILE + "-30D")
    (tmp_path / "chain.csv").write_text(text, encoding="utf-8")
    given = figures(fit(read_chain(tmp_path / "chain.csv", underlying="BTC")), ORIGIN)
    found = outline(render_surface(given))
    assert found.tags["script"] == 1


def test_the_terminal_has_a_line_an_expiry_and_every_reason(given: SurfaceFigures) -> None:
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(SurfaceView(figures=given))
    shown = console.export_text()
    assert "All 3 expiries fit, without arbitrage." in shown
    for days in EXPIRIES:
        assert re.search(rf" {days}\.0 +60,000 +15/17 ", shown)
    assert "6 of 51 quotes" in shown
    assert "crossed: bid above ask" in shown


def test_a_plain_terminal_gets_plain_letters(given: SurfaceFigures) -> None:
    view = SurfaceView(figures=given)
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(*view.sections(plain=True))
    said = console.export_text()
    assert "25d risk" in said
    assert "Δ" not in said


def test_a_narrow_terminal_gets_fewer_columns_and_cuts_none(given: SurfaceFigures) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(SurfaceView(figures=given))
    said = console.export_text()
    assert "…" not in said
    assert "forward" not in said.split("Quotes:")[0]
    assert said.count("15/17") == len(EXPIRIES)


def test_the_table_of_quotes_says_why_each_was_left_out(given: SurfaceFigures) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(quotes_frame(given.surface)))))
    assert len(rows) == 51
    assert sum(row["used"] == "true" for row in rows) == 45
    for row in rows:
        assert (row["used"] == "true") == (row["reason"] == "")
    used = next(row for row in rows if row["used"] == "true")
    assert float(used["fitted_volatility"]) == pytest.approx(
        float(used["mark_volatility"]), abs=2e-3
    )


def test_a_slice_with_too_few_quotes_is_named_and_the_rest_is_fitted(
    chain: Path, tmp_path: Path
) -> None:
    lines = chain.read_text("utf-8").splitlines()
    few = [line for line in lines if "BTC-30D" in line][:-4]
    kept = [line for line in lines if line not in few]
    (tmp_path / "chain.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    given = figures(fit(read_chain(tmp_path / "chain.csv", underlying="BTC")), ORIGIN)
    assert [one.slice.fits for one in given.slices] == [True, False, True]
    said = judged(given)
    assert said.bad
    assert "2 of 3 expiries fit" in said.headline
    assert any("too few for a smile" in words for _, words in said.paragraphs)
    page = render_surface(given)
    assert "Too few quotes are left for a smile" in page
    assert outline(page).drawings
    assert told(given)["slices"][1]["at_the_money"] is None


def test_a_chain_with_nothing_left_says_why(chain: Path, tmp_path: Path) -> None:
    lines = chain.read_text("utf-8").splitlines()
    crossed = [line for line in lines if "snapshot" in line or "BTC-7D" in line][:4]
    (tmp_path / "chain.csv").write_text("\n".join(crossed) + "\n", encoding="utf-8")
    surface = fit(read_chain(tmp_path / "chain.csv"))
    with pytest.raises(MarketDataError, match="1 of 3 one-sided: no bid"):
        figures(surface, ORIGIN)


@pytest.mark.parametrize("kind", ["ssvi", "vanna-volga"])
def test_other_models_are_drawn_too(chain: Path, kind: Any) -> None:  # noqa: ANN401
    given = figures(fit(read_chain(chain, underlying="BTC"), kind=kind), ORIGIN)
    page = render_surface(given)
    assert len(outline(page).drawings) == len(EXPIRIES) + 4
    assert ("promises no freedom from arbitrage" in page) == (kind == "vanna-volga")


def test_labels_are_moved_apart_and_stay_on_the_paper() -> None:
    found = apart([10.0, 11.0, 12.0, 90.0, 99.0, 100.0], 10.0, 0.0, 100.0)
    ordered = sorted(found)
    assert all(b - a >= 10.0 - 1e-9 for a, b in pairwise(ordered))
    assert min(found) >= 0.0
    assert max(found) <= 100.0


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.7), (-35.0, 12.0), (41_000.0, 122_000.0)])
def test_ticks_are_few_and_within(low: float, high: float) -> None:
    for found in (ticks(low, high, 6), log_ticks(low, high, 6) if low > 0.0 else [low, high]):
        assert 2 <= len(found) <= 6
        assert all(low <= one <= high for one in found)


def test_an_axis_clips_what_lies_beyond_its_ends() -> None:
    axis = Axis(low=1.0, high=100.0, start=0.0, end=200.0, bend=math.log)
    assert axis(10.0) == pytest.approx(100.0)
    assert axis.clipped(1_000.0) == pytest.approx(200.0)
    assert not axis.holds(0.5)
