"""A table of months, one row a year, coloured by gain and loss."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from hedgerow.report.verdict import Figures
from hedgerow.report.wording import Money, short

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DEEPEST: Final = 0.6  # of the colour, so that the figure on it stays readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One month or year: `tone` is gain or loss, `strength` from 0 to `DEEPEST`."""

    text: str
    exact: str
    value: float
    tone: str
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Twelve months and their sum; None where the run has no such month."""

    year: str
    cells: tuple[Shade | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Years of months."""

    caption: str
    rows: tuple[Year, ...]
    months: tuple[str, ...] = MONTHS


def heats(result: Figures, money: Money) -> tuple[Heat, ...]:
    """Return the months hedged and unhedged, coloured on one scale."""
    rows = result["monthly"]
    columns = {"hedged": "Hedged", "unhedged": "Unhedged"}
    most = max((abs(row[column] or 0.0) for row in rows for column in columns), default=0.0)
    return tuple(
        Heat(
            caption=f"{label} P&L by month, {money.unit}",
            rows=_years({row["month"]: row[column] or 0.0 for row in rows}, most, money),
        )
        for column, label in columns.items()
    )


def _years(months: dict[str, float], most: float, money: Money) -> tuple[Year, ...]:
    def shade(value: float) -> Shade:
        return Shade(
            text=short(value),
            exact=money.signed(value),
            value=value,
            tone="loss" if value < 0.0 else "gain",
            strength=round(DEEPEST * min(abs(value) / most, 1.0), 3) if most else 0.0,
        )

    years: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for month, value in months.items():
        years[month[:4]][int(month[5:])] = value
    return tuple(
        Year(
            year=year,
            cells=(
                *(shade(of[month]) if month in of else None for month in range(1, 13)),
                shade(sum(of.values())),
            ),
        )
        for year, of in sorted(years.items())
    )
