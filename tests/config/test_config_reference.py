"""The reference page and the samples say what the code does."""

import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.complaint import sections
from hedgerow.config.flows import holding_from
from hedgerow.config.keys import allowed
from hedgerow.config.loading import config_from
from hedgerow.config.writing import toml
from hedgerow.exposure.book import Holding

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "config.md").read_text(encoding="utf-8")


def documented() -> dict[str, dict[str, list[str]]]:
    """Return the cells of each key's row, by heading and key."""
    found: dict[str, dict[str, list[str]]] = {}
    for block in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        heading = block.splitlines()[0].strip("`")
        rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", block, flags=re.MULTILINE)
        found[heading] = {key: [cell.strip() for cell in rest.split(" | ")] for key, rest in rows}
    return found


KEYS = [
    (heading, name)
    for heading, model in sections()
    for name, field in model.model_fields.items()
    if not any(f".{name}]" in other for other, _ in sections())
]


@pytest.mark.parametrize(("heading", "name"), KEYS)
def test_the_page_gives_each_key_with_its_default_and_what_it_may_be(
    heading: str, name: str
) -> None:
    (model,) = [model for other, model in sections() if other == heading]
    field = model.model_fields[name]
    default, may_be, _ = documented()[heading][name]
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        assert default == "required"
    elif value is None or value == {}:
        assert default == "none"
    else:
        assert default == f"`{toml({'x': value}).strip().removeprefix('x = ')}`"
    assert may_be == allowed(field)


def test_the_page_gives_no_key_that_is_not_there() -> None:
    written = {(heading, key) for heading, keys in documented().items() for key in keys}
    assert written == set(KEYS)


def test_every_table_on_a_page_is_a_config_or_a_part_of_one() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    known = {heading.strip("[]") for heading, _ in sections()}
    seen = 0
    for page in pages:
        for block in re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
            headings = re.findall(r"^\[+([\w.]+)\]+", block, flags=re.MULTILINE)
            if not headings or not set(headings) <= known:
                continue  # a column map, a venue table or a packaging file
            seen += 1
            assert set(headings) <= known, page
            if {"book", "hedge", "margin"} <= set(headings):
                rest = {"world": {"start": "2022-01-01", "end": "2022-12-31"}}
                config_from({**rest, **tomllib.loads(block)}, name=page.name, folder=page.parent)
    assert seen >= 4


def test_the_tables_of_balances_on_the_how_to_page_are_taken() -> None:
    page = (ROOT / "docs" / "how-to" / "use-your-own-flows.md").read_text(encoding="utf-8")
    balances, transactions = re.findall(r"^```csv\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    opening = datetime(2022, 1, 1, tzinfo=UTC)
    held = holding_from(balances, "page", Holding("BTC"), opening)
    assert (held.amount, [flow.amount for flow in held.flows]) == (120.0, [15.5, -7.5])
    held = holding_from(transactions, "page", Holding("BTC", 100.0), opening)
    assert (held.amount, [flow.amount for flow in held.flows]) == (100.0, [2.5, -1.0])


@pytest.mark.parametrize("page", ["README.md", "docs/reference/cli.md", "docs/how-to/*.md"])
def test_every_option_that_a_page_shows_exists(page: str) -> None:
    seen = 0
    for path in ROOT.glob(page):
        blocks = re.findall(
            r"^```(?:sh|text)\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE
        )
        text = "".join(blocks)
        for line in re.findall(
            r"^hedgerow ((?:data |venues |calc |journal |price )?[a-z0-9]+)(.*)$",
            text,
            re.MULTILINE,
        ):
            command, rest = line
            helped = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*command.split(), "--help"])
            assert helped.exit_code == 0, (path, command)
            for option in re.findall(r"--[a-z]+", rest.split("#")[0]):
                assert option in helped.stdout, (path, command, option)
                seen += 1
    assert seen


def test_plain_values_are_written_as_toml_that_reads_back() -> None:
    values: dict[str, object] = {
        "text": 'quotes " and \\ and \x7f and \n and é',
        "number": 1e-05,
        "large": float("inf"),
        "day": date(2022, 1, 1),
        "list": ["a", "b"],
        "empty": [],
        "table": {"odd key/": True, "inner": {"x": 1}},
        "tables": [{"y": 2, "deep": [{"z": 3}]}, {"y": 4}],
    }
    assert tomllib.loads(toml({**values, "left out": None})) == values
