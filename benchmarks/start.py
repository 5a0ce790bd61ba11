"""How long a person waits: whole processes, from nothing and from the cache."""

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contest import Report, contender, say

FIRST_KERNEL = """
import time
from hedgerow.engine.batch import compiled
begin = time.perf_counter()
compiled()
print(time.perf_counter() - begin)
"""
LIMIT_S = 300


def start(rounds: int = 5) -> Report:
    """Return whole-process times; a command that does not exist is named as not measured."""
    python = sys.executable
    here = str(Path(python).parent / "hedgerow")
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        once: dict[str, list[str]] = {}
        missing: dict[str, str] = {}
        often = {
            "python -c 'import numba'": [python, "-c", "import numba"],
            "python -c 'import hedgerow'": [python, "-c", "import hedgerow"],
        }
        if importlib.util.find_spec("hedgerow.cli") and Path(here).exists():
            often["hedgerow --help"] = [here, "--help"]
            demo = [here, "demo", "--quiet", "--html", str(Path(cache) / "demo.html")]
            once["hedgerow demo, first ever (empty cache)"] = demo
            once["hedgerow demo, second"] = demo
        found = []
        for name, command in once.items():
            say(name)
            seconds, message = _timed(command, environment)
            if message:
                missing[name] = message
            else:
                found.append(contender(name, [seconds], None, "s"))
        say("the engine alone, empty cache")
        empty = {**environment, "XDG_CACHE_HOME": str(Path(cache) / "empty")}
        alone = _reported([python, "-c", FIRST_KERNEL], empty)
        found.append(contender("engine compiled, empty cache", [alone], None, "s"))
        _reported([python, "-c", FIRST_KERNEL], environment)
        kept = [_reported([python, "-c", FIRST_KERNEL], environment) for _ in range(rounds)]
        found.append(contender("first kernel after import, cached", kept, None, "s"))
        for name, command in often.items():
            say(name)
            times = []
            for _ in range(rounds):
                seconds, message = _timed(command, environment)
                if message:
                    missing[name] = message
                    break
                times.append(seconds)
            if name not in missing:
                found.append(contender(name, times, None, "s"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return Report(
        name="start",
        contenders=tuple(found),
        not_measured=missing,
        conditions={"rounds": rounds, "peak_bytes_of_any_child": peak},
    )


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Return whole-process seconds, and why there are none."""
    begin = time.perf_counter()
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return LIMIT_S, f"took longer than {LIMIT_S} s"
    seconds = time.perf_counter() - begin
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines()[-1:] or ["no message"]
        return seconds, f"exit {ran.returncode}: {said[0][:200]}"
    return seconds, ""


def _reported(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds that a process prints."""
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(ran.stdout)
