"""The name of an order, derived from the intent alone: the same intent has the same name."""

import hashlib
import re
from functools import cache
from typing import Final

from hedgerow.errors import ConfigError

LENGTH: Final = 32  # what OKX takes; Binance and Bybit take 36, Deribit 64
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_AIM, _CHILD, _LEG = 8, 4, 2  # digits of each, base 36
_ANY: Final = re.compile(r"hg[a-z0-9]{1,12}[a-z0-9]{18}")


def client_id(desk: str, leg: int, aim: int, child: int) -> str:
    """Return the client id of a child order: letters and digits, at most 32.

    The desk's mark comes first, so that a person can tell the desks of one account apart; aim
    numbers start at the second of a journal's first aim, so that a new journal repeats no name.

    >>> client_id("treasury", 0, 1_767_225_600, 1)
    'hgtreasuryk98h0000t85s000001'
    """
    return (
        mark(desk)
        + _base36(leg, _LEG, desk)
        + _base36(aim, _AIM, desk)
        + _base36(child, _CHILD, desk)
    )


def of_some_desk(client_id: str) -> bool:
    """Return whether a client id looks like one that a desk gave, this one or another.

    >>> of_some_desk("hgtreasuryk98h0000t85s000001"), of_some_desk("web_12")
    (True, False)
    """
    return _ANY.fullmatch(client_id) is not None


@cache
def mark(desk: str) -> str:
    """Return what the client ids of a desk start with.

    >>> mark("Treasury") == mark("treasury")
    False
    """
    if not desk or len(desk) > 12 or not (desk.isascii() and desk.isalnum()):
        raise ConfigError(
            f"[live] name = {desk!r}: client ids carry it, so it must be 1 to 12 letters and digits"
        )
    digest = int.from_bytes(hashlib.sha256(desk.encode()).digest()[:8], "big")
    return "hg" + desk.lower() + _base36(digest % 36**4, 4, desk)


def _base36(number: int, width: int, desk: str) -> str:
    digits = ""
    rest = number
    while rest > 0:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    if number < 0 or len(digits) > width:
        raise ConfigError(f"[live] name = {desk!r}: no client id is left for number {number}")
    return digits.rjust(width, "0")
