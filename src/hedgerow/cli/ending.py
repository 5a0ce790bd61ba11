"""How a command ends: well, with a reason, or quietly when nobody reads on."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

import typer

from hedgerow.errors import HedgeError

FAILED = 2
UNWELL = 1
INTERRUPTED = 130  # what typer makes of Ctrl-C outside `told`
OWN_PROCESS: Final = object()
"""What a command finds in its context where the process was started for it alone."""


class MayPass(HedgeError):
    """What ended a command lies beyond what it was given: it may go well another time."""


@contextmanager
def told(stopped: str) -> Iterator[None]:
    """Turn an error into one paragraph on stderr and Ctrl-C into `stopped`, both with code 2.

    What may pass ends with 1: a service manager tries that again, and the rest not.
    """
    try:
        yield
    except MayPass as error:
        fail(str(error), UNWELL)
    except HedgeError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(stopped)


def fail(reason: str, code: int = FAILED) -> NoReturn:
    """End the command with `reason` on stderr."""
    typer.secho(reason, err=True, fg="red")
    raise typer.Exit(code)


def run_to_the_end(app: Callable[[], object]) -> NoReturn:
    """Run `app` and end the process, never with a traceback.

    0 if it did what was asked, 1 if it did and what it looked at is not well, else 2.
    """
    code: object = 0
    try:
        app()
    except SystemExit as end:
        code = _reason("Stopped.") if end.code == INTERRUPTED else end.code
    except KeyboardInterrupt:
        code = _reason("Stopped.")
    except HedgeError as error:
        code = _reason(str(error))
    except BrokenPipeError:
        code = FAILED
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        code = _reason(f"{place}{error.strerror or error}; free the way and run it again")
    except Exception as error:  # noqa: BLE001 - the outermost edge: a person never sees a traceback
        code = defect(error)
    written = _flushed()
    unwell = code == UNWELL and written
    _no_more_interrupts()
    sys.exit(UNWELL if unwell else FAILED if code or not written else 0)


def _no_more_interrupts() -> None:
    """Let nothing but the code that follows end the process.

    Python ends by the signal, whatever code it is given, where Ctrl-C once came through an
    `exec`, as there is behind every dataclass that is being imported; the next one forgets it.
    """
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    exec("")  # noqa: S102 - nothing is run


def _reason(text: str) -> int:
    with suppress(OSError):
        typer.secho(text, err=True, fg="red")
    return FAILED


def defect(error: BaseException) -> int:
    """Say that hedgerow itself is at fault, and return the code of it."""
    from hedgerow.config.environment import debugging

    if debugging():
        import traceback

        traceback.print_exception(error)
    return _reason(
        f"This is a defect of hedgerow, not of your input ({type(error).__name__}: {error}). "
        "Please report it with the command, the config and what `hedgerow --version` prints; "
        "HEDGEROW_DEBUG=1 shows where it happened."
    )


def _flushed() -> bool:
    """Write out what is still held back; a reader that has gone away is no news."""
    try:
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            _reason(f"the output cannot be written: {error.strerror}; free some space")
        # Python flushes once more when it ends, and must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
