"""A book's worth where moves of spot, volatility, time and funding meet, all priced anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.exposure import futures, perpetual_options
from hedgerow.exposure.columns import Group
from hedgerow.exposure.line import Kind
from hedgerow.exposure.listed_options import option_call, option_terms
from hedgerow.exposure.measured import Measured, place_of
from hedgerow.exposure.valued import Place
from hedgerow.kernels.revaluation import revalue_grid
from hedgerow.pricing.revaluation import Grid
from hedgerow.pricing.rows import Call, Column, finite
from hedgerow.units import Bools, Floats

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenarios:
    """Moves of spot, of volatility, years passed and moves of funding; each meets each.

    Attributes
    ----------
    grid
        Spot, volatility and time.
    funding
        Added to yearly funding, ``(fundings,)``.
    """

    grid: Grid
    funding: Floats

    @staticmethod
    def of(spot: Column, volatility: Column, years: Column, funding: Column) -> "Scenarios":
        """Return all moves together; see `Exposure.scenario`."""
        call = Call(finite("funding", funding))
        if len(call.shape) > 1 or not call.size or not call.rows.all_valid:
            raise ConfigError("funding: write one line of finite moves, such as [-0.1, 0.0, 0.1]")
        grid = Grid.of(spot=spot, volatility=volatility, years=years)
        return Scenarios(grid=grid, funding=call.columns[0])

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Spots, volatilities, times, fundings."""
        volatilities, times, spots = self.grid.shape
        return spots, volatilities, times, self.funding.size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cube:
    """What a book is worth in each scenario, in the numeraire.

    Attributes
    ----------
    scenarios
        The moves.
    now
        What it is worth without any.
    worth
        ``(spots, volatilities, times, fundings)``; positions without a value are left out, as in
        the exposure. Funding and fees of the time gone by are in it.
    parts
        The same by underlying.
    """

    scenarios: Scenarios
    now: float
    worth: Floats
    parts: Mapping[str, Floats] = field(repr=False)

    @property
    def change(self) -> Floats:
        """Worth less worth now, of the shape of `worth`."""
        return self.worth - self.now

    def frame(self) -> "pl.DataFrame":
        """Return ``spot``, ``volatility``, ``years``, ``funding``, ``worth``, ``change``: long."""
        import polars as pl  # noqa: PLC0415 - it takes time

        grid = self.scenarios.grid
        axes = np.meshgrid(
            grid.spots - 1.0, grid.added, grid.passed, self.scenarios.funding, indexing="ij"
        )
        names = ("spot", "volatility", "years", "funding")
        columns = {name: axis.ravel() for name, axis in zip(names, axes, strict=True)}
        change = self.change.ravel()
        return pl.DataFrame({**columns, "worth": self.worth.ravel(), "change": change})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moved:
    """One group under the scenarios.

    Attributes
    ----------
    spots
        Factors on the spot of each row, ``(rows, spots)``.
    added, passed, funding
        As in `Scenarios`.
    """

    group: Group
    place: Place
    spots: Floats
    added: Floats
    passed: Floats
    funding: Floats

    @property
    def prices(self) -> Floats:
        """Spot of each row, ``(rows, spots)``."""
        return self.place.spot(self.group)[:, None] * self.spots

    def column(self, name: str) -> Floats:
        """Return a column of numbers, ``(rows, 1)``."""
        return self.group[name][:, None]

    def lived(self) -> Floats:
        """Return how much of the time each row sees, ``(rows, times)``."""
        years = np.maximum(self.place.years(self.group), 0.0)
        return np.minimum(self.passed, years[:, None])


