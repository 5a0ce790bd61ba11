"""`hedgerow calc portfolio` on small books."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from hedgerow.cli.calc_portfolio import portfolio

app = typer.Typer()
app.command()(portfolio)

BOOK = """
index = 60_000
coins = 1.0

[rule]
name = "deribit"
numeraire = "quote"

[[future]]
size = -60_000
mark = 60_000
settlement = "inverse"

[[option]]
quantity = -0.5
strike = 70_000
days = 30
volatility = 0.6
kind = "call"
"""


def run(path: Path, text: str, *options: str) -> tuple[int, str, str]:
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, [str(path), *options])
    return done.exit_code, done.stdout, done.stderr


def answer(path: Path, text: str) -> dict[str, Any]:
    code, out, err = run(path, text, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_book_gets_its_requirement_as_json(tmp_path: Path) -> None:
    found = answer(tmp_path / "book.toml", BOOK)
    assert found["headroom"] == pytest.approx(found["equity"] - found["maintenance_margin"])
    assert found["initial_margin"] == pytest.approx(1.3 * found["maintenance_margin"])
    losses = [-row["profit"] for row in found["grid"]]
    assert max(losses) == found["scenario_loss"] > 0.0
    assert found["contingency"] == pytest.approx(0.5 * 0.01 * 60_000.0)
    assert found["worst"]["volatility"] == "up"
    assert found["liquidation_below"] is None
    assert found["liquidation_above"] > 60_000.0
    assert "confidence: memory" in found["rules"][0]


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    same = {
        "index": 60_000,
        "coins": 1.0,
        "rule": {"name": "deribit", "numeraire": "quote"},
        "future": [{"size": -60_000, "mark": 60_000, "settlement": "inverse"}],
        "option": [
            {"quantity": -0.5, "strike": 70_000, "days": 30, "volatility": 0.6, "kind": "call"}
        ],
    }
    found = answer(tmp_path / "book.json", json.dumps(same))
    assert found == answer(tmp_path / "book.toml", BOOK)


def test_a_person_gets_a_table(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path / "book.toml", BOOK)
    assert code == 0
    assert "Maintenance margin" in out
    assert "never" in out


def test_a_rule_without_scenarios_shows_none(tmp_path: Path) -> None:
    file = BOOK[: BOOK.index("[[future]]")] + BOOK[BOOK.index("[[option]]") :]
    file = file.replace('"deribit"\nnumeraire = "quote"', '"deribit-standard"')
    file += 'settlement = "inverse"\n'
    code, out, _ = run(tmp_path / "book.toml", file)
    assert code == 0
    assert "Maintenance margin" in out
    assert "Worst scenario" not in out
    assert "confidence: third-party" in out
    found = answer(tmp_path / "book.toml", file)
    assert found["worst"] == {"price_move": None, "volatility": None}
    assert found["grid"] == []


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("coins = 1.0", "coinz = 1.0", "did you mean 'coins'"),
        ("index = 60_000", "", "index is missing"),
        ("strike = 70_000", "strike = -1", "[[option]] 1: option: strike = -1.0"),
        ('kind = "call"', 'kind = "cal"', "did you mean 'call'? (known: call, put)"),
        (
            'name = "deribit"',
            'name = "deribbit"',
            "unknown value 'deribbit'; did you mean 'deribit'",
        ),
        ('[rule]\nname = "deribit"\nnumeraire = "quote"', "", "[rule] is missing"),
        ('kind = "call"', "", "kind is missing"),
        ("mark = 60_000", "mark = 60_000\nfunding = 1", "no use for funding"),
        ("size = -60_000", 'size = "many"', "[[future]] 1 size = 'many': it must be a number"),
        ("size = -60_000", "size = inf", "finite"),
        ("days = 30", "", "days is missing"),
        ('name = "deribit"\nnumeraire = "quote"', 'name = "span"', "price_range is missing"),
        ('name = "deribit"', 'name = "span"', "the rule 'span' has no use for numeraire"),
        ("[[future]]", "[future]", "must be a list"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, was: str, becomes: str, words: str) -> None:
    assert was in BOOK
    code, out, err = run(tmp_path / "book.toml", BOOK.replace(was, becomes, 1))
    assert code == 2
    assert out == ""
    assert words in err


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "none.toml")])
    assert done.exit_code == 2
    assert "no such file" in done.stderr
