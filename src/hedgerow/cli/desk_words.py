"""How numbers of a running desk are written: sizes, prices, rates, ages and countdowns."""

import math
import re
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from hedgerow.market.instrument import MONEY
from hedgerow.report.wording import number, percent
from hedgerow.units import SECOND, moment

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
UNKNOWN: Final = "–"
FRESH: Final = "dim"
OLD: Final = "yellow"
STALE: Final = "bold red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """From how many seconds on a number is old, and from how many it is stale."""

    old: float
    stale: float

    def style(self, age: float | None) -> str:
        """Return how a number of that age is shown; one that nobody has is stale.

        >>> QUOTE.style(1.0), QUOTE.style(7.0), QUOTE.style(None)
        ('dim', 'yellow', 'bold red')
        """
        if age is None or not age < self.stale:
            return STALE
        return OLD if age >= self.old else FRESH


QUOTE: Final = Ages(old=5.0, stale=10.0)  # prices come many times a second
ACCOUNT: Final = Ages(old=35.0, stale=90.0)  # checked by request every half minute
PREDICTION: Final = Ages(old=60.0, stale=600.0)  # venues move it once a minute


def clean(words: str) -> str:
    r"""Return words on one line, without what a terminal would obey.

    >>> clean("two\nlines \x1b[2J")
    'two lines [2J'
    """
    return " ".join(CONTROL.sub(" ", words).split())


def age_text(age: float | None) -> str:
    """Return an age in at most four characters.

    >>> [age_text(age) for age in (0.04, 1.26, 14.0, 75.0, 4000.0, 200000.0, None)]
    ['0.0s', '1.3s', '14s', '1m', '1h', '2d', '–']
    """
    if age is None or not math.isfinite(age):
        return UNKNOWN
    age = max(age, 0.0)
    if age < 9.95:
        return f"{age:.1f}s"
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "m")):
        if age >= size:
            return f"{math.floor(age / size)}{unit}"
    return f"{age:.0f}s"


def aged(words: str, age: float | None, ages: Ages) -> Text:
    """Return a number with its age behind it; only the age has a colour while it is fresh."""
    style = ages.style(age)
    text = Text(words, style="" if style == FRESH else style)
    if words != UNKNOWN:
        text.append(f" {age_text(age)}", style=style)
    return text


def span_text(seconds: float) -> str:
    """Return a length of time in its two largest units.

    >>> span_text(9.0), span_text(125.0), span_text(6960.0), span_text(183600.0)
    ('9s', '2m05s', '1h56m', '2d03h')
    """
    whole = max(0, math.floor(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def since(now: int, then: int | None) -> str:
    """Return how long ago `then` was."""
    return UNKNOWN if then is None else span_text((now - then) / SECOND)


def until(now: int, then: int | None) -> str:
    """Return a countdown to `then`; "due" where it has come."""
    if then is None:
        return UNKNOWN
    return "due" if then <= now else span_text((then - now) / SECOND)


def clock_text(nanosecond: int) -> str:
    """Return the time of day, UTC.

    >>> clock_text(0)
    '00:00:00'
    """
    return moment(nanosecond).strftime("%H:%M:%S")


def size(amount: float | None, *, sign: str = "-") -> str:
    """Return an amount of coins with the decimals that its size asks for.

    >>> size(-118.452), size(0.60001), size(-4_049_000.0), size(860.0), size(0.0)
    ('-118.452', '0.6', '-4,049,000', '860', '0')
    """
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    digits = 0 if abs(amount) >= 1e5 else 2 if abs(amount) >= 1e3 else 3 if abs(amount) >= 10 else 4
    text = number(amount, digits, sign=sign)
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(amount: float | None) -> str:
    """Return a price to seven digits, or to all before its point.

    >>> price(112_480.5), price(4_182.35), price(0.000123456), price(1_234_567.8), price(None)
    ('112,480.5', '4,182.35', '0.000123456', '1,234,568', '–')
    """
    if amount is None or not math.isfinite(amount) or amount == 0.0:
        return UNKNOWN
    places = min(max(6 - math.floor(math.log10(abs(amount))), 0), 12)
    text = number(amount, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def coins(amount: float | None, unit: str, *, sign: str = "-") -> str:
    """Return money without decimals where it is much, and coins as `size` does.

    >>> coins(2_117_781.1, "USDT"), coins(37.27184, "BTC"), coins(-6.25, "USDT", sign="+")
    ('2,117,781', '37.272', '-6.25')
    """
    if amount is None or unit not in MONEY:
        return size(amount, sign=sign)
    return number(amount, 0 if abs(amount) >= 1_000.0 else 2, sign=sign)


def bare_rate(fraction: float | None) -> str:
    """Return a rate of funding in percent, without the sign for it.

    >>> bare_rate(0.0001)
    '+0.0100'
    """
    return UNKNOWN if fraction is None else number(100.0 * fraction, 4, sign="+")


def rate(fraction: float | None, interval: float | None = None) -> str:
    """Return a rate of funding, signed, to a hundredth of a basis point, and for how long it is.

    >>> rate(0.000082, 8.0), rate(-0.000018), rate(None, 8.0)
    ('+0.0082 %/8h', '-0.0018 %', '–')
    """
    text = percent(fraction, 4, sign="+")
    return text if interval is None or text == UNKNOWN else f"{text}/{interval:g}h"
