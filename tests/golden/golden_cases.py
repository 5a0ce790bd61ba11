"""Published and independently computed numbers, as cases with inputs, answers and tolerances.

The cases lie in `tests/golden/cases`; another folder of files of the same names may be named in
HEDGEROW_GOLDEN_DIR, with other cases and other counts. A test therefore never asks for a given
case: it says by topic, venue or inputs which cases it answers.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

OWN = Path(__file__).parent / "cases"
DUST = 1e-12  # relative: what doubles may lose where a case asks for exact rationals


def folder() -> Path:
    """Return where the cases are read from."""
    return Path(os.environ.get("HEDGEROW_GOLDEN_DIR") or OWN)


@dataclass(frozen=True, slots=True)
class Case:
    """One number, or several, with what it is made of."""

    id: str
    raw: dict[str, Any] = field(repr=False)
    set: str = ""  # the file that it lies in

    @property
    def inputs(self) -> dict[str, Any]:
        """What goes in, as the file has it."""
        return self.raw["inputs"]  # type: ignore[no-any-return]

    @property
    def expected(self) -> Any:  # noqa: ANN401 - a number, a text, a list or a table
        """What must come out."""
        return self.raw["expected"]

    @property
    def topic(self) -> str:
        """What is asked for."""
        return str(self.raw.get("topic", ""))

    @property
    def venue(self) -> str:
        """Whose rule it is."""
        return str(self.raw.get("venue", ""))

    def number(self, key: str, default: float | None = None) -> float:
        """Return an input as the nearest double; a fraction written ``a/b`` too."""
        value = self.inputs.get(key, default)
        if isinstance(value, str) and "/" in value:
            above, below = value.split("/")
            return int(above) / int(below)
        return float(value)  # type: ignore[arg-type]

    def allowed(self, expected: float, key: str | None = None) -> float:
        """Return how far off an answer may be."""
        absolute = self.raw.get("tol_abs")
        if isinstance(absolute, dict):
            absolute = absolute.get(key)
        relative = self.raw.get("tol_rel")
        room = DUST * abs(expected) if absolute is not None else 0.0
        if absolute is not None:
            room = max(room, float(absolute))
        if relative is not None:
            room = max(room, float(relative) * max(abs(expected), 1e-300))
        return room

    def check(self, found: float, key: str | None = None, scale: float = 0.0) -> None:
        """Assert that `found` is the answer, or the part `key` of it.

        `scale` is the size of the numbers whose small difference the answer is, in doubles.
        """
        wanted = self.expected if key is None else self.expected[key]
        if wanted is None:
            return
        expected = float(wanted)
        room = max(self.allowed(expected, key), 1e-14 * scale)
        assert abs(found - expected) <= room, (
            f"{self.id}: {found!r} is not {expected!r} (+-{room:g})"
        )


@lru_cache
def cases(name: str) -> tuple[Case, ...]:
    """Return all cases of one file."""
    data = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(Case(str(row["id"]), row, name) for row in data["cases"])


def golden(name: str, wanted: Callable[[Case], bool] = lambda _: True) -> pytest.MarkDecorator:
    """Return a parametrisation of `case` over the cases of a file that `wanted` picks."""
    picked = [case for case in cases(name) if wanted(case)]
    return pytest.mark.parametrize("case", picked, ids=[case.id for case in picked])
