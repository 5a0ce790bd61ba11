"""Which faults there are, how often each one comes, and who draws them."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """Something that goes wrong, or that nobody told the desk of."""

    # a call
    LOST_REQUEST = "request lost"  # it never arrives, and nobody says so
    NEVER_SENT = "request never sent"  # the connection was refused: a certain no
    LATE_REQUEST = "request late"  # it arrives seconds later
    STALE_REQUEST = "request too late"  # it arrives so late that the venue refuses its time stamp
    TWICE = "request sent twice"
    DROPPED_REPLY = "accepted, reply dropped"
    LATE_REPLY = "reply late"
    REJECTED = "rejected by the venue"
    RATE_LIMITED = "rate limit"
    SERVER_ERROR = "5xx, done"
    SERVER_ERROR_UNDONE = "5xx, not done"
    GARBLED = "garbled reply, done"
    GARBLED_UNDONE = "garbled reply, not done"
    CLOCK_SKEW = "clock skew"
    TRANSFER_UNDONE = "transfer lost, outcome unknown"
    TRANSFER_DONE = "transfer done, outcome unknown"
    # a message of a stream
    LOST_MESSAGE = "message lost"
    LATE_MESSAGE = "message late"
    DOUBLE_MESSAGE = "message twice"
    SWAPPED_MESSAGE = "message overtaken"
    SEQUENCE_GAP = "sequence gap"  # a run of messages is lost
    LOST_QUOTE = "quote lost"
    LATE_QUOTE = "quote late"
    DOUBLE_QUOTE = "quote twice"
    # a while
    SILENT_STREAM = "private stream silent"
    BROKEN_STREAM = "private stream down"
    SILENT_FEED = "quotes silent"
    MAINTENANCE = "venue in maintenance"
    LONG_OUTAGE = "venue away for long"
    CLOCK_OFF = "clock off by more than a second"
    RATE_STORM = "rate-limit storm"
    TOLD_TO_WAIT = "429 in a storm"
    BANNED = "418 in a storm"  # asked again before the venue's patience was over
    WRONG_MODE = "wrong position mode"
    LOST_PEG = "stablecoin off its peg"
    LEG_REFUSED = "leg refused"
    LEG_THIN = "leg filled in part"
    LEG_EMPTY = "leg not filled"
    JOURNAL_DOWN = "journal unavailable"
    # a moment
    CRASH_BEFORE = "crash before the journal"
    CRASH_BETWEEN = "crash between journal and wire"
    CRASH_AMID = "crash amid the effects"
    CRASH_IDLE = "crash at rest"
    CRASH_ORDERED = "crash amid an operator's order"
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"
    MANUAL_TRADE = "manual trade"
    SPIKE = "price jump"


CALL_FAULTS = (
    Fault.LOST_REQUEST,
    Fault.NEVER_SENT,
    Fault.LATE_REQUEST,
    Fault.STALE_REQUEST,
    Fault.TWICE,
    Fault.DROPPED_REPLY,
    Fault.LATE_REPLY,
    Fault.REJECTED,
    Fault.RATE_LIMITED,
    Fault.SERVER_ERROR,
    Fault.SERVER_ERROR_UNDONE,
    Fault.GARBLED,
    Fault.GARBLED_UNDONE,
    Fault.CLOCK_SKEW,
)
MESSAGE_FAULTS = (
    Fault.LOST_MESSAGE,
    Fault.LATE_MESSAGE,
    Fault.DOUBLE_MESSAGE,
    Fault.SWAPPED_MESSAGE,
    Fault.SEQUENCE_GAP,
)
QUOTE_FAULTS = (Fault.LOST_QUOTE, Fault.LATE_QUOTE, Fault.DOUBLE_QUOTE)
TRANSFER_FAULTS = (Fault.TRANSFER_UNDONE, Fault.TRANSFER_DONE)
LEG_FAULTS = (Fault.LEG_REFUSED, Fault.LEG_THIN, Fault.LEG_EMPTY)
STORM_FAULTS = (Fault.TOLD_TO_WAIT, Fault.BANNED)
WINDOW_FAULTS = (
    Fault.SILENT_STREAM,
    Fault.BROKEN_STREAM,
    Fault.SILENT_FEED,
    Fault.MAINTENANCE,
    Fault.JOURNAL_DOWN,
    Fault.LONG_OUTAGE,
    Fault.CLOCK_OFF,
    Fault.RATE_STORM,
    Fault.WRONG_MODE,
    Fault.LOST_PEG,
    *LEG_FAULTS,
)
MOMENT_FAULTS = (
    Fault.CRASH_IDLE,
    Fault.LIQUIDATION,
    Fault.DELEVERAGING,
    Fault.MANUAL_TRADE,
    Fault.SPIKE,
)
STEP_FAULTS = (Fault.CRASH_BEFORE, Fault.CRASH_BETWEEN, Fault.CRASH_AMID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How often things go wrong.

    Attributes
    ----------
    call, message, quote
        Chance of a fault of one call, one private message, one quote.
    step
        Chance of a crash at one step that writes to the journal or acts.
    transfer
        Chance that nobody knows what became of a transfer.
    windows, moments, orders
        How many of them a day; the last are an operator's, who stops the desk for a while.
    amid
        Chance that the desk dies while it takes in an operator's order.
    kinds
        Which faults may come at all.
    """

    call: float = 0.12
    message: float = 0.25
    quote: float = 0.04
    step: float = 0.003
    transfer: float = 0.4
    windows: float = 2.75
    moments: float = 2.75
    orders: float = 1.0
    amid: float = 0.2
    kinds: frozenset[Fault] = frozenset(Fault)


