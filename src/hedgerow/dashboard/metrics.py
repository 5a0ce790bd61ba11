"""What Prometheus may ask of a desk: its view as gauges, its own work as histograms.

Everything is read from the view at the moment of asking, so that a metric can never disagree with
what the desk shows. What the desk does not know is left out, never zero. Labels hold names of
assets, venues, symbols and guards, nothing that a person typed and no secret.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from hedgerow.live.view import AccountView, BookView, DeskView, LegView, State
from hedgerow.units import SECOND

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
EVENT_SECONDS: Final = (
    *(5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4),
    *(1e-3, 2e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1.0),
)
JOURNAL_SECONDS: Final = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.5, 1.0, 5.0)

Row = tuple[tuple[str, ...], float | None]


class DeskMetrics:
    """A registry of its own; the desk tells it durations as `hedgerow.live.timings.Timings`."""

    __slots__ = ("_event", "_journal", "registry")

    def __init__(self, view: Callable[[], DeskView]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._event = Histogram(
            "hedgerow_event_seconds",
            "From a signal's arrival to its last effect handed over.",
            buckets=EVENT_SECONDS,
            registry=self.registry,
        )
        self._journal = Histogram(
            "hedgerow_journal_seconds",
            "Time in which a batch of records became durable.",
            buckets=JOURNAL_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Shown(view))

    def event(self, seconds: float) -> None:
        """Take the time that one signal took."""
        self._event.observe(seconds)

    def journal(self, seconds: float) -> None:
        """Take the time that one batch of records took."""
        self._journal.observe(seconds)

    def exposition(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Shown(Collector):
    """The desk's view as metrics, made anew each time it is asked."""

    __slots__ = ("_view",)

    def __init__(self, view: Callable[[], DeskView]) -> None:
        self._view = view

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is depends on the desk."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of now."""
        view = self._view()
        yield from _desk(view)
        yield from _book(view.book)
        yield from _legs(view.legs)
        yield from _accounts(view.accounts)
        yield from _watched(view)
        yield from _orders(view)


