"""Processes that are forked from one which has imported what takes long, and nothing else.

A life of its own then begins in each of them: signals, environment, output and end are as those of
a process that was started by a shell.
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Final

import pytest

IMPORTED: Final = ["desk_process", "hedgerow.config.assembly", "hedgerow.config.live"]


def forking() -> ForkServerContext:
    """Return what makes such processes."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(IMPORTED)
    with pytest.MonkeyPatch.context() as patch:  # Python 3.11 keeps its own path to itself
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return found


def started(
    words: Sequence[str], environment: Mapping[str, str], output: Path
) -> ForkServerProcess:
    """Start ``hedgerow WORDS``; what it says goes to `output`."""
    arguments = (list(words), dict(environment), output)
    process = forking().Process(target=hedgerow, args=arguments, daemon=True)
    process.start()
    return process


def hedgerow(words: list[str], environment: dict[str, str], output: Path) -> None:
    """Be ``python -m hedgerow WORDS``."""
    os.environ.clear()
    os.environ.update(environment)
    with output.open("wb") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["hedgerow", *words]
    runpy.run_module("hedgerow", run_name="__main__", alter_sys=True)
