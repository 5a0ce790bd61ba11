"""Small market files as venues and people write them, for tests of the importers."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import polars as pl

START_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
HOUR_MS = 3_600_000


def a_bundle(hours: int = 48, *, seed: int = 7) -> pl.DataFrame:
    """Return an aligned bundle: funding every 8 hours, marks in the second half, one spot hole."""
    random = np.random.default_rng(seed)
    close = np.round(7_200.0 * np.exp(np.cumsum(0.003 * random.standard_normal(hours))), 2)
    opened = np.concatenate(([7_200.0], close[:-1]))
    high = np.round(np.maximum(opened, close) * 1.001, 2)
    low = np.round(np.minimum(opened, close) * 0.999, 2)
    hour = np.arange(hours)
    hole = hour == 5
    columns: dict[str, object] = {
        "ts": pl.Series(START_MS + HOUR_MS * hour).cast(pl.Datetime("ms", "UTC")),
    }
    for name, values in (("open", opened), ("high", high), ("low", low), ("close", close)):
        columns[f"perp_{name}"] = values
        columns[f"spot_{name}"] = np.where(hole, np.nan, values + 1.0)
    columns["mark_close"] = np.where(hour >= hours // 2, close + 0.5, np.nan)
    columns["funding_rate"] = np.where(hour % 8 == 0, 1e-4 + 1e-6 * hour, np.nan)
    marked = (hour % 8 == 0) & (hour >= hours // 2)
    columns["funding_mark_price"] = np.where(marked, opened + 0.25, np.nan)
    return pl.DataFrame(columns)


def write_bundle(folder: Path, frame: pl.DataFrame, name: str = "") -> Path:
    """Write a bundle as Parquet under the name that tells venue and pair."""
    path = folder / (name or "binance_btcusdt_1h_aligned.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
    return path


def kline_rows(
    hours: int = 24, *, start_ms: int = START_MS, scale: int = 1, volume: float = 12.5
) -> list[str]:
    """Return candles of a public dump as lines; `scale` is 1000 for microseconds."""
    rows = []
    for hour in range(hours):
        opened = start_ms + hour * HOUR_MS
        base = 7_200.0 + hour
        fields = (
            opened * scale, base, base + 5, base - 5, base + 1, volume,
            (opened + HOUR_MS) * scale - 1, volume * base, 100, volume / 2, volume * base / 2, 0,
        )  # fmt: skip
        rows.append(",".join(str(field) for field in fields))
    return rows


KLINE_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)
FUNDING_HEADER = "calc_time,funding_interval_hours,last_funding_rate"


def write_dump(path: Path, lines: list[str], *, checksum: bool = False) -> Path:
    """Write lines as the one CSV of a zip, as the public dump does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join(lines) + "\n")
    if checksum:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name(path.name + ".CHECKSUM").write_text(f"{digest}  {path.name}\n")
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder with its bytes, to tell whether anything changed."""
    if not folder.exists():
        return {}
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
