"""A funding payment that was due has come."""

from typing import ClassVar, Final

from hedgerow.execution.order import AccountSnapshot, FundingReport
from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Place, Places
from hedgerow.live.signals import Clock, Fetched
from hedgerow.units import DAY, MINUTE, iso

NEAR: Final = MINUTE  # venues stamp a payment some seconds after it was due
Key = tuple[str, str, str]  # venue, account, symbol


class SettlementMissing:
    """Expects a payment where a position was held at a settlement that a venue announced.

    A rate of zero pays nothing, and is not waited for. It resets when the payment comes, when an
    operator says so, or after a day.
    """

    name: ClassVar[str] = "settlement-missing"
    severity: ClassVar[Severity] = Severity.NOTE
    hears: ClassVar[tuple[type, ...]] = (
        Clock,
        QuoteReport,
        AccountSnapshot,
        FundingReport,
        Fetched,
    )

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._next: dict[tuple[str, str], int] = {}
        self._rate: dict[tuple[str, str], float] = {}
        self._held: dict[Key, bool] = {}
        self._due: dict[Key, list[int]] = {}
        self._paid: dict[Key, int] = {}  # the latest settlement that was paid

    def observe(self, heard: Heard) -> None:
        """Take in announcements, positions and payments."""
        match heard:
            case Clock(time=time):
                self._pass(time)
            case QuoteReport():
                self._announced(heard)
            case AccountSnapshot():
                held = {position.symbol for position in heard.positions if position.amount}
                for place in self._places.all:
                    if (place.venue, place.account) == (heard.venue, heard.account):
                        self._held[_key(place)] = place.symbol in held
            case FundingReport():
                self._came(heard)
            case Fetched(funding=payments):
                for payment in payments:
                    self._came(payment)

    def verdict(self, now: int) -> Verdict:
        """Return which payments are missing."""
        late = {
            key: [due for due in dues if self._limits.settlement_late < now - due <= DAY]
            for key, dues in self._due.items()
        }
        texts = [
            f"{venue} {account} {symbol}: nothing for {', '.join(map(iso, dues))}"
            for (venue, account, symbol), dues in late.items()
            if dues
        ]
        if not texts:
            return FINE
        legs = self._places.legs(lambda place: bool(late.get(_key(place))))
        return Verdict(
            tripped=True,
            message=(
                "funding is missing: " + "; ".join(texts) + ". Our books lack that payment. Look "
                "at the venue's funding history: if it is there, our stream and requests missed it "
                "and the next reconciliation books it; if the venue paid nothing, "
                "`hedgerow reset settlement-missing` forgets it."
            ),
            legs=legs,
        )

    def pardon(self, now: int) -> None:  # noqa: ARG002 - all that was due is forgotten
        """Expect no more of what is missing."""
        self._due.clear()

    def _announced(self, quote: QuoteReport) -> None:
        symbol = quote.venue, quote.symbol
        if symbol not in self._places.by_symbol:
            return
        self._pass(quote.received)
        if quote.funding is not None:
            self._rate[symbol] = quote.funding
        if quote.settlement is not None and quote.settlement > quote.received:
            self._next[symbol] = quote.settlement

    def _pass(self, now: int) -> None:
        """Note what falls due: all that was announced and lies behind us."""
        for symbol, due in [*self._next.items()]:
            if due > now:
                continue
            del self._next[symbol]
            if self._rate.get(symbol, 1.0) == 0.0:
                continue
            for place in self._places.by_symbol[symbol]:
                key = _key(place)
                if self._held.get(key) and self._paid.get(key, 0) < due - NEAR:
                    kept = [old for old in self._due.get(key, []) if now - old <= DAY]
                    self._due[key] = [*kept, due]

    def _came(self, payment: FundingReport) -> None:
        key = payment.venue, payment.account, payment.symbol
        self._paid[key] = max(self._paid.get(key, 0), payment.settlement)
        left = [due for due in self._due.get(key, []) if abs(due - payment.settlement) > NEAR]
        self._due[key] = left


def _key(place: Place) -> Key:
    return place.venue, place.account, place.symbol
