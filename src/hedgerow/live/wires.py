"""Carry out an effect on a venue, and turn whatever comes back into a signal."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Cancel, FetchTrades, Place, Probe
from hedgerow.execution.port import (
    NO_ANSWER,
    Account,
    ClockSkewed,
    Failure,
    Feed,
    Garbled,
    Gateway,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unreachable,
    VenueError,
)
from hedgerow.live.effects import (
    FetchCash,
    FetchFacts,
    FetchPast,
    FetchQuote,
    FetchSnapshot,
    LiveEffect,
    SendTransfer,
    SetSwitch,
)
from hedgerow.live.signals import CallFailed, Checked, Fetched, Probed, Quoted, Signal

PATIENCE: Final = 8.0  # seconds: no venue may hold a call longer
_CALLS: Final[Mapping[type, str]] = {
    Place: "place",
    Cancel: "cancel",
    Probe: "probe",
    FetchTrades: "trades",
    FetchPast: "trades",
    FetchCash: "cash",
    FetchSnapshot: "snapshot",
    FetchQuote: "quote",
    FetchFacts: "facts",
    SendTransfer: "transfer",
    SetSwitch: "switch",
}
_ACTS: Final = (Place, Cancel, SendTransfer)  # what an unanswered call may have done


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The two ends of one account."""

    gateway: Gateway
    account: Account


class Wires:
    """All venues of a desk.

    Parameters
    ----------
    feeds, accounts
        By venue, and by the desk's name of the account.
    symbols
        Of each account, for what a preflight checks.
    clock
        UTC nanoseconds.
    beside
        By venue, a feed and the symbols that guards ask it for, which no leg is.
    """

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        accounts: Mapping[str, Wire],
        symbols: Mapping[str, tuple[str, ...]],
        clock: Callable[[], int],
        beside: Mapping[str, tuple[Feed, tuple[str, ...]]] | None = None,
    ) -> None:
        self.feeds = dict(feeds)
        self.accounts = dict(accounts)
        self.beside = dict(beside or {})
        self._symbols = dict(symbols)
        self._clock = clock

    async def carry(self, effect: LiveEffect) -> Signal | None:
        """Do what an effect asks; return what came of it, a failure included."""
        try:
            return await asyncio.wait_for(self._ask(effect), PATIENCE)
        except TimeoutError:
            unknown = isinstance(effect, _ACTS)
            failure = Failure.UNKNOWN if unknown else Failure.UNREACHABLE
            return self._failed(effect, failure, f"no answer within {PATIENCE:g} s")
        except VenueError as error:
            retry = error.retry_after if isinstance(error, RateLimited) else 0.0
            return self._failed(effect, failure_of(error), str(error), retry)
        except NO_ANSWER as error:
            failure = Failure.UNKNOWN if isinstance(effect, _ACTS) else Failure.GARBLED
            reason = str(error) if isinstance(error, HedgeError) else repr(error)
            return self._failed(effect, failure, f"the answer cannot be read: {reason}")

    async def _ask(self, effect: LiveEffect) -> Signal | None:
        match effect:
            case Place():
                return await self.accounts[effect.request.account].gateway.place(effect.request)
            case Cancel():
                wire = self.accounts[effect.account]
                return await wire.gateway.cancel(effect.client_id, effect.symbol)
            case SetSwitch():
                await self.accounts[effect.account].gateway.cancel_all_after(effect.seconds)
                return None
            case SendTransfer():
                account = self.accounts[effect.account].account
                return await account.transfer(effect.currency, effect.amount, effect.transfer_id)
            case _:
                return await self._read(effect)

    async def _read(self, effect: LiveEffect) -> Signal | None:
        """Ask for what changes nothing."""
        answer: Signal | None = None
        match effect:
            case Probe():
                answer = await self._probe(effect)
            case FetchTrades() | FetchPast():
                answer = await self._past(effect)
            case FetchCash():
                answer = await self._cash(effect)
            case FetchSnapshot():
                answer = await self.accounts[effect.account].account.snapshot()
            case FetchQuote():
                feed = self.feeds.get(effect.venue)
                if feed is not None:
                    quote = await feed.quote(effect.symbol)
                    answer = Quoted(time=self._clock(), quote=quote)
            case FetchFacts():
                account = self.accounts[effect.account].account
                facts = await account.facts(self._symbols[effect.account])
                answer = Checked(time=self._clock(), facts=facts)
        return answer

    async def _probe(self, effect: Probe) -> Probed:
        """Ask for the order first: a trade that comes between is in the trades, then."""
        wire = self.accounts[effect.account]
        report = await wire.gateway.probe(effect.client_id, effect.symbol)
        trades = await wire.account.trades(effect.symbol, effect.since)
        mine = tuple(trade for trade in trades if trade.client_id == effect.client_id)
        return Probed(time=self._clock(), client_id=effect.client_id, report=report, trades=mine)

    async def _past(self, effect: FetchTrades | FetchPast) -> Fetched:
        account = self.accounts[effect.account].account
        trades = await account.trades(effect.symbol, effect.since)
        funding = (
            await account.funding(effect.symbol, effect.since)
            if isinstance(effect, FetchPast)
            else ()
        )
        return Fetched(
            time=self._clock(),
            venue=effect.venue,
            account=effect.account,
            symbol=effect.symbol,
            since=effect.since,
            trades=trades,
            funding=funding,
        )

    async def _cash(self, effect: FetchCash) -> Fetched:
        return Fetched(
            time=self._clock(),
            venue=effect.venue,
            account=effect.account,
            symbol="",
            since=effect.since,
            cash=await self.accounts[effect.account].account.cash(effect.since),
        )

    def _failed(
        self, effect: LiveEffect, failure: Failure, reason: str, retry_after: float = 0.0
    ) -> CallFailed:
        about = effect.request if isinstance(effect, Place) else effect
        return CallFailed(
            time=self._clock(),
            venue=getattr(about, "venue", ""),
            account=getattr(about, "account", ""),
            call=_CALLS[type(effect)],
            failure=failure,
            reason=reason,
            client_id=getattr(about, "client_id", ""),
            symbol=getattr(about, "symbol", ""),
            retry_after=retry_after,
        )

    async def close(self) -> None:
        """Let go of all venues, whatever one of them says to it."""
        ends = [feed.close() for feed in self.feeds.values()]
        ends += [feed.close() for feed, _ in self.beside.values()]
        ends += [wire.account.close() for wire in self.accounts.values()]
        await asyncio.gather(*ends, return_exceptions=True)


def failure_of(error: VenueError) -> Failure:
    """Return how grave an error of a venue is.

    >>> failure_of(OutcomeUnknown("the connection died"))
    <Failure.UNKNOWN: 'unknown'>
    """
    for kind, failure in _KINDS:
        if isinstance(error, kind):
            return failure
    return Failure.UNKNOWN


_KINDS: Final[tuple[tuple[type[VenueError], Failure], ...]] = (
    (OutcomeUnknown, Failure.UNKNOWN),
    (RateLimited, Failure.RATE_LIMITED),
    (ClockSkewed, Failure.CLOCK),
    (Refused, Failure.REFUSED),
    (Unreachable, Failure.UNREACHABLE),
    (Garbled, Failure.GARBLED),
)
