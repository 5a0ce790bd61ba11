"""Holds the books against every account, again and again, and books what nobody told.

An event that a venue reports explains itself. What is left after all events are fetched is a
difference that nothing explains: it is booked, said, and answered as the setup wants it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from hedgerow.execution.effects import Notice, Probe
from hedgerow.execution.order import AccountSnapshot, Cause
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.core import Core
from hedgerow.live.effects import FetchCash, FetchPast, FetchSnapshot
from hedgerow.live.guards.measures import Discrepancies
from hedgerow.live.reconcile.difference import Difference, Kind, allowance
from hedgerow.live.reconcile.explanation import Explanation, Reason
from hedgerow.live.reconcile.held import Held, HeldPosition
from hedgerow.live.reconcile.reconciler import Reconciler, discrepancies
from hedgerow.live.signals import Fetched
from hedgerow.live.spot_booking import coin_of
from hedgerow.units import HOUR, MINUTE, SECOND

YOUNG: Final = 5 * SECOND  # an order this young may not be listed yet
BLIND: Final = 20 * MINUTE  # without agreement, after which no risk is added
BLIND_LOOKS: Final = 10  # or so many looks, where they are rare
OVERLAP: Final = MINUTE  # fetched again, as clocks differ
SETTLES: Final = 20 * SECOND  # after a settlement, and between two questions about it
FORGETS: Final = 30 * MINUTE  # after a settlement nobody asks any more: a guard has told
NOTES: Final = 5 * MINUTE  # between two facts that an account agrees
CASH_LATE: Final = 10 * MINUTE  # by which a venue's history may be behind
CASH_EVERY: Final = HOUR  # between two looks for cash that came without a difference
CENT: Final = Decimal("0.01")  # dollars
AT_ANY_MOMENT: Final = 2**62
SHARED: Final = (
    "it is not of this desk and no part of the hedge, but draws on the same margin: move it to "
    "another account or close it"
)
Answered = Callable[[Cause | None, int | None, str, str], None]  # the last is the topic


class _Ours(Collection[str]):
    """All client ids that this desk ever gave: they say so themselves."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def __contains__(self, client_id: object) -> bool:
        return isinstance(client_id, str) and self._core.is_ours(client_id)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(slots=True)
