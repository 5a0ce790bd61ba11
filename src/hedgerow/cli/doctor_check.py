"""One line of the doctor: what was looked at, how it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"  # the desk runs, and somebody should look
    FAIL = "fail"  # the desk must not start like this
    SKIPPED = "skipped"  # could not be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, and how it is."""

    topic: str
    verdict: Verdict
    text: str


def fine(topic: str, text: str) -> Check:
    """Return that all is well."""
    return Check(topic=topic, verdict=Verdict.OK, text=text)


def doubtful(topic: str, text: str) -> Check:
    """Return that somebody should look; `text` says what to do."""
    return Check(topic=topic, verdict=Verdict.WARN, text=text)


def wrong(topic: str, text: str) -> Check:
    """Return that the desk must not start; `text` says what to do."""
    return Check(topic=topic, verdict=Verdict.FAIL, text=text)


def skipped(topic: str, text: str) -> Check:
    """Return that it could not be looked at; `text` says why."""
    return Check(topic=topic, verdict=Verdict.SKIPPED, text=text)


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the gravest verdict; what was skipped counts for nothing.

    >>> worst([fine("disk", ""), doubtful("clock", ""), skipped("keys", "")])
    <Verdict.WARN: 'warn'>
    """
    found = {check.verdict for check in checks}
    return next((one for one in (Verdict.FAIL, Verdict.WARN) if one in found), Verdict.OK)
