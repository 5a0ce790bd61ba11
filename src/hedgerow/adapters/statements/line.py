"""One line of a statement: what changed a wallet, when and why."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Flow(StrEnum):
    """Why a wallet changed."""

    REALISED = "realised"
    FUNDING = "funding"
    FEE = "fee"
    TRANSFER = "transfer"
    INTEREST = "interest"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change of a wallet, as the book feels it: received > 0.

    Attributes
    ----------
    time
        UTC nanoseconds.
    symbol
        As its side writes it; "" where there is none.
    source
        Where it stands, for people: the row of the file, or the record of the journal.
    settles
        Whether it is of a settlement, at `price`.
    """

    time: int
    flow: Flow
    amount: Decimal
    currency: str
    symbol: str = ""
    source: str = ""
    settles: bool = False
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a venue exported, oldest line first; `kind` names the format."""

    venue: str
    kind: str
    lines: tuple[Line, ...]


_TAILS: Final = re.compile(r"([-_]?(PERPETUAL|PERP|SWAP))$")
_SIGNS: Final = re.compile(r"[^A-Z0-9]")


def plain(symbol: str) -> str:
    """Return the letters that a symbol has on every side, base then quote.

    >>> {plain(name) for name in ("BTC/USDT:USDT", "BTCUSDT", "BTC-USDT-SWAP")}
    {'BTCUSDT'}
    >>> [plain(name) for name in ("BTC/USD:BTC", "BTCUSD_PERP", "BTC-PERPETUAL")]
    ['BTCUSD', 'BTCUSD', 'BTC']
    """
    pair = _TAILS.sub("", symbol.upper().partition(":")[0])
    return _SIGNS.sub("", pair)


def same_symbol(one: str, other: str) -> bool:
    """Return whether two sides may mean the same symbol; one that says none agrees with all.

    >>> same_symbol("BTC/USD:BTC", "BTC-PERPETUAL"), same_symbol("BTC/USD:BTC", "ETHUSD_PERP")
    (True, False)
    """
    first, second = plain(one), plain(other)
    if not first or not second or first == second:
        return True
    short, long = sorted((first, second), key=len)
    return long in {f"{short}USD", f"{short}USDC", f"{short}USDT"}
