"""`hedgerow greeks` on terminals of any width: no number is cut, and what is left out is named."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

LADDER = {"delta", "gamma", "vega", "theta", "carry"}
COINS = ("BTC", "ETH", "SOL")
NUMBER = re.compile(r"(?<![\w.,/-])-?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?![\w.,/-])")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines, spots, levels = [], [], []
    for place, coin in enumerate(COINS):
        size = 123.456 * (place + 1)
        lines += [
            f'[[holding]]\nasset = "{coin}"\namount = {100.0 * size}\n',
            f'[[option]]\nsymbol = "{coin}/USDC:USDC-260327-70000-C"\nsize = {-size}\n',
        ]
        spots.append(f"{coin} = 60_000\n")
        levels.append(f"{coin} = 0.6\n")
    text = "".join(lines) + "[market]\ntime = 2026-01-15\n"
    text += "[market.spot]\n" + "".join(spots) + "[market.volatility]\n" + "".join(levels)
    path = tmp_path_factory.mktemp("wide") / "book.toml"
    path.write_text(text, encoding="utf-8")
    return path


def screen(book: Path, width: int, *words: str) -> str:
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["greeks", str(book), *words])
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= width
    assert "…" not in done.stdout
    return done.stdout


def sums_of(out: str) -> set[str]:
    return set(NUMBER.findall(out.partition("By ")[0]))


@pytest.mark.parametrize("width", [40, 50, 64, 100])
def test_sums_are_the_same_numbers_at_any_width(width: int, book: Path) -> None:
    wide = sums_of(screen(book, 200))
    assert len(wide) > 20
    assert sums_of(screen(book, width)) == wide


@pytest.mark.parametrize("by", ["expiry", "position"])
@pytest.mark.parametrize("width", [40, 60, 75, 90, 200])
def test_what_has_no_room_is_named_with_how_to_see_it(by: str, width: int, book: Path) -> None:
    flat = " ".join(screen(book, width, "--by", by).split())
    table = flat.partition(f"By {by}")[2].partition("What takes")[0]
    shown, _, said = table.partition("Too narrow for ")
    left_out = {name for name in LADDER if name in said}
    assert left_out == {name for name in LADDER if name not in shown}
    assert ("--json -" in said) == bool(left_out)
    if left_out:
        (enough,) = re.findall(r"COLUMNS=(\d+)", said)
        assert "Too narrow" not in screen(book, int(enough), "--by", by)
        assert "Too narrow" in screen(book, int(enough) - 1, "--by", by)
    numbers = set(NUMBER.findall(shown))
    whole = screen(book, 200, "--by", by).partition(f"By {by}")[2]
    assert numbers <= set(NUMBER.findall(whole)), "cut in the middle"
