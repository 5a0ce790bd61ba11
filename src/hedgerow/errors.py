"""Every error this package raises on purpose.

HedgeError
├── ConfigError                a file or an argument is wrong; fix the input
│   ├── UnknownName            a venue, instrument, policy or key that does not exist
│   └── SpanError              the asked span is not covered by the data
├── OrderRefused               a venue rule or a limit of ours says no
├── MarketDataError            data is missing, stale or contradicts itself
│   ├── DataConflict           two sources give different numbers for the same row
│   └── DataGap                a settlement or a price that must be there is not
└── AccountingError            the books do not balance: a defect of ours, never hidden
"""

from collections.abc import Sequence
from difflib import get_close_matches


class HedgeError(Exception):
    """Base of all errors raised on purpose; catch this at the outermost edge."""


class ConfigError(HedgeError):
    """The input of a person is wrong, and the message says how to mend it."""


class UnknownName(ConfigError):
    """A name that nobody knows, with the nearest one that somebody does."""

    def __init__(self, kind: str, name: str, known: Sequence[str], *, where: str = "") -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        near = get_close_matches(name, self.known, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        place = f"{where}: " if where else ""
        listed = ", ".join(self.known) or "none"
        super().__init__(f"{place}unknown {kind} {name!r}{hint} (known: {listed})")


class SpanError(ConfigError):
    """The data do not cover the span that was asked for."""


class OrderRefused(HedgeError):
    """An order must not be sent. Raised before the wire, never after."""


class MarketDataError(HedgeError):
    """Market data is missing, stale or contradicts itself."""


class DataConflict(MarketDataError):
    """Two sources give different numbers for the same instant of the same series."""


class DataGap(MarketDataError):
    """Something that must be there, a settlement say, is not."""


class AccountingError(HedgeError):
    """The books do not balance. This is a defect of the program, never of the input."""
