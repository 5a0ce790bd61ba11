"""The pages on portfolio margin and deleveraging print what they say they print."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "explanation"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["deleveraging-and-insurance.md", "portfolio-margin.md"])
def test_the_snippets_print_what_stands_below_them(page: str) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    printed = io.StringIO()
    compared = 0
    for kind, text in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        if kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, page, "exec"), names)  # noqa: S102 - our own text
        else:
            assert printed.getvalue() == text
            compared += 1
    assert compared >= 3
