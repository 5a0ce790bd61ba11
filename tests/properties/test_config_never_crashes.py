"""Whatever a config file holds, it loads or is refused on purpose, in one paragraph."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hedgerow.config.config import effective
from hedgerow.config.loading import config_from, load
from hedgerow.config.reading import parse_toml
from hedgerow.config.samples import sample
from hedgerow.errors import HedgeError

TREASURY = sample("treasury")
LINES = [line.split("  #")[0] for line in TREASURY.splitlines() if line and line[0] != "#"]
VALID = parse_toml(TREASURY, "sample")
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "fuzzed.toml"


def refusal(attempt: Callable[[], object]) -> str:
    """Return why an attempt was refused on purpose, empty if it was not."""
    try:
        attempt()
    except HedgeError as error:
        return str(error)
    return ""


def loads_or_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused = refusal(lambda: load(path))
    if refused:
        assert str(path) in refused
        assert "\n" not in refused
    else:
        config = load(path)
        path.write_text(effective(config), encoding="utf-8")
        assert load(path) == config


@quick
@given(content=st.binary(max_size=300))
def test_any_bytes(path: Path, content: bytes) -> None:
    loads_or_is_refused(path, content)


@quick
@given(data=st.data())
def test_the_sample_with_bytes_changed(path: Path, data: st.DataObject) -> None:
    content = bytearray("\n".join(LINES).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(content) - 1))
        content[where : where + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    loads_or_is_refused(path, bytes(content))


@quick
@given(order=st.permutations(LINES), kept=st.integers(0, len(LINES)))
def test_the_sample_with_lines_shuffled_and_lost(path: Path, order: list[str], kept: int) -> None:
    loads_or_is_refused(path, "\n".join(order[:kept]).encode())


numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 0, 1, 1e308, 1e-320])
moments = st.dates() | st.datetimes() | st.datetimes(timezones=st.just(timezone.utc))  # noqa: UP017 - a value
plain = st.text(max_size=20) | numbers | st.booleans() | moments
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
PLACES = [(name,) for name in VALID] + [
    (name, key)
    for name, table in VALID.items()
    for key in (table if isinstance(table, dict) else ())
]


@quick
@given(place=st.sampled_from(PLACES), value=values)
@example(place=("world", "start"), value=date.min)
@example(place=("world", "start"), value=datetime.max)  # noqa: DTZ901 - what TOML may hold
@example(place=("world", "bar"), value="999999999999999999999999h")
@example(place=("hedge", "policy"), value={"name": "band", "half_width": 10**400})
@example(place=("hedge", "ratio"), value=10**5000)
@example(place=("margin", "deposit"), value=1e308)
def test_any_value_of_any_key(place: tuple[str, ...], value: object) -> None:
    raw: dict[str, object] = {
        name: {**table} if isinstance(table, dict) else table for name, table in VALID.items()
    }
    target = raw
    for name in place[:-1]:
        inner = target[name]
        assert isinstance(inner, dict)
        target = inner
    target[place[-1]] = value
    refused_or_taken(raw)


@quick
@given(table=st.sampled_from([*VALID, ""]), key=st.text(max_size=12), value=values)
def test_any_key_in_any_table(table: str, key: str, value: object) -> None:
    raw: dict[str, object] = dict(VALID)
    if table:
        raw[table] = {**VALID[table], key: value}
    else:
        raw[key] = value
    refused_or_taken(raw)


def refused_or_taken(raw: dict[str, object]) -> None:
    refused = refusal(lambda: config_from(raw, name="fuzzed.toml", folder=Path()))
    if refused:
        assert refused.startswith("fuzzed.toml: ")
        assert "\n" not in refused
    else:
        text = effective(config_from(raw, name="fuzzed.toml", folder=Path()))
        again = config_from(parse_toml(text, "again"), name="again", folder=Path())
        assert effective(again) == text
