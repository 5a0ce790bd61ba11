"""A fitted surface in figures: what the terminal, the page and the JSON all say."""

import math
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from hedgerow.errors import MarketDataError
from hedgerow.pricing.surface import Quality, Slice, Surface
from hedgerow.pricing.surface.arbitrage import Smile
from hedgerow.pricing.surface.by_delta import delta_quotes, volatilities_of_delta
from hedgerow.pricing.surface.chances import quantiles
from hedgerow.pricing.surface.forwards import parity
from hedgerow.report.result import Json
from hedgerow.units import DAYS_PER_YEAR, Floats, iso

SCHEMA: Final = "hedgerow.surface/1"
GRID: Final = (0.95, 0.9, 0.85, 0.75, 0.65, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05)  # calls' deltas
MONEY: Final = GRID.index(0.5)  # this column is at the forward, not at the delta
MONTH: Final = 30.0 / DAYS_PER_YEAR
TAILS: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a chain came from.

    Attributes
    ----------
    name, sha256
        Of the file.
    snapshots
        How many moments the file holds.
    """

    name: str
    sha256: str
    snapshots: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SliceFigures:
    """One expiry as a trader reads it; volatilities yearly, NaN where there is none.

    Attributes
    ----------
    slice
        Of the surface.
    parity_gap
        Parity's forward over the one that was used, less 1.
    at_the_money, risk_reversal, butterfly
        At the forward; of deltas of 25 %.
    grid
        Volatilities at the deltas of `GRID`, the middle one at the forward.
    tails
        Prices below which the market sees 5, 50 and 95 % of its chances.
    quoted
        Lowest and highest strike that was fitted; what lies beyond is the model's alone.
    """

    slice: Slice
    parity_gap: float
    at_the_money: float
    risk_reversal: float
    butterfly: float
    grid: Floats
    tails: Floats
    quoted: tuple[float, float]

    @property
    def days(self) -> float:
        """Days of 24 hours to expiry."""
        return self.slice.years * DAYS_PER_YEAR

    @property
    def smile(self) -> Smile:
        """The slice's smile.

        Raises
        ------
        MarketDataError
            If there is none.
        """
        if self.slice.smile is None:
            raise MarketDataError(f"the expiry of {iso(self.slice.expiry)[:10]} has no smile")
        return self.slice.smile

    @property
    def quality(self) -> Quality:
        """How well the slice meets its quotes."""
        return self.slice.quality


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceFigures:
    """A surface with its figures and its origin.

    Attributes
    ----------
    slices
        One an expiry, in order.
    left_out
        How many quotes were not fitted by reason, the most frequent first.
    month
        Volatility at the money for 30 days; NaN where the surface has no smile.
    """

    surface: Surface
    origin: Origin
    slices: tuple[SliceFigures, ...]
    left_out: dict[str, int]
    month: float

    @property
    def fitting(self) -> int:
        """How many slices fit."""
        return sum(one.slice.fits for one in self.slices)

    @property
    def repaired(self) -> int:
        """Out of how many slices an arbitrage was taken."""
        return sum(one.slice.repaired for one in self.slices)

    @property
    def used(self) -> int:
        """How many quotes were fitted."""
        return sum(one.quality.used for one in self.slices if one.slice.smile is not None)

    @property
    def quoted(self) -> int:
        """How many quotes the chain holds."""
        return len(self.surface.quotes.chain)

    @property
    def median(self) -> float:
        """The median error of all liquid quotes, in volatility points."""
        found = np.abs(errors(self.surface))[self.surface.quotes.liquid]
        found = found[np.isfinite(found)]
        return float(np.median(found)) if found.size else math.nan


def figures(surface: Surface, origin: Origin) -> SurfaceFigures:
    """Return what there is to say of a surface.

    Raises
    ------
    MarketDataError
        If no expiry has a smile, with the reasons.
    """
    reasons = surface.rows.reasons
    counts = Counter(str(one) for one in reasons[reasons != ""])
    left_out = dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    if all(one.smile is None for one in surface.slices):
        why = "; ".join(f"{many} of {reasons.size} {reason}" for reason, many in left_out.items())
        raise MarketDataError(
            f"{origin.name}: no expiry of {surface.underlying} at {iso(surface.time)} has quotes "
            f"enough for a smile: {why or 'none has five'}; take another moment or another file"
        )
    return SurfaceFigures(
        surface=surface,
        origin=origin,
        slices=tuple(_slice(surface, one) for one in surface.slices),
        left_out=left_out,
        month=math.sqrt(float(surface.total_variance(0.0, MONTH)) / MONTH),
    )


def errors(surface: Surface) -> Floats:
    """Return each quote's fitted volatility less that of its middle, in points; NaN where none."""
    return 100.0 * (fitted(surface) - surface.quotes.middle)


