"""What a fitted surface says, in sentences."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from hedgerow.pricing.surface import ForwardFrom, Violation
from hedgerow.pricing.surface.fitting import GOOD_FIT
from hedgerow.report.surface_figures import SliceFigures, SurfaceFigures
from hedgerow.report.wording import counted, number, percent
from hedgerow.units import moment

MODELS = {
    "svi": "SVI, a slice an expiry",
    "ssvi": "SSVI, one shape for all expiries",
    "vanna-volga": "vanna-volga, three pivots an expiry",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A headline, whether it is bad news, and labelled paragraphs."""

    headline: str
    bad: bool
    paragraphs: tuple[tuple[str, str], ...]


def judged(given: SurfaceFigures) -> Judged:
    """Return what is good and bad about a surface."""
    surface, total = given.surface, len(given.slices)
    arbitrages = len(surface.violations)
    free = "without arbitrage" if not arbitrages else f"{counted(arbitrages, 'arbitrage')} left"
    fit = f"All {total} expiries fit" if given.fitting == total else ""
    if total == 1:
        fit = "The expiry fits" if given.fitting else "The expiry does not fit well"
    paragraphs = [("Fit", _fit(given)), ("Arbitrage", _arbitrage(given))]
    unfit = [one for one in given.slices if not one.slice.fits]
    if unfit:
        paragraphs.append(("Not fitting", _unfit(unfit)))
    paragraphs += [
        ("Level", f"{_level(given)} {forwards(given)}"),
        ("Left out", left_out(given)),
    ]
    return Judged(
        headline=f"{fit or f'{given.fitting} of {total} expiries fit'}, {free}.",
        bad=bool(unfit or arbitrages),
        paragraphs=tuple(paragraphs),
    )


def day(one: SliceFigures) -> str:
    """Return an expiry as people write it."""
    due = moment(one.slice.expiry)
    return f"{due.day} {due:%b %Y}"


def left_out(given: SurfaceFigures) -> str:
    """Return how many quotes were not fitted, by reason."""
    if not given.left_out:
        return f"None of the {given.quoted:,} quotes."
    said = "; ".join(f"{many:,} {reason}" for reason, many in given.left_out.items())
    return f"{sum(given.left_out.values()):,} of {given.quoted:,} quotes: {said}."


def forwards(given: SurfaceFigures) -> str:
    """Return what told the forwards, and how far put-call parity is from them."""
    sources = Counter(one.slice.forward_from for one in given.slices)
    (most, many), *others = sources.most_common()
    said = "known by nothing" if most is ForwardFrom.NOTHING else f"told by {most.value}"
    if others:
        rest = ", ".join(f"{count} by {source.value}" for source, count in others)
        said = f"{many} {said}, {rest}"
    gaps = [
        abs(one.parity_gap)
        for one in given.slices
        if one.slice.forward_from is not ForwardFrom.PARITY and math.isfinite(one.parity_gap)
    ]
    if gaps:
        said += f"; put-call parity differs by at most {1e4 * max(gaps):.1f} basis points"
    return f"Forwards: {said}."


def worth(price: float) -> str:
    """Return a price of the underlying in about five digits.

    >>> worth(76_284.4), worth(181.7423), worth(0.0812345), worth(float("nan"))
    ('76,284', '181.74', '0.081235', '–')
    """
    if not math.isfinite(price):
        return "–"
    return f"{price:,.0f}" if abs(price) >= 1_000.0 else f"{price:,.5g}"


def points(value: float, decimals: int = 2, *, sign: str = "-") -> str:
    """Return a difference of volatilities in points.

    >>> points(0.0123), points(-0.05, 1, sign="+")
    ('1.23', '-5.0')
    """
    return number(100.0 * value, decimals, sign=sign)


def violation_words(one: Violation) -> str:
    """Return one arbitrage in words.

    >>> violation_words(Violation(kind="calendar", expiry=0, k=0.1, amount=-0.002))
    'calendar, 1 Jan 1970, worst at 110.5 % of the forward (-0.002)'
    """
    due = moment(one.expiry)
    place = percent(math.exp(one.k)) if math.isfinite(one.k) else "far out"
    where = f"{place} of the forward" if math.isfinite(one.k) else place
    return f"{one.kind}, {due.day} {due:%b %Y}, worst at {where} ({one.amount:.3g})"


def _fit(given: SurfaceFigures) -> str:
    quotes = given.surface.quotes
    liquid = quotes.liquid
    if not liquid.any():
        return "No quote is liquid: none is two-sided with a delta of 5 to 95 %."
    half = float(np.median(50.0 * (quotes.ask - quotes.bid)[liquid]))
    return (
        f"Median error {number(given.median, 2)} volatility points on the "
        f"{counted(int(liquid.sum()), 'liquid quote')} (two-sided, delta 5 to 95 %), whose own "
        f"half spread is {number(half, 2)}. {given.used:,} of {given.quoted:,} quotes were fitted."
    )


def _unfit(given: list[SliceFigures]) -> str:
    """Return why slices do not fit: those that miss their quotes together, others each."""
    missing = [one for one in given if one.quality.median > GOOD_FIT]
    said = [f"{day(one)}: {one.slice.why}." for one in given if one not in missing]
    if missing:
        each = ", ".join(  # three digits: with two, what is just above the bound reads as the bound
            f"{day(one)} ({number(one.quality.median, 3)} with a half spread of "
            f"{number(one.quality.half_spread, 2)})"
            for one in missing
        )
        half = number(GOOD_FIT, 1)
        said.insert(0, f"Median error above {half} points: {each}.")
    return " ".join(said)


def _arbitrage(given: SurfaceFigures) -> str:
    found = given.surface.violations
    if found:
        said = "; ".join(violation_words(one) for one in found)
        return f"Left, do not trade on it: {said}."
    mended = [day(one) for one in given.slices if one.slice.repaired]
    if mended:
        return (
            f"None is left. {counted(len(mended), 'slice')} had to be moved for it: "
            f"{', '.join(mended)}."
        )
    return "No butterfly and no calendar arbitrage is left; no slice had to be moved for it."


def _level(given: SurfaceFigures) -> str:
    there = [one for one in given.slices if math.isfinite(one.at_the_money)]
    first, last = there[0], there[-1]
    near = min(there, key=lambda one: abs(one.days - 30.0))
    said = (
        f"At the money {percent(first.at_the_money)} for {number(first.days, 1)} days, "
        f"{percent(last.at_the_money)} for {number(last.days, 0)}"
        if len(there) > 1
        else f"At the money {percent(first.at_the_money)} for {number(first.days, 1)} days"
    )
    between = "between" if first.days <= 30.0 <= last.days else "beyond the"
    said += f"; 30 days, {between} expiries, {percent(given.month)}. "
    if not math.isfinite(near.risk_reversal):
        return said.strip()
    dear = "puts" if near.risk_reversal < 0.0 else "calls"
    other = "calls" if near.risk_reversal < 0.0 else "puts"
    return said + (
        f"On {day(near)} {dear} of 25 delta cost {points(abs(near.risk_reversal), 1)} points more "
        f"than {other}."
    )
