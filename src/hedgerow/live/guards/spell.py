"""How long a condition has been broken, or well: what must last before it counts."""

from dataclasses import dataclass


@dataclass(slots=True)
class Spell:
    """A condition that counts as broken after `after`, and as over after `calm`, nanoseconds.

    In between, what it was before stands; so it neither flutters nor locks.
    """

    after: int
    calm: int
    tripped: bool = False
    since: int | None = None  # of the present run of beyond (well, if tripped)

    def update(self, now: int, *, beyond: bool) -> bool:
        """Take in whether the condition is broken at `now`; return whether it counts as such."""
        if beyond == self.tripped:
            self.since = None
            return self.tripped
        if self.since is None:
            self.since = now
        if now - self.since >= (self.after if beyond else self.calm):
            self.tripped, self.since = beyond, None
        return self.tripped
