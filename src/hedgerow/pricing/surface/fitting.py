"""From a chain to a surface: clean, find forwards, fit each expiry, take arbitrage out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.kernels.smile_fit import fit_svi
from hedgerow.market.chain import Chain
from hedgerow.pricing.surface.arbitrage import (
    Smile,
    between_slices,
    is_free,
    raised,
    repair,
    violations,
)
from hedgerow.pricing.surface.clean import POINTS, Limits, Quotes, clean
from hedgerow.pricing.surface.expiry import Expiry, gather
from hedgerow.pricing.surface.forwards import NO_FUTURES, ForwardFrom, chain_forwards
from hedgerow.pricing.surface.ssvi import fit_ssvi
from hedgerow.pricing.surface.surface import Quality, Slice, Surface, SurfaceKind, build
from hedgerow.pricing.surface.svi import Svi
from hedgerow.pricing.surface.vanna_volga import fit_pivots
from hedgerow.units import Floats, Integers

GOOD_FIT: Final = 0.5  # volatility points
NO_PIVOTS: Final = "the quotes at its pivots do not make a vanna-volga smile"
BUTTERFLY_BEFORE: Final = (
    "left out: between the expiry before and this one a butterfly would cost less than nothing"
)
EDGE: Final = 121
EDGE_REACH: Final = 4.0
BEYOND: Final = (5.0, 7.0, 10.0, 16.0, 28.0, 50.0)  # where wings of one slope must not cross
PRICES: Final = (1e3, 1e2)  # of a butterfly and of a calendar arbitrage, in points squared
DEARER: Final = 30.0
DEAREST: Final = 9e5  # beyond, a blend with a safe slice takes out what is left
MARGIN: Final = 3e-4  # of the earlier slice's variance, so that a price paid for a little is none
PULL: Final = 0.75  # points from which on a quote pulls with constant force


def fit(
    chain: Chain,
    *,
    underlying: str = "",
    kind: SurfaceKind = "svi",
    limits: Limits | None = None,
    futures: Mapping[int, float] = NO_FUTURES,
    spot: float | None = None,
) -> Surface:
    """Return the surface of one underlying.

    Parameters
    ----------
    chain
        A snapshot.
    underlying
        A coin of the chain; may be left out where there is one only.
    kind
        ``svi``, each expiry alone but for its neighbours' bounds; ``ssvi``, all at once with three
        numbers for the shape; ``vanna-volga``, through three quotes an expiry.
    limits
        How bad a quote may be and still count.
    futures
        Prices of dated futures by expiry, UTC nanoseconds: forwards of expiries for which the
        chain itself names none.
    spot
        Today's price, of spot or of the perpetual, where the chain holds no index.

    Raises
    ------
    ConfigError, UnknownName
        If the underlying or the kind is not known, or a price is not above 0.
    MarketDataError
        If the chain holds no option that is still alive.

    Examples
    --------
    >>> from hedgerow.market.chain import sample_chain
    >>> surface = fit(sample_chain())
    >>> surface.slices[0].fits, round(surface.volatility(60_000.0, surface.slices[0].expiry), 3)
    (True, 0.596)
    """
    if kind not in {"svi", "ssvi", "vanna-volga"}:
        raise UnknownName("kind of surface", kind, ("svi", "ssvi", "vanna-volga"))
    known = chain.underlyings
    if not underlying and len(known) > 1:
        raise ConfigError(f"the chain holds {', '.join(known)}: name the underlying")
    chain = chain.only(underlying or (known[0] if known else ""))
    if not chain.expiries.size:
        raise MarketDataError("the chain holds no option that is still alive at its own time")
    limits = limits or Limits()
    if spot is not None:
        if not 0.0 < spot < math.inf:
            raise ConfigError(f"spot = {spot}: write a price above 0, in quote")
        if not chain.index:
            chain = replace(chain, index={chain.underlyings[0]: spot})
    forwards = chain_forwards(chain, futures)
    quotes = clean(chain, forwards.rows, limits)
    expiries = [gather(quotes, int(one)) for one in chain.expiries]
    enough = [one for one in expiries if one.used.size >= limits.least_quotes]
    by_expiry = _smiles(quotes, enough, kind)
    refused = {one.expiry: NO_PIVOTS for one in enough if one.expiry not in by_expiry}
    for expiry in _uneven(by_expiry):
        del by_expiry[expiry]
        refused[expiry] = BUTTERFLY_BEFORE
    slices = []
    for one in expiries:
        smile_, mended = by_expiry.get(one.expiry, (None, False))
        told_by, refusal = forwards.told_by[one.expiry], refused.get(one.expiry, "")
        found_ = judge(quotes, one, smile_, told_by, repaired=mended, refusal=refusal)
        slices.append(_bound(quotes, one, found_) if kind == "svi" else found_)
    found = violations([smile for smile, _ in by_expiry.values()], list(by_expiry))
    return build(kind, quotes, tuple(slices), found)


def _uneven(by_expiry: dict[int, tuple[Smile, bool]]) -> list[int]:
    """Return the expiries on the way to which the surface would let in a butterfly."""
    found: list[int] = []
    before: tuple[Smile, int] | None = None
    for expiry, (smile, _) in by_expiry.items():
        if before and between_slices([before[0], smile], [before[1], expiry]):
            found.append(expiry)
        else:
            before = (smile, expiry)
    return found


def _smiles(
    quotes: Quotes, enough: list[Expiry], kind: SurfaceKind
) -> dict[int, tuple[Smile, bool]]:
    """Return by expiry each smile, and whether arbitrage was taken out of it."""
    smiles: dict[int, tuple[Smile, bool]] = {}
    if kind == "svi":
        early: Svi | None = None
        for one in enough:
            early, mended = fit_slice(quotes, one, early)
            smiles[one.expiry] = (early, mended)
    elif kind == "ssvi":
        for one, smile in zip(enough, fit_ssvi(quotes, enough), strict=True):
            smiles[one.expiry] = (smile, False)
    else:
        before: Smile | None = None
        for one in enough:
            pivots = fit_pivots(quotes, one)
            if pivots is not None:
                before, mended = raised(before, pivots)
                smiles[one.expiry] = (before, mended)
    return smiles


def fit_slice(quotes: Quotes, expiry: Expiry, early: Svi | None) -> tuple[Svi, bool]:
    """Return a slice without arbitrage, above the earlier one; and whether it had to be mended."""
    used = expiry.used
    columns = np.array([quotes.k[used], quotes.middle[used], expiry.weights])
    level = float(np.median(quotes.middle[used])) * math.sqrt(expiry.years)
    edge = _edge(level, early)
    slopes = np.array(early.wing_slopes) if early is not None else np.zeros(2)
    problem = _Problem(columns=columns, years=expiry.years, edge=edge, slopes=slopes)
    smile, mended = _walk(problem, np.zeros(5), early)
    if not mended or early is None:
        return smile, mended
    # The walk ended where no step is free of arbitrage. From the earlier slice, lifted to the
    # quotes, it goes another way, and the nearer of the two ends is taken.
    at_money = float(np.interp(0.0, *_by_k(columns))) ** 2 * expiry.years
    lift = max(at_money - float(early.variance(0.0)[0]), 0.0)
    other, mended_too = _walk(problem, early.raw + np.array([lift, 0.0, 0.0, 0.0, 0.0]), early)
    return min((smile, mended), (other, mended_too), key=lambda found: problem.off(found[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """What `kernels.smile_fit.fit_svi` asks for."""

    columns: Floats
    years: float
    edge: Floats
    slopes: Floats

    def off(self, smile: Svi) -> float:
        """Return the weighted mean distance from the quotes in points."""
        found = np.sqrt(np.maximum(smile.variance(self.columns[0]), 0.0) / self.years)
        return float(POINTS * np.sum(self.columns[2] * np.abs(found - self.columns[1])))


def _by_k(columns: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(columns[0])
    return columns[0][order], columns[1][order]


def _walk(problem: _Problem, raw: Floats, early: Svi | None) -> tuple[Svi, bool]:
    """Return a fit, arbitrage made dearer until none is left; and whether it had to be mended."""
    hard = np.array([*PRICES, PULL])
    while True:
        fit_svi(problem.columns, problem.years, problem.edge, hard, problem.slopes, raw)
        smile = Svi(**dict(zip(("a", "b", "rho", "m", "sigma"), map(float, raw), strict=True)))
        if is_free(smile, early):
            return smile, False
        if hard[0] >= DEAREST:
            return repair(smile, early), True
        hard[:2] *= DEARER


def _edge(level: float, early: Svi | None) -> Floats:
    """Return the points at which arbitrage is priced, dense around the money, ``(2, p)``."""
    scale = max(0.5 * level, 1e-3)
    top = math.asinh(EDGE_REACH / scale)
    k = scale * np.sinh(np.linspace(-top, top, EDGE))
    if early is None:
        return np.array([k, np.zeros(EDGE)])
    about = early.m + early.sigma * np.linspace(-3.0, 3.0, 25)
    k = np.sort(np.concatenate([k, about, np.negative(BEYOND), BEYOND]))
    return np.array([k, (1.0 + MARGIN) * early.variance(k)])


def _bound(quotes: Quotes, expiry: Expiry, slice_: Slice) -> Slice:
    """Return a slice that misses its quotes with what the bounds against arbitrage have part in."""
    if not slice_.quality.median > GOOD_FIT:
        return slice_
    columns = np.array([quotes.k[expiry.used], quotes.middle[expiry.used], expiry.weights])
    level = float(np.median(columns[1])) * math.sqrt(expiry.years)
    hard, raw = np.array([0.0, 0.0, PULL]), np.zeros(5)
    fit_svi(columns, expiry.years, _edge(level, None), hard, np.zeros(2), raw)
    free = Svi(**dict(zip(("a", "b", "rho", "m", "sigma"), map(float, raw), strict=True)))
    liquid = expiry.rows[quotes.liquid[expiry.rows]]
    median = _quality(quotes, expiry, free, liquid).median
    if median > GOOD_FIT:
        return slice_
    why = f"{slice_.why}; {median:.2f} if arbitrage were let in"
    return replace(slice_, why=why, repaired=True)


def judge(
    quotes: Quotes,
    expiry: Expiry,
    smile: Smile | None,
    told_by: ForwardFrom,
    *,
    repaired: bool,
    refusal: str,
) -> Slice:
    """Return the slice with its quality against the quotes."""
    rows = expiry.rows
    liquid = rows[quotes.liquid[rows]]
    quality = _quality(quotes, expiry, smile, liquid)
    why = _why(quality, smile, expiry, refusal)
    return Slice(
        expiry=expiry.expiry,
        years=expiry.years,
        forward=expiry.forward,
        forward_from=told_by,
        smile=smile,
        quality=quality,
        fits=not why,
        why=why,
        repaired=repaired,
        rows=rows,
    )


def _quality(quotes: Quotes, expiry: Expiry, smile: Smile | None, liquid: Integers) -> Quality:
    reasons = quotes.rows.reasons[expiry.rows]
    words, counts = np.unique(reasons[reasons != ""], return_counts=True)
    left_out = {str(word): int(count) for word, count in zip(words, counts, strict=True)}
    median = p95 = half = inside = math.nan
    if liquid.size:
        half = float(np.median(0.5 * POINTS * (quotes.ask[liquid] - quotes.bid[liquid])))
    if liquid.size and smile is not None:
        found = np.sqrt(np.maximum(smile.variance(quotes.k[liquid]), 0.0) / expiry.years)
        off = POINTS * np.abs(found - quotes.middle[liquid])
        median, p95 = float(np.median(off)), float(np.quantile(off, 0.95))
        inside = float(np.mean((found >= quotes.bid[liquid]) & (found <= quotes.ask[liquid])))
    return Quality(
        median=median,
        p95=p95,
        half_spread=half,
        inside=inside,
        liquid=int(liquid.size),
        used=int(expiry.used.size),
        left_out=left_out,
    )


def _why(quality: Quality, smile: Smile | None, expiry: Expiry, refusal: str) -> str:
    if not expiry.forward > 0.0:
        return (
            "no forward: the venue names none, no strike has both a call and a put, no two other "
            "prices tell the carry; give futures"
        )
    if refusal:
        return refusal
    if smile is None:
        return f"{quality.used} quotes left of {expiry.rows.size}: too few for a smile"
    if not quality.liquid:
        return "no liquid quote to judge it by: none is two-sided with a delta of 5 to 95 %"
    if quality.median > GOOD_FIT:
        return (
            f"median error {quality.median:.2f} points on {quality.liquid} liquid quotes, whose "
            f"own half spread is {quality.half_spread:.2f}"
        )
    return ""
