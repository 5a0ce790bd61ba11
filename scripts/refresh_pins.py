"""Pin the newest version of every dependency in pyproject.toml.

Run it as ``uv run python scripts/refresh_pins.py``, then run the checks: what they say about the
new versions is the reason to keep or to hold one back.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
BEGIN = "# -- pins begin\n"
END = "# -- pins end\n"
BLOCK = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)


def with_pins(project: str, build: list[str], everything: list[str]) -> str:
    """Return the text of `project` with the block between the markers written anew.

    >>> print(with_pins(BEGIN + "old" + chr(10) + END, [], ["a==1 ; python_version < '3'"]), end="")
    # -- pins begin
    build-constraint-dependencies = []
    constraint-dependencies = [
        "a==1 ; python_version < '3'",
    ]
    # -- pins end
    """
    if len(BLOCK.findall(project)) != 1:
        raise SystemExit(f"{PROJECT.name}: expected one block from {BEGIN!r} to {END!r}")
    block = (
        f"{BEGIN}build-constraint-dependencies = {_toml_list(build)}\n"
        f"constraint-dependencies = {_toml_list(everything)}\n{END}"
    )
    return BLOCK.sub(lambda _: block, project)


def resolve(project: str) -> tuple[list[str], list[str]]:
    """Return the pins of the build and those of all groups, with `project`'s own pins lifted."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pyproject.toml").write_text(with_pins(project, [], []), encoding="utf-8")
        (place / "build.in").write_text(
            "\n".join(tomllib.loads(project)["build-system"]["requires"]), encoding="utf-8"
        )
        plain = ("--no-header", "--no-annotate", "--no-hashes")
        _uv(place, "lock", "--upgrade")
        everything = _uv(
            place, "export", "--frozen", "--all-groups", "--all-extras", "--no-emit-project", *plain
        )
        build = _uv(place, "pip", "compile", "--universal", *plain[:2], "build.in")
    return _pins(build), _pins(everything)


def main() -> None:
    """Rewrite the pins in place and say how many there are."""
    project = PROJECT.read_text(encoding="utf-8")
    build, everything = resolve(project)
    PROJECT.write_text(with_pins(project, build, everything), encoding="utf-8")
    print(f"{len(everything)} pins, {len(build)} of the build")


def _uv(place: Path, *arguments: str) -> str:
    uv = os.environ.get("UV", "uv")
    done = subprocess.run(
        [uv, "--quiet", *arguments], cwd=place, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"uv {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def _pins(requirements: str) -> list[str]:
    lines = (line.strip() for line in requirements.splitlines())
    return sorted(line for line in lines if "==" in line and not line.startswith(("#", "-")))


def _toml_list(items: list[str]) -> str:
    if not items:
        return "[]"
    return "[\n" + "".join(f'    "{item}",\n' for item in items) + "]"


if __name__ == "__main__":
    main()
