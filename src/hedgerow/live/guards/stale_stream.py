"""Nothing that adds risk is sent on prices that are too old."""

from dataclasses import dataclass
from typing import ClassVar

from hedgerow.execution.port import QuoteReport, StreamReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard, Requested
from hedgerow.live.guards.places import Places
from hedgerow.live.signals import Clock
from hedgerow.units import SECOND

Key = tuple[str, str]
AGREES = 0.001  # fraction of price within which a quote by request confirms the last one


@dataclass(slots=True)
class _Ages:
    """When each number of a symbol was received last; 0 for never."""

    book: int = 0
    mark: int = 0
    funding: int = 0
    price: float = 0.0


@dataclass(slots=True)
class _Down:
    since: int
    reason: str
    price: dict[Key, float]  # the last prices before it went down


class StaleStream:
    """Each kind of number has an age limit of its own; a stream that says it is down trips too."""

    name: ClassVar[str] = "stale-stream"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (Clock, QuoteReport, StreamReport, Requested)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._start = 0
        self._ages: dict[Key, _Ages] = {key: _Ages() for key in places.by_symbol}
        self._down: dict[Key, _Down] = {}  # by venue and stream
        self._checked: dict[Key, str] = {}  # what a quote by request said of a silent symbol

    def observe(self, heard: Heard) -> None:
        """Take in quotes, what becomes of streams, and answers to requests."""
        match heard:
            case Clock(time=time):
                self._start = self._start or time
            case QuoteReport():
                self._quoted(heard)
            case StreamReport():
                self._reported(heard)
            case Requested(quote=quote):
                self._check(quote)

    def verdict(self, now: int) -> Verdict:
        """Return which streams are silent, and what to do."""
        if not self._start:
            self._start = now
        texts: list[str] = []
        legs: frozenset[int] = frozenset()
        for key, ages in self._ages.items():
            for what, received, limit in self._watched(ages):
                if now - (received or self._start) <= limit:
                    continue
                texts.append(self._silence(key, what, received, now))
                legs |= self._places.at(*key)
        venues = frozenset(
            venue
            for (venue, _), down in self._down.items()
            if now - down.since > self._limits.stream_down
        )
        texts += [
            f"{venue}: the stream {stream} is down for {_seconds(now - down.since)}"
            + (f" ({down.reason})" if down.reason else "")
            for (venue, stream), down in self._down.items()
            if venue in venues
        ]
        if not texts:
            return FINE
        checks = " ".join(self._checked[key] for key in self._ages if key in self._checked)
        advice = (
            "Only orders that reduce risk are sent until it speaks again; if it stays silent, look "
            "at the venue's status page and at the network of this machine."
        )
        return Verdict(
            tripped=True,
            message=" ".join(part for part in ("; ".join(texts) + ".", checks, advice) if part),
            legs=legs,
            venues=venues,
        )

    def _watched(self, ages: _Ages) -> list[tuple[str, int, int]]:
        """Return what must not be old: a number that a symbol never showed is not waited for."""
        limits = self._limits
        watched = [
            ("best prices", ages.book, limits.book_age),
            ("mark", ages.mark, limits.mark_age),
            ("funding", ages.funding, limits.funding_age),
        ]
        shown = [one for one in watched if one[1]]
        priced = ages.book or ages.mark
        return shown if priced else [*shown, ("price", 0, limits.book_age)]

    def _silence(self, key: Key, what: str, received: int, now: int) -> str:
        venue, symbol = key
        if not received:
            return f"{venue} {symbol}: no {what} has come since the start"
        return f"{venue} {symbol}: the last {what} is {_seconds(now - received)} old"

    def _quoted(self, quote: QuoteReport) -> None:
        key = quote.venue, quote.symbol
        if any(_is_of(stream, quote) for stream in self._down):
            self._check(quote)
        else:
            self._checked.pop(key, None)
        ages = self._ages.get(key)
        if ages is None:
            return
        if quote.bid is not None or quote.ask is not None:
            ages.book = quote.received
        if quote.mark is not None:
            ages.mark = quote.received
        if quote.funding is not None:
            ages.funding = quote.received
        ages.price = _price(quote) or ages.price

    def _reported(self, report: StreamReport) -> None:
        key = report.venue, report.stream
        if report.alive:
            self._down.pop(key, None)
        elif key not in self._down:
            prices = {place: ages.price for place, ages in self._ages.items()}
            self._down[key] = _Down(since=report.time, reason=report.reason, price=prices)

    def _check(self, quote: QuoteReport) -> None:
        """Hold an answer to a request against the last price of the silent stream."""
        key = quote.venue, quote.symbol
        ages = self._ages.get(key)
        price = _price(quote)
        if ages is None or price is None:
            return
        before = next(
            (
                down.price.get(key, 0.0)
                for stream, down in self._down.items()
                if _is_of(stream, quote)
            ),
            ages.price,
        )
        said = f"Asked by request, {quote.venue} shows {price:,.10g} for {quote.symbol}"
        if before <= 0.0:
            self._checked[key] = f"{said}: the venue answers, only the stream is silent."
            return
        apart = price / before - 1.0
        agrees = "agrees with" if abs(apart) <= AGREES else "differs from"
        self._checked[key] = (
            f"{said}, which {agrees} the last {before:,.10g} of the stream ({apart:+.3%}): the "
            "venue answers, only the stream is silent."
        )


def _is_of(stream: Key, quote: QuoteReport) -> bool:
    """Return whether a quote may be of a stream: the venue's, and no other symbol's."""
    venue, name = stream
    return venue == quote.venue and ("/" not in name or quote.symbol in name)


def _price(quote: QuoteReport) -> float | None:
    if quote.mark is not None:
        return quote.mark
    if quote.bid is not None and quote.ask is not None:
        return (quote.bid + quote.ask) / 2.0
    return quote.last


def _seconds(duration: int) -> str:
    return f"{duration / SECOND:.0f} s"
