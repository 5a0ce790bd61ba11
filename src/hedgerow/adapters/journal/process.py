"""Which process holds a journal, and whether it still lives."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")
_STATE, _BORN = 0, 19  # fields of stat after the name, which ends with the last bracket
_DEAD: Final = ("Z", "X")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process as another one can recognise it.

    Attributes
    ----------
    machine
        The running system and its space of process numbers; "" where it cannot be told.
    born
        When the process began, in ticks of its machine; "" where it cannot be told.
    """

    host: str
    pid: int
    machine: str = ""
    born: str = ""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def this_process() -> Process:
    """Return the process that asks."""
    return Process(
        host=socket.gethostname(),
        pid=os.getpid(),
        machine=_machine(),
        born=_born(os.getpid()),
    )


def is_gone(process: Process) -> bool:
    """Return whether a process has certainly ended; False where only time can tell."""
    if not process.machine or process.machine != _machine():
        return False
    return _born(process.pid) != process.born


@cache
def _machine() -> str:
    with suppress(OSError):
        boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROCESSES / 'self/ns/pid').readlink()}"
    return ""


def _born(pid: int) -> str:
    with suppress(OSError, IndexError):
        stat = (_PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        fields = stat.rpartition(")")[2].split()
        return "" if fields[_STATE] in _DEAD else fields[_BORN]
    return ""
