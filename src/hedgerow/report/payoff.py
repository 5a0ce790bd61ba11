"""What a book earns over the price of one coin: at once, on the way, and at its last expiry."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.book import Book
from hedgerow.exposure.columns import NUMBERS
from hedgerow.exposure.exposure import Exposure, exposure
from hedgerow.exposure.futures import future_marks
from hedgerow.exposure.line import NEVER, Kind
from hedgerow.exposure.measured import place_of
from hedgerow.exposure.view import MarketView
from hedgerow.units import DAY, YEAR, Floats

POINTS: Final = 401
NEAREST: Final = (0.65, 1.45)  # of spot, what a range shows at least
ROOM: Final = 0.12  # beyond the outermost strike
FARTHEST: Final = (0.2, 4.0)  # of spot, beyond which a strike does not stretch the range
WITHOUT_END: Final = 30.0  # days ahead for a book in which nothing ends
PARTS: Final = 3  # of the time, whose ends are shown
GAINED: Final = frozenset(
    kind.word for kind in (Kind.PERP, Kind.FUTURE, Kind.EVERLASTING, Kind.POWER, Kind.VOLATILITY)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme:
    """Where a curve is lowest, or highest.

    Attributes
    ----------
    price, profit
        Of the point.
    goes_on
        Whether it lies at an end of the range, beyond which it may go on.
    """

    price: float
    profit: float
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Profit over price at one time.

    Attributes
    ----------
    days
        From now.
    label
        ``now``, ``in 12 days``, ``at expiry``.
    profit
        In the numeraire, ``(prices,)``.
    """

    days: float
    label: str
    prices: Floats
    profit: Floats

    @property
    def break_evens(self) -> tuple[float, ...]:
        """Prices at which profit changes its sign."""
        signs = np.sign(self.profit)
        there = np.flatnonzero(signs != 0.0)
        found = []
        for left, right in zip(there[:-1].tolist(), there[1:].tolist(), strict=True):
            if signs[left] == signs[right]:
                continue
            if right - left > 1:  # exactly 0 in between
                found.append(float(self.prices[(left + right) // 2]))
                continue
            p, q = float(self.profit[left]), float(self.profit[right])
            low, high = float(self.prices[left]), float(self.prices[right])
            found.append(low + (high - low) * p / (p - q))
        return tuple(found)

    @property
    def lowest(self) -> Extreme:
        """The largest loss in the range, or the smallest profit."""
        return self._extreme(int(np.argmin(self.profit)))

    @property
    def highest(self) -> Extreme:
        """The largest profit in the range."""
        return self._extreme(int(np.argmax(self.profit)))

    def at(self, price: float) -> float:
        """Return the profit at a price of the range."""
        return float(np.interp(price, self.prices, self.profit))

    def _extreme(self, place: int) -> Extreme:
        last = self.prices.size - 1
        inner = 1 if place == 0 else last - 1
        moving = abs(float(self.profit[place] - self.profit[inner])) > 1e-9 * _size(self.profit)
        return Extreme(
            price=float(self.prices[place]),
            profit=float(self.profit[place]),
            goes_on=place in {0, last} and moving,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payoff:
    """What a book earns over the price of one coin, the others standing still.

    Attributes
    ----------
    underlying
        The coin whose price moves.
    exposure
        The book at its market now.
    prices
        The range, rising, ``(prices,)``.
    curves
        The nearest first; of the last every dated contract has ended.
    strikes
        In the range, of the book's options on the coin.
    gained
        What positions with an entry have earned so far, in the numeraire: it is in the curves.
    entries
        How many positions have one.
    ends
        Whether the last curve is an expiry.
    """

    underlying: str
    exposure: Exposure
    prices: Floats
    curves: tuple[Curve, ...]
    strikes: tuple[float, ...]
    gained: float
    entries: int
    ends: bool

    @property
    def spot(self) -> float:
        """The coin's price now."""
        return self.exposure.market.spot_of(self.underlying)

    @property
    def now(self) -> Curve:
        """Profit if the price moves at once."""
        return self.curves[0]

    @property
    def last(self) -> Curve:
        """Profit at the end."""
        return self.curves[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What part of the picture is asked for; zeros and the empty name leave it to the book."""

    underlying: str = ""
    low: float | None = None
    high: float | None = None
    days: float | None = None


def payoff(
    book: Book, market: MarketView, window: Window, premiums: Mapping[int, float] | None = None
) -> Payoff:
    """Return what a book earns over the price of one coin.

    Volatilities stay what they are for each option, funding and fees come in as they are now, and
    forwards run to spot as their expiry comes nearer, so that an option ends at its strike.

    Parameters
    ----------
    premiums
        What options were entered at, by row, in the currency of their premium.

    Raises
    ------
    ConfigError
        If the window makes no sense, or the market has no price of the coin.
    """
    coin = _coin(book, market, window.underlying)
    spot = market.spot_of(coin)
    if not spot > 0.0:
        raise ConfigError(f"{coin}: the market has no spot price of it; give --spot {coin}=PRICE")
    market = _known(book, market)
    book = _entered(book, market)
    today = exposure(book, market)
    strikes = _strikes(book, coin)
    prices = _prices(window, spot, strikes)
    horizon, ends = _horizon(book, market, window.days)
    gained, entries = _gained(today, premiums or {})
    others = {name: 0.0 for name in book.columns.underlyings if name != coin}
    curves = []
    for part in range(PARTS + 1):
        years = horizon * part / PARTS
        later = exposure(book, _rolled(book, market, years))
        cube = later.scenario(spot=prices / spot - 1.0, years=years, betas=others)
        profit = cube.worth[:, 0, 0, 0] - today.worth + gained
        label = _label(part, years * YEAR / DAY, ends=ends)
        curves.append(Curve(days=years * YEAR / DAY, label=label, prices=prices, profit=profit))
    return Payoff(
        underlying=coin,
        exposure=today,
        prices=prices,
        curves=tuple(curves),
        strikes=tuple(one for one in strikes if prices[0] <= one <= prices[-1]),
        gained=gained,
        entries=entries,
        ends=ends,
    )


def _label(part: int, days: float, *, ends: bool) -> str:
    if part == 0:
        return "now"
    if part == PARTS and ends:
        return "at expiry"
    return f"in {days:.0f} days" if days >= 3.0 else f"in {24.0 * days:.0f} h"


def _coin(book: Book, market: MarketView, asked: str) -> str:
    """Return the coin that is asked for, or the one with the most contracts."""
    columns = book.columns
    moving = [name for name in columns.underlyings if market.moves(name)]
    if asked:
        if asked not in moving:
            raise UnknownName("underlying", asked, moving, where="--underlying")
        return asked
    if not moving:
        raise ConfigError("the book holds nothing whose price moves: there is no payoff to draw")
    count = dict.fromkeys(moving, 0)
    for group in columns.groups:
        for code, rows in zip(group.underlying.tolist(), group.counts.tolist(), strict=True):
            name = columns.underlyings[code]
            if name in count:
                count[name] += int(rows) * (100 if group.kind is Kind.OPTION else 1)
    return max(moving, key=lambda name: count[name])


def _strikes(book: Book, coin: str) -> list[float]:
    """Return strikes and ends of ranges on a coin: where the payoff bends."""
    columns = book.columns
    found: set[float] = set()
    for group in columns.groups:
        here = np.array([columns.underlyings[code] == coin for code in group.underlying.tolist()])
        rows = np.repeat(here, group.counts)
        for name in ("strike", "low", "high"):
            values = group[name][rows]
            found |= {one for one in values.tolist() if 0.0 < one < math.inf}
    return sorted(found)


def _prices(window: Window, spot: float, strikes: Sequence[float]) -> Floats:
    """Return the range, with every bend and the spot price in it."""
    near = [one for one in strikes if FARTHEST[0] * spot <= one <= FARTHEST[1] * spot]
    low = min([NEAREST[0] * spot, *(one * (1.0 - ROOM) for one in near)])
    high = max([NEAREST[1] * spot, *(one * (1.0 + ROOM) for one in near)])
    for option, value in (("--from", window.low), ("--to", window.high)):
        if value is not None and not 0.0 < value < math.inf:
            raise ConfigError(f"{option} {value:g}: write a price above 0")
    low = low if window.low is None else window.low
    high = high if window.high is None else window.high
    if not low < high:
        raise ConfigError(f"--from {low:g} is not below --to {high:g}: exchange or correct them")
    inside = [one for one in (*strikes, spot) if low < one < high]
    return np.unique(np.concatenate([np.linspace(low, high, POINTS), inside]))


def _horizon(book: Book, market: MarketView, days: float | None) -> tuple[float, bool]:
    """Return the years that are looked ahead, and whether all has ended then."""
    expiry = book.columns.cell_expiry
    ahead = expiry[(expiry > market.now) & (expiry < NEVER)]
    last = float(market.years_to(ahead).max()) if ahead.size else 0.0
    if days is not None:
        if not 0.0 < days < math.inf:
            raise ConfigError(f"--days {days:g}: write a number above 0")
        years = days * DAY / YEAR
        return years, bool(ahead.size) and years >= last
    return (last, True) if ahead.size else (WITHOUT_END * DAY / YEAR, False)


def _rolled(book: Book, market: MarketView, years: float) -> MarketView:
    """Return the market with forwards as near to spot as they will be, had spot stood still."""
    forwards = {}
    for coin, curve in market.forwards.items():
        spot = market.spot_of(coin)
        forwards[coin] = {
            when: _nearer(forward, spot, int(when) - market.now, years)  # type: ignore[arg-type]
            for when, forward in curve.items()
        }
    marks, columns = dict(market.marks), book.columns
    for group in columns.groups:
        if group.kind is Kind.FUTURE:
            coins = [columns.underlyings[code] for code in group.underlying.tolist()]
            for row, place in enumerate(np.repeat(np.arange(len(coins)), group.counts).tolist()):
                name = columns.names[int(group.rows[row])]
                left = int(group.expiry[place]) - market.now
                if name in marks:
                    marks[name] = _nearer(marks[name], market.spot_of(coins[place]), left, years)
    return replace(market, forwards=forwards, marks=marks)


def _nearer(forward: float, spot: float, left: int, years: float) -> float:
    """Return a forward that has come nearer to spot by its share of the time that is left."""
    if not spot > 0.0 or left <= 0:
        return forward
    return float(forward * (spot / forward) ** min(years * YEAR / left, 1.0))


def _known(book: Book, market: MarketView) -> MarketView:
    """Return the market with the forward of every expiry of the book, and the mark of futures."""
    columns = book.columns
    forwards = {coin: dict(curve) for coin, curve in market.forwards.items()}
    marks = dict(market.marks)
    for group in columns.groups:
        if group.kind not in {Kind.OPTION, Kind.FUTURE}:
            continue
        for code, expiry in zip(group.underlying.tolist(), group.expiry.tolist(), strict=True):
            coin = columns.underlyings[code]
            found = float(market.forwards_of(coin, np.array([expiry]))[0])
            if found > 0.0:
                forwards.setdefault(coin, {})[expiry] = found
        if group.kind is Kind.FUTURE:
            names = (columns.names[row] for row in group.rows.tolist())
            found_marks = future_marks(group, place_of(book, market)).tolist()
            pairs = zip(names, found_marks, strict=True)
            marks.update({name: mark for name, mark in pairs if mark > 0.0})
    return replace(market, forwards=forwards, marks=marks)


def _entered(book: Book, market: MarketView) -> Book:
    """Return the book with the mark as the entry of each dated future that has none."""
    columns, groups = book.columns, []
    for group in columns.groups:
        kept = group
        if group.kind is Kind.FUTURE:
            marks = future_marks(group, place_of(book, market))
            numbers = group.numbers.copy()
            entry = numbers[NUMBERS.index("entry")]
            entry[np.isnan(entry)] = marks[np.isnan(entry)]
            kept = replace(group, numbers=numbers)
        groups.append(kept)
    return Book(book.positions, book.numeraire, _columns=replace(columns, groups=tuple(groups)))


def _gained(today: Exposure, premiums: Mapping[int, float]) -> tuple[float, int]:
    """Return what positions with an entry have earned, in the numeraire, and how many they are."""
    market = today.market
    total, count = 0.0, 0
    for row in today.contributions().to_dicts():
        worth = row["worth"]
        if worth is None or not math.isfinite(worth):
            continue
        if row["row"] in premiums:
            in_coin = row["position"].split("-")[0].endswith(f":{row['underlying']}")
            unit = market.spot_of(row["underlying"]) if in_coin else 1.0
            total += worth - row["size"] * premiums[row["row"]] * unit / today.price
            count += 1
        elif row["kind"] in GAINED and worth != 0.0:
            total += worth
            count += 1
    return total, count


def _size(values: Floats) -> float:
    return float(np.abs(values).max(initial=0.0)) or 1.0
