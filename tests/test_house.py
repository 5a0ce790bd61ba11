"""The house rules that no other tool checks."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "hedgerow"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = (".ci", "benchmarks", "docs", "scripts", "src", "tests")
TEXT = {".css", ".csv", ".html", ".j2", ".js", ".json", ".md", ".py", ".toml", ".txt", ".yml", ""}
# Written in halves, so that this file does not hold what it looks for.
HOSTS = re.compile("pypi" + r"\.(org|python)|python" + r"hosted|find-" + "links|/sim" + "ple/")
MACHINE_PATH = re.compile(r"(?<![\w.~:/$}-])/(home|root|Users|work|opt|mnt)/\w")
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + "ME|X" + r"XX)\b")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def texts() -> list[Path]:
    """Return every file of the project that a person could read."""
    inside = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    files = [path for path in (*ROOT.iterdir(), *inside) if path.is_file()]
    return sorted(
        path
        for path in files
        if path.suffix in TEXT
        and path.name not in {"uv.lock", ".git"}
        and not any(part == "_build" or part.startswith(".venv") for part in path.parts)
    )


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return ``file:line`` of every match in the project."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def run_python(program: str) -> str:
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_says_in_its_first_line_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring is not None
    first, *rest = docstring.splitlines()
    assert first.endswith(".")
    assert not rest or rest[0] == ""


def test_nothing_is_left_unfinished() -> None:
    assert found(UNFINISHED) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert found(MACHINE_PATH) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert found(HOSTS) == []


def test_the_looks_above_would_see_it() -> None:
    assert MACHINE_PATH.search("open('/ho" + "me/ann/x.csv')")
    assert HOSTS.search("https://pypi" + ".org/x")
    assert UNFINISHED.search("# TO" + "DO: later")


def test_the_front_door_is_small_sorted_and_opens() -> None:
    program = (
        "import hedgerow, json\n"
        "for name in hedgerow.__all__: getattr(hedgerow, name)\n"
        "print(json.dumps([list(hedgerow.__all__), dir(hedgerow)]))"
    )
    exported, listed = json.loads(run_python(program))
    assert exported
    assert exported == sorted(exported)
    assert len(exported) == len(set(exported)) <= 40
    assert set(exported) <= set(listed)


def test_the_front_door_refuses_a_name_it_does_not_have() -> None:
    program = (
        "import hedgerow\ntry:\n    hedgerow.no_such_name\n"
        "except AttributeError as error:\n    print(error)"
    )
    assert "no_such_name" in run_python(program)


@pytest.mark.parametrize(
    ("name", "part"), [("report", "write"), ("sweep", "grid"), ("exposure", "exposure")]
)
def test_a_room_does_not_hide_the_function_of_its_name(name: str, part: str) -> None:
    code = (
        f"import hedgerow.{name}.{part}, hedgerow as hr\n"
        f"try:\n    hr.{name}()\nexcept TypeError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith(f"{name}() missing")


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import hedgerow, sys; print(*sorted(sys.modules))"
    loaded = set(run_python(program).split())
    assert loaded.isdisjoint({"jinja2", "numba", "numpy", "polars", "pydantic", "rich", "typer"})


def test_importing_the_command_line_loads_no_numbers() -> None:
    program = "import hedgerow.cli, sys; print(*sorted(sys.modules))"
    assert set(run_python(program).split()).isdisjoint({"jinja2", "numba", "numpy", "polars"})


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_room_comes_in_through_the_front_door(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert "hedgerow" not in {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module == "hedgerow":
            assert all((PACKAGE / name.name).is_dir() for name in node.names)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel from a copy, as a package index would get it."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(
        PACKAGE, copy / "src" / "hedgerow", ignore=shutil.ignore_patterns("__pycache__", "*.nb?")
    )
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    (built,) = (copy / "dist").glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    ours = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.match("*.nb?")
    }
    assert inside == ours
    assert "hedgerow/py.typed" in inside


def test_the_wheel_carries_its_licence(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_the_wheel_asks_for_ranges_and_no_exact_version(wheel: zipfile.ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    start = "Requires-Dist: "
    asked = [Requirement(line.removeprefix(start)) for line in lines if line.startswith(start)]
    assert asked
    bounds = [(part.name, bound.operator) for part in asked for bound in part.specifier]
    assert not [part for part, operator in bounds if operator == "=="]


def test_every_dependency_is_pinned_inside_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = [Requirement(pin) for pin in project["tool"]["uv"]["constraint-dependencies"]]
    groups = project["dependency-groups"].values()
    extras = project["project"]["optional-dependencies"].values()
    lists = (project["project"]["dependencies"], *groups, *extras)
    asked = [Requirement(name) for names in lists for name in names]
    for requirement in asked:
        if requirement.name == project["project"]["name"]:
            continue  # one extra names others
        versions = [pin.specifier for pin in pins if pin.name == requirement.name]
        assert versions, f"{requirement} has no pin; run scripts/refresh_pins.py"
        for (exact,) in map(tuple, versions):
            assert exact.operator == "=="
            assert requirement.specifier.contains(exact.version)


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "## [Unreleased]" in text
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(headings) == 1 or headings[1] == project["project"]["version"]


def test_every_page_of_the_documentation_can_be_reached() -> None:
    listed = set(re.findall(r"[\w/.-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages == listed


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in folder.glob("*.md")} - {"index.md"}
    assert pages == {link for link in LINK.findall(index) if "/" not in link}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_the_links_of_a_front_page_lead_somewhere(name: str) -> None:
    for link in LINK.findall((ROOT / name).read_text(encoding="utf-8")):
        assert "://" in link or (ROOT / link).exists(), link


def test_the_readme_shows_the_commands_that_the_checks_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 -m pip install -q uv && python3 -m uv run hedgerow demo\n" in readme
    assert "\npython3 -m uv run pytest\n" in readme
    assert "\npython3 -m uv run pytest\n" in checks
