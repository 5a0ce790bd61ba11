"""The README's Python, checked as a user's type checker would see it."""

import ast
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".mypy_cache" / "readme"  # kept, as the checker reads all of numpy and polars
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def examples() -> list[str]:
    return BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def mypy(source: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # The checker's cache tells files apart by name, size and second: one name for one text.
    script = folder / f"example_{sha256(source.encode()).hexdigest()[:12]}.py"
    script.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={CACHE}"]
    return subprocess.run(
        [*command, script.name], cwd=folder, check=False, capture_output=True, text=True
    )


def test_the_readme_shows_python_of_at_most_eight_statements() -> None:
    assert examples()
    for source in examples():
        assert sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(source))) <= 8


def test_the_readme_type_checks_for_a_user(tmp_path: Path) -> None:
    for source in examples():
        done = mypy(source, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_misspelt_argument_does_not(tmp_path: Path) -> None:
    done = mypy("import hedgerow as hr\n\nhr.Band(half_widht=0.02)\n", tmp_path)
    assert done.returncode == 1
    assert "half_widht" in done.stdout


def test_a_name_that_the_front_door_lacks_does_not(tmp_path: Path) -> None:
    done = mypy("import hedgerow as hr\n\nhr.Bnad(half_width=0.02)\n", tmp_path)
    assert done.returncode == 1
    assert "Bnad" in done.stdout or "not callable" in done.stdout


def test_a_wrong_call_of_a_price_does_not(tmp_path: Path) -> None:
    wrong = (
        "hr.black76('100', 90.0, 0.5, 0.25)",
        "hr.black76(100.0, 90.0, 0.5)",
        "hr.black76(100.0, 90.0, 0.5, 0.25).prise",
        "hr.coin_option(100.0, None, 0.5, 0.25)",
        "hr.exposure(hr.Book([]), 60_000.0)",
    )
    done = mypy("\n".join(("import hedgerow as hr", *wrong, "")), tmp_path)
    assert done.returncode == 1
    for line in range(2, 2 + len(wrong)):
        assert f".py:{line}: error" in done.stdout