def revalued(exposed: Measured, scenarios: Scenarios, betas: Mapping[str, float]) -> Cube:
    """Return a book's worth in every scenario; see `Exposure.scenario`.

    Raises
    ------
    ConfigError
        If with its beta an underlying's spot falls to 0 or below.
    """
    columns, market = exposed.book.columns, exposed.market
    place = place_of(exposed.book, market)
    lifts = {name: _lift(name, scenarios.grid, betas) for name in exposed.names}
    parts = {name: np.zeros(scenarios.shape) for name in columns.underlyings}
    for valued in exposed.groups:
        group = valued.group
        codes = group.codes
        for code in np.unique(group.underlying).tolist():
            name = columns.underlyings[code]
            lift = lifts[name] if market.moves(name) else np.ones_like(lifts[name])
            here = (codes == code) & valued.rows.valid
            if here.any():
                parts[name] += _REVALUED[group.kind](_only(group, here, place, lift, scenarios))
    price = exposed.price
    if exposed.moves_with_numeraire:
        divisor = (price * lifts[exposed.numeraire])[:, None, None, None]
    else:
        divisor = np.full((1, 1, 1, 1), price)
    parts = {name: part / divisor for name, part in parts.items()}
    return Cube(
        scenarios=scenarios,
        now=exposed.worth,
        worth=np.sum(list(parts.values()), axis=0),
        parts=parts,
    )


def _lift(name: str, grid: Grid, betas: Mapping[str, float]) -> Floats:
    lift = 1.0 + betas.get(name, 1.0) * (grid.spots - 1.0)
    if not (lift > 0.0).all():
        raise ConfigError(
            f"{name}: with a beta of {betas[name]:g} its spot falls to 0 or below; "
            "take smaller moves or a smaller beta"
        )
    return np.asarray(lift, dtype=np.float64)


def _only(group: Group, here: Bools, place: Place, lift: Floats, given: Scenarios) -> _Moved:
    """Return some rows, each a segment of its own, under the moves."""
    ones = np.arange(int(here.sum()), dtype=np.int64)
    kept = Group(
        kind=group.kind,
        rows=group.rows[here],
        numbers=np.ascontiguousarray(group.numbers[:, here]),
        starts=ones,
        counts=np.ones_like(ones),
        underlying=group.codes[here],
        expiry=group.expiries[here],
        cell=np.repeat(group.cell, group.counts)[here],
        markets=group.markets,
        market=group.market[here],
    )
    return _Moved(
        group=kept,
        place=place,
        spots=np.broadcast_to(lift, (ones.size, lift.size)),
        added=given.grid.added,
        passed=given.grid.passed,
        funding=given.funding,
    )


def _whole(moved: _Moved, worth: Floats) -> Floats:
    """Return sums over rows, brought to ``(spots, volatilities, times, fundings)``."""
    shape = (moved.spots.shape[1], moved.added.size, moved.passed.size, moved.funding.size)
    total: Floats = np.broadcast_to(worth.sum(axis=0), shape)
    return total


def _coins(moved: _Moved) -> Floats:
    count = futures.coins(moved.group, moved.place)[:, None]
    return _whole(moved, (count * moved.prices)[:, :, None, None, None])


def _perps(moved: _Moved) -> Floats:
    mark = moved.place.marks(moved.group)
    rate = moved.place.funding(moved.group)
    rate = np.where(np.isnan(rate), 0.0, rate)
    gains, held = _gained(moved, mark)
    paid = (rate[:, None] + moved.funding)[:, None, :] * moved.passed[:, None]
    return _whole(
        moved,
        gains[:, :, None, None, None] - held[:, :, None, None, None] * paid[:, None, None],
    )


def _futures(moved: _Moved) -> Floats:
    gains, _ = _gained(moved, futures.future_marks(moved.group, moved.place))
    return _whole(moved, gains[:, :, None, None, None])


def _gained(moved: _Moved, mark: Floats) -> tuple[Floats, Floats]:
    """Return unrealised profit and signed notional, in money, ``(rows, spots)``."""
    later, size = mark[:, None] * moved.spots, moved.column("size")
    entry = np.where(np.isnan(moved.group["entry"]), mark, moved.group["entry"])[:, None]
    inverse = moved.column("inverse") > 0.0
    gains = np.where(
        inverse, size * (1.0 / entry - 1.0 / later) * moved.prices, size * (later - entry)
    )
    return gains, np.where(inverse, size * moved.prices / later, size * later)


