"""Arbitrage between strikes and between expiries: looked for, named and taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, Protocol

import numpy as np

from hedgerow.kernels.black76 import PRICE, black76_rows
from hedgerow.kernels.smile import least_of
from hedgerow.pricing.surface.svi import Svi
from hedgerow.units import Floats

REACH: Final = 4.0  # of ln(K/F) to both sides; beyond `FAR` the wings' slopes decide
POINTS: Final = 401
DUST: Final = 1e-12
FAR: Final = 60.0  # later and earlier wings may have the same slope and yet cross beyond the reach
NOISE: Final = 1e-6  # of g, where a smile's slopes are differences
DUST_OF_PRICES: Final = 1e-10  # of a slope of prices over the forward
HALVINGS: Final = 40
SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)


class Smile(Protocol):
    """What a slice is made of: total variance with its slopes, by the logarithm of strike."""

    def rows(self, k: "float | Floats") -> Floats:
        """Return total variance and its first two derivatives by `k`, ``(3, n)``."""
        ...

    def variance(self, k: "float | Floats") -> Floats:
        """Return total variance, ``(n,)``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A smile lifted to an earlier one wherever it runs below it.

    Calls are then worth the dearer of two convex prices, which is convex: no butterfly comes in.

    Attributes
    ----------
    early
        Of the expiry before.
    late
        What is lifted.
    """

    early: Smile
    late: Smile

    def rows(self, k: "float | Floats") -> Floats:
        """Return total variance and its first two derivatives by `k`, ``(3, n)``."""
        before, after = self.early.rows(k), self.late.rows(k)
        return np.where(after[0] >= before[0], after, before)

    def variance(self, k: "float | Floats") -> Floats:
        """Return total variance, ``(n,)``."""
        return np.maximum(self.early.variance(k), self.late.variance(k))


def raised(early: "Smile | None", late: Smile) -> tuple[Smile, bool]:
    """Return a smile that nowhere runs below the earlier one, and whether it had to be lifted."""
    if early is None or not _between_others(early, late, 0):
        return late, False
    return Raised(early=early, late=late), True


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One arbitrage.

    Attributes
    ----------
    kind
        ``butterfly``, ``calendar``, ``wing`` (Lee's bound on the slope) or ``variance`` (not
        above 0).
    expiry
        Of the slice, or of the later of two, or a moment between two, UTC nanoseconds.
    k
        Logarithm of the strike over the forward where it is worst.
    amount
        g for a butterfly, total variance missing for a calendar, the slope for a wing, the least
        total variance.
    """

    kind: Literal["butterfly", "calendar", "wing", "variance"]
    expiry: int
    k: float
    amount: float


def least_butterfly(smile: Svi, low: float = -REACH, high: float = REACH) -> tuple[float, float]:
    """Return where g is least, and its value there.

    >>> place, value = least_butterfly(Svi(a=0.04, b=0.4, rho=-0.4, m=0.05, sigma=0.1), -2.5, 2.5)
    >>> round(place, 4), round(value, 6)
    (-0.4292, 0.140539)
    """
    return least_of(np.empty(0), smile.raw, low, high, np.empty(POINTS))


def least_calendar(
    early: Svi, late: Svi, low: float = -REACH, high: float = REACH
) -> tuple[float, float]:
    """Return where the later slice's total variance exceeds the earlier one's least, and by what.

    >>> early = Svi(a=0.01, b=0.1, rho=-0.2, m=0.0, sigma=0.1)
    >>> late = Svi(a=0.02, b=0.12, rho=-0.2, m=0.0, sigma=0.12)
    >>> round(least_calendar(early, late)[1], 6)
    0.01418
    """
    return least_of(early.raw, late.raw, low, high, np.empty(POINTS))


