"""What is sent, when and how often: levels, quiet hours, repeats; and a failure stops nothing."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, time

import pytest
import structlog

from hedgerow.execution.effects import Notice
from hedgerow.execution.redaction import Redactor
from hedgerow.execution.secret import Secret
from hedgerow.live.alert_post import MOST, WAITS, AlertPost
from hedgerow.live.alerting import AlertBox, AlertRules, Level, Message, QuietHours
from hedgerow.units import HOUR, MINUTE, SECOND, nanoseconds

NOON = nanoseconds(datetime(2026, 3, 1, 12, tzinfo=UTC))
NIGHT = QuietHours(start=time(22), end=time(7))


def box(**changes: object) -> AlertBox:
    rules: dict[str, object] = {"level": Level.INFO, "repeat": 10 * MINUTE, **changes}
    return AlertBox(AlertRules(**rules), "treasury (paper)")  # type: ignore[arg-type]


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]


def test_a_title_says_which_desk_what_about_and_how_grave() -> None:
    (message,) = box().take("critical", "naked", "short 3 BTC too little", NOON)
    assert message.title == "treasury (paper): naked (critical)"
    assert (message.level, message.text) == (Level.CRITICAL, "short 3 BTC too little")


def test_what_is_below_the_level_is_not_sent() -> None:
    quiet = box(level=Level.WARNING)
    assert quiet.take("info", "started", "x", NOON) == ()
    assert len(quiet.take("warning", "loss", "x", NOON)) == 1


def test_repeats_within_the_pause_are_counted_and_told_with_the_next() -> None:
    alerts = box()
    assert len(alerts.take("warning", "error-rate", "first", NOON)) == 1
    for minute in range(1, 6):
        assert alerts.take("warning", "error-rate", "again", NOON + minute * MINUTE) == ()
    assert len(alerts.take("warning", "loss", "another topic", NOON + 6 * MINUTE)) == 1
    found = alerts.due(NOON + 10 * MINUTE)
    assert texts(found) == ["again (4 more in 10 minutes)"]
    assert alerts.due(NOON + 25 * MINUTE) == ()
    assert texts(alerts.take("warning", "error-rate", "new", NOON + 26 * MINUTE)) == ["new"]


def test_a_graver_alert_of_the_same_topic_does_not_wait() -> None:
    alerts = box()
    alerts.take("warning", "headroom", "low", NOON)
    alerts.take("warning", "headroom", "lower", NOON + SECOND)
    found = alerts.take("critical", "headroom", "gone", NOON + 2 * SECOND)
    assert texts(found) == ["gone (1 more in 1 minute)"]


def test_a_topic_may_have_a_pause_of_its_own() -> None:
    alerts = box(repeats={"funding-spike": HOUR})
    alerts.take("warning", "funding-spike", "x", NOON)
    assert alerts.take("warning", "funding-spike", "x", NOON + 30 * MINUTE) == ()
    assert len(alerts.due(NOON + HOUR)) == 1


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(21, 59, False), (22, 0, True), (3, 0, True), (6, 59, True), (7, 0, False), (12, 0, False)],
)
def test_quiet_hours_go_over_midnight(hour: int, minute: int, quiet: bool) -> None:
    now = nanoseconds(datetime(2026, 3, 1, hour, minute, tzinfo=UTC))
    assert NIGHT.cover(now) is quiet


def test_quiet_hours_are_those_of_their_zone_summer_time_included() -> None:
    zurich = QuietHours(start=time(22), end=time(7), zone="Europe/Zurich")
    winter, summer = datetime(2026, 1, 15, 20, 30), datetime(2026, 7, 15, 20, 30)  # noqa: DTZ001
    assert not zurich.cover(nanoseconds(winter.replace(tzinfo=UTC)))  # 21:30 there
    assert zurich.cover(nanoseconds(summer.replace(tzinfo=UTC)))  # 22:30 there


def test_the_night_keeps_what_can_wait_and_tells_it_in_the_morning() -> None:
    alerts = box(quiet=NIGHT)
    late = NOON + 11 * HOUR
    assert alerts.take("warning", "funding-spike", "0.2 %", late) == ()
    assert alerts.take("warning", "funding-spike", "0.3 %", late + HOUR) == ()
    assert alerts.take("info", "started", "hello", late + HOUR) == ()
    assert texts(alerts.take("critical", "naked", "now", late + HOUR)) == ["now"]
    assert alerts.due(late + 7 * HOUR) == ()
    (digest,) = alerts.due(NOON + 19 * HOUR)
    assert digest.title == "treasury (paper): 3 alerts from the quiet hours"
    assert digest.level is Level.WARNING
    assert digest.text == (
        "funding-spike (since 2026-03-01T23:00:00Z, 2 times): 0.3 %\n\n"
        "started (since 2026-03-02T00:00:00Z): hello"
    )
    assert alerts.due(NOON + 20 * HOUR) == ()


def test_a_whole_night_of_alerts_is_counted_and_not_kept() -> None:
    alerts = box(quiet=NIGHT)
    for number in range(700):
        alerts.take("warning", "error-rate", "x", NOON + 11 * HOUR + number * SECOND)
    (digest,) = alerts.due(NOON + 20 * HOUR)
    assert "700 alerts" in digest.title
    assert digest.text.endswith("and 200 more")


class Pigeon:
    """A carrier that fails some times, and counts."""

    name = "pigeon"

    def __init__(self, failures: int = 0, *, hangs: bool = False) -> None:
        self.failures = failures
        self.hangs = hangs
        self.carried: list[tuple[str, str, str]] = []
        self.tries = 0

    async def send(self, level: str, title: str, text: str) -> str:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.tries <= self.failures:
            return "the coop is closed"
        self.carried.append((level, title, text))
        return ""


class Waits:
    """Time that passes at once, and is counted."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> Awaitable[None]:
        self.seconds.append(seconds)
        return asyncio.sleep(0)


