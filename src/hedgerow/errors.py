"""What can go wrong, as a tree: whoever catches HedgeError catches all that we foresee.

HedgeError
├── ConfigError                what a person gave cannot be meant; the message mends it
│   ├── UnknownName            a venue, instrument, policy or key that does not exist
│   └── SpanError              the asked span is not covered by the data
├── OrderRefused               the venue would not take the order, or we must not send it
├── MarketDataError            prices or rates that nothing can be built on
│   ├── DataConflict           two sources give different numbers for the same row
│   └── DataGap                a settlement or a price that must be there is not
└── AccountingError            the books do not balance: a defect of ours, never hidden
"""

from collections.abc import Sequence
from difflib import get_close_matches


class HedgeError(Exception):
    """The root of the tree; the command line catches it and ends with 2."""


class ConfigError(HedgeError):
    """Something that a person gave is refused, by its name and with a way out."""


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
    """The order breaks a rule; nothing of it has reached a venue."""


class MarketDataError(HedgeError):
    """Recorded prices or rates are incomplete, too old or at odds with each other."""


class DataConflict(MarketDataError):
    """Two sources give different numbers for the same instant of the same series."""


class DataGap(MarketDataError):
    """Something that must be there, a settlement say, is not."""


class AccountingError(HedgeError):
    """The books do not balance. This is a defect of the program, never of the input."""
