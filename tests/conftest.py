"""Makers of test values for every test folder, and the count of golden cases in the summary."""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "worlds"))
sys.path.insert(0, str(HERE / "adapters" / "journal"))

pytest_plugins = ("journal_fixtures",)

MOST = 4  # processes
# What waits for time to pass, or takes long; in this order, before all others.
EARLY = {
    HERE / name: place
    for place, name in enumerate(
        (
            "worlds/test_worlds_agree.py",
            "live/test_kill.py",
            "live/test_bad_input.py",
            "live/test_fault_binance.py",
            "live/test_fault_deribit.py",
            "real/test_real_desk.py",
            "worlds/test_venues_in_both_worlds.py",
            "worlds/test_live_desk_agrees.py",
            "live/chaos/test_chaos_world.py",
            "typing/test_readme_types.py",
            "docs/test_drill_page.py",
            "cli/test_cli_drill.py",
        )
    )
}
# The case that each golden test answers: its set, and its place among all.
GOLDEN = pytest.StashKey[dict[str, tuple[str, int]]]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All tests are shared out between processes; a few that somebody named stay in this one."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    return min(os.cpu_count() or 1, MOST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and note which test answers which golden case."""
    items.sort(key=lambda item: EARLY.get(item.path, len(EARLY)))
    places: dict[int, int] = {}  # a case is known by its place among the others
    config.stash[GOLDEN] = noted = {}
    for item in items:
        if not isinstance(item, pytest.Function) or item.path.parent != HERE / "golden":
            continue
        case = getattr(getattr(item, "callspec", None), "params", {}).get("case")
        if case is not None:
            place = places.setdefault(id(case), len(places))
            noted[item.nodeid] = getattr(case, "set", "others"), place


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that counts what was noted, where the tests ran in several."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["golden"] = session.config.stash.get(GOLDEN, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: "WorkerController") -> None:
    """Hear what a process noted; each of them collects all tests."""
    noted = getattr(node, "workeroutput", {}).get("golden")
    if noted:
        node.config.stash[GOLDEN] = {test: tuple(case) for test, case in noted.items()}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many golden cases of each set were answered, and from which folder they came."""
    noted = config.stash.get(GOLDEN, {})
    if not noted:
        return
    broken = {
        noted[report.nodeid]
        for outcome in ("failed", "error", "skipped")
        for report in terminalreporter.stats.get(outcome, [])
        if report.nodeid in noted
    }
    answered = {
        noted[report.nodeid]
        for report in terminalreporter.stats.get("passed", [])
        if report.nodeid in noted
    }
    every = set(noted.values())
    passed = Counter(name for name, _ in answered - broken)
    for name, count in sorted(Counter(name for name, _ in every).items()):
        terminalreporter.write_line(f"golden: {passed[name]:4d} of {count:4d} of {name}")
    origin = "HEDGEROW_GOLDEN_DIR" if os.environ.get("HEDGEROW_GOLDEN_DIR") else "the checkout"
    terminalreporter.write_line(
        f"golden: {len(answered - broken)} of {len(every)} cases passed, those of {origin}"
    )
