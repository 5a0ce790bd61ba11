"""Environments of their own for peers that do not fit beside us, with pinned versions."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PINS = {
    "nautilus": ("nautilus_trader==1.221.0", "numpy==2.4.6", "pandas==2.3.3", "pyarrow==26.0.1"),
    "options": (
        "numpy==2.4.6",
        "scipy==1.17.1",
        "quantlib==1.44",
        "pyvolr==0.1.7",
        "iv-engine==0.1.1",
        "fast-vollib==0.2.4",
        "numba==0.68.1",
    ),
    "vectorbt": ("vectorbt==1.2.0", "numba==0.68.1", "numpy==2.4.6", "pandas==3.1.1"),
}


class PeerMissing(RuntimeError):
    """A peer's environment is not there and cannot be built."""


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's environment, built on first use.

    Raises
    ------
    PeerMissing
        With what the installer said.
    """
    folder = HERE / f".venv-{peer}"
    python = folder / "bin" / "python"
    mark = folder / "complete"
    if mark.exists() and mark.read_text("utf-8").split() == list(PINS[peer]):
        return python
    uv = shutil.which("uv")
    if uv is None:
        raise PeerMissing(f"{peer} needs an environment of its own, and uv is not on the PATH")
    print(f"building {folder} (once)", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *PINS[peer]],
    ):
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            said = made.stderr.strip().splitlines()[-1:] or ["no message"]
            raise PeerMissing(f"{peer}: {' '.join(command[:3])} failed: {said[0]}")
    mark.write_text("\n".join(PINS[peer]), "utf-8")
    return python