def _gauge(name: str, says: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(f"hedgerow_{name}", says, labels=labels)
    for values, number in rows:
        if number is not None and math.isfinite(number):
            family.add_metric(values, number)
    return family


def _counter(name: str, says: str, label: str, rows: Iterable[tuple[str, int]]) -> Metric:
    family = CounterMetricFamily(f"hedgerow_{name}", says, labels=(label,))
    for value, number in rows:
        family.add_metric((value,), number)
    return family


def _desk(view: DeskView) -> Iterator[Metric]:
    desk, money = view.desk, view.money
    about = (desk.name, desk.mode, desk.version, desk.config_hash, desk.numeraire)
    yield _gauge(
        "desk_info",
        "Which desk this is; always 1.",
        ("name", "mode", "version", "config_hash", "numeraire"),
        [(about, 1.0)],
    )
    yield _gauge(
        "state",
        "1 for the state the desk is in.",
        ("state",),
        [((state,), float(state is desk.state)) for state in State],
    )
    uptime = (view.time - desk.started) / SECOND
    yield _gauge("uptime_seconds", "Since the process began.", (), [((), uptime)])
    yield _gauge("equity", "Worth of book and hedge, numeraire.", (), [((), money.equity)])
    yield _gauge(
        "unhedged_equity", "What the book alone would be worth.", (), [((), money.unhedged)]
    )
    yield _gauge(
        "pnl",
        "Attribution since the start, numeraire.",
        ("part",),
        [((part,), amount) for part, amount in money.parts.items()],
    )


def _book(book: tuple[BookView, ...]) -> Iterator[Metric]:
    columns: dict[str, tuple[str, Callable[[BookView], float | None]]] = {
        "exposure_coins": ("Delta of the book without the hedge.", lambda one: one.exposure),
        "goal_coins": ("Hedge that is sought.", lambda one: one.goal),
        "hedge_coins": ("Hedge that is held.", lambda one: one.hedge),
        "pending_coins": ("What working orders may still add.", lambda one: one.pending),
        "net_coins": ("What is left open.", lambda one: one.net),
        "band_lower_coins": ("Least hedge that is left alone.", lambda one: one.lower),
        "band_upper_coins": ("Largest hedge that is left alone.", lambda one: one.upper),
        "exposure_age_seconds": ("Age of the exposure.", lambda one: one.age),
    }
    for name, (says, number) in columns.items():
        yield _gauge(name, says, ("asset",), [((one.asset,), number(one)) for one in book])


def _legs(legs: tuple[LegView, ...]) -> Iterator[Metric]:
    columns: dict[str, tuple[str, Callable[[LegView], float | None]]] = {
        "position_coins": ("Held, base coin.", lambda leg: leg.position.coins),
        "position_age_seconds": ("Age of the position.", lambda leg: leg.position.age),
        "mark_price": ("Mark, quote per base.", lambda leg: leg.prices.mark),
        "mark_age_seconds": ("Age of the mark.", lambda leg: leg.prices.mark_age),
        "index_age_seconds": ("Age of the index.", lambda leg: leg.prices.index_age),
        "quote_age_seconds": ("Age of bid and ask.", lambda leg: leg.prices.quote_age),
        "basis": ("Mark over index, less one.", lambda leg: leg.prices.basis),
        "funding_received": (
            "Sum of payments, settle asset; paid < 0.",
            lambda leg: leg.funding.received,
        ),
        "funding_predicted": (
            "Rate expected at the next settlement.",
            lambda leg: leg.funding.predicted,
        ),
        "funding_predicted_annual": (
            "The same over a year, simple.",
            lambda leg: leg.funding.annual,
        ),
        "funding_age_seconds": ("Age of the prediction.", lambda leg: leg.funding.age),
        "liquidation_distance": (
            "Way of the mark to the liquidation price, fraction.",
            lambda leg: leg.distance,
        ),
        "leg_unresolved": (
            "1 while an order's outcome is not known.",
            lambda leg: float(leg.unresolved),
        ),
    }
    labels = ("venue", "account", "symbol")
    for name, (says, number) in columns.items():
        rows = [((leg.venue, leg.account, leg.symbol), number(leg)) for leg in legs]
        yield _gauge(name, says, labels, rows)


def _accounts(accounts: tuple[AccountView, ...]) -> Iterator[Metric]:
    columns: dict[str, tuple[str, Callable[[AccountView], float | None]]] = {
        "account_equity": ("Equity, collateral.", lambda one: one.equity),
        "account_maintenance": ("What it must have, collateral.", lambda one: one.maintenance),
        "account_reserve": ("What may be sent to it, collateral.", lambda one: one.reserve),
        "headroom": (
            "Equity less maintenance, fraction of notional.",
            lambda one: one.headroom,
        ),
        "account_age_seconds": ("Age of the venue's last word.", lambda one: one.age),
    }
    labels = ("venue", "account", "collateral")
    for name, (says, number) in columns.items():
        rows = [((one.venue, one.account, one.collateral), number(one)) for one in accounts]
        yield _gauge(name, says, labels, rows)


def _watched(view: DeskView) -> Iterator[Metric]:
    yield _gauge(
        "guard_tripped",
        "1 while a guard says no.",
        ("guard",),
        [((guard.name,), float(guard.tripped)) for guard in view.guards],
    )
    streams = [((one.venue, one.name), one) for one in view.streams]
    yield _gauge(
        "stream_alive",
        "1 while a stream is up.",
        ("venue", "stream"),
        [(labels, float(one.alive)) for labels, one in streams],
    )
    yield _gauge(
        "stream_age_seconds",
        "Age of a stream's last message.",
        ("venue", "stream"),
        [(labels, one.age) for labels, one in streams],
    )
    yield _gauge(
        "naked_notional",
        "What stands on one leg now, quote.",
        (),
        [((), view.naked.notional)],
    )
    yield _gauge(
        "naked_seconds_p95",
        "Of two-leg trades so far.",
        (),
        [((), view.naked.p95)],
    )


def _orders(view: DeskView) -> Iterator[Metric]:
    working = sum(not order.unresolved for order in view.orders)
    yield _gauge("orders_working", "Child orders that work.", (), [((), float(working))])
    yield _gauge(
        "orders_unresolved",
        "Child orders whose outcome is not known.",
        (),
        [((), float(len(view.orders) - working))],
    )
    yield _counter(
        "orders", "Child orders so far.", "outcome", sorted(view.orders_by_outcome.items())
    )
    yield _counter("count", "What the desk counts.", "what", sorted(view.counters.items()))
