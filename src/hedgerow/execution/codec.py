"""From frozen dataclasses to the JSON bodies of the journal, and back, to the last digit."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hedgerow.ledger.journal import JournalError

T = TypeVar("T")
_PLAIN = frozenset({str, int, bool, float, NoneType})
_WRITERS: dict[Any, Callable[[Any], Any]] = {}
_READERS: dict[Any, Callable[[Any], Any]] = {}


def encode(value: object) -> Any:  # noqa: ANN401 - JSON has no type of its own
    """Return a value as JSON: decimals as strings, dataclasses as objects, tuples as lists.

    >>> encode((Decimal("0.10"), None))
    ['0.10', None]
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind not in _WRITERS:
        _WRITERS[kind] = _writer(kind)
    return _WRITERS[kind](value)


def decode(kind: type[T], body: object) -> T:
    """Return the value that `encode` wrote.

    Raises
    ------
    JournalError
        Where the body is none of this kind.
    """
    try:
        made: T = _reader(kind)(body)
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise JournalError(
            f"a record holds no {kind.__name__}: {error!r} in {str(body)[:200]}; it was written by "
            "another version of the program"
        ) from error
    return made


@cache
def _names(kind: type[object]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]


def _as_it_is(value: Any) -> Any:  # noqa: ANN401
    return value


def _writer(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    if kind is Decimal:
        return str
    if issubclass(kind, Enum):
        return {member: member.value for member in kind}.__getitem__
    if is_dataclass(kind):
        return _object_writer(kind)
    if issubclass(kind, Mapping):
        return lambda value: {str(key): encode(entry) for key, entry in value.items()}
    if issubclass(kind, list | tuple):
        return lambda value: [encode(entry) for entry in value]
    raise TypeError(f"{kind.__name__} has no place in the journal")


def _object_writer(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    names = _names(kind)
    if len(names) < 2:  # of one name, `attrgetter` gives no tuple
        return lambda value: {name: encode(getattr(value, name)) for name in names}
    entries = attrgetter(*names)

    def write(value: Any) -> Any:  # noqa: ANN401
        return {
            name: entry if type(entry) in _PLAIN else encode(entry)
            for name, entry in zip(names, entries(value), strict=True)
        }

    return write


def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    if kind not in _READERS:
        _READERS[kind] = _made(kind)
    return _READERS[kind]


def _made(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    if is_dataclass(kind):
        return _of_dataclass(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        (plain,) = (part for part in inner if part is not NoneType)
        read = _reader(plain)
        return lambda body: None if body is None else read(body)
    if origin is tuple:
        read = _reader(inner[0])
        return lambda body: tuple(read(entry) for entry in body)
    if origin is dict:
        read = _reader(inner[1])
        return lambda body: {key: read(entry) for key, entry in body.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    return Decimal if kind is Decimal else _as_it_is


def _of_dataclass(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    hints = get_type_hints(kind)
    readers = [(name, _reader(hints[name])) for name in _names(kind)]
    changed = [(name, read) for name, read in readers if read is not _as_it_is]

    def read(body: Mapping[str, Any]) -> Any:  # noqa: ANN401
        given = dict(body)
        for name, read_one in changed:
            if name in given:
                given[name] = read_one(given[name])
        return kind(**given)

    return read
