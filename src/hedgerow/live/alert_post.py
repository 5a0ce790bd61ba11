"""Alerts on their way to people: beside the desk, patient, and never in its way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from hedgerow.execution.effects import Notice
from hedgerow.live.alerting import AlertBox, Carrier, Level, Message

MOST: Final = 1000  # notices that wait; beyond it the least important goes
TIMEOUT: Final = 30.0  # seconds for one attempt
WAITS: Final = (2.0, 10.0, 60.0)  # seconds before each further attempt
LOOK: Final = 1.0  # seconds between two looks at what time makes due

log = structlog.get_logger("hedgerow.alerts")


@dataclass(slots=True)
class Tally:
    """What became of the alerts so far."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


class AlertPost:
    """Takes notices from the desk at once, and sends them in its own time.

    Parameters
    ----------
    box
        Says which go out, and when.
    carriers
        All of them get every message.
    clock
        UTC nanoseconds.
    redact
        Takes secrets out of every text.
    pause
        Waits some seconds.
    """

    def __init__(
        self,
        box: AlertBox,
        carriers: Sequence[Carrier],
        *,
        clock: Callable[[], int],
        redact: Callable[[str], str],
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.tally = Tally()
        self._box = box
        self._carriers = tuple(carriers)
        self._clock = clock
        self._redact = redact
        self._pause = pause
        self._waiting: deque[tuple[int, Notice]] = deque()
        self._going: set[asyncio.Task[None]] = set()

    def notify(self, notice: Notice) -> None:
        """Take a notice; never raises, never waits."""
        self._waiting.append((self._clock(), notice))
        if len(self._waiting) > MOST:
            least = min(self._waiting, key=lambda one: Level[one[1].level.upper()])
            self._waiting.remove(least)
            self.tally.dropped += 1

    async def run(self) -> None:
        """Send what comes until cancelled."""
        while True:
            self.post()
            await self._pause(LOOK)

    def post(self, *, last: bool = False) -> None:
        """Start to send all that is due now; all there is where it is the last time."""
        found: list[Message] = []
        while self._waiting:
            time, notice = self._waiting.popleft()
            found.extend(self._box.take(notice.level, notice.topic, notice.text, time))
        found.extend(self._box.rest(self._clock()) if last else self._box.due(self._clock()))
        for message in found:
            for carrier in self._carriers:
                task = asyncio.ensure_future(self._deliver(carrier, message))
                self._going.add(task)
                task.add_done_callback(self._over)

    async def drain(self, seconds: float) -> None:
        """Send what waits and what was kept back, and give it `seconds`: the process ends."""
        self.post(last=True)
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=seconds)
            for task in late:
                task.cancel()
                self.tally.failed += 1
            await asyncio.gather(*late, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        """Let go of a delivery; one that broke down is told in the log."""
        self._going.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.tally.failed += 1
            reason = self._redact(f"{type(error).__name__}: {error}")
            log.error("alert not delivered", reason=reason)

    async def _deliver(self, carrier: Carrier, message: Message) -> None:
        """Try until it goes through or the waits are used up; then say so in the log."""
        title, text = self._redact(message.title), self._redact(message.text)
        reason = ""
        for wait in (0.0, *WAITS):
            if wait:
                await self._pause(wait)
            try:
                sending = carrier.send(message.level.name.lower(), title, text)
                reason = await asyncio.wait_for(sending, TIMEOUT)
            except TimeoutError:
                reason = f"no answer within {TIMEOUT:g} s"
            if not reason:
                self.tally.sent += 1
                return
        self.tally.failed += 1
        log.error("alert not delivered", carrier=carrier.name, title=title, reason=reason)
