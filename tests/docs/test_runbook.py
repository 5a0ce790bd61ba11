"""Every alert that the code can raise has a page in the runbook, and every page is reached."""

import re
from pathlib import Path

import pytest

from hedgerow.execution.breakers import NAMES
from hedgerow.live import alerting
from hedgerow.live.guards.desk_guards import desk_guards
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.pairing import BREAKER

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbook"
TOPICS = {page.stem for page in RUNBOOK.glob("*.md")} - {"index"}
HEADINGS = (
    "What it means",
    "What the desk did by itself",
    "What to look at",
    "What to do",
    "How it is reset",
)
# A topic as a keyword, or as the second word of `tell(level, topic, text)`.
RAISED = re.compile(
    r'topic="([a-z-]+)"|(?:tell|_told|_alert)\(\s*"(?:info|warning|critical)",\s*"([a-z-]+)"'
)


def raised() -> set[str]:
    """Return every topic that stands in the code of the live desk."""
    found = set()
    for room in ("live", "execution", "cli"):
        for path in (ROOT / "src" / "hedgerow" / room).rglob("*.py"):
            for one, other in RAISED.findall(path.read_text(encoding="utf-8")):
                found.add(one or other)
    return found


def test_every_topic_of_the_code_has_a_page() -> None:
    topics = raised()
    assert {"journal", "naked", "order-unknown", "margin-unmet"} <= topics  # the search finds them
    assert topics - TOPICS == set()


def test_a_topic_can_be_given_a_time_of_its_own_if_it_has_a_page() -> None:
    assert set(alerting.TOPICS) == TOPICS


def test_every_guard_and_every_breaker_has_a_page() -> None:
    guards = {guard.name for guard in desk_guards((), GuardLimits())}
    assert len(guards) >= 10
    assert guards | set(NAMES) <= TOPICS


def test_every_finding_of_a_preflight_is_explained() -> None:
    preflight = ROOT / "src" / "hedgerow" / "adapters" / "venues" / "preflight.py"
    found = set(
        re.findall(r'_(?:refuse|warn)\(\s*"([a-z-]+)"', preflight.read_text(encoding="utf-8"))
    )
    page = (RUNBOOK / "preflight.md").read_text(encoding="utf-8")
    assert len(found) >= 8
    assert found - set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set()


def test_every_page_is_about_something_that_the_code_raises() -> None:
    guards = {guard.name for guard in desk_guards((), GuardLimits())}
    preflight = ROOT / "src" / "hedgerow" / "adapters" / "venues" / "preflight.py"
    findings = re.findall(
        r'_(?:refuse|warn)\(\s*"([a-z-]+)"', preflight.read_text(encoding="utf-8")
    )
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src" / "hedgerow" / "live").rglob("*.py")
    )
    source = source.replace((ROOT / "src/hedgerow/live/alerting.py").read_text("utf-8"), "")
    spoken = {topic for topic in TOPICS if f'"{topic}"' in source}
    assert TOPICS - guards - set(NAMES) - {BREAKER} - set(findings) - raised() - spoken == set()


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_page_answers_all_five_questions(topic: str) -> None:
    page = (RUNBOOK / f"{topic}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {topic}\n")
    assert re.search(r"^Level: (info|warning|critical)\.$", page, re.MULTILINE)
    parts = dict(re.findall(r"^## (.*?)\n\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert tuple(parts)[: len(HEADINGS)] == HEADINGS
    for heading in HEADINGS:
        assert len(parts[heading].split()) >= 4, heading


def test_the_index_and_the_menu_lead_to_every_page() -> None:
    index = (RUNBOOK / "index.md").read_text(encoding="utf-8")
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\(([a-z-]+)\.md\)", index)) == TOPICS
    assert set(re.findall(r"runbook/([a-z-]+)\.md", menu)) == TOPICS | {"index"}


def test_a_page_names_no_guard_that_can_be_reset_and_is_none() -> None:
    guards = {guard.name for guard in desk_guards((), GuardLimits())} | {*NAMES, BREAKER}
    for page in RUNBOOK.glob("*.md"):
        named = re.findall(r"`hedgerow reset ([a-z-]+)`", page.read_text(encoding="utf-8"))
        assert set(named) <= guards, page.stem


def test_thresholds_that_a_page_names_are_keys_of_the_config() -> None:
    reference = (ROOT / "docs" / "reference" / "config.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"^\| `(\w+)` \|", reference, re.MULTILINE))
    words = {"half_width"}  # a policy's own number
    for page in RUNBOOK.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) - words
        failures = {"rate_limited"}  # kinds of failure, as the messages have them
        assert named - keys - failures == set(), page.stem
