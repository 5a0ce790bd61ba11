"""What stands on the page of a surface, in the order of its sections."""

import math
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from markupsafe import Markup

from hedgerow.pricing.surface import ForwardFrom
from hedgerow.pricing.surface.fitting import GOOD_FIT
from hedgerow.report.cells import Cell, Table, many, words
from hedgerow.report.surface_charts import (
    density_drawing,
    money_drawing,
    variance_drawing,
    wings_drawing,
)
from hedgerow.report.surface_figures import (
    GRID,
    MONEY,
    SliceFigures,
    SurfaceFigures,
    fitted,
)
from hedgerow.report.surface_smiles import smile_drawing
from hedgerow.report.surface_words import MODELS, day, judged, points, worth
from hedgerow.report.wording import counted, minute, number, percent

DEEPEST: Final = 0.62  # of a shade, so that the figure on it stays readable
FROM: Final = {
    ForwardFrom.VENUE: "venue",
    ForwardFrom.FUTURE: "future",
    ForwardFrom.PARITY: "parity",
    ForwardFrom.CARRY: "carry",
    ForwardFrom.NOTHING: "–",
}
STAMPS: Final = (
    (
        "One snapshot, as its file has it: nobody says that all of its quotes stood at one moment, "
        "or that any of them could be traded."
    ),
    f"A slice fits if its median error on liquid quotes is at most {GOOD_FIT} volatility points.",
    "Densities and chances are prices of risk, with the forward as their mean; no forecast.",
    (
        "Years have 365 days; deltas are Black's on the forward, without discount and without the "
        "premium in coin."
    ),
)
VANNA_VOLGA: Final = (
    "Vanna-volga runs through three quotes an expiry and promises no freedom from arbitrage; what "
    "is left is named above."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smile:
    """One panel: its heading, its drawing or why there is none."""

    day: str
    note: str
    fits: bool
    verdict: str
    drawing: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One volatility of the heat map; `strength` from 0 to `DEEPEST`."""

    text: str
    value: float
    strength: float


def sections(given: SurfaceFigures) -> dict[str, Any]:
    """Return what the template reads, by the names that it uses."""
    surface = given.surface
    index = f" · index {worth(surface.index)}" if surface.index > 0.0 else ""
    return {
        "version": version("hedgerow"),
        "underlying": surface.underlying,
        "title": f"{surface.underlying} volatility surface",
        "when": minute(surface.time),
        "subtitle": f"{minute(surface.time)} · {MODELS[surface.kind]}"
        f" · {counted(len(given.slices), 'expiry', 'expiries')}{index}",
        "verdict": judged(given),
        "tiles": _tiles(given),
        "smiles": _smiles(given),
        "variance": Markup(variance_drawing(given)),  # noqa: S704
        "density": Markup(density_drawing(given)),  # noqa: S704
        "money": Markup(money_drawing(given)),  # noqa: S704
        "wings": Markup(wings_drawing(given)),  # noqa: S704
        "heat": _heat(given),
        "heat_head": _deltas(),
        "quality": quality_table(given),
        "left_out": _left_out_table(given),
        "parameters": _parameters_table(given),
        "origin": _origin_table(given),
        "stamps": _stamps(given),
        "free": not surface.violations,
    }


def _tiles(given: SurfaceFigures) -> list[tuple[str, str, str]]:
    there = [one for one in given.slices if math.isfinite(one.at_the_money)]
    near = min(there, key=lambda one: abs(one.days - 30.0))
    slope = there[-1].at_the_money - there[0].at_the_money
    return [
        (
            "30 days at the money",
            percent(given.month),
            "between expiries, in total variance"
            if there[0].days <= 30.0 <= there[-1].days
            else "beyond the expiries, in total variance",
        ),
        (
            "Risk reversal, 25 delta",
            f"{points(near.risk_reversal, 1, sign='+')} points",
            f"call less put, {day(near)}",
        ),
        (
            "Butterfly, 25 delta",
            f"{points(near.butterfly, 1, sign='+')} points",
            f"wings above the money, {day(near)}",
        ),
        (
            "Last less first expiry",
            f"{points(slope, 1, sign='+')} points",
            f"at the money, {number(there[0].days, 1)} to {number(there[-1].days, 0)} days",
        ),
        (
            "Median error",
            f"{number(given.median, 2)} points",
            f"{given.fitting} of {len(given.slices)} expiries fit",
        ),
        (
            "Quotes fitted",
            f"{given.used:,}",
            f"of {given.quoted:,}; the others have a reason each",
        ),
    ]


def _smiles(given: SurfaceFigures) -> list[Smile]:
    fit = fitted(given.surface)
    found = []
    for one in given.slices:
        quality = one.quality
        error = f"error {number(quality.median, 2)}" if math.isfinite(quality.median) else "no fit"
        found.append(
            Smile(
                day=day(one),
                note=f"{number(one.days, 1)} days · {quality.used}/{one.slice.rows.size}",
                fits=one.slice.fits,
                verdict=error,
                drawing=Markup(smile_drawing(given.surface, one.slice, fit)),  # noqa: S704
            )
        )
    return found


def _deltas() -> list[str]:
    head = []
    for place, delta in enumerate(GRID):
        if place == MONEY:
            head.append("money")
        else:
            side = "put" if delta > 0.5 else "call"
            head.append(f"{100.0 * min(delta, 1.0 - delta):.0f}Δ {side}")
    return head


def _heat(given: SurfaceFigures) -> list[tuple[str, list[Shade | None]]]:
    every = [one for row in given.slices for one in row.grid.tolist() if math.isfinite(one)]
    low, high = min(every), max(every)

    def shade(value: float) -> Shade | None:
        if not math.isfinite(value):
            return None
        part = (value - low) / (high - low) if high > low else 0.0
        return Shade(
            text=f"{100.0 * value:.1f}", value=value, strength=round(0.03 + part * DEEPEST, 3)
        )

    return [(day(row), [shade(value) for value in row.grid.tolist()]) for row in given.slices]


def quality_table(given: SurfaceFigures) -> Table:
    """Return how good each slice is."""
    return Table(
        caption="Errors and spreads in volatility points, on liquid quotes: two-sided, with a "
        "delta of 5 to 95 %",
        name="quality",
        head=(
            "Expiry", "Days", "Forward", "From", "Parity", "At the money", "Risk rev. 25Δ",
            "Butterfly 25Δ", "Fitted", "Liquid", "Median", "95 %", "Half spread", "Inside",
            "Verdict",
        ),
        rows=tuple(_quality_row(one) for one in given.slices),
        words=(14,),
    )  # fmt: skip


def _quality_row(one: SliceFigures) -> tuple[Cell, ...]:
    quality = one.quality
    gap = 1e4 * one.parity_gap
    mended = "; moved to take arbitrage out" if one.slice.repaired else ""
    verdict = one.slice.why or "fits"
    if quality.median > GOOD_FIT:
        verdict = f"median above {number(GOOD_FIT, 1)}"
    return (
        words(day(one)),
        _cell(number(one.days, 1), one.days),
        _cell(worth(one.slice.forward), one.slice.forward),
        words(FROM[one.slice.forward_from]),
        _cell(f"{number(gap, 1, sign='+')} bp" if math.isfinite(gap) else "–", one.parity_gap),
        _cell(percent(one.at_the_money, 2), one.at_the_money),
        _cell(points(one.risk_reversal, 2, sign="+"), one.risk_reversal),
        _cell(points(one.butterfly, 2, sign="+"), one.butterfly),
        words(f"{quality.used} of {one.slice.rows.size}"),
        many(quality.liquid),
        _cell(number(quality.median, 2), quality.median),
        _cell(number(quality.p95, 2), quality.p95),
        _cell(number(quality.half_spread, 2), quality.half_spread),
        _cell(percent(quality.inside, 0), quality.inside),
        words(f"{verdict}{mended}"),
    )


def _cell(text: str, value: float) -> Cell:
    return Cell(text=text, value=value if math.isfinite(value) else None)


def _left_out_table(given: SurfaceFigures) -> Table:
    reasons = list(given.left_out)
    rows = [
        (
            words(day(one)),
            *(
                many(one.quality.left_out[reason]) if reason in one.quality.left_out else words("·")
                for reason in reasons
            ),
            many(one.slice.rows.size - one.quality.used),
        )
        for one in given.slices
    ]
    all_of = (*(many(count) for count in given.left_out.values()),)
    rows.append((words("All"), *all_of, many(sum(given.left_out.values()))))
    return Table(
        caption="Quotes that were not fitted, by expiry and first reason found",
        name="left-out",
        head=("Expiry", *(reason[:1].upper() + reason[1:] for reason in reasons), "Together"),
        rows=tuple(rows),
        total=True,
    )


def _parameters_table(given: SurfaceFigures) -> Table:
    names = next((list(one.slice.parameters) for one in given.slices if one.slice.smile), [])
    return Table(
        caption="The slices' own numbers; the total variance of SVI is "
        "a + b (ρ (k − m) + √((k − m)² + σ²)) with k = ln(strike / forward)"
        if "rho" in names
        else "The slices' own numbers: years to expiry, and the volatilities of the pivots",
        name="parameters",
        head=("Expiry", *names),
        rows=tuple(
            (
                words(day(one)),
                *(
                    _cell(f"{one.slice.parameters[name]:.6g}", one.slice.parameters[name])
                    for name in names
                ),
            )
            for one in given.slices
            if one.slice.smile is not None
        ),
    )


def _origin_table(given: SurfaceFigures) -> Table:
    chain, origin = given.surface.quotes.chain, given.origin
    rows = (
        ("File", origin.name),
        ("Fingerprint, SHA-256", origin.sha256),
        ("Snapshots in it", f"{origin.snapshots:,}"),
        ("This snapshot", minute(given.surface.time)),
        ("Quotes of it", f"{given.quoted:,} on {given.surface.underlying}"),
        ("Premiums counted in", chain.premium_unit),
        ("Fitted", f"{given.used:,}, to the middles of bid and ask"),
    )
    return Table(
        caption="Where the figures come from",
        head=(),
        rows=tuple((words(name), words(value)) for name, value in rows),
        name="origin",
        words=(1,),
    )


def _stamps(given: SurfaceFigures) -> list[str]:
    found = list(STAMPS)
    for source in (ForwardFrom.FUTURE, ForwardFrom.PARITY, ForwardFrom.CARRY, ForwardFrom.NOTHING):
        days = [day(one) for one in given.slices if one.slice.forward_from is source]
        if days:
            found.append(f"Forward told by {source.value}, not by the venue: {', '.join(days)}.")
    if given.surface.kind == "vanna-volga":
        found.append(VANNA_VOLGA)
    return found
