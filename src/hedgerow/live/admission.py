"""Whether accounts may be traded: what a preflight found, and what a venue refuses to say."""

import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hedgerow.execution.effects import Notice
from hedgerow.execution.port import Facts, Failure
from hedgerow.live.core import Core
from hedgerow.live.effects import FetchFacts
from hedgerow.live.signals import CallFailed
from hedgerow.units import HOUR, SECOND

EVERY: Final = HOUR  # between two questions
DOUBTED: Final = 5 * SECOND  # after an order was refused
AGAIN: Final = 30 * SECOND  # while something about an account is wrong or unknown
_QUESTIONS: Final = frozenset({"facts", "snapshot"})
_NUMBERS: Final = re.compile(r"[-+]?\d[\d.,]*")


class Finding(Protocol):
    """What a preflight found: it refuses or warns, about a topic, in words."""

    @property
    def weight(self) -> str:
        """`"refuse"` or `"warn"`."""
        ...

    @property
    def topic(self) -> str:
        """Name of the page that says more."""
        ...

    @property
    def text(self) -> str:
        """What is wrong and how to mend it."""
        ...


Preflight = Callable[[Facts], Sequence[Finding]]


class Admission:
    """What the accounts of a desk say of themselves.

    Attributes
    ----------
    refused
        By account, why it may not be traded.
    found_well
        Accounts that a preflight has looked at, and found well.
    """

    def __init__(
        self, core: Core, preflight: Preflight | None, stop: Callable[[str], None]
    ) -> None:
        self.refused: dict[str, str] = {}
        self.found_well: set[str] = set()
        self._core = core
        self._preflight = preflight
        self._stop = stop  # called with the reason when an account is refused
        self._asked = 0
        self._said: dict[str, set[str]] = {}  # by account, what was found the last time

    @property
    def why_not(self) -> str:
        """Why accounts may not be traded, "" for nothing."""
        return "; ".join(self.refused.values())

    def is_checked(self, accounts: set[str]) -> set[str]:
        """Return which of some accounts are known to be well; all where nobody checks."""
        return accounts if self._preflight is None else accounts & self.found_well

    def due(self, time: int, *, well: bool) -> None:
        """Ask every hour; sooner while an account may not or cannot be traded."""
        if time - self._asked >= (EVERY if well and not self.refused else AGAIN):
            self.ask(time)

    def doubt(self, time: int) -> None:
        """Ask again soon: an account may be set otherwise than it was."""
        if time - self._asked >= DOUBTED:
            self.ask(time)

    def ask(self, time: int) -> None:
        """Ask the accounts what they are."""
        self._asked = time
        if self._core.setup.mode == "live":
            self._core.ask_fee_prices()
        for account, venue in self._core.setup.venues.items():
            self._core.ask(FetchFacts(venue=venue, account=account))

    def take(self, facts: Facts) -> None:
        """Take in what an account says of itself; what is refused stops the desk, by its name."""
        found = () if self._preflight is None else self._preflight(facts)
        before = self._said.get(facts.account, set())
        self._said[facts.account] = set()
        for finding in found:
            level = "critical" if finding.weight == "refuse" else "warning"
            notice = Notice(level=level, topic=finding.topic, text=finding.text)
            self._say_once(facts.account, before, notice)
        why_not = "; ".join(finding.text for finding in found if finding.weight == "refuse")
        if why_not:
            self._refuse(facts.account, why_not)
        else:
            self.refused.pop(facts.account, None)
            self.found_well.add(facts.account)

    def failed(self, failed: CallFailed, *, begun: bool) -> None:
        """Take in that a question was not answered; where we may not ask at all, stop."""
        if failed.call not in _QUESTIONS:
            return
        account, reason = failed.account, failed.reason
        before = self._said.get(account, set())
        if failed.failure is Failure.REFUSED or (failed.failure is Failure.CLOCK and not begun):
            text = f"{account}: the venue refuses to say what it holds: {reason}"
            self._say_once(account, before, Notice(level="critical", topic="preflight", text=text))
            self._refuse(account, text)
        elif not begun:
            text = f"{account}: not begun, as the venue does not answer: {reason}"
            self._say_once(account, before, Notice(level="critical", topic="venue-down", text=text))

    def _say_once(self, account: str, before: set[str], notice: Notice) -> None:
        """Tell people, unless the last look found the same; its numbers may be others."""
        words = notice.topic + _NUMBERS.sub("", notice.text)
        if words not in before:
            self._core.notice(notice)
        self._said.setdefault(account, set()).add(words)

    def _refuse(self, account: str, why_not: str) -> None:
        """Trade an account no more, or do not begin, until a preflight finds it well."""
        self.found_well.discard(account)
        self.refused[account] = why_not
        self._stop(why_not)
