"""A fitted surface: volatility of any strike and expiry, and how good each slice of it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.kernels.smile import surface_rows
from hedgerow.pricing.rows import Rows
from hedgerow.pricing.surface.arbitrage import Raised, Smile, Violation
from hedgerow.pricing.surface.clean import Quotes
from hedgerow.pricing.surface.forwards import ForwardFrom
from hedgerow.pricing.surface.svi import Svi
from hedgerow.units import DAY, YEAR, Bools, Floats, Integers, Times, iso, nanoseconds

SurfaceKind = Literal["svi", "ssvi", "vanna-volga"]

Moment: TypeAlias = datetime | int | np.int64
"""One expiry: an aware datetime, or UTC nanoseconds."""

Moments: TypeAlias = (
    Sequence[datetime] | Sequence[int] | npt.NDArray[np.int64] | npt.NDArray[np.object_]
)
"""Expiries, each as in `Moment`."""

Numbers: TypeAlias = Sequence[float] | Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well a slice meets its quotes, in volatility points (0.01).

    Attributes
    ----------
    median, p95
        Of the absolute distance from the middles of liquid quotes: two-sided, delta 5 to 95 %;
        NaN where there are none.
    half_spread
        Median of the liquid quotes' own half spreads: what the market itself leaves open.
    inside
        Part of the liquid quotes between whose bid and ask the slice runs.
    liquid, used
        How many quotes are liquid, and how many were fitted.
    left_out
        How many were not, by reason.
    """

    median: float
    p95: float
    half_spread: float
    inside: float
    liquid: int
    used: int
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """One expiry.

    Attributes
    ----------
    expiry, years
        UTC nanoseconds, and from the snapshot.
    forward
        Quote per base; NaN where nothing tells it.
    forward_from
        What told it.
    smile
        None where there are too few quotes for one; the surface then runs through from its
        neighbours.
    quality
        Against the quotes.
    fits
        Whether the median error on liquid quotes is at most half a volatility point.
    why
        Why not, in words; empty where it fits.
    repaired
        Whether an arbitrage had to be taken out of the fit, or kept it from its quotes.
    rows
        Places of this expiry's quotes in the chain.
    """

    expiry: int
    years: float
    forward: float
    forward_from: ForwardFrom
    smile: Smile | None
    quality: Quality
    fits: bool
    why: str
    repaired: bool
    rows: Integers = field(repr=False)

    @property
    def parameters(self) -> dict[str, float]:
        """The smile's own numbers by name, empty where there is none."""
        smile = self.smile.late if isinstance(self.smile, Raised) else self.smile
        names = getattr(smile, "__dataclass_fields__", {})
        found = {name: getattr(smile, name) for name in names}
        return {name: value for name, value in found.items() if isinstance(value, float)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """Volatility of one underlying by strike and expiry.

    Attributes
    ----------
    underlying, time
        Coin, and moment of the snapshot.
    kind
        ``svi``, ``ssvi`` or ``vanna-volga``.
    slices
        One an expiry, in order.
    violations
        The arbitrages that are left.
    quotes
        What it was fitted to.
    index
        Price of the underlying, NaN if unknown.
    """

    underlying: str
    time: int
    kind: SurfaceKind
    slices: tuple[Slice, ...]
    violations: tuple[Violation, ...]
    quotes: Quotes = field(repr=False)
    index: float
    _nodes: Floats = field(repr=False)
    _forwards: Floats = field(repr=False)
    _raws: Floats = field(repr=False)

    @property
    def rows(self) -> Rows:
        """Which quotes were fitted, and why the others were not."""
        return self.quotes.rows

    @overload
    def years(self, expiry: Moment) -> float: ...

    @overload
    def years(self, expiry: Moments) -> Floats: ...

    def years(self, expiry: Moment | Moments) -> float | Floats:
        """Return the time from the snapshot to expiries, in years of 365 days."""
        return _number_or_array(self._years(expiry))

    def _years(self, expiry: Moment | Moments) -> Floats:
        return np.asarray((_nanoseconds(expiry) - self.time) / YEAR, np.float64)

    @property
    def svi(self) -> "tuple[Floats, Floats, Floats] | None":
        """The slices as `surface_rows` takes them; None if they are not SVI, or there are none.

        Their years, logarithms of forwards with that of today's price first, raw parameters.
        """
        return (self._nodes, self._forwards, self._raws) if self._raws.size else None

    @overload
    def forward(self, expiry: Moment) -> float: ...

    @overload
    def forward(self, expiry: Moments) -> Floats: ...

    def forward(self, expiry: Moment | Moments) -> float | Floats:
        """Return forwards, quote per base: their logarithms run straight in time."""
        years = self._years(expiry)
        return _number_or_array(self._rows(np.ones(years.shape), years)[0])

    @overload
    def total_variance(self, k: float, years: float) -> float: ...

    @overload
    def total_variance(self, k: Numbers, years: float | Numbers) -> Floats: ...

    @overload
    def total_variance(self, k: float, years: Numbers) -> Floats: ...

    def total_variance(self, k: float | Numbers, years: float | Numbers) -> float | Floats:
        """Return volatility squared times years, by the logarithm of strike over forward."""
        at, time = np.broadcast_arrays(
            np.asarray(k, dtype=np.float64), np.asarray(years, dtype=np.float64)
        )
        forward = self._rows(np.ones(time.shape), time)[0]
        return _number_or_array(self._rows(forward * np.exp(at), time)[1])

    @overload
    def volatility(self, strike: float, expiry: Moment) -> float: ...

    @overload
    def volatility(self, strike: Numbers, expiry: Moment | Moments) -> Floats: ...

    @overload
    def volatility(self, strike: float, expiry: Moments) -> Floats: ...

    def volatility(self, strike: float | Numbers, expiry: Moment | Moments) -> float | Floats:
        """Return yearly volatilities, shapes broadcast.

        Parameters
        ----------
        strike
            Above 0, quote per base.
        expiry
            Aware datetimes or UTC nanoseconds, after the snapshot.

        Raises
        ------
        ConfigError
            If a strike is not above 0 or an expiry not after the snapshot.
        """
        years = self._years(expiry)
        strikes, years = np.broadcast_arrays(np.asarray(strike, dtype=np.float64), years)
        return _number_or_array(np.sqrt(self._rows(strikes, years)[1] / years))

    @overload
    def slope(self, strike: float, expiry: Moment) -> float: ...

    @overload
    def slope(self, strike: Numbers, expiry: Moment | Moments) -> Floats: ...

    @overload
    def slope(self, strike: float, expiry: Moments) -> Floats: ...

    def slope(self, strike: float | Numbers, expiry: Moment | Moments) -> float | Floats:
        """Return the derivative of volatility by the logarithm of the strike."""
        years = self._years(expiry)
        strikes, years = np.broadcast_arrays(np.asarray(strike, dtype=np.float64), years)
        _, variance, slope = self._rows(strikes, years)
        return _number_or_array(slope / (2.0 * np.sqrt(variance * years)))

    def _rows(self, strikes: Floats, years: Floats) -> Floats:
        """Return forward, total variance and its slope by k, ``(3, *shape)``."""
        if strikes.size and not (strikes.min() > 0.0 and strikes.max() < np.inf):
            where, value = _first_bad(strikes, ~((strikes > 0.0) & (strikes < np.inf)))
            raise ConfigError(
                f"strike{where} = {value:g}: a strike is above 0 and finite, in quote per base"
            )
        if years.size and not years.min() > 0.0:
            where, value = _first_bad(years, ~(years > 0.0))
            raise ConfigError(
                f"expiry{where} lies {-value * YEAR / DAY:.4g} days before the snapshot of "
                f"{iso(self.time)}, not after the snapshot; an option that has expired is worth "
                "its payoff"
            )
        if not self._nodes.size:
            raise MarketDataError(
                f"{self.underlying}: no expiry has quotes enough for a smile; "
                "see the slices' why, and loosen Limits or take another snapshot"
            )
        flat = np.ascontiguousarray(strikes, dtype=np.float64).reshape(-1)
        times = np.ascontiguousarray(years, dtype=np.float64).reshape(-1)
        out = np.empty((3, flat.size))
        if self._raws.size:
            surface_rows(flat, times, self._nodes, self._forwards, self._raws, out)
        else:
            self._other_rows(flat, times, out)
        return out.reshape(3, *strikes.shape)

    def _other_rows(self, strikes: Floats, years: Floats, out: Floats) -> None:
        """Write what `surface_rows` does, of smiles that are not SVI."""
        smiles = [one.smile for one in self.slices if one.smile is not None]
        flat = np.tile([1.0, 0.0, 0.0, 0.0, 1.0], (len(smiles), 1))
        surface_rows(strikes, years, self._nodes, self._forwards, flat, out)
        k = np.log(strikes / out[0])
        after = np.searchsorted(self._nodes, years)
        place = np.minimum(after, len(smiles) - 1)
        late, early = np.zeros((2, k.size)), np.zeros((2, k.size))
        for at, smile in enumerate(smiles):
            for ends, mine in ((late, place == at), (early, (after > 0) & (place - 1 == at))):
                if mine.any():
                    ends[:, mine] = smile.rows(k[mine])[:2]
        before = np.where(after > 0, self._nodes[np.maximum(place - 1, 0)], 0.0)
        part = (years - before) / (self._nodes[place] - before)
        out[1:] = part * late + (1.0 - part) * early
        money = [float(smile.variance(0.0)[0]) for smile in smiles[-2:]]
        growth = money[-1] / self._nodes[-1]
        if len(smiles) > 1:
            growth = max((money[-1] - money[-2]) / (self._nodes[-1] - self._nodes[-2]), 0.0)
        beyond = after == len(smiles)
        out[1, beyond] = late[0, beyond] + growth * (years[beyond] - self._nodes[-1])
        out[2, beyond] = late[1, beyond]


def build(
    kind: SurfaceKind,
    quotes: Quotes,
    slices: tuple[Slice, ...],
    found: tuple[Violation, ...],
) -> Surface:
    """Return a surface of slices in order of expiry."""
    chain = quotes.chain
    good = [one for one in slices if one.smile is not None]
    index = next(iter(chain.index.values()), float("nan"))
    forwards = [one.forward for one in good]
    today = index if index > 0.0 else (forwards[0] if forwards else float("nan"))
    raws = [one.smile.raw for one in good if isinstance(one.smile, Svi)]
    return Surface(
        underlying=chain.underlyings[0],
        time=chain.time,
        kind=kind,
        slices=slices,
        violations=found,
        quotes=quotes,
        index=index,
        _nodes=np.array([one.years for one in good]),
        _forwards=np.log(np.array([today, *forwards])),
        _raws=np.array(raws) if len(raws) == len(good) and raws else np.empty((0, 5)),
    )


def _first_bad(given: Floats, bad: Bools) -> tuple[str, float]:
    """Return where the first bad value stands, empty for a single number, and the value."""
    place = np.unravel_index(int(np.argmax(bad)), bad.shape)
    where = f"[{', '.join(str(one) for one in place)}]" if bad.ndim else ""
    return where, float(given[place])


def _number_or_array(found: Floats) -> float | Floats:
    return float(found) if np.ndim(found) == 0 else np.asarray(found, np.float64)


def _nanoseconds(expiry: Moment | Moments) -> Times:
    if isinstance(expiry, datetime):
        return np.asarray(nanoseconds(expiry), np.int64)
    given = np.asarray(expiry)
    if given.dtype == object:
        flat = [nanoseconds(one) if isinstance(one, datetime) else int(one) for one in given.flat]
        return np.array(flat, dtype=np.int64).reshape(given.shape)
    if given.dtype.kind not in "iu":
        raise ConfigError("an expiry is an aware datetime, or int64 UTC nanoseconds")
    return given.astype(np.int64)
