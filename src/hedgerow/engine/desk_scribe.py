"""How events become ledger entries."""

from dataclasses import dataclass
from math import nan

from hedgerow.engine.desk_books import ADOPTED, COVERED, DEBT, HOLDING, Books
from hedgerow.engine.desk_note import write_note
from hedgerow.engine.events import (
    AccountFlow,
    Conversion,
    Deleveraging,
    Fill,
    FundingSettled,
    Liquidation,
    Overdraft,
)
from hedgerow.kernels.contract import after_fill, base_size
from hedgerow.kernels.funding import funding_cash
from hedgerow.ledger import EntryKind, LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of one pocket of the book, without a position: `value` is in numeraire."""

    kind: EntryKind
    account: str
    unit: str
    cash: float
    value: float
    note: str = ""
    quantity: float = 0.0
    price: float = nan
    fee: float = 0.0

    def at(self, time: int) -> LedgerEntry:
        """Return the entry of this move at an instant."""
        return LedgerEntry(
            time=time,
            kind=self.kind,
            instrument="",
            account=self.account,
            quantity=self.quantity,
            price=self.price,
            cash=self.cash,
            fee=self.fee,
            realised=0.0,
            unit=self.unit,
            value=self.value,
            note=self.note,
        )


def traded(books: Books, event: Fill | Liquidation | Deleveraging) -> LedgerEntry:
    """Return the entry of a fill, ours or forced."""
    leg, position = books.terms.legs[event.leg], books.positions[event.leg]
    size = event.lots * leg.lot_size
    held = position.lots * leg.lot_size
    realised = after_fill(held, position.entry, size, event.price, leg.inverse).realised
    fee = 0.0 if isinstance(event, Deleveraging) else event.fee
    cash = realised + fee
    if isinstance(event, Deleveraging):
        kind = EntryKind.DELEVERAGING
        note = write_note(
            lots=event.lots, market=event.market, index=event.index, worth=event.worth
        )
    elif isinstance(event, Fill):
        kind = EntryKind.FILL
        note = write_note(
            *((ADOPTED,) if event.adopted else ()),
            lots=event.lots,
            reference=event.reference,
            index=event.index,
            worth=event.worth,
        )
    else:
        kind = EntryKind.LIQUIDATION
        note = write_note(event.source, lots=event.lots, index=event.index, worth=event.worth)
    return LedgerEntry(
        time=event.time,
        kind=kind,
        instrument=leg.instrument,
        account=leg.account,
        quantity=base_size(size, event.price, leg.inverse),
        price=event.price,
        cash=cash,
        fee=fee,
        realised=realised,
        unit=leg.settle,
        value=cash * event.worth,
        note=note,
    )


def settled(books: Books, event: FundingSettled, worth: float) -> LedgerEntry:
    """Return the entry of a settlement on what a leg holds."""
    leg = books.terms.legs[event.leg]
    lots = books.positions[event.leg].lots if event.lots is None else event.lots
    size = lots * leg.lot_size
    cash = event.cash
    if cash is None:
        cash = funding_cash(size, event.price, event.rate, leg.inverse)
    return LedgerEntry(
        time=event.time,
        kind=EntryKind.FUNDING,
        instrument=leg.instrument,
        account=leg.account,
        quantity=base_size(size, event.price, leg.inverse),
        price=event.price,
        cash=cash,
        fee=0.0,
        realised=0.0,
        unit=leg.settle,
        value=cash * worth,
        note=write_note(rate=event.rate),
    )


def covered(books: Books, account: int, amount: float, worth: float) -> Move:
    """Return the venue's payment for a loss beyond the wallet."""
    terms = books.terms.accounts[account]
    return Move(
        kind=EntryKind.LIQUIDATION,
        account=terms.name,
        unit=terms.collateral,
        cash=amount,
        value=amount * worth,
        note=COVERED,
    )


def brought(books: Books, event: AccountFlow, worth: tuple[float, ...]) -> Move:
    """Return what somebody moved into an account past the desk."""
    return Move(
        kind=EntryKind.FLOW,
        account=books.terms.accounts[event.account].name,
        unit=books.terms.assets[event.asset],
        cash=event.amount,
        value=event.amount * worth[event.asset],
        note=event.note,
    )


def converted(books: Books, event: Conversion) -> tuple[Move, Move]:
    """Return both sides of an exchange inside an account: the asset, then the collateral."""
    given = books.terms.accounts[event.account]
    return (
        Move(
            kind=EntryKind.CONVERSION,
            account=given.name,
            unit=books.terms.assets[event.asset],
            cash=-event.sold,
            value=-event.sold * event.worth,
            quantity=-event.sold,
            price=event.price,
        ),
        Move(
            kind=EntryKind.CONVERSION,
            account=given.name,
            unit=given.collateral,
            cash=event.got,
            value=event.got * event.unit,
            note=write_note(slipped=event.slipped, worth=event.unit),
            price=event.price,
            fee=event.fee,
        ),
    )


def overdrawn(books: Books, event: Overdraft, worth: tuple[float, ...]) -> Move:
    """Return the interest on what an account owes."""
    return Move(
        kind=EntryKind.INTEREST,
        account=books.terms.accounts[event.account].name,
        unit=books.terms.assets[event.asset],
        cash=event.amount,
        value=event.amount * worth[event.asset],
    )


def loan(books: Books, account: int, amount: float, worth: float, into: str) -> tuple[Move, Move]:
    """Return both sides of cash borrowed (> 0) or repaid (< 0)."""
    terms = books.terms.accounts[account]
    sides = ((into, amount), (DEBT, -amount))
    first, second = (
        Move(
            kind=EntryKind.LOAN,
            account=place,
            unit=terms.collateral,
            cash=cash,
            value=cash * worth,
            note=terms.name,
        )
        for place, cash in sides
    )
    return first, second


def grown(account: str, unit: str, kind: EntryKind, cash: float, value: float, of: str) -> Move:
    """Return interest or staking; on coins, `quantity` is what came."""
    return Move(
        kind=kind,
        account=account,
        unit=unit,
        cash=cash,
        value=value,
        note=of,
        quantity=cash if account == HOLDING else 0.0,
    )
