"""No published case lies in the folder without a test that answers it."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from golden_cases import OWN, Case, cases, folder
from golden_tables import Row, table

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in OWN.glob("*.json"))
TABLES = sorted(path.stem for path in OWN.glob("*.csv"))


def modules() -> list[ModuleType]:
    """Return every module of golden tests but this one."""
    names = sorted(path.stem for path in HERE.glob("test_golden_*.py"))
    return [importlib.import_module(name) for name in names if name != Path(__file__).stem]


def answered(module: ModuleType) -> Iterator[Case | Row]:
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


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_is_answered(name: str) -> None:
    assert not [row["id"] for row in table(name) if id(row) not in CLAIMED]


@pytest.mark.parametrize("name", [*FILES, *TABLES])
def test_every_case_knows_its_set(name: str) -> None:
    found = table(name) if name in TABLES else cases(name)
    assert found
    assert {case.set for case in found} == {name}


def test_there_are_cases_to_answer() -> None:
    assert len(CLAIMED) >= len(FILES) + len(TABLES)
    assert (folder() / "perp_exchange_examples.json").is_file()
