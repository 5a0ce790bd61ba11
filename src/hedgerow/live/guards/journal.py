"""The journal takes records: what is not written down must not be done."""

from typing import ClassVar

from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.measures import Heard
from hedgerow.live.signals import JournalBack, JournalFailed


class JournalWritable:
    """Trips when the journal cannot be written, and resets when it can."""

    name: ClassVar[str] = "journal"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (JournalFailed, JournalBack)

    def __init__(self) -> None:
        self._reason: str | None = None

    def observe(self, heard: Heard) -> None:
        """Take in what became of the journal."""
        match heard:
            case JournalFailed(reason=reason):
                self._reason = reason
            case JournalBack():
                self._reason = None

    def verdict(self, now: int) -> Verdict:  # noqa: ARG002 - it holds until the journal is back
        """Return whether the journal fails."""
        if self._reason is None:
            return FINE
        return Verdict(
            tripped=True,
            message=(
                f"the journal cannot be written: {self._reason}. No order is sent that is not "
                "written down first. Free the disk or bring the database back; the desk tries "
                "again by itself and goes on."
            ),
        )
