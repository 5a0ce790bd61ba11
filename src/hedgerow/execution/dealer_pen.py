"""What one input does, as it is written: each fact changes the book at once."""

from typing import Any

from hedgerow.execution.breakers import Edge
from hedgerow.execution.child import Child, Source
from hedgerow.execution.codec import encode
from hedgerow.execution.dealer_book import Aim, DealerBook
from hedgerow.execution.effects import Cancel, Effect, FetchTrades, Given, Notice, Probe
from hedgerow.execution.machine import Step
from hedgerow.execution.order import OrderReport
from hedgerow.ledger.journal import Draft
from hedgerow.units import SECOND

_BEFORE = 10 * SECOND  # trades are asked for from so long before an order was sent


class Pen:
    """The facts and effects of one input at `now`."""

    __slots__ = ("_drafts", "_effects", "book", "now")

    def __init__(self, book: DealerBook, now: int) -> None:
        self.book = book
        self.now = now
        self._drafts: list[Draft] = []
        self._effects: list[Effect] = []

    def write(self, kind: str, body: dict[str, Any], key: str = "") -> None:
        """Record a fact, and know it from now on."""
        draft = Draft(time=self.now, kind=kind, body=body, key=key)
        self.book.apply(draft)
        self._drafts.append(draft)

    def do(self, effect: Effect) -> None:
        """Ask for something to be done once the facts are durable."""
        self._effects.append(effect)

    def step(self) -> Step:
        """Return all of it."""
        return Step(tuple(self._drafts), tuple(self._effects))

    def tell(self, level: str, topic: str, text: str) -> None:
        """Tell a person."""
        self.do(Notice(level=level, topic=topic, text=text))

    def aim(self, leg: int, aim: Aim, next_at: int) -> None:
        """Record a new aim."""
        self.write("aim", {"leg": leg, "next_at": next_at, "reason": "", **encode(aim._asdict())})

    def end(self, leg: int, reason: str) -> None:
        """Record that a leg has no aim any more."""
        self.write("aim", {"leg": leg, "target": None, "reason": reason})

    def give(self, leg: int, reason: str) -> None:
        """Give a leg's aim up, and say so."""
        if self.book.legs[leg].aim is not None:
            self.end(leg, reason)
        self.do(Given(leg=leg, reason=reason))

    def report(
        self, report: OrderReport, source: Source, *, rejects: bool = False, retry_after: int = 0
    ) -> None:
        """Record what is known of an order."""
        self.write(
            "order",
            {
                "report": encode(report),
                "source": source.value,
                "rejects": rejects,
                "retry_after": retry_after,
            },
        )

    def ask(self, child: Child, what: str) -> None:
        """Record a step of finding out what became of an order."""
        self.write("unknown", {"client_id": child.request.client_id, "what": what})

    def probe(self, child: Child) -> None:
        """Ask what became of an order."""
        self.ask(child, "probe")
        request = child.request
        self.do(
            Probe(
                venue=request.venue,
                account=request.account,
                symbol=request.symbol,
                client_id=request.client_id,
                since=child.sent - _BEFORE,
            )
        )

    def fetch(self, child: Child) -> None:
        """Ask for the trades of an order."""
        self.ask(child, "fetch")
        request = child.request
        self.do(
            FetchTrades(
                venue=request.venue,
                account=request.account,
                symbol=request.symbol,
                since=child.sent - _BEFORE,
            )
        )

    def cancel(self, child: Child, reason: str) -> None:
        """Cancel an order."""
        request = child.request
        body = {"reason": reason, "failed": False, "first": 5 * SECOND, "retry_after": 0}
        self.write("cancel", {"client_id": request.client_id, **body})
        self.do(
            Cancel(
                venue=request.venue,
                account=request.account,
                symbol=request.symbol,
                client_id=request.client_id,
            )
        )

    def cancel_failed(self, child: Child, reason: str, retry_after: int) -> None:
        """Record that a cancel did not get through, for certain."""
        body = {"reason": reason, "failed": True, "first": SECOND, "retry_after": retry_after}
        self.write("cancel", {"client_id": child.request.client_id, **body})

    def breaker(self, edge: Edge) -> None:
        """Trip or reset a breaker, and say so."""
        self.write("breaker", {"name": edge.name, "tripped": edge.tripped, "text": edge.text})
        self.tell("critical" if edge.tripped else "info", edge.name, edge.text)

    def watch_breakers(self) -> None:
        """Trip and reset what is due."""
        for edge in list(self.book.breakers.edges(self.now)):
            self.breaker(edge)
