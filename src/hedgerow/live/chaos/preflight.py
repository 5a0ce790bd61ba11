"""What a simulated preflight refuses: a wrong position mode, and a clock that is far off."""

from typing import NamedTuple

from hedgerow.execution.port import Facts
from hedgerow.live.chaos.trouble import LIMIT


class Found(NamedTuple):
    """What a preflight says."""

    weight: str
    topic: str
    text: str


def preflight(facts: Facts) -> tuple[Found, ...]:
    """Refuse an account in the wrong position mode, and a venue whose clock is far from ours."""
    found: list[Found] = []
    if facts.one_way is False:
        found.append(Found("refuse", "preflight", f"{facts.account} is in hedge mode"))
    if abs(facts.clock_offset) > LIMIT:
        text = f"{facts.account}: the clocks are {facts.clock_offset:+.3f} s apart"
        found.append(Found("refuse", "clock-drift", text))
    return tuple(found)