def fitted(surface: Surface) -> Floats:
    """Return the slices' volatility of each quote of the chain, NaN where there is none."""
    found = np.full(len(surface.quotes.chain), math.nan)
    for one in surface.slices:
        if one.smile is None:
            continue
        rows = one.rows[np.isfinite(surface.quotes.k[one.rows])]
        w = one.smile.variance(surface.quotes.k[rows])
        found[rows] = np.sqrt(np.maximum(w, 0.0) / one.years)
    return found


def _slice(surface: Surface, one: Slice) -> SliceFigures:
    strikes = surface.quotes.chain.strike[one.rows[surface.rows.valid[one.rows]]]
    nan = math.nan
    grid, tails = np.full(len(GRID), nan), np.full(len(TAILS), nan)
    money = risk_reversal = butterfly = nan
    if one.smile is not None:
        quarter = delta_quotes(one.smile, one.years)
        money, risk_reversal, butterfly = (
            quarter.at_the_money,
            quarter.risk_reversal,
            quarter.butterfly,
        )
        grid = volatilities_of_delta(one.smile, one.years, GRID)
        grid[MONEY] = money
        tails = one.forward * np.exp(quantiles(one.smile, TAILS))
    try:
        gap = parity(surface.quotes.chain, one.expiry).forward / one.forward - 1.0
    except MarketDataError:
        gap = nan
    return SliceFigures(
        slice=one,
        parity_gap=gap,
        at_the_money=money,
        risk_reversal=risk_reversal,
        butterfly=butterfly,
        grid=grid,
        tails=tails,
        quoted=(float(strikes.min()), float(strikes.max())) if strikes.size else (nan, nan),
    )


def surface_json(given: SurfaceFigures) -> dict[str, Json]:
    """Return all figures as plain JSON values; null where there is none."""
    surface, origin = given.surface, given.origin
    return {
        "schema": SCHEMA,
        "version": version("hedgerow"),
        "source": {
            "file": origin.name,
            "sha256": origin.sha256,
            "snapshots": origin.snapshots,
        },
        "underlying": surface.underlying,
        "time": iso(surface.time),
        "index": _number(surface.index),
        "model": surface.kind,
        "quotes": {
            "in_chain": given.quoted,
            "used": given.used,
            "left_out": dict(given.left_out),
        },
        "median_error_points": _number(given.median),
        "month_volatility": _number(given.month),
        "violations": [
            {
                "kind": one.kind,
                "expiry": iso(one.expiry),
                "k": _number(one.k),
                "amount": _number(one.amount),
            }
            for one in surface.violations
        ],
        "slices": [_slice_json(one) for one in given.slices],
    }


def _slice_json(one: SliceFigures) -> dict[str, Json]:
    quality = one.quality
    deltas = [f"{delta:g}" if place != MONEY else "atm" for place, delta in enumerate(GRID)]
    return {
        "expiry": iso(one.slice.expiry),
        "days": one.days,
        "forward": _number(one.slice.forward),
        "forward_from": one.slice.forward_from.value,
        "parity_gap": _number(one.parity_gap),
        "at_the_money": _number(one.at_the_money),
        "risk_reversal_25": _number(one.risk_reversal),
        "butterfly_25": _number(one.butterfly),
        "volatility_by_call_delta": {
            delta: _number(value) for delta, value in zip(deltas, one.grid.tolist(), strict=True)
        },
        "price_quantiles": {
            f"{chance:g}": _number(value)
            for chance, value in zip(TAILS, one.tails.tolist(), strict=True)
        },
        "quoted_strikes": [_number(one.quoted[0]), _number(one.quoted[1])],
        "parameters": {name: _number(value) for name, value in one.slice.parameters.items()},
        "fits": one.slice.fits,
        "why": one.slice.why or None,
        "repaired": one.slice.repaired,
        "quality": {
            "median_points": _number(quality.median),
            "p95_points": _number(quality.p95),
            "half_spread_points": _number(quality.half_spread),
            "inside_spread": _number(quality.inside),
            "liquid": quality.liquid,
            "used": quality.used,
            "in_chain": int(one.slice.rows.size),
            "left_out": dict(quality.left_out),
        },
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
