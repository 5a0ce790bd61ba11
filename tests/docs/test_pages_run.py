"""What the other pages print is run, and what they list is complete."""

import re
from datetime import date
from pathlib import Path

import pytest

from hedgerow import pricing
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.market.table_file import load_table
from hedgerow.market.tables import contract_rules, spot_fee
from hedgerow.policies.state import STATE_FIELDS
from hedgerow.report.result import result
from sample_run import sample_run, with_forced_events

DOCS = Path(__file__).parents[2] / "docs"


def fenced(page: str, kind: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_policy_page_runs_from_top_to_bottom(capsys: pytest.CaptureFixture[str]) -> None:
    page = "\n".join(fenced("how-to/write-a-policy.md", "python"))
    exec(compile(page, "write-a-policy.md", "exec"), {"__name__": "page"})  # noqa: S102 - our own text
    shown = capsys.readouterr().out
    assert "variance_reduction" in shown


def test_the_first_policy_of_the_page_has_five_lines() -> None:
    first, *_ = fenced("how-to/write-a-policy.md", "python")
    assert len([line for line in first.splitlines()[1:] if line.strip()]) == 5


def test_the_tables_of_the_venue_page_give_all_rules(tmp_path: Path) -> None:
    tables = []
    for name in ("my-venue.toml", "my-spot.toml"):
        (text,) = fenced("reference/venue-tables.md", f'toml title="{name}"')
        (tmp_path / name).write_text(text, encoding="utf-8")
        tables.append(load_table(tmp_path / name))
    extra = tuple(tables)
    rules = contract_rules("acme", "BTC/USDT:USDT", date(2024, 1, 1), extra)
    assert not rules.stamped
    below, above = rules.tiers
    assert above.amount == above.floor * (above.rate - below.rate) + below.amount
    assert str(spot_fee("acme", date(2024, 1, 1), extra=extra)[0].taker) == "0.001"


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(keys_of, value))
    return set()


def test_the_result_page_names_every_key() -> None:
    page = set(re.findall(r"`(\w+)`", (DOCS / "reference/result-json.md").read_text("utf-8")))
    assert keys_of(result(with_forced_events(sample_run()))) - page == set()


def test_the_ledger_page_names_every_column_and_kind() -> None:
    page = set(re.findall(r"`(\w+)`", (DOCS / "reference/ledger.md").read_text("utf-8")))
    assert {*LedgerEntry._fields, *map(str, EntryKind)} - page == set()


def test_the_policy_page_names_every_field_of_the_state() -> None:
    page = set(re.findall(r"`(\w+)`", (DOCS / "reference/policies.md").read_text("utf-8")))
    assert set(STATE_FIELDS) - page == set()


def test_every_public_file_of_pricing_is_on_a_page_of_the_reference() -> None:
    pages = " ".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    shown = set(re.findall(r"^\s*::: (\S+)$", pages, re.MULTILINE))
    inner = {"rows", "answers", "arguments", "reading"}  # what the others are made with
    folder = Path(pricing.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - inner - {"__init__"}
    missing = {name for name in files if f"hedgerow.pricing.{name}" not in shown}
    assert missing == set()