class Auditor:
    """Reconciles the accounts of a core.

    Attributes
    ----------
    answer
        Called with the cause (None where nobody knows), the leg, the words and the topic of a
        change that the desk did not cause.
    opened
        The accounts that were taken over as they were found, and when: what was there before is
        not looked into.
    others
        Positions that no leg of ours is, by account and symbol, as they were told last.
    """

    core: Core
    answer: Answered
    opened: dict[str, int]
    began: int = 0  # when the desk began
    next_look: int = 0
    _next_cash: int = 0
    _cash_from: dict[str, int] = field(default_factory=dict)  # until when its cash is known
    looks: dict[str, AccountSnapshot] = field(default_factory=dict)
    others: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    _reconciler: Reconciler = field(init=False)
    _fetched: dict[tuple[str, str], int] = field(default_factory=dict)
    _known: _Ours = field(init=False)
    _from: dict[str, int] = field(default_factory=dict)
    _noted: dict[str, int] = field(default_factory=dict)  # until when, as the journal has it
    _wanted: set[tuple[str, str, int]] = field(default_factory=set)  # symbols, and since when
    _due: dict[int, int] = field(default_factory=dict)  # by leg, the settlement that comes next
    _asked: dict[int, int] = field(default_factory=dict)
    _doubted: dict[str, int] = field(default_factory=dict)  # the last look at which it differed

    def __post_init__(self) -> None:
        self._reconciler = Reconciler(self.core.setup.tolerance)
        self._known = _Ours(self.core)

    # --- when -------------------------------------------------------------------------------------

    def ask(self, now: int) -> None:
        """Ask every account what it holds."""
        setup = self.core.setup
        for account, venue in setup.venues.items():
            self.core.ask(FetchSnapshot(venue=venue, account=account))
        self.next_look = now + setup.check

    def due(self, now: int) -> None:
        """Ask again where it is time."""
        if now >= self.next_look:
            self.ask(now)
        if now >= self._next_cash:
            self._next_cash = now + CASH_EVERY
            for account in self.core.setup.venues:
                if account in self.opened:
                    self._fetch_cash(account)

    def catch_up(self, venue: str) -> None:
        """Ask for all that a stream may have missed while it was away: it does not say it again."""
        for account, place in self.core.setup.venues.items():
            if place == venue:
                self.core.ask(FetchSnapshot(venue=venue, account=account))
                self._fetch(account)

    def settlements(self, now: int) -> None:
        """Ask for funding that was due and has not come: few venues stream it."""
        for leg, listing in enumerate(self.core.setup.listings):
            seen = self.core.market.seen(leg)
            if seen is None or not seen.settlement:
                continue
            due = self._due.get(leg)
            if due is None or (seen.settlement > due and self.core.sums.of[leg].paid >= due):
                self._due[leg] = seen.settlement
                continue
            late = now - due
            if late > SETTLES and now - self._asked.get(leg, 0) > SETTLES:
                self._asked[leg] = now
                if late > FORGETS or not self.core.dealer.position(leg):
                    self._due[leg] = max(seen.settlement, due + 1)
                self.core.ask(
                    FetchPast(
                        venue=listing.venue,
                        account=listing.account,
                        symbol=listing.symbol,
                        since=due - OVERLAP,
                    )
                )

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        if fact.kind == "agreed":
            self._from[fact.body["account"]] = int(fact.body["until"])
        elif fact.kind == "not_ours":
            place = fact.body["account"], fact.body["symbol"]
            self.others[place] = Decimal(fact.body["amount"])
            if not self.others[place]:
                del self.others[place]

    def remember(self, begun: int) -> None:
        """Begin: what happened after the last time that all agreed is looked at again."""
        for account in self.core.setup.venues:
            self._from.setdefault(account, begun)

    def agreed(self, account: str) -> bool:
        """Whether the last look at an account found nothing that differs."""
        return self._reconciler.is_settled(self.core.setup.venues[account], account)

    def agreed_since(self, account: str, time: int) -> bool:
        """Whether a look at an account after `time` found nothing that differs."""
        last = self._reconciler.agreed(self.core.setup.venues[account], account)
        return last is not None and last > time

    # --- what it finds ----------------------------------------------------------------------------

    def snapshot(self, snapshot: AccountSnapshot, *, begun: bool) -> None:
        """Take in what an account holds."""
        self.looks[snapshot.account] = snapshot
        if not begun or not self.core.desk.market.worth:
            return
        if snapshot.account not in self.opened:
            self.take_over(snapshot)
            return
        self._settle_transfers(snapshot)
        held = self._alike(self._held(snapshot.account), snapshot)
        found = self._reconciler.look(held, snapshot, self._known)
        if self.agreed(snapshot.account):
            if max(held.last_change.values(), default=0) < snapshot.time:
                # One that is older than what the books have since heard says nothing of it.
                self._agree(snapshot.account, snapshot.time - OVERLAP)
            self._doubted.pop(snapshot.account, None)
            self._say(snapshot, ())
            return
        before = self._doubted.get(snapshot.account)
        if before is not None and snapshot.time <= before:
            return
        self._doubted[snapshot.account] = snapshot.time
        moved = [time for time in held.last_change.values() if time != AT_ANY_MOMENT]
        traded = before is not None and max(moved, default=0) > before
        believed = before is not None and self._is_fetched(snapshot.account, before)
        if not found or not believed or traded or self._may_have_traded(snapshot.account):
            self._fetch(snapshot.account)
            return
        self._say(snapshot, tuple(self._settle(one, snapshot) for one in found))

    def _may_have_traded(self, account: str) -> bool:
        """Whether an order of ours may explain what differs: its outcome is waited for."""
        core = self.core
        legs = (leg for leg, one in enumerate(core.setup.listings) if one.account == account)
        return any(core.dealer.may_have_traded(leg) for leg in legs)

    def _settle_transfers(self, snapshot: AccountSnapshot) -> None:
        """Let a transfer of unknown outcome be settled by what the account holds now."""
        if not self.core.transfers.doubtful:
            return
        number = self._number(snapshot.account)
        own = self.core.desk.terms.accounts[number].collateral
        there = snapshot.balances.get(own)
        if there is not None:
            ours = Decimal(repr(self.core.desk.books.purses[number].wallet))
            self.core.transfers.settle(snapshot.account, there - ours)

    def _agree(self, account: str, until: int) -> None:
        """Remember until when an account is known to agree; the journal every now and then."""
        self._from[account] = until
        if until - self._noted.get(account, 0) >= NOTES:
            self._noted[account] = until
            body = {"account": account, "until": until}
            self.core.write(Draft(time=self.core.now, kind="agreed", body=body))

    def fetched(self, fetched: Fetched) -> None:
        """Remember that all events of a symbol are known up to now."""
        if (fetched.account, fetched.symbol, fetched.since) in self._wanted:
            self._fetched[fetched.account, fetched.symbol] = fetched.time
            if not fetched.symbol:
                self._cash_from[fetched.account] = fetched.time

    def no_cash(self, account: str) -> None:
        """Do without an account's history of cash, as the venue does not give it."""
        for place, symbol, _ in self._wanted:
            if (place, symbol) == (account, ""):
                self._fetched[account, ""] = self.core.now

    def _fetch_cash(self, account: str) -> None:
        """Ask for transfers, rebates and interest, which no stream tells."""
        agreed = self._from.get(account, self.core.now)
        since = min(agreed, self._cash_from.get(account, agreed - CASH_EVERY)) - CASH_LATE
        self._wanted = {w for w in self._wanted if w[:2] != (account, "")}
        self._wanted.add((account, "", since))
        venue = self.core.setup.venues[account]
        self.core.ask(FetchCash(venue=venue, account=account, since=since))

    def _fetch(self, account: str) -> None:
        since = self._from.get(account, self.core.now - OVERLAP)
        self._fetch_cash(account)
        for listing in self.core.setup.listings:
            if listing.account == account:
                self._wanted = {w for w in self._wanted if w[:2] != (account, listing.symbol)}
                self._wanted.add((account, listing.symbol, since))
                self.core.ask(
                    FetchPast(
                        venue=listing.venue,
                        account=listing.account,
                        symbol=listing.symbol,
                        since=since,
                    )
                )

    def _is_fetched(self, account: str, since: int) -> bool:
        """Whether all that could explain a difference of that time was fetched after it."""
        symbols = {one.symbol for one in self.core.setup.listings if one.account == account}
        return all(self._fetched.get((account, name), -1) > since for name in {"", *symbols})

    def _settle(self, difference: Difference, snapshot: AccountSnapshot) -> Explanation:
        """Book a difference that nothing explains, and have it answered."""
        match difference.kind:
            case Kind.MISSING_ORDER:
                self._probe(difference)
                return Explanation(difference=difference, reason=Reason.OURS)
            case Kind.UNKNOWN_ORDER:
                found = Explanation(difference=difference, reason=Reason.MANUAL)
                self.core.write(found.draft(self.core.now))
                self.answer(Cause.MANUAL, None, found.text, "manual-trade")
                return found
            case Kind.POSITION:
                leg = self._leg(difference.account, difference.subject)
                if leg is None:
                    return self._not_ours(difference)
                found = Explanation(difference=difference, reason=Reason.UNEXPLAINED)
                self.core.write(found.draft(self.core.now))
                self._book_position(leg, difference.amount, snapshot, adopted=False)
                self.answer(None, leg, found.text, "position-differs")
                return found
            case Kind.BALANCE if self._is_liquidation_fee(difference):
                found = Explanation(difference=difference, reason=Reason.LIQUIDATION)
                self.core.note(found.draft(self.core.now))
                number = self._number(difference.account)
                self.core.book_liquidation_fee(number, float(difference.amount))
                text = f"{difference.text}: the insurance fund took its fee of the liquidation"
                self.core.notice(Notice(level="warning", topic="liquidated", text=text))
                return found
            case Kind.BALANCE:
                found = Explanation(difference=difference, reason=Reason.UNEXPLAINED)
                self.core.note(found.draft(self.core.now))
                self._book_balance(difference.account, difference.subject, difference.amount)
                self.answer(None, None, found.text, "balance-differs")
                return found

    def _not_ours(self, difference: Difference) -> Explanation:
        """Remember a position that no leg of ours is, and have it answered; once a size."""
        found = Explanation(difference=difference, reason=Reason.MANUAL)
        self.core.write(found.draft(self.core.now))
        self._remember_other(difference.account, difference.symbol, difference.theirs)
        there = f"{difference.venue} {difference.account} holds {difference.theirs:f} "
        text = f"{there}{difference.symbol}, before {difference.ours:f}; {SHARED}"
        if not difference.theirs:
            text = f"{difference.venue} {difference.account}: {difference.symbol} is closed"
        self.answer(Cause.MANUAL, None, text, "not-ours")
        return found

    def _remember_other(self, account: str, symbol: str, amount: Decimal) -> None:
        body = {"account": account, "symbol": symbol, "amount": str(amount)}
        draft = Draft(time=self.core.now, kind="not_ours", body=body)
        self.core.write(draft)
        self.apply(draft)

    def _is_liquidation_fee(self, difference: Difference) -> bool:
        """Whether it is what a venue takes apart from the trade after it liquidated."""
        due = self.core.fees_due.get(difference.account, Decimal(0))
        own = self.core.desk.terms.accounts[self._number(difference.account)].collateral
        return difference.subject == own and 0 < -difference.amount <= due

    def _number(self, account: str) -> int:
        return [given.name for given in self.core.desk.terms.accounts].index(account)

    def _say(self, snapshot: AccountSnapshot, found: tuple[Explanation, ...]) -> None:
        self.told = discrepancies(found, snapshot.venue, snapshot.account, self.core.now)

    told: Discrepancies | None = None

    # --- the first look of all --------------------------------------------------------------------

    def take_over(self, snapshot: AccountSnapshot) -> None:
        """Take over what an account held before the desk first saw it; once."""
        if snapshot.account in self.opened:
            self._adopt_others(snapshot)
            return
        self.opened[snapshot.account] = snapshot.time
        held = self._held(snapshot.account)
        theirs = {position.symbol: position for position in snapshot.positions}
        said = []
        for symbol, position in theirs.items():
            leg = self._leg(snapshot.account, symbol)
            if leg is None:
                self._found_other(snapshot, symbol, position.amount)
            elif position.amount:
                self._book_position(leg, position.amount, snapshot, adopted=True)
                said.append(f"{position.amount:f} {symbol}")
        for currency, ours in held.wallets.items():
            there = snapshot.balances.get(currency, Decimal(0))
            if there != ours:
                self._book_balance(snapshot.account, currency, there - ours)
                said.append(f"{there:f} {currency} (the config says {ours:f})")
        if said:
            text = f"{snapshot.account}: taken over as found: {', '.join(said)}"
            self.core.notice(Notice(level="info", topic="started", text=text))
        body = {"account": snapshot.account, "found": said, "as_of": snapshot.time}
        self.core.write(Draft(time=self.core.now, kind="taken_over", body=body))

    def _adopt_others(self, snapshot: AccountSnapshot) -> None:
        """Take over positions that were not ours and that the config names as a hedge now."""
        amounts = {position.symbol: position.amount for position in snapshot.positions}
        for place, symbol in tuple(self.others):
            leg = self._leg(place, symbol)
            if place != snapshot.account or leg is None:
                continue
            self._remember_other(place, symbol, Decimal(0))
            there = amounts.get(symbol, Decimal(0))
            if there:
                self._book_position(leg, there, snapshot, adopted=True)
                text = f"{place}: taken over as found: {there:f} {symbol}"
                self.core.notice(Notice(level="info", topic="started", text=text))

    def blind(self, now: int) -> dict[str, str]:
        """Return in words which accounts have not agreed with the books for long."""
        words = {}
        for account, venue in self.core.setup.venues.items():
            agreed = self._reconciler.agreed(venue, account) or self.began
            if self.began and now - agreed > max(BLIND, BLIND_LOOKS * self.core.setup.check):
                minutes = (now - agreed) // MINUTE
                words[account] = f"{account}: the books were last seen to agree {minutes} min ago"
        return words

    def _found_other(self, snapshot: AccountSnapshot, symbol: str, amount: Decimal) -> None:
        """Remember a position of no leg that was there before, and tell a person."""
        self._remember_other(snapshot.account, symbol, amount)
        text = f"{snapshot.venue} {snapshot.account} holds {amount:f} {symbol}; {SHARED}"
        self.core.notice(Notice(level="critical", topic="not-ours", text=text))

    def _book_position(
        self, leg: int, amount: Decimal, snapshot: AccountSnapshot, *, adopted: bool
    ) -> None:
        listing = self.core.setup.listings[leg]
        lots = float(amount / listing.lot)
        self.core.book_gap(leg, lots, _entry(snapshot, listing.symbol), adopted=adopted)

    def _book_balance(self, account: str, currency: str, amount: Decimal) -> None:
        terms = self.core.desk.terms
        number = self._number(account)
        self.core.book_flow(number, terms.assets.index(currency), float(amount))

    def _probe(self, difference: Difference) -> None:
        for order in self.core.dealer.working():
            if order.client_id == difference.subject:
                self.core.ask(
                    Probe(
                        venue=difference.venue,
                        account=difference.account,
                        symbol=difference.symbol,
                        client_id=order.client_id,
                        since=order.sent - OVERLAP,
                    )
                )

    def _leg(self, account: str, symbol: str) -> int | None:
        for number, listing in enumerate(self.core.setup.listings):
            if (listing.account, listing.symbol) == (account, symbol):
                return number
        return None

    def _held(self, account: str) -> Held:
        """Return what the books say that an account holds."""
        core = self.core
        terms, books = core.desk.terms, core.desk.books
        number = [given.name for given in terms.accounts].index(account)
        purse, own = books.purses[number], terms.accounts[number].collateral
        wallets = {own: Decimal(repr(purse.wallet))}
        listings = [one for one in core.setup.listings if one.account == account]
        coins = {coin_of(listing) for listing in listings if listing.spot}
        for asset, amount in zip(terms.assets, purse.pledges, strict=True):
            if asset != own and (amount or asset in coins):
                wallets[asset] = Decimal(repr(amount))
        positions = {
            listing.symbol: HeldPosition(
                amount=core.dealer.position(leg),
                entry=Decimal(repr(books.positions[leg].entry)),
                inverse=listing.inverse,
            )
            for leg, listing in enumerate(core.setup.listings)
            if listing.account == account and not listing.spot
        }
        for (place, symbol), other in self.others.items():
            if place == account and self._leg(place, symbol) is None:
                positions[symbol] = HeldPosition(amount=other)
        working, settling = {}, set()
        for order in core.dealer.working(core.now):
            listing = core.setup.listings[order.leg]
            if listing.account != account:
                continue
            if order.state == "open" and order.age > YOUNG:
                working[order.client_id] = listing.symbol
            else:
                settling.add(order.client_id)
        return Held(
            venue=core.setup.venues[account],
            account=account,
            positions=positions,
            wallets=wallets,
            working=working,
            settling=frozenset(settling),
            last_change=self._changes(account, own, number),
            cents={name: self._cent(name) for name in wallets},
        )

    def _cent(self, asset: str) -> Decimal:
        """Return a cent's worth of an asset."""
        dollars = self.core.market.dollars(asset)
        return CENT / Decimal(repr(dollars)) if dollars > 0.0 else Decimal(0)

    def _alike(self, held: Held, snapshot: AccountSnapshot) -> Held:
        """Return books whose cash differs only by how profit is split between wallet and entry.

        Trades that were told in another order than they happened realise other profits, and leave
        other entries; what the account is worth is the same.
        """
        own = next(
            one.collateral for one in self.core.desk.terms.accounts if one.name == held.account
        )
        there, shift = snapshot.balances.get(own), Decimal(0)
        if there is None:
            return held
        for position in snapshot.positions:
            ours = held.positions.get(position.symbol)
            if ours is None or position.entry is None or ours.amount != position.amount:
                continue
            leg = self._leg(held.account, position.symbol)
            if leg is None or self.core.desk.terms.legs[leg].settle != own:
                continue
            if position.entry != ours.entry:
                shift += _carried(ours) - _carried(replace(ours, entry=position.entry))
        same = abs(held.wallets[own] + shift - there)
        cent = held.cents.get(own, Decimal(0))
        if same <= allowance(held.wallets[own], there, self._reconciler.tolerance, cent):
            return replace(held, wallets={**held.wallets, own: there})
        return held

    def _changes(self, account: str, own: str, number: int) -> dict[str, int]:
        """Return when each symbol and currency changed last; one on its way changes any moment."""
        changes = {
            name: time for (place, name), time in self.core.changed.items() if place == account
        }
        if any(place == number for place, _ in self.core.transfers.sent.values()):
            changes[own] = AT_ANY_MOMENT
        for order in self.core.dealer.working():
            listing = self.core.setup.listings[order.leg]
            if listing.account == account and order.filled > order.traded:
                changes[listing.symbol] = AT_ANY_MOMENT  # a trade is on its way to us
                changes[own] = AT_ANY_MOMENT
        return changes


def _carried(position: HeldPosition) -> Decimal:
    """Return what a position's entry takes off its worth, settle asset: profit less what is known.

    Profit is ``size * price - size * entry`` if linear, ``face / entry - face / price`` if inverse.
    """
    if position.inverse:
        return position.amount / position.entry
    return -position.amount * position.entry


def _entry(snapshot: AccountSnapshot, symbol: str) -> float:
    """Return the entry of a position, its mark where the venue gives none, 0 where it is gone."""
    for position in snapshot.positions:
        if position.symbol == symbol:
            return float(position.entry or position.mark or 0)
    return 0.0
