"""What a desk writes about itself: one line an event, JSON or for a person, without a secret."""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from hedgerow.execution.secret import HIDDEN, Secret

_TELLING: Final = re.compile(
    r"(?i)(api[-_]?key|secret|token|password|passphrase|signature|authorization|private[-_]?key)$"
)
_PLAIN: Final = (int, float, bool, type(None))
_DEEPEST: Final = 6  # levels of a nested value that are written

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which desk speaks: every line carries it."""

    desk: str
    mode: str


def start_logging(
    target: TextIO | Path, *, level: str, json_lines: bool, redact: Redact, who: Identity
) -> Callable[[], None]:
    """Send all that is logged, by libraries as well, to `target`; return what undoes it.

    A file is opened anew when it was moved away, so logrotate needs no signal.

    Parameters
    ----------
    level
        "debug", "info", "warning" or "error"; what is below is not written.
    redact
        Takes secrets out of a text.
    """
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(desk=who.desk, mode=who.mode)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _spelled_out,
        Redaction(redact),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(
            colors=_is_terminal(target),
            exception_formatter=structlog.dev.plain_traceback,
            timestamp_key="time",
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _handler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            keep_exc_info=False,
            keep_stack_info=False,
        )
    )
    root = logging.getLogger()
    before, root.handlers, least = root.handlers, [handler], root.level
    root.setLevel(level.upper())
    for name in ("ccxt", "urllib3", "asyncio", "apprise"):  # they tell requests in full at debug
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))

    def undo() -> None:
        root.handlers = before
        root.setLevel(least)
        handler.close()
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()

    return undo


class Redaction:
    """Takes secrets out of every value of an event, however deep it lies.

    A value under a name such as ``token`` is hidden whatever it is.
    """

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    def __call__(self, _logger: object, _method: str, event: Any) -> Any:  # noqa: ANN401 - as structlog declares it
        """Return the event without secrets; what structlog itself adds is let through."""
        return {
            name: value if name.startswith("_") else self._value(name, value, _DEEPEST)
            for name, value in event.items()
        }

    def _value(self, name: str, value: object, depth: int) -> object:
        if isinstance(value, Secret) or (_TELLING.search(name) and value not in (None, "")):
            return HIDDEN
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, Mapping) and depth:
            return {
                self._redact(str(key)): self._value(str(key), inner, depth - 1)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple) and depth:
            return [self._value("", inner, depth - 1) for inner in value]
        return self._redact(value if isinstance(value, str) else str(value))


def _spelled_out(_logger: object, _method: str, event: Any) -> Any:  # noqa: ANN401 - as structlog declares it
    """Turn an exception into text, with what caused it and without any variable's value."""
    wanted = event.pop("exc_info", None)
    if not wanted:
        return event
    if isinstance(wanted, BaseException):
        error: BaseException | None = wanted
    elif isinstance(wanted, tuple):
        error = wanted[1]
    else:
        import sys  # noqa: PLC0415 - only for exc_info=True

        error = sys.exc_info()[1]
    if error is not None:
        event["exception"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _handler(target: TextIO | Path) -> logging.Handler:
    if not isinstance(target, Path):
        return logging.StreamHandler(target)
    from logging.handlers import WatchedFileHandler  # noqa: PLC0415 - rarely used

    return WatchedFileHandler(target, encoding="utf-8")


def _is_terminal(target: TextIO | Path) -> bool:
    return not isinstance(target, Path) and target.isatty()