def violations(smiles: Sequence[Smile], expiries: Sequence[int]) -> tuple[Violation, ...]:
    """Return every arbitrage of slices in order of expiry; none of a good surface."""
    found: list[Violation] = []
    early: Smile | None = None
    for smile, expiry in zip(smiles, expiries, strict=True):
        if isinstance(smile, Svi):
            found += _of_slice(smile, expiry)
        else:
            found += _of_other(smile, expiry)
        if isinstance(smile, Svi) and isinstance(early, Svi):
            found += _between(early, smile, expiry)
        elif early is not None:
            found += _between_others(early, smile, expiry)
        early = smile
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meanwhile:
    """What a surface shows between two slices: total variance on a line in time."""

    early: Smile
    late: Smile
    share: float  # of the way to the later one

    def rows(self, k: "float | Floats") -> Floats:
        before, after = self.early.rows(k), self.late.rows(k)
        return np.asarray(before + self.share * (after - before), np.float64)

    def variance(self, k: "float | Floats") -> Floats:
        before, after = self.early.variance(k), self.late.variance(k)
        return np.asarray(before + self.share * (after - before), np.float64)


def between_slices(smiles: Sequence[Smile], expiries: Sequence[int]) -> tuple[Violation, ...]:
    """Return the butterflies between slices: two that are free of them may have one in between.

    Total variance runs straight from slice to slice, prices do not; each gap is looked at in five
    places, and the worst is told.
    """
    found: list[Violation] = []
    ends = list(zip(smiles, expiries, strict=True))
    for (early, begun), (late, ended) in pairwise(ends):
        here: list[Violation] = []
        for share in SHARES:
            smile = _Meanwhile(early=early, late=late, share=share)
            expiry = begun + round(share * (ended - begun))
            here += [one for one in _of_other(smile, expiry) if one.kind == "butterfly"]
        found += sorted(here, key=lambda one: one.amount)[:1]
    return tuple(found)


def _near(smile: Smile) -> Floats:
    """Return points to look at, dense around the money."""
    scale = max(float(np.sqrt(smile.variance(0.0)[0])), 1e-3)
    top = float(np.arcsinh(REACH / scale))
    return np.asarray(scale * np.sinh(np.linspace(-top, top, POINTS)), np.float64)


def butterfly(k: Floats, w: Floats, slope: Floats, bend: "float | Floats") -> Floats:
    """Return g of any smile's rows, below 0 where a butterfly costs less than nothing.

    `kernels.smile` has the same of SVI alone, with its formula's source.
    """
    lean = 1.0 - 0.5 * k * slope / w
    return np.asarray(
        lean * lean - 0.25 * slope * slope * (1.0 / w + 0.25) + 0.5 * bend, np.float64
    )


def _of_other(smile: Smile, expiry: int) -> list[Violation]:
    k = _near(smile)
    w, slope, bend = smile.rows(k)
    if not w.min() > 0.0:
        least = int(np.argmin(w))
        low, amount = float(k[least]), float(w[least])
        return [Violation(kind="variance", expiry=expiry, k=low, amount=amount)]
    found: list[Violation] = []
    for place in (0, -1):
        if abs(slope[place]) > 2.0:
            k_far, steep = float(np.copysign(np.inf, k[place])), float(abs(slope[place]))
            found.append(Violation(kind="wing", expiry=expiry, k=k_far, amount=steep))
    g = butterfly(k, w, slope, bend)
    # Prices too: they see a step or a bend between two points, which slopes at them do not.
    bends = _bends(k, w)
    of_slopes, of_prices = int(np.argmin(g)), int(np.argmin(bends))
    if g[of_slopes] < -NOISE:
        at, amount = float(k[of_slopes]), float(g[of_slopes])
        found.append(Violation(kind="butterfly", expiry=expiry, k=at, amount=amount))
    elif bends[of_prices] < -DUST_OF_PRICES:
        at, amount = float(k[of_prices + 1]), float(bends[of_prices])
        found.append(Violation(kind="butterfly", expiry=expiry, k=at, amount=amount))
    return found


def _bends(k: Floats, w: Floats) -> Floats:
    """Return by how much the slope of a call's price by the strike rises at each inner point."""
    strikes, price = np.exp(k), np.empty((1, k.size))
    ones, zeros = np.ones(k.size), np.zeros(1)
    black76_rows((ones, strikes, np.sqrt(w), ones, ones, zeros), np.array([PRICE]), price)
    return np.asarray(np.diff(np.diff(price[0]) / np.diff(strikes)), np.float64)


def _between_others(early: Smile, late: Smile, expiry: int) -> list[Violation]:
    wings = np.geomspace(REACH, FAR, POINTS)
    k = np.concatenate([_near(early), _near(late), -wings, wings])
    excess = late.variance(k) - early.variance(k)
    worst = int(np.argmin(excess))
    if not excess[worst] < -DUST:
        return []
    place, amount = float(k[worst]), float(excess[worst])
    return [Violation(kind="calendar", expiry=expiry, k=place, amount=amount)]


