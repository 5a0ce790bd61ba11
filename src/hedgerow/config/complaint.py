"""What is wrong with a config, in one paragraph a person can act on."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hedgerow.config.keys import allowed, hidden
from hedgerow.config.schema import REPEATABLE, Document, PolicySection

LONGEST: Final = 60  # characters of a value that are shown
MORE: Final = 3  # further places that are named


def complaint(error: ValidationError, raw: dict[str, Any], name: str) -> str:
    """Return the first thing wrong with `raw`, unknown keys before all, and where the others are.

    An unknown key comes first because a misspelt one also shows up as one that is missing.
    """
    found = error.errors(include_url=False)
    found.sort(key=lambda one: one["type"] != "extra_forbidden")
    first, *others = found
    place = _place(first["loc"], raw)
    if first["type"] == "extra_forbidden":
        text = _unknown(first["loc"], raw)
    elif first["type"] == "missing":
        text = _missing(first["loc"], raw)
    else:
        field = _field(first["loc"])
        words = "valid" if field is None else allowed(field)
        shown = "***" if field is not None and hidden(field) else _shown(first["input"])
        text = f"{place} = {shown}: it must be {words}"
    places = dict.fromkeys(_place(one["loc"], raw) for one in others)
    rest = [other for other in places if other != place]
    if rest:
        more = " and others" if len(rest) > MORE else ""
        text += f" (also wrong: {', '.join(rest[:MORE])}{more})"
    return f"{name}: {visible(text)}"


def section_name(path: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """Return how a person finds a table: ``[hedge]``, or ``[[hedge]] 2`` where there are several.

    >>> section_name(("hedge", 1, "policy"), {"hedge": [{}, {}]})
    '[[hedge]] 2 [hedge.policy]'
    >>> section_name(("hedge", 0), {"hedge": {}})
    '[hedge]'
    """
    names = [str(part) for part in path if not isinstance(part, int)]
    if not names:
        return "the file"
    number = next((part for part in path if isinstance(part, int)), None)
    if number is None or (names[0] in REPEATABLE and isinstance(raw.get(names[0]), dict)):
        return f"[{'.'.join(names)}]"
    at = path.index(number)
    outer = ".".join(str(part) for part in path[:at])
    inner = f" [{'.'.join(names)}]" if len(names) > at else ""
    return f"[[{outer}]] {number + 1}{inner}"


def _place(loc: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """Return the table and the key of a location."""
    if isinstance(loc[-1], int) or len(loc) == 1:
        return section_name(loc, raw)
    return f"{section_name(loc[:-1], raw)} {_short(str(loc[-1]))}"


def _unknown(loc: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    unknown = str(loc[-1])
    model = _model(loc[:-1])
    known = list(model.model_fields)
    where = section_name(loc[:-1], raw)
    near = get_close_matches(unknown, known, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    if not near:
        elsewhere: dict[str, str] = {}
        for table, key in _all_keys():
            if table != where:
                elsewhere.setdefault(key, table)
        close = [unknown] if unknown in elsewhere else get_close_matches(unknown, elsewhere, n=1)
        if close:
            hint = f"; {close[0]!r} belongs under {elsewhere[close[0]]}"
    what = "unknown table" if len(loc) == 1 else "unknown key"
    return f"{where}: {what} {_short(unknown)!r}{hint} (known: {', '.join(known)})"


def _missing(loc: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    field = _field(loc)
    words = "" if field is None else f": {allowed(field)}"
    if len(loc) == 1:
        return f"[{loc[0]}] is missing; add it{words} (`hedgerow init` prints a whole file)"
    return f"{section_name(loc[:-1], raw)}: {loc[-1]} is missing; add it{words}"


def _field(loc: tuple[int | str, ...]) -> FieldInfo | None:
    """Return the declaration of the last key in `loc` that has one."""
    model: type[BaseModel] | None = Document
    field: FieldInfo | None = None
    for part in loc:
        if isinstance(part, int) or model is None:
            continue
        found = model.model_fields.get(part)
        if found is None:
            break
        field, model = found, _table_of(found)
    return field


def _model(loc: tuple[int | str, ...]) -> type[BaseModel]:
    model: type[BaseModel] = Document
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _table_of(model.model_fields[part]) or model
    return model


def _table_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the table that a key holds, one or a list, None for a plain value."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next(
        (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None
    )


def _all_keys() -> Iterator[tuple[str, str]]:
    """Yield the heading and the name of every key, tables included."""
    for heading, model in sections():
        for name in model.model_fields:
            yield heading, name


def sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every table of the file with its heading, as people write it."""
    yield from _within("", Document)


def _within(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        table = _table_of(field)
        if table is None:
            continue
        path = f"{prefix}{name}"
        several = get_origin(field.annotation) is list and name not in REPEATABLE
        yield (f"[[{path}]]" if several else f"[{path}]"), table
        if table is not PolicySection:
            yield from _within(f"{path}.", table)


def visible(text: str) -> str:
    r"""Return `text` on one line: what a terminal would not show is spelled out.

    >>> visible("a\nb é")
    'a\\nb é'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    try:
        return _short(repr(value) if isinstance(value, str | list) else str(value))
    except ValueError:  # Python refuses to print an integer of thousands of digits
        return "a number too large to print"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
