"""What the other pages print is run: the policy page's Python, the venue page's tables."""

import re
from datetime import date
from pathlib import Path

import pytest

from hedgerow.market.table_file import load_table
from hedgerow.market.tables import contract_rules, spot_fee

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
