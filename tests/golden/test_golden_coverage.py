"""No published case lies in the folder without a test that answers it."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from golden_cases import OWN, Case, cases, folder

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in OWN.glob("*.json"))


def modules() -> list[ModuleType]:
    """Return every module of golden tests but this one."""
    names = sorted(path.stem for path in HERE.glob("test_golden_*.py"))
    return [importlib.import_module(name) for name in names if name != Path(__file__).stem]


def answered(module: ModuleType) -> Iterator[Case]:
    """Yield the cases that the tests of a module are parametrised over."""
    for name, function in vars(module).items():
        if not name.startswith("test_"):
            continue
        for mark in getattr(function, "pytestmark", ()):
            if mark.name == "parametrize" and mark.args[0] == "case":
                yield from mark.args[1]


CLAIMED = {id(case) for module in modules() for case in answered(module)}


@pytest.mark.parametrize("name", FILES)
def test_every_case_of_a_file_is_answered(name: str) -> None:
    left = [(case.id, case.topic) for case in cases(name) if id(case) not in CLAIMED]
    assert not left


def test_there_are_cases_to_answer() -> None:
    assert len(CLAIMED) >= len(FILES)
    assert (folder() / "perp_exchange_examples.json").is_file()
