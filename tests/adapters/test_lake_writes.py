"""A lake is written all or nothing, and a damaged or foreign folder is told from a lake."""

import errno
import os
from pathlib import Path

import polars as pl
import pytest

from hedgerow.adapters import commit
from hedgerow.adapters.importing import import_files
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.manifest import Origin
from hedgerow.errors import ConfigError, DataConflict, MarketDataError, UnknownName
from hedgerow.market.series import PriceKind
from hedgerow.units import HOUR
from sample_market_files import a_bundle, tree, write_bundle

PERP = "BTC/USDT:USDT"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    import_files([write_bundle(tmp_path / "first", a_bundle(24))], tmp_path / "lake")
    return tmp_path / "lake"


@pytest.fixture
def more(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "more", a_bundle(48))


class FullDisk:
    """An fsync that works some times and then finds the disk full."""

    def __init__(self, works: int, failure: BaseException) -> None:
        self.left = works
        self.failure = failure

    def __call__(self, _handle: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.failure


@pytest.mark.parametrize("works", [0, 1, 3, 4])
def test_a_full_disk_leaves_the_lake_untouched(
    lake: Path, more: Path, works: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(lake)
    full = FullDisk(works, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"no space left on the disk .* nothing was changed"):
        import_files([more], lake)
    assert tree(lake) == before


def test_a_full_disk_leaves_no_new_lake_behind(
    tmp_path: Path, more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = FullDisk(2, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="no space left"):
        import_files([more], tmp_path / "deep/new/lake")
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("works", [0, 2, 4])
def test_ctrl_c_leaves_the_lake_untouched(
    lake: Path, more: Path, works: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(lake)
    monkeypatch.setattr(os, "fsync", FullDisk(works, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        import_files([more], lake)
    assert tree(lake) == before


def test_ctrl_c_after_the_commit_keeps_the_new_lake_whole(
    lake: Path, more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        replace(self, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        import_files([more], lake)
    monkeypatch.undo()
    assert Lake(lake).bars("binance", PERP, PriceKind.TRADE, HOUR).time.size == 48


def test_files_that_nothing_lists_any_more_are_swept(lake: Path, more: Path) -> None:
    old = set(tree(lake))
    import_files([more], lake)
    listed = {part.path for held in Lake(lake).series() for part in held.parts}
    assert set(tree(lake)) == {*listed, "manifest.json"}
    assert old - set(tree(lake))


def test_rows_that_disagree_are_all_counted_and_nothing_is_written(
    lake: Path, tmp_path: Path
) -> None:
    before = tree(lake)
    wrong = a_bundle(24).with_columns(pl.col("funding_rate") + 1e-9)
    with pytest.raises(DataConflict, match=r"3 values disagree: .* rate: 0\.0001 in the lake"):
        import_files([write_bundle(tmp_path / "wrong", wrong)], lake)
    assert tree(lake) == before


def test_two_files_of_one_import_may_not_disagree_either(tmp_path: Path) -> None:
    one = write_bundle(tmp_path / "one", a_bundle(24))
    two = write_bundle(tmp_path / "two", a_bundle(24, seed=8))
    with pytest.raises(DataConflict, match=r"values disagree: .*; and \d+ more"):
        import_files([one, two], tmp_path / "lake")
    assert not (tmp_path / "lake").exists()


def test_an_unknown_value_is_filled_and_a_known_one_kept(lake: Path, tmp_path: Path) -> None:
    richer = a_bundle(24).with_columns(perp_volume=pl.lit(3.5))
    report = import_files([write_bundle(tmp_path / "richer", richer)], lake)
    filled = {str(entry.key): entry.filled for entry in report.series}
    assert filled["binance BTC/USDT:USDT trade 1h"] == 24
    assert filled["binance BTC/USDT trade 1h"] == 0
    bars = Lake(lake).bars("binance", PERP, PriceKind.TRADE, HOUR)
    assert set(bars.volume) == {3.5}


def test_bars_of_another_clock_are_refused(lake: Path, tmp_path: Path) -> None:
    half_past = a_bundle(24).with_columns(pl.col("ts") + pl.duration(days=9, minutes=30))
    with pytest.raises(MarketDataError, match="open 1800 s into the step"):
        import_files([write_bundle(tmp_path / "late", half_past)], lake)


def test_another_import_at_the_same_time_is_asked_to_wait(lake: Path, more: Path) -> None:
    with (
        commit.locked(lake),
        pytest.raises(ConfigError, match="being written by another import"),
    ):
        import_files([more], lake)


def test_an_import_that_was_overtaken_writes_nothing(lake: Path, more: Path) -> None:
    stale = commit.open_for_import(lake)
    import_files([more], lake)
    after = tree(lake)
    with pytest.raises(ConfigError, match="changed by another import meanwhile"):
        commit.Writer(lake).commit(stale, {}, [Origin(file="x", sha256="y")])
    assert tree(lake) == after


def test_what_is_not_a_lake_is_called_so(tmp_path: Path, more: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; make a lake with"):
        Lake(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"is not a lake \(it has no manifest"):
        Lake(more.parent)
    with pytest.raises(ConfigError, match="cannot be read as a lake"):
        Lake(more)
    with pytest.raises(ConfigError, match="holds other files and is not a lake"):
        import_files([more], more.parent)
    with pytest.raises(ConfigError, match="cannot be read as a lake"):
        import_files([more], more)


def test_a_lake_is_not_imported_into_a_lake(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a lake itself"):
        import_files([lake], tmp_path / "other")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b"{}", b'{"schema": "hedgerow.lake/1"}']
)
def test_a_damaged_manifest_is_told(lake: Path, content: bytes) -> None:
    (lake / "manifest.json").write_bytes(content)
    with pytest.raises(MarketDataError, match="manifest is damaged"):
        Lake(lake)


def test_a_manifest_of_a_later_version_or_leading_outside_is_refused(lake: Path) -> None:
    manifest = lake / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("hedgerow.lake/1", "hedgerow.lake/9"))
    with pytest.raises(MarketDataError, match=r"has schema 'hedgerow\.lake/9'"):
        Lake(lake)
    manifest.write_text(text.replace('"path": "prices', '"path": "../prices'))
    with pytest.raises(MarketDataError, match="leads out of the lake"):
        Lake(lake)


def test_a_changed_or_missing_part_is_told_when_it_is_read(lake: Path) -> None:
    opened = Lake(lake)
    held = next(h for h in opened.series() if h.key.symbol == PERP and h.key.kind == "trade")
    part = lake / held.parts[0].path
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(MarketDataError, match="not the one that was imported"):
        opened.bars("binance", PERP, PriceKind.TRADE, HOUR)
    part.unlink()
    with pytest.raises(MarketDataError, match="the lake's manifest lists this file"):
        opened.bars("binance", PERP, PriceKind.TRADE, HOUR)


def test_the_hash_of_a_series_that_is_not_held_is_refused(lake: Path, tmp_path: Path) -> None:
    other = write_bundle(tmp_path / "eth", a_bundle(), "okx_ethusdt_1h_aligned.parquet")
    import_files([other], tmp_path / "others")
    keys = [held.key for held in Lake(tmp_path / "others").series()]
    with pytest.raises(UnknownName, match="okx ETH/USDT"):
        Lake(lake).content_hash(keys)


def test_progress_is_told(tmp_path: Path, more: Path) -> None:
    told: list[str] = []
    import_files([more], tmp_path / "lake", progress=lambda what, _done, _all: told.append(what))
    assert told[0] == "reading binance_btcusdt_1h_aligned.parquet"
    assert told[-1] == "writing lake"
