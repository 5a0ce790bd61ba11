"""The name of one recorded series: where, what, which price, how long a bar."""

import re
from dataclasses import dataclass
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.series import PriceKind
from hedgerow.market.table_file import VENUE
from hedgerow.units import SECOND

FUNDING: Final = "funding"
KINDS: Final = (*(kind.value for kind in PriceKind), FUNDING)

_STEP = re.compile(r"([1-9][0-9]{0,6})(s|m|h|d|w)")
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SeriesKey:
    """One series of a lake.

    Attributes
    ----------
    venue
        Lower-case name of the exchange.
    symbol
        Unified symbol.
    kind
        ``"trade"``, ``"mark"``, ``"index"`` or ``"funding"``.
    step
        Length of a bar in nanoseconds; 0 for funding, which comes when it comes.
    """

    venue: str
    symbol: str
    kind: str
    step: int = 0

    def __post_init__(self) -> None:
        if VENUE.fullmatch(self.venue) is None:
            raise ConfigError(
                f"{self.venue!r} is not a venue's name; use lower-case letters, digits, '-', '_' "
                "or '.', such as binance"
            )
        symbol = parse_symbol(self.symbol)
        if self.kind not in KINDS:
            raise ConfigError(f"{self.kind!r} is not a kind of series; known: {', '.join(KINDS)}")
        if self.is_funding and symbol.is_spot:
            raise ConfigError(
                f"{self.symbol} is a spot pair and has no funding; write the perpetual's symbol, "
                f"such as {self.symbol}:{symbol.quote}"
            )
        if self.is_funding != (self.step == 0) or self.step < 0 or self.step % SECOND:
            raise ConfigError(f"{self}: a bar lasts whole seconds, and funding has no step")

    @property
    def is_funding(self) -> bool:
        """Whether this is a series of settlements rather than of bars."""
        return self.kind == FUNDING

    @property
    def is_inverse(self) -> bool:
        """Whether the instrument is margined in its base coin."""
        symbol = parse_symbol(self.symbol)
        return symbol.settle == symbol.base

    @property
    def folder(self) -> str:
        """The hive-partitioned folder of this series inside a lake."""
        symbol = self.symbol.replace("/", "-").replace(":", "@")
        place = f"venue={self.venue}/symbol={symbol}"
        if self.is_funding:
            return f"funding/{place}"
        return f"prices/{place}/kind={self.kind}/step={self.step // SECOND}"

    def __str__(self) -> str:
        if self.is_funding:
            return f"{self.venue} {self.symbol} funding"
        return f"{self.venue} {self.symbol} {self.kind} {step_text(self.step)}"


def parse_step(text: str) -> int:
    """Return the length of a bar in nanoseconds.

    >>> parse_step("8h") // SECOND
    28800
    """
    match = _STEP.fullmatch(text)
    if match is None:
        raise ConfigError(
            f"{text!r} is not the length of a bar; write 1s, 5m, 1h, 8h, 1d or 1w (calendar "
            "months have no fixed length and are not taken)"
        )
    return int(match[1]) * _UNIT_SECONDS[match[2]] * SECOND


def step_text(step: int) -> str:
    """Return a bar length in nanoseconds as people write it.

    >>> step_text(3_600 * SECOND), step_text(90 * SECOND)
    ('1h', '90s')
    """
    seconds = step // SECOND
    for unit in ("d", "h", "m"):
        if seconds % _UNIT_SECONDS[unit] == 0:
            return f"{seconds // _UNIT_SECONDS[unit]}{unit}"
    return f"{seconds}s"
