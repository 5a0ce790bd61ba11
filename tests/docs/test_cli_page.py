"""The page on the command line names every command and option, and none that is not there."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from hedgerow.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
(SYNOPSIS,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ELSEWHERE = {"calc", "venues", "data import", "data check", "data ls"}  # pages of their own


def commands(group: TyperGroup, before: str = "") -> dict[str, TyperCommand]:
    """Return all commands below a group by the words that call them."""
    found: dict[str, TyperCommand] = {}
    for name, command in group.commands.items():
        words = f"{before}{name}"
        if isinstance(command, TyperGroup):
            found |= commands(command, f"{words} ")
        else:
            assert isinstance(command, TyperCommand)
            found[words] = command
    return found


ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)
COMMANDS = commands(ROOT)


def lines_of(words: str) -> str:
    """Return the lines of the synopsis that show a command."""
    *group, name = words.split()
    start = re.escape(" ".join(["hedgerow", *group]))
    return "\n".join(
        line
        for line in SYNOPSIS.splitlines()
        if re.match(rf"{start} (?:[a-z|]+\|)?{name}(?:[| ]|$)", line)
    )


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_a_command_is_on_the_page_with_all_its_options(words: str) -> None:
    shown = lines_of(words)
    assert shown, words
    if words in ELSEWHERE or words.partition(" ")[0] in ELSEWHERE:
        return
    options = {
        option
        for parameter in COMMANDS[words].params
        if not getattr(parameter, "hidden", False)
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert options - set(re.findall(r"--[a-z-]+", shown)) == set()


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_the_page_shows_no_option_that_a_command_lacks(words: str) -> None:
    if re.search(r"[a-z]\|[a-z]", lines_of(words).partition("[")[0]):
        return  # a line of several commands shows the options of all of them
    there = {
        option
        for parameter in COMMANDS[words].params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert set(re.findall(r"--[a-z-]+", lines_of(words))) - there == set()
