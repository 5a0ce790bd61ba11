"""The summary in the terminal: the key numbers, at any width, with and without colour."""

import io
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from hedgerow.analysis.run import Run
from hedgerow.report.bars import bar
from hedgerow.report.result import result
from hedgerow.report.terminal import summary
from sample_run import sample_run


@pytest.fixture(scope="module")
def run() -> Run:
    return sample_run(seed=7)


def printed(run: Run, width: int, encoding: str = "utf-8", *, colour: bool = False) -> str:
    """Return what a console of `width` would show, and fail on characters it cannot."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(
        file=file, width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    console.print(summary(run, result(run)))
    file.flush()
    shown = file.buffer
    assert isinstance(shown, io.BytesIO)
    return shown.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(run: Run, width: int, encoding: str) -> None:
    assert max(map(len, printed(run, width, encoding).splitlines())) <= min(width, 120)


@pytest.mark.parametrize("width", [80, 120])
def test_the_key_numbers_are_there(run: Run, width: int) -> None:
    text = printed(run, width)
    figures: dict[str, Any] = result(run)
    for side in ("hedged", "unhedged"):
        for name, value in figures[side].items():
            assert (f"{value:+,.0f}" if name == "pnl" else f"{value:,.0f}") in text
    for value in figures["pnl"].values():
        if abs(value) >= 1.0:
            assert f"{value:+,.0f}" in text
    for one in figures["effectiveness"].values():
        assert f"{100 * one['variance_reduction']:.1f} %" in text
    assert f"{100 * figures['margin']['min_headroom']:.1f} % headroom" in text
    event = figures["margin"]["liquidations"][0]
    assert f"{event['price']:,.2f}" in text
    assert "Reserve dry" in text
    for stamp in figures["stamps"]:
        assert stamp in text


def test_a_pipe_gets_no_colour_codes_and_a_terminal_does(run: Run) -> None:
    assert "\x1b" not in printed(run, 80)
    assert "\x1b[" in printed(run, 80, colour=True)


def test_colour_adds_nothing_to_the_words(run: Run) -> None:
    coloured = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    coloured.print(summary(run, result(run)))
    assert coloured.export_text() == printed(run, 80)


def test_simulated_stands_first_when_it_is_and_is_absent_when_it_is_not(run: Run) -> None:
    assert "SIMULATED" in printed(run, 80).splitlines()[0]
    real = replace(run, simulated=False, stamps=("prices: an exchange",))
    assert "SIMULATED" not in printed(real, 80)


def test_a_name_with_brackets_is_printed_as_it_is(run: Run) -> None:
    odd = replace(run, stamps=("[bold]not markup[/bold] [/oops]",))
    assert "[bold]not markup[/bold] [/oops]" in printed(odd, 80)


def test_a_hedge_without_a_liquidation_survives(run: Run) -> None:
    calm = replace(
        run, liquidations=(), accounts=tuple(replace(one, unmet=()) for one in run.accounts)
    )
    text = " ".join(printed(calm, 120).split())
    assert "and it survived." in text
    assert "Liquidations none" in text
    assert "Reserve dry" not in text


def test_the_axis_of_a_bar_stays_in_the_middle() -> None:
    for share in (-1.0, -0.3, -1e-9, 0.0, 1e-9, 0.5, 1.0):
        drawn = bar(share, 21, ascii_only=False)
        assert len(drawn) == 21
        assert drawn[10] == "│"
    assert bar(1e-9, 21, ascii_only=False)[11] != " "
    assert bar(-1e-9, 21, ascii_only=False)[9] != " "


def test_the_summary_is_cheap_to_import() -> None:
    script = (
        "import sys, hedgerow.report.terminal\n"
        "print({'polars', 'jinja2', 'numba'} & {*sys.modules})"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"
