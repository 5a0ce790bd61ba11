"""Cases that lie in tables: one a row of a CSV file, its numbers as the nearest doubles."""

import csv
from functools import lru_cache

import pytest
from golden_cases import folder


class Row(dict[str, str]):
    """One row; `case["price"]` is the text, `case.number("price")` the nearest double."""

    set: str = ""  # the file that it lies in

    def number(self, column: str) -> float:
        """Return a column's number."""
        return float(self[column])

    @property
    def kind(self) -> str:
        """Call or put."""
        return {"C": "call", "P": "put"}[self["type"]]


@lru_cache
def table(name: str) -> tuple[Row, ...]:
    """Return all rows of one file."""
    with (folder() / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = tuple(Row(row) for row in csv.DictReader(lines))
    for row in rows:
        row.set = name
    return rows


def golden_rows(name: str) -> pytest.MarkDecorator:
    """Return a parametrisation of `case` over the rows of a file."""
    rows = table(name)
    return pytest.mark.parametrize("case", rows, ids=[row["id"] for row in rows])


def close(found: float, expected: float, relative: float, floor: float = 1e-300) -> bool:
    """Return whether a number is right; below the floor only to the floor's share."""
    return abs(found - expected) <= relative * max(abs(expected), floor)