def _options(moved: _Moved) -> Floats:
    group, place = moved.group, moved.place
    terms = option_terms(group, place)
    call = option_call(group, place, terms)
    forward, strike, volatility, years, sign = call.full()
    rates, kinds = np.unique(
        np.stack([terms[4], years * (terms[4] != 0.0)]), axis=1, return_inverse=True
    )
    out = np.zeros((rates.shape[1], moved.added.size, moved.passed.size, moved.spots.shape[1]))
    revalue_grid(
        (forward, strike, volatility, years, sign, group["size"] * terms[1]),
        kinds.ravel().astype(np.int64),
        np.ascontiguousarray(moved.spots[0]),
        np.stack([np.ones_like(moved.added), moved.added]),
        moved.passed,
        out,
    )
    # The discount grows back as the payment comes nearer.
    near = np.exp(rates[0][:, None] * np.minimum(moved.passed, rates[1][:, None]))
    total = np.einsum("gvts,gt->svt", out, near)
    return _whole(moved, total[None, :, :, :, None])


def _perpetual_options(moved: _Moved) -> Floats:
    group, place = moved.group, moved.place
    formula = _PRICES[group.kind]
    sigma = perpetual_options.volatilities(group, place)
    now = formula(group, place, place.spot(group), sigma)
    shape = (group.rows.size, moved.spots.shape[1], moved.added.size, moved.passed.size)
    worth = np.empty(shape)
    for s in range(shape[1]):
        for v in range(shape[2]):
            found = formula(
                group, place, moved.prices[:, s], np.maximum(sigma + moved.added[v], LEAST)
            )
            price = perpetual_options.worth_of(group, found[0], now[0])[:, None]
            worth[:, s, v] = price - (group["size"] * found[7])[:, None] * moved.passed
    return _whole(moved, worth[..., None])


def _pools(moved: _Moved) -> Floats:
    worth = np.stack(
        [
            perpetual_options.pool_values(moved.group, np.ascontiguousarray(prices))[0]
            for prices in moved.prices.T
        ],
        axis=1,
    )
    earned = 1.0 + moved.group["rate"][:, None] * moved.passed
    return _whole(moved, (worth[:, :, None] * earned[:, None])[:, :, None, :, None])


def _swaps(moved: _Moved) -> Floats:
    group, place = moved.group, moved.place
    lived = moved.lived()
    left = place.years(group)[:, None] - lived
    fixed = group["rate"][:, None]
    now = place.funding(group)
    implied = futures.swap_rates(group, place)
    now = np.where(np.isnan(now), implied, now)
    to_come = (implied[:, None] + moved.funding - fixed)[:, None, :] * left[:, :, None]
    received = (now[:, None] + moved.funding - fixed)[:, None, :] * lived[:, :, None]
    notional = group["size"][:, None] * moved.prices
    worth = notional[:, :, None, None] * (to_come + received)[:, None]
    return _whole(moved, worth[:, :, None])


def _volatilities(moved: _Moved) -> Floats:
    mark = moved.place.marks(moved.group)
    entry = np.where(np.isnan(moved.group["entry"]), mark, moved.group["entry"])
    later = np.maximum(mark[:, None] + moved.added, 0.0)
    worth = moved.column("size") * (later - entry[:, None])
    return _whole(moved, worth[:, None, :, None, None])


LEAST: Final = 1e-6  # volatility below which a move does not take that of what has no expiry

_PRICES: Final[Mapping[Kind, Callable[[Group, Place, Floats, Floats], Floats]]] = {
    Kind.EVERLASTING: perpetual_options.everlasting_prices,
    Kind.POWER: perpetual_options.power_prices,
}
_REVALUED: Final[Mapping[Kind, Callable[[_Moved], Floats]]] = {
    Kind.COIN: _coins,
    Kind.PERP: _perps,
    Kind.FUTURE: _futures,
    Kind.OPTION: _options,
    Kind.EVERLASTING: _perpetual_options,
    Kind.POWER: _perpetual_options,
    Kind.POOL: _pools,
    Kind.SWAP: _swaps,
    Kind.VOLATILITY: _volatilities,
}