def _of_slice(smile: Svi, expiry: int) -> list[Violation]:
    found: list[Violation] = []
    if smile.least_variance <= 0.0:
        amount = smile.least_variance
        found.append(Violation(kind="variance", expiry=expiry, k=smile.m, amount=amount))
    if max(smile.wing_slopes) > 2.0:
        slopes = smile.wing_slopes
        k = -np.inf if slopes[0] > slopes[1] else np.inf
        found.append(Violation(kind="wing", expiry=expiry, k=k, amount=max(slopes)))
    k, worst = least_butterfly(smile)
    if worst < 0.0:
        found.append(Violation(kind="butterfly", expiry=expiry, k=k, amount=worst))
    return found


def _between(early: Svi, late: Svi, expiry: int) -> list[Violation]:
    for low, high in ((-REACH, REACH), (-FAR, -REACH), (REACH, FAR)):
        k, worst = least_calendar(early, late, low, high)
        if worst < -DUST:
            return [Violation(kind="calendar", expiry=expiry, k=k, amount=worst)]
    for side, before, after in zip(
        (-np.inf, np.inf), early.wing_slopes, late.wing_slopes, strict=True
    ):
        if after < before - DUST:
            amount = after - before
            return [Violation(kind="calendar", expiry=expiry, k=side, amount=amount)]
    return []


def is_free(smile: Svi, early: Svi | None) -> bool:
    """Return whether a slice, and its step from the earlier one, are free of arbitrage."""
    return not _of_slice(smile, 0) and (early is None or not _between(early, smile, 0))


def repair(smile: Svi, early: Svi | None) -> Svi:
    """Return the slice nearest to `smile`, on a straight line to a safe one, without arbitrage.

    Safe is the repaired jump-wing form where that is free, else the earlier slice lifted to the
    same variance at the money, else one flat volatility; parameters of the raw form are blended.
    """
    if is_free(smile, early):
        return smile
    for anchor in _anchors(smile, early):
        if is_free(anchor, early):
            return _between_parameters(smile, anchor, early)
    raise ArithmeticError("a flat smile above the earlier one is free of arbitrage")


def _anchors(smile: Svi, early: Svi | None) -> list[Svi]:
    at_money = max(float(smile.variance(0.0)[0]), 1e-10)
    anchors: list[Svi] = []
    if float(smile.variance(0.0)[0]) > 0.0:
        anchors.append(smile.jump_wings(1.0).repaired().raw())
    if early is None:
        anchors.append(Svi(a=at_money, b=0.0, rho=0.0, m=smile.m, sigma=smile.sigma))
        return anchors
    lift = max(at_money - float(early.variance(0.0)[0]), 0.0)
    for times in (1.0, 2.0, 5.0):
        a = early.a + lift * times
        anchors.append(Svi(a=a, b=early.b, rho=early.rho, m=early.m, sigma=early.sigma))
    anchors.append(early)
    return anchors


def _between_parameters(smile: Svi, anchor: Svi, early: Svi | None) -> Svi:
    """Return the blend with the least of `anchor` in it that is free."""
    left, right = _unknowns(smile), _unknowns(anchor)
    low, high, best = 0.0, 1.0, anchor
    for _ in range(HALVINGS):
        part = 0.5 * (low + high)
        trial = _from_unknowns((1.0 - part) * left + part * right)
        if is_free(trial, early):
            high, best = part, trial
        else:
            low = part
        if high - low < 1e-4:
            break
    return best


def _unknowns(smile: Svi) -> Floats:
    """Return least variance, both wings' slopes, middle and width."""
    return np.array([smile.least_variance, *smile.wing_slopes, smile.m, smile.sigma])


def _from_unknowns(given: Floats) -> Svi:
    floor, left, right, m, sigma = (float(one) for one in given)
    b = 0.5 * (left + right)
    rho = min(max(0.5 * (right - left) / b, -1.0), 1.0) if b > 0.0 else 0.0
    a = floor - b * sigma * float(np.sqrt(1.0 - rho * rho))
    return Svi(a=a, b=b, rho=rho, m=m, sigma=sigma)