@dataclass(slots=True)
class Faults:
    """Draws faults, and counts those that were done."""

    random: Random
    odds: Odds
    quiet: bool = False  # while it is, nothing goes wrong
    tally: Counter[str] = field(default_factory=Counter)

    def call(self) -> Fault | None:
        """Return what goes wrong with a call."""
        return self._drawn(self.odds.call, CALL_FAULTS)

    def transfer(self) -> Fault | None:
        """Return how a transfer ends of which nobody knows the outcome."""
        return self._drawn(self.odds.transfer, TRANSFER_FAULTS)

    def message(self) -> Fault | None:
        """Return what goes wrong with a message of an account's stream."""
        return self._drawn(self.odds.message, MESSAGE_FAULTS)

    def quote(self) -> Fault | None:
        """Return what goes wrong with a quote."""
        return self._drawn(self.odds.quote, QUOTE_FAULTS)

    def step(self) -> Fault | None:
        """Return how the desk dies at a step; it is for the desk to count it."""
        if self.quiet or self.random.random() >= self.odds.step:
            return None
        return self.one_of(STEP_FAULTS)

    def happens(self, chance: float, fault: Fault) -> bool:
        """Return whether something happens that has this chance; it is not counted."""
        may = not self.quiet and fault in self.odds.kinds
        return self.random.random() < chance and may

    def one_of(self, kinds: tuple[Fault, ...]) -> Fault | None:
        """Return one of these faults, out of those that may come at all."""
        fault = self.random.choice(kinds)
        return fault if fault in self.odds.kinds else None

    def count(self, fault: Fault) -> None:
        """Count a fault that was done."""
        self.tally[fault] += 1

    def between(self, low: float, high: float) -> int:
        """Return some nanoseconds between two numbers of seconds."""
        return round(self.random.uniform(low, high) * 1e9)

    def _drawn(self, chance: float, kinds: tuple[Fault, ...]) -> Fault | None:
        if self.quiet or self.random.random() >= chance:
            return None
        fault = self.one_of(kinds)
        if fault is not None:
            self.tally[fault] += 1
        return fault
