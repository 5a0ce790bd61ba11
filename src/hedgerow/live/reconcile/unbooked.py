"""What a venue says happened, and our books do not have yet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from hedgerow.execution.order import FundingReport, TradeReport
from hedgerow.execution.port import TransferReport

Happened: TypeAlias = TradeReport | FundingReport | TransferReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbooked:
    """Events of one account that our books lack, oldest first."""

    trades: tuple[TradeReport, ...] = ()
    funding: tuple[FundingReport, ...] = ()
    transfers: tuple[TransferReport, ...] = ()

    def until(self, time: int) -> tuple[Happened, ...]:
        """Return all events up to an instant, oldest first; funding before trades of its time."""
        found: list[Happened] = [*self.funding, *self.trades, *self.transfers]
        return tuple(sorted((one for one in found if time_of(one) <= time), key=time_of))


def time_of(event: Happened) -> int:
    """Return when an event happened, UTC nanoseconds."""
    return event.settlement if isinstance(event, FundingReport) else event.time


def key_of(event: Happened) -> str:
    """Return what is unique about an event, as the journal's keys have it."""
    match event:
        case TradeReport():
            return f"{event.venue} {event.account} {event.symbol} {event.trade_id}"
        case FundingReport():
            second = event.settlement // 10**9
            return f"{event.venue} {event.account} {event.symbol} {second}"
        case TransferReport():
            return f"{event.venue} {event.account} {event.transfer_id}"


def unbooked(events: Iterable[Happened], booked: Collection[str]) -> Unbooked:
    """Return the events whose key is not `booked`, each once, oldest first.

    Trades and funding payments that come out of this are the missing ones; they are also missing
    where nothing else differs.
    """
    new: dict[tuple[type, str], Happened] = {}
    for event in events:
        if key_of(event) not in booked and not _is_void(event):
            new.setdefault((type(event), key_of(event)), event)
    found = sorted(new.values(), key=time_of)
    return Unbooked(
        trades=tuple(one for one in found if isinstance(one, TradeReport)),
        funding=tuple(one for one in found if isinstance(one, FundingReport)),
        transfers=tuple(one for one in found if isinstance(one, TransferReport)),
    )


def _is_void(event: Happened) -> bool:
    """Return whether nothing moved: a transfer that failed says why."""
    return isinstance(event, TransferReport) and bool(event.reason)
