"""How amounts, shares and times are written for people."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hedgerow.units import DAY, HOUR, MINUTE, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Amounts of one currency, all with the same number of decimals.

    Attributes
    ----------
    unit
        The currency, written after the amount.
    decimals
        Digits after the point.

    Examples
    --------
    >>> Money.for_scale("USD", 5_000_000.0).signed(-1234.5)
    '-1,234 USD'
    >>> Money.for_scale("BTC", 120.0).plain(0.25)
    '0.2500 BTC'
    """

    unit: str
    decimals: int

    @classmethod
    def for_scale(cls, unit: str, scale: float) -> "Money":
        """Return the way to write amounts of about the size of `scale`."""
        decimals = 0 if scale >= 10_000.0 else 2 if scale >= 500.0 else 4 if scale >= 1.0 else 6
        return cls(unit=unit, decimals=decimals)

    def number(self, amount: float) -> str:
        """Return `amount` without its unit."""
        return number(amount, self.decimals)

    def signed_number(self, amount: float) -> str:
        """Return `amount` without its unit, with a sign in front."""
        return number(amount, self.decimals, sign="+")

    def plain(self, amount: float) -> str:
        """Return `amount` and its unit."""
        return f"{self.number(amount)} {self.unit}"

    def signed(self, amount: float) -> str:
        """Return `amount` and its unit, with a sign in front."""
        return f"{self.signed_number(amount)} {self.unit}"


def number(amount: float | None, decimals: int = 0, *, sign: str = "-") -> str:
    """Return `amount` with thousands apart; a dash where there is none.

    >>> number(1234567.891, 2), number(-0.0001, 2), number(None)
    ('1,234,567.89', '0.00', '–')
    """
    if amount is None or not math.isfinite(amount):
        return "–"
    rounded = round(amount, decimals) + 0.0
    return f"{rounded:{sign if rounded else '-'},.{decimals}f}"


def percent(fraction: float | None, decimals: int = 1, *, sign: str = "-") -> str:
    """Return `fraction` in percent.

    >>> percent(0.9876), percent(-0.5, 0), percent(None)
    ('98.8 %', '-50 %', '–')
    """
    if fraction is None or not math.isfinite(fraction):
        return "–"
    return f"{number(100.0 * fraction, decimals, sign=sign)} %"


def day(nanosecond: int) -> str:
    """Return the UTC day of `nanosecond`.

    >>> day(0)
    '1970-01-01'
    """
    return moment(nanosecond).strftime("%Y-%m-%d")


def minute(nanosecond: int) -> str:
    """Return the UTC minute of `nanosecond`.

    >>> minute(0)
    '1970-01-01 00:00 UTC'
    """
    return moment(nanosecond).strftime("%Y-%m-%d %H:%M UTC")


def duration(nanoseconds: int) -> str:
    """Return a length of time in its largest whole unit.

    >>> duration(HOUR), duration(8 * HOUR), duration(DAY), duration(15 * MINUTE)
    ('1 h', '8 h', '1 day', '15 min')
    """
    if nanoseconds % DAY == 0:
        days = nanoseconds // DAY
        return f"{days} day" if days == 1 else f"{days} days"
    if nanoseconds % HOUR == 0:
        return f"{nanoseconds // HOUR} h"
    return f"{nanoseconds / MINUTE:g} min"


def counted(many: int, one: str, more: str = "") -> str:
    """Return a number of things, in the singular or the plural.

    >>> counted(1, "top-up"), counted(2_500, "top-up")
    ('1 top-up', '2,500 top-ups')
    """
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def clock(stamp: str) -> str:
    """Return an ISO 8601 time as people read it.

    >>> clock("2024-03-08T03:00:00Z")
    '2024-03-08 03:00 UTC'
    """
    return f"{stamp[:10]} {stamp[11:16]} UTC"


def price(amount: float | None) -> str:
    """Return a price with the decimals that its size asks for.

    >>> price(43_210.987), price(0.000123456)
    ('43,210.99', '0.00012346')
    """
    return number(amount, 2 if amount is None or abs(amount) >= 10.0 else 8)


def short(amount: float) -> str:
    """Return a signed amount in a few characters, for narrow cells.

    >>> short(1_234_567.0), short(-34_567.0), short(0.1234), short(0.0)
    ('+1.2M', '-35k', '+0.12', '0')
    """
    size = abs(amount)
    for unit, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= 0.9995 * unit:
            scaled = amount / unit
            return f"{scaled:+.{1 if abs(scaled) < 9.95 else 0}f}{suffix}"
    if size == 0.0:
        return "0"
    return f"{amount:+.0f}" if size >= 100.0 else f"{amount:+.2g}"


def last_day(end: str) -> str:
    """Return the last day of a span whose end is the instant `end`, which it does not include.

    >>> last_day("2024-05-01T00:00:00Z")
    '2024-04-30'
    """
    return (datetime.fromisoformat(end) - timedelta(seconds=1)).date().isoformat()


def span(result: Mapping[str, Any]) -> str:
    """Return the first and the last day of a result, as people write them."""
    return f"{result['start'][:10]} to {last_day(str(result['end']))}"
