"""What a line of Hyperliquid's ledger does to an account: of perpetuals, or of spot."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hedgerow.adapters.venues.contracts import ZERO, exact

DOLLAR: Final = "USDC"
INWARD: Final = frozenset({"deposit", "vaultWithdraw"})
BETWEEN: Final = frozenset({"internalTransfer", "subAccountTransfer", "spotTransfer"})
MOVES: Final = BETWEEN | INWARD | {"withdraw", "vaultDeposit", "accountClassTransfer", "send"}


def ledger_row(row: Mapping[str, Any], owner: str, *, perp: bool) -> dict[str, Any]:
    """Return a line of the ledger as a movement of cash of the owner's account.

    One that does nothing to this account has the amount zero; `owner` is in small letters.
    """
    delta = row.get("delta") or {}
    word = str(delta.get("type") or "")
    return {
        "id": f"{row.get('hash')} {word} {row.get('time')}",
        "timestamp": row.get("time"),
        "amount": _amount(delta, word, owner, perp=perp),
        "code": str(delta.get("token") or DOLLAR).partition(":")[0],
        "word": word,
    }


def _amount(delta: Mapping[str, Any], word: str, owner: str, *, perp: bool) -> Decimal | None:
    """Return what a line does to the account, None where it does not say how much."""
    if word not in MOVES:
        return ZERO
    key = "usdc" if "usdc" in delta else "amount"
    amount = exact(delta.get("netWithdrawnUsd" if word == "vaultWithdraw" else key))
    if amount is None:
        return None
    fee = exact(delta.get("fee")) or ZERO
    found = ZERO
    if word == "send":
        found = _sent(delta, owner, amount, _own_fee(delta, fee), perp=perp)
    elif word == "accountClassTransfer":
        found = amount if bool(delta.get("toPerp")) == perp else -amount
    elif perp == (word == "spotTransfer"):
        pass  # of the other account
    elif word in BETWEEN:
        found = _between(delta, owner, amount, _own_fee(delta, fee))
    else:
        found = amount if word in INWARD else -amount - fee
    return found


def _between(delta: Mapping[str, Any], owner: str, amount: Decimal, fee: Decimal) -> Decimal:
    """Return what a transfer between two owners does to one of them: who sends, pays the fee."""
    found = ZERO
    if str(delta.get("destination")).lower() == owner:
        found += amount
    if str(delta.get("user")).lower() == owner:
        found -= amount + fee
    return found


def _sent(
    delta: Mapping[str, Any], owner: str, amount: Decimal, fee: Decimal, *, perp: bool
) -> Decimal:
    """Return what a transfer between places, "" for perpetuals, does to one of the owner's."""
    place = "" if perp else "spot"
    found = ZERO
    if (str(delta.get("destination")).lower(), delta.get("destinationDex")) == (owner, place):
        found += amount
    if (str(delta.get("user")).lower(), delta.get("sourceDex")) == (owner, place):
        found -= amount + fee
    return found


def _own_fee(delta: Mapping[str, Any], fee: Decimal) -> Decimal:
    """Return the fee where it is paid in what is sent."""
    token = str(delta.get("token") or DOLLAR)
    return fee if str(delta.get("feeToken") or DOLLAR) == token else ZERO
