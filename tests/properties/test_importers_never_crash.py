"""Whatever bytes are imported, only errors raised on purpose come out and the lake is untouched."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.adapters.column_map import parse_map
from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.adapters.lake import Lake
from hedgerow.errors import HedgeError
from sample_market_files import a_bundle, kline_rows, tree, write_bundle, write_dump

MAP = """
[[series]]
kind = "trade"
venue = "acme"
symbol = "BTC/USDT:USDT"
time = { column = "time" }
columns = { open = "o", high = "h", low = "l", close = "c", volume = "v" }
"""
UM = ImportOptions(market="um")
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def lake(folder: Path) -> Path:
    other = write_bundle(folder, a_bundle(), "acme_ethusdt_1h_aligned.parquet")
    import_files([other], folder / "lake")
    return folder / "lake"


@pytest.fixture(scope="module")
def parquet(folder: Path) -> bytes:
    return write_bundle(folder, a_bundle()).read_bytes()


@pytest.fixture(scope="module")
def zipped(folder: Path) -> bytes:
    return write_dump(folder / "BTCUSDT-1h-2020-01.zip", kline_rows()).read_bytes()


def refused_or_readable(lake: Path, file: Path, options: ImportOptions) -> None:
    """Import a file; what is refused must change nothing, what is taken must be readable."""
    before = tree(lake)
    refused = refusal(lambda: import_files([file], lake, options))
    if refused:
        assert "\n" not in refused.strip()
        assert tree(lake) == before
    else:
        opened = Lake(lake)
        assert sum(opened.frame(held).height for held in opened.series()) > 0
        restore(lake, before)


def refusal(attempt: Callable[[], object]) -> str:
    """Return why an attempt was refused on purpose, empty if it was not."""
    try:
        attempt()
    except HedgeError as error:
        return str(error)
    return ""


def restore(lake: Path, before: dict[str, bytes]) -> None:
    for name in tree(lake):
        (lake / name).unlink()
    for name, content in before.items():
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        (lake / name).write_bytes(content)


@quick
@given(content=st.binary(max_size=300), name=st.sampled_from(
    ["a_btcusdt_1h_aligned.parquet", "x.csv", "x.csv.gz", "BTCUSDT-1h-2020-01.zip",
     "BTCUSDT-1h-2020-01.csv", "BTCUSDT-fundingRate-2020-01.csv"]
))  # fmt: skip
def test_random_bytes(folder: Path, lake: Path, content: bytes, name: str) -> None:
    (folder / name).write_bytes(content)
    refused_or_readable(lake, folder / name, UM)


@quick
@given(data=st.data())
def test_a_cut_or_flipped_parquet(folder: Path, lake: Path, parquet: bytes, data: st.DataObject
) -> None:  # fmt: skip
    file = folder / "binance_btcusdt_1h_aligned.parquet"
    file.write_bytes(spoilt(parquet, data))
    refused_or_readable(lake, file, UM)


@quick
@given(data=st.data())
def test_a_cut_or_flipped_zip(folder: Path, lake: Path, zipped: bytes, data: st.DataObject
) -> None:  # fmt: skip
    file = folder / "BTCUSDT-1h-2020-01.zip"
    file.write_bytes(spoilt(zipped, data))
    refused_or_readable(lake, file, UM)


def spoilt(content: bytes, data: st.DataObject) -> bytes:
    """Cut the content or flip some of its bits."""
    size = len(content)
    if data.draw(st.booleans()):
        return content[: data.draw(st.integers(0, size - 1))]
    changed = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=4)):
        changed[place] ^= 1 << data.draw(st.integers(0, 7))
    return bytes(changed)


cells = st.one_of(
    st.floats().map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.integers(1_577_836_800, 1_577_840_400).map(str),
    st.sampled_from(["", "nan", "null", "1e400", "-0.0", "2020-01-01", "2020-01-01T00:00:00Z"]),
    st.text(max_size=8),
)
HEADERS = ["time,o,h,l,c,v", "time,o,h,l,c", "v,c,l,h,o,time", "time,time,o,h,l,c,v"]


@quick
@given(rows=st.lists(st.lists(cells, min_size=5, max_size=7), max_size=5),
       header=st.sampled_from(HEADERS))  # fmt: skip
def test_a_random_table_through_a_map(
    folder: Path, lake: Path, rows: list[list[str]], header: str
) -> None:
    (folder / "map.toml").write_text(MAP)
    text = "\n".join([header, *(",".join(row) for row in rows)])
    (folder / "table.csv").write_text(text, encoding="utf-8", errors="replace")
    refused_or_readable(lake, folder / "table.csv", ImportOptions(map=str(folder / "map.toml")))


@quick
@given(values=st.lists(
    st.one_of(st.none(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.binary()),
    min_size=3, max_size=3,
), column=st.sampled_from(a_bundle().columns))  # fmt: skip
def test_columns_of_any_type(folder: Path, lake: Path, values: list[object], column: str) -> None:
    odd = pl.Series(column, values, dtype=pl.Object if len({*map(type, values)}) > 1 else None,
                    strict=False)  # fmt: skip
    if odd.dtype == pl.Object:
        odd = pl.Series(column, [str(value) for value in values])
    file = write_bundle(folder, a_bundle(3).with_columns(odd))
    refused_or_readable(lake, file, UM)


toml_values = st.recursive(
    st.one_of(st.integers(-5, 5), st.booleans(), st.sampled_from(
        ["trade", "funding", "acme", "BTC/USDT", "time", "c", "1h", "s", "linear", ""])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["column", "values", "unit", "close", "rate", "x"]),
                        inner, max_size=3),
    ),
    max_leaves=6,
)  # fmt: skip
KEYS = ["kind", "venue", "symbol", "time", "columns", "step", "where", "holes", "volume_unit"]


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {as_toml(v)}" for k, v in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


@settings(max_examples=200, deadline=None)
@given(table=st.dictionaries(st.sampled_from(KEYS), toml_values))
def test_a_random_map(table: dict[str, object]) -> None:
    text = MAP.replace("[[series]]", "").splitlines()
    kept = [line for line in text if line.partition(" =")[0] not in table]
    lines = [f"{key} = {as_toml(value)}" for key, value in table.items()]
    refused = refusal(lambda: parse_map("\n".join(["[[series]]", *kept, *lines]), "map.toml"))
    assert not refused or "map.toml" in refused


@quick
@given(text=st.text(max_size=60))
def test_random_text_as_a_map(text: str) -> None:
    with pytest.raises(HedgeError, match=r"map\.toml"):
        parse_map(text, "map.toml")
