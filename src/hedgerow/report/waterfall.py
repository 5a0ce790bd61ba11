"""The attribution as a waterfall: each part starts where the one above it ends."""

from dataclasses import dataclass
from itertools import pairwise

from hedgerow.report.cells import Cell, amount
from hedgerow.report.outcome_tables import PARTS
from hedgerow.report.verdict import Figures
from hedgerow.report.wording import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One part: `left` and `width` in percent of the axis, `kind` is plus, minus or sum."""

    label: str
    kind: str
    left: float
    width: float
    amount: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """All parts and their total on one axis; `zero` is where nothing is, in percent."""

    unit: str
    zero: float
    bars: tuple[Bar, ...]


def waterfall(result: Figures, money: Money) -> Waterfall:
    """Return the parts of the P&L of `result`, then their total."""
    parts = result["pnl"]
    ends = [0.0]
    for name in PARTS:
        ends.append(ends[-1] + parts[name])
    total = parts["total"]
    low, high = min(*ends, total), max(*ends, total)
    scale = 100.0 / (high - low) if high > low else 0.0

    def bar(label: str, span: tuple[float, float], kind: str, figure: float) -> Bar:
        return Bar(
            label=label,
            kind=kind,
            left=round((min(span) - low) * scale, 3),
            width=round((max(span) - min(span)) * scale, 3),
            amount=amount(figure, money),
        )

    bars = [
        bar(label, span, "minus" if span[1] < span[0] else "plus", parts[name])
        for (name, label), span in zip(PARTS.items(), pairwise(ends), strict=True)
    ]
    bars.append(bar("Total", (0.0, total), "sum", total))
    return Waterfall(unit=money.unit, zero=round(-low * scale, 3), bars=tuple(bars))
