"""The metrics: read by Prometheus' own parser, equal to the view, and silent where nobody knows."""

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from hedgerow.dashboard.metrics import DeskMetrics
from hedgerow.live.view import DeskView, State
from sample_desk import SYMBOL, SampleDesk, a_desk, a_view, the_book, the_legs

if TYPE_CHECKING:
    from hedgerow.live.timings import Timings


def scraped(metrics: DeskMetrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }


def number(view: DeskView, name: str, **labels: str) -> float | None:
    metrics = DeskMetrics(SampleDesk(view).view)
    return scraped(metrics).get((f"hedgerow_{name}", frozenset(labels.items())))


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("exposure_coins", {"asset": "BTC"}, 120.0),
        ("goal_coins", {"asset": "BTC"}, -120.0),
        ("hedge_coins", {"asset": "BTC"}, -118.452),
        ("net_coins", {"asset": "ETH"}, 48.0),
        ("band_lower_coins", {"asset": "BTC"}, -122.4),
        ("equity", {}, 16_988_410.0),
        ("unhedged_equity", {}, 17_482_905.0),
        ("pnl", {"part": "funding"}, 38_219.0),
        ("state", {"state": "trading"}, 1.0),
        ("state", {"state": "killed"}, 0.0),
        ("uptime_seconds", {}, 97_200.0),
        (
            "headroom",
            {"venue": "bybit", "account": "unified", "collateral": "USDT"},
            0.0994,
        ),
        (
            "funding_received",
            {"venue": "binanceusdm", "account": "main", "symbol": SYMBOL},
            38_412.9,
        ),
        (
            "mark_age_seconds",
            {"venue": "bybit", "account": "unified", "symbol": "ETH/USDT:USDT"},
            14.0,
        ),
        ("guard_tripped", {"guard": "naked"}, 1.0),
        ("guard_tripped", {"guard": "loss"}, 0.0),
        ("stream_alive", {"venue": "bybit", "stream": "quotes"}, 0.0),
        ("orders_working", {}, 1.0),
        ("orders_unresolved", {}, 1.0),
        ("orders_total", {"outcome": "filled"}, 611.0),
        ("count_total", {"what": "events"}, 812_440.0),
    ],
)
def test_a_metric_is_what_the_view_shows(name: str, labels: dict[str, str], value: float) -> None:
    assert number(a_view(), name, **labels) == pytest.approx(value, rel=1e-12)


def test_what_nobody_knows_is_left_out_and_never_zero() -> None:
    btc, _ = the_book()
    bare = a_view(book=(replace(btc, lower=None, upper=None, exposure=nan),))
    assert number(bare, "band_lower_coins", asset="BTC") is None
    assert number(bare, "exposure_coins", asset="BTC") is None
    inverse = {"venue": "deribit", "account": "coin", "symbol": "BTC/USD:BTC"}
    assert number(a_view(legs=the_legs()), "liquidation_distance", **inverse) is None


def test_a_metric_follows_the_desk() -> None:
    desk = SampleDesk()
    metrics = DeskMetrics(desk.view)
    killed = ("hedgerow_state", frozenset({("state", "killed")}))
    assert scraped(metrics)[killed] == 0.0
    desk.shown = a_view(desk=a_desk(state=State.KILLED))
    assert scraped(metrics)[killed] == 1.0


def test_durations_become_histograms() -> None:
    metrics = DeskMetrics(SampleDesk().view)
    timings: Timings = metrics
    for seconds in (30e-6, 40e-6, 3e-3):
        timings.event(seconds)
    timings.journal(0.002)
    found = scraped(metrics)
    assert found["hedgerow_event_seconds_bucket", frozenset({("le", "5e-05")})] == 2.0
    assert found["hedgerow_event_seconds_count", frozenset()] == 3.0
    assert found["hedgerow_journal_seconds_sum", frozenset()] == pytest.approx(0.002)


def test_what_a_person_typed_is_in_no_label() -> None:
    spoken = "the password is hunter2"
    view = a_view(desk=a_desk(reason=spoken, by=spoken))
    text = DeskMetrics(SampleDesk(view).view).exposition().decode()
    assert "hunter2" not in text
    assert "unknown order" not in text


def test_two_desks_have_registries_of_their_own() -> None:
    one, two = (DeskMetrics(SampleDesk().view) for _ in range(2))
    one.event(0.001)
    key: Any = ("hedgerow_event_seconds_count", frozenset())
    assert (scraped(one)[key], scraped(two)[key]) == (1.0, 0.0)
    assert generate_latest(one.registry) != generate_latest(two.registry)
