"""Collateral on its way between the reserve and the accounts, and what became of it.

A transfer whose outcome nobody knows is not sent again before a balance, or the venue's history,
says what became of it.
"""

from decimal import Decimal
from typing import Final, Protocol

from hedgerow.engine.commands import TransferCollateral
from hedgerow.engine.desk import Desk
from hedgerow.engine.events import Event, Transfer
from hedgerow.execution.effects import Notice
from hedgerow.execution.port import Failure, TransferReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.effects import LiveEffect, SendTransfer
from hedgerow.live.setup import Setup
from hedgerow.live.signals import CallFailed
from hedgerow.units import MINUTE

DOUBTS: Final = 10 * MINUTE  # after which a transfer that no balance shows never was


class Scribe(Protocol):
    """Whoever writes facts down and lets them take effect."""

    setup: Setup
    desk: Desk
    now: int

    def tell(self, event: Event) -> None:
        """Give the engine's desk an event."""

    def note(self, draft: Draft) -> None:
        """Write down a fact, and let it take effect."""

    def notice(self, notice: Notice) -> None:
        """Tell a person."""

    def ask(self, effect: LiveEffect) -> None:
        """Ask for something to be done."""

    def heard_of(self, account: str, name: str, time: int) -> None:
        """Remember that what an account holds of something changed."""


class Transfers:
    """The transfers of one desk."""

    def __init__(self, scribe: Scribe) -> None:
        self.sent: dict[str, tuple[int, Decimal]] = {}  # on their way: account, amount
        self.doubtful: dict[str, int] = {}  # of unknown outcome, since when
        self.none_until = 0  # no other is tried before
        self._scribe = scribe
        self._count = 0

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        if fact.kind == "sent":
            self._count += 1
            self.sent[fact.key] = (fact.body["account"], Decimal(fact.body["amount"]))
        elif fact.kind == "arrived":
            self.sent.pop(fact.body["transfer_id"], None)

    def send(self, command: TransferCollateral) -> None:
        """Send what the engine's desk decided; an opening one is at the venue already."""
        scribe = self._scribe
        account = scribe.setup.terms.accounts[command.account]
        effect = SendTransfer(
            venue=scribe.setup.venues[account.name],
            account=account.name,
            currency=account.collateral,
            amount=Decimal(command.amount),
            transfer_id=f"{scribe.setup.name}t{self._count + 1}",
            delay_seconds=command.delay_seconds,
            opening=command.opening,
            pledges=command.pledges,
        )
        if not command.opening:
            body = {"account": command.account, "amount": str(effect.amount)}
            scribe.note(Draft(time=scribe.now, kind="sent", body=body, key=effect.transfer_id))
        scribe.ask(effect)

    def take(self, report: TransferReport) -> None:
        """Take in that a transfer arrived, or that it failed and lies where it was."""
        scribe = self._scribe
        if report.transfer_id not in self.sent:
            return
        account, amount = self.sent[report.transfer_id]
        self._end(report.transfer_id, report.time, report.reason)
        if report.reason:
            self._came_back(account, amount, report.reason)
            return
        terms = scribe.desk.terms.accounts[account]
        scribe.heard_of(terms.name, terms.collateral, report.time)
        scribe.tell(Transfer(time=report.time, account=account, amount=float(amount)))

    def failed(self, failed: CallFailed) -> None:
        """Take in that a transfer was not carried out, or perhaps was."""
        scribe = self._scribe
        names = [account.name for account in scribe.desk.terms.accounts]
        for transfer_id, (account, amount) in tuple(self.sent.items()):
            if names[account] != failed.account:
                continue
            if failed.failure in {Failure.UNKNOWN, Failure.GARBLED}:
                self.doubtful.setdefault(transfer_id, scribe.now)
                text = (
                    f"{failed.account}: nobody knows whether a transfer of {abs(amount):,.2f} was "
                    f"carried out ({failed.reason}); it is not sent again before a balance says so"
                )
                scribe.notice(Notice(level="critical", topic="margin-top-up", text=text))
                continue
            self._end(transfer_id, scribe.now, failed.reason)
            self._came_back(account, amount, failed.reason)

    def doubt_all(self) -> None:
        """Doubt every transfer on its way: nobody will answer any more."""
        for transfer_id in self.sent:
            self.doubtful.setdefault(transfer_id, self._scribe.now)

    def doubted(self, account: int) -> Decimal:
        """Return what is on its way to an account and perhaps was never sent."""
        doubted = (self.sent[name] for name in self.doubtful if name in self.sent)
        coming = (amount for owner, amount in doubted if owner == account and amount > 0)
        return sum(coming, Decimal(0))

    def settle(self, account: str, surplus: Decimal) -> None:
        """Settle transfers of an account in doubt, by what its balance is beyond the books.

        What else happened and was not heard of blurs it: after a while the nearer of the two
        explanations counts, carried out or not.
        """
        scribe = self._scribe
        number = [given.name for given in scribe.desk.terms.accounts].index(account)
        for transfer_id, since in tuple(self.doubtful.items()):
            if transfer_id not in self.sent:
                del self.doubtful[transfer_id]
                continue
            owner, amount = self.sent[transfer_id]
            moved = amount if amount > 0 else Decimal(0)  # a withdrawal left the books at once
            if owner != number:
                continue
            shown, absent = abs(surplus - moved), abs(surplus - moved + amount)
            arrived, clear = shown < absent, shown <= abs(amount) / 1000
            if not clear and scribe.now - since < DOUBTS:
                continue
            del self.doubtful[transfer_id]
            reason = "" if arrived else "no balance shows it"
            self._end(transfer_id, scribe.now, reason)
            if arrived:
                scribe.tell(Transfer(time=scribe.now, account=owner, amount=float(amount)))
            else:
                self._came_back(owner, amount, reason)

    def _end(self, transfer_id: str, time: int, reason: str) -> None:
        body = {"transfer_id": transfer_id, "reason": reason}
        self._scribe.note(Draft(time=time, kind="arrived", body=body))

    def _came_back(self, account: int, amount: Decimal, reason: str) -> None:
        """Book a transfer that failed back to where it came from, and try no other for a while."""
        scribe = self._scribe
        terms = scribe.desk.terms.accounts[account]
        scribe.tell(Transfer(time=scribe.now, account=account, amount=-float(amount)))
        self.none_until = scribe.now + MINUTE
        text = (
            f"{terms.name}: a transfer of {abs(amount):,.2f} {terms.collateral} failed ({reason}); "
            "it is tried again in a minute while the account needs it. Look whether the reserve "
            "lies where the desk thinks it does"
        )
        scribe.notice(Notice(level="critical", topic="margin-top-up", text=text))
