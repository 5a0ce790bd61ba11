"""Cash that came or went past trades and funding: what each movement is, and which are known.

The venue's history of an account tells of transfers, rebates and interest. Our own top-ups are in
it too, under names that the venue gave them: those are known by their amount and time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from hedgerow.execution.effects import Notice
from hedgerow.execution.port import CashKind, CashReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.setup import Setup
from hedgerow.units import DAY, MINUTE

KIND: Final = "cash"
KEPT: Final = 20_000  # names of movements that are known when they come again
ROUNDED: Final = Decimal("1e-6")  # of an amount: venues keep eight decimals or fewer
LATE: Final = MINUTE  # by which a venue's stamp may be before ours
SHOWN: Final = DAY  # after which a transfer of ours is not looked for any more
WORDS: Final[Mapping[CashKind, tuple[str, str]]] = {
    CashKind.TRANSFER: ("came by a transfer", "went by a transfer that the desk did not make"),
    CashKind.REBATE: ("came as a rebate", "were taken back as a rebate"),
    CashKind.INTEREST: ("came as interest", "were charged as interest"),
    CashKind.INSURANCE: ("came from the insurance fund", "went: the insurance fund took its fee"),
    CashKind.OTHER: ("came", "went"),
}


class _Transfer(NamedTuple):
    """A transfer of ours that the venue's history has not shown yet."""

    account: str
    currency: str
    amount: Decimal
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What a movement of cash is to the books.

    Attributes
    ----------
    transfer
        Id of the transfer of ours that it is, "" where it is none.
    settled
        Whether a difference that was booked before has it in it.
    """

    report: CashReport
    transfer: str = ""
    settled: bool = False

    @property
    def is_news(self) -> bool:
        """Whether the books lack it."""
        return not (self.transfer or self.settled)

    def draft(self, now: int) -> Draft:
        """Return it as a fact of the journal."""
        report = self.report
        body = {
            "account": report.account,
            "kind": str(report.kind),
            "currency": report.currency,
            "amount": str(report.amount),
            "time": report.time,
            "word": report.word,
            "transfer": self.transfer,
            "booked": self.is_news,
        }
        return Draft(time=now, kind=KIND, body=body, key=_key(report))

    def notice(self) -> Notice:
        """Return it in words, for people: money that goes is worth a look."""
        report = self.report
        out = report.amount < 0
        words = WORDS[report.kind][out]
        named = f" ({report.word})" if report.word and report.kind is CashKind.OTHER else ""
        text = (
            f"{report.venue} {report.account}: {abs(report.amount):,f} {report.currency} "
            f"{words}{named}; booked"
        )
        level = "warning" if out and report.kind in _LOOKED_AT else "info"
        fund = report.kind is CashKind.INSURANCE
        return Notice(level=level, topic="liquidated" if fund else "balance-differs", text=text)


_LOOKED_AT: Final = frozenset({CashKind.TRANSFER, CashKind.OTHER, CashKind.INSURANCE})


class CashBook:
    """Which movements of cash are known; a fold over the facts of the journal."""

    __slots__ = ("_accounts", "_assets", "_known", "_ours", "_settled")

    def __init__(self, setup: Setup) -> None:
        terms = setup.terms
        self._accounts = [(given.name, given.collateral) for given in terms.accounts]
        self._assets = frozenset(terms.assets)
        self._known: dict[str, None] = {}
        self._ours: dict[str, _Transfer] = {}
        self._settled: dict[tuple[str, str], int] = {}

    def read(self, report: CashReport) -> Movement | None:
        """Return what a movement is, None where it is known or of a currency we do not book."""
        if _key(report) in self._known or report.currency not in self._assets:
            return None
        until = self._settled.get((report.account, report.currency), -1)
        transfer = self._transfer(report) if report.kind is CashKind.TRANSFER else ""
        return Movement(report=report, transfer=transfer, settled=report.time <= until)

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        body = fact.body
        match fact.kind:
            case "cash":
                self._known[fact.key] = None
                self._ours.pop(body["transfer"], None)
                if len(self._known) > KEPT:
                    del self._known[next(iter(self._known))]
            case "difference" if body["what"] == "balance":
                self._settled[body["account"], body["subject"]] = body["snapshot"]
            case "sent":
                account, currency = self._accounts[int(body["account"])]
                sent = _Transfer(account, currency, Decimal(body["amount"]), fact.time)
                self._ours = {
                    name: one for name, one in self._ours.items() if fact.time - one.sent < SHOWN
                }
                self._ours[fact.key] = sent
            case "arrived" if body["reason"]:
                self._ours.pop(body["transfer_id"], None)

    def snapshot(self) -> object:
        """Return all state as plain, comparable values."""
        return tuple(self._known), dict(self._ours), dict(self._settled)

    def _transfer(self, report: CashReport) -> str:
        """Return the id of our transfer that a movement is: the oldest of its amount."""
        if report.flow_id in self._ours:
            return report.flow_id
        for name, one in self._ours.items():
            same = (one.account, one.currency) == (report.account, report.currency)
            alike = abs(one.amount - report.amount) <= abs(one.amount) * ROUNDED
            if same and alike and -LATE <= report.time - one.sent < SHOWN:
                return name
        return ""


def _key(report: CashReport) -> str:
    return f"{report.venue} {report.account} {report.flow_id}"
