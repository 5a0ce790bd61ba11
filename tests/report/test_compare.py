"""Runs side by side: figures, the best of each, cautions, and files that are no results."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hedgerow.errors import ConfigError
from hedgerow.report.compare import Comparison, Row, compare, comparison_json
from hedgerow.report.loading import Loaded, load, lookup
from hedgerow.report.result import result, write_json
from hedgerow.report.side_by_side import side_by_side
from sample_run import sample_run

FIRST: dict[str, Any] = result(sample_run())
SECOND: dict[str, Any] = result(sample_run(seed=3, days=90))


def changed(key: str, value: object) -> dict[str, Any]:
    """Return the first result with another value at the dotted `key`."""
    values = deepcopy(FIRST)
    *path, last = key.split(".")
    place = values
    for part in path:
        place = place[part]
    place[last] = value
    return values


def pair(other: dict[str, Any]) -> Comparison:
    return compare([Loaded(name="one", values=FIRST), Loaded(name="two", values=other)])


def row_of(comparison: Comparison, key: str) -> Row:
    return next(row for row in comparison.rows if row.figure.key == key)


def test_figures_stand_side_by_side_as_the_files_give_them() -> None:
    found = pair(SECOND)
    row = row_of(found, "pnl.funding")
    assert row.values == (FIRST["pnl"]["funding"], SECOND["pnl"]["funding"])
    assert row_of(found, "margin.liquidation_events").values == (1, 2)


@pytest.mark.parametrize(
    ("key", "value", "best"),
    [("hedged.volatility", 1.0, (1,)), ("hedged.pnl", -9e9, (0,)), ("pnl.exposure", 9e9, ())],
)
def test_less_risk_and_more_money_is_better(key: str, value: float, best: tuple[int, ...]) -> None:
    assert row_of(pair(changed(key, value)), key).best == best


def test_equal_figures_have_no_best() -> None:
    assert all(row.best == () for row in pair(FIRST).rows)


def test_amounts_in_two_currencies_have_no_best() -> None:
    other = changed("numeraire", "BTC")
    other["hedged"]["pnl"] = 1e9
    other["margin"]["top_ups"] = 0
    found = pair(other)
    assert row_of(found, "hedged.pnl").best == ()
    assert row_of(found, "margin.top_ups").best == (1,)
    assert any("numeraires differ" in caution for caution in found.cautions)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("end", "2024-05-01T00:00:00Z", "do not end at the same time"),
        ("start", "2023-01-01T00:00:00Z", "do not start on the same day"),
        ("provenance.data_hash", "ffff", "the data differ"),
        ("provenance.version", "9.9", "different versions"),
        ("simulated", False, "SIMULATED: one; the others replay real data"),
    ],
)
def test_what_makes_runs_hard_to_compare_is_said(key: str, value: object, words: str) -> None:
    assert any(words in caution for caution in pair(changed(key, value)).cautions)


def test_a_horizon_that_one_run_lacks_is_left_empty() -> None:
    other = deepcopy(FIRST)
    del other["effectiveness"]["1h"]
    values = row_of(pair(other), "effectiveness.1h.variance_reduction").values
    assert values == (FIRST["effectiveness"]["1h"]["variance_reduction"], None)


def test_the_comparison_is_plain_json() -> None:
    found: Any = json.loads(json.dumps(comparison_json(pair(SECOND)), allow_nan=False))
    assert found["schema"] == "hedgerow.compare/1"
    assert [run["name"] for run in found["runs"]] == ["one", "two"]
    trades = next(figure for figure in found["figures"] if figure["key"] == "trades.count")
    assert trades["kind"] == "count"
    assert trades["values"] == [FIRST["trades"]["count"], SECOND["trades"]["count"]]


def test_the_table_shows_every_figure_and_caution() -> None:
    found = compare([Loaded(name="[one]", values=FIRST), Loaded(name="[one]", values=SECOND)])
    console = Console(width=100, color_system=None)
    with console.capture() as shown:
        console.print(side_by_side(found))
    text = shown.get()
    assert "[one] (1)" in text  # a name is no markup
    assert "2024-04-29" in text
    assert f"{FIRST['pnl']['funding']:,.0f}" in text
    assert all(row.figure.label in text for row in found.rows)
    assert "all runs are SIMULATED" in text


def test_one_run_is_nothing_to_compare() -> None:
    with pytest.raises(ConfigError, match="two results or more"):
        compare([Loaded(name="one", values=FIRST)])


def test_a_list_counts_its_items_and_a_missing_key_is_missed() -> None:
    assert lookup(FIRST, "margin.liquidations") == 1
    with pytest.raises(KeyError):
        lookup(FIRST, "margin.top_ups.more")


def test_a_written_result_is_read_back(tmp_path: Path) -> None:
    write_json(FIRST, tmp_path / "band.json")
    assert load(tmp_path / "band.json") == Loaded(name="band", values=FIRST)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[1", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "holds a list, not a result"),
        ("{}", "schema is None, this version reads 'hedgerow.run/1'"),
        ('{"schema": "hedgerow.run/2"}', "schema is 'hedgerow.run/2'"),
        ('{"schema": "hedgerow.run/1"}', "key 'unhedged.pnl' is missing"),
    ],
)
def test_a_file_that_is_no_result_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("pnl.funding", "much", "'pnl.funding' is a text, not a number"),
        ("pnl.funding", None, "'pnl.funding' is null"),
        ("trades.count", True, "'trades.count' is true or false"),
        ("end", "soon", "'end' is 'soon', no time"),
        ("legs", {}, "'legs' is an object"),
        ("provenance.data_hash", 5, "'provenance.data_hash' is a number"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(
    tmp_path: Path, key: str, value: object, words: str
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(changed(key, value)))
    with pytest.raises(ConfigError, match="run it again") as raised:
        load(path)
    assert words in str(raised.value)


def test_a_file_in_another_encoding_or_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="not JSON"):
        load(tmp_path / "odd.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.json")