def post(*carriers: Pigeon, waits: Waits | None = None) -> AlertPost:
    return AlertPost(
        box(),
        carriers,
        clock=lambda: NOON,
        redact=Redactor([Secret("hunter22")]),
        pause=waits or Waits(),
    )


def delivered(office: AlertPost, *notices: Notice, seconds: float = 5.0) -> None:
    async def main() -> None:
        for notice in notices:
            office.notify(notice)
        await office.drain(seconds)

    asyncio.run(main())


SOME = Notice(level="warning", topic="venue-down", text="binance says hunter22 is wrong")


def test_everybody_hears_and_nobody_sees_a_secret() -> None:
    one, two = Pigeon(), Pigeon()
    office = post(one, two)
    delivered(office, SOME)
    assert one.carried == two.carried
    assert one.carried == [
        ("warning", "treasury (paper): venue-down (warning)", "binance says *** is wrong")
    ]
    assert office.tally.sent == 2


def test_a_carrier_that_fails_is_tried_again_after_longer_and_longer_waits() -> None:
    waits, pigeon = Waits(), Pigeon(failures=2)
    delivered(post(pigeon, waits=waits), SOME)
    assert (pigeon.tries, waits.seconds) == (3, list(WAITS[:2]))
    assert len(pigeon.carried) == 1


def test_a_carrier_that_never_works_is_logged_and_stops_nobody() -> None:
    broken, fine = Pigeon(failures=99), Pigeon()
    office = post(broken, fine)
    with structlog.testing.capture_logs() as logged:
        delivered(office, SOME)
    assert (office.tally.sent, office.tally.failed) == (1, 1)
    (line,) = logged
    assert (line["event"], line["reason"]) == ("alert not delivered", "the coop is closed")


def test_a_carrier_that_hangs_does_not_hold_the_end_up() -> None:
    office = post(Pigeon(hangs=True))
    delivered(office, SOME, seconds=0.05)
    assert office.tally.failed == 1


def test_a_flood_keeps_what_matters_most() -> None:
    pigeon = Pigeon()
    office = post(pigeon)
    for number in range(MOST):
        office.notify(Notice(level="info", topic=f"t{number}", text="x"))
    office.notify(Notice(level="critical", topic="naked", text="x"))
    assert office.tally.dropped == 1
    delivered(office)
    assert ("critical", "treasury (paper): naked (critical)", "x") in pigeon.carried


def test_the_post_runs_beside_the_desk_until_it_is_cancelled() -> None:
    pigeon = Pigeon()
    office = post(pigeon)

    async def main() -> None:
        running = asyncio.ensure_future(office.run())
        await asyncio.sleep(0)
        office.notify(SOME)
        while not pigeon.carried:  # noqa: ASYNC110 - a pigeon knows no events
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(asyncio.wait_for(main(), 5))
