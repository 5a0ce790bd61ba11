"""Makers of test values for every test folder, and the count of golden cases in the summary."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "worlds"))
sys.path.insert(0, str(HERE / "adapters" / "journal"))

pytest_plugins = ("journal_fixtures",)

GOLDEN = pytest.StashKey[dict[str, object]]()  # the case that each golden test answers


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which test answers which golden case."""
    config.stash[GOLDEN] = {
        item.nodeid: item.callspec.params["case"]
        for item in items
        if isinstance(item, pytest.Function)
        and item.path.parent == HERE / "golden"
        and "case" in getattr(getattr(item, "callspec", None), "params", {})
    }


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many golden cases were answered, and from which folder they came."""
    noted = config.stash.get(GOLDEN, {})
    if not noted:
        return
    broken = {
        id(noted[report.nodeid])
        for outcome in ("failed", "error", "skipped")
        for report in terminalreporter.stats.get(outcome, [])
        if report.nodeid in noted
    }
    answered = {
        id(noted[report.nodeid])
        for report in terminalreporter.stats.get("passed", [])
        if report.nodeid in noted
    }
    every = {id(case) for case in noted.values()}
    origin = "HEDGEROW_GOLDEN_DIR" if os.environ.get("HEDGEROW_GOLDEN_DIR") else "the checkout"
    terminalreporter.write_line(
        f"golden: {len(answered - broken)} of {len(every)} cases passed, those of {origin}"
    )
