"""A chain: the option quotes of one moment, as columns, with what is wrong with each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.units import YEAR, Floats, Times, iso

PremiumUnit = Literal["coin", "quote"]
Texts = npt.NDArray[np.str_]

MOST_COINS: Final = 5  # named in the representation
NOT_COLUMNS: Final = ("time", "index", "premium_unit", "faults")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Chain:
    """Option quotes of one moment; each column is an array with one row a quote.

    Attributes
    ----------
    time
        Of the snapshot, UTC nanoseconds.
    premium_unit
        What `bid`, `ask` and `mark` are counted in: ``coin`` or ``quote``.
    index
        Price of each underlying that has one, quote per base.
    symbol, underlying
        The venue's name of the option, and the coin it is written on.
    expiry
        UTC nanoseconds.
    strike, forward
        Quote per base; the forward is what the venue prices this row with, NaN if unknown.
    sign
        1 for a call, -1 for a put, NaN for what is neither.
    bid, ask, mark
        Premiums; NaN where there is none.
    mark_volatility
        Yearly, 0.6 for 60 per cent, NaN if unknown.
    delta
        As the venue shows it, NaN if unknown.
    open_interest
        In contracts, NaN if unknown.
    quoted
        When each row was last heard of, UTC nanoseconds.
    faults
        What of each row could not be read, such as ``bid is no number``; the empty text where
        nothing, and left out where all could.

    Examples
    --------
    >>> chain = sample_chain()
    >>> len(chain), chain.underlyings
    (6, ('BTC',))
    >>> chain
    Chain(6 quotes on BTC, 1 expiry to come, at 2022-01-08T00:00:00Z)
    >>> chain.only("BTC").reasons.tolist()
    ['', '', '', '', '', '']
    """

    time: int
    premium_unit: PremiumUnit
    index: Mapping[str, float]
    symbol: Texts
    underlying: Texts
    expiry: Times
    strike: Floats
    sign: Floats
    forward: Floats
    bid: Floats
    ask: Floats
    mark: Floats
    mark_volatility: Floats
    delta: Floats
    open_interest: Floats
    quoted: Times
    faults: Texts = field(default_factory=lambda: np.array([], dtype=np.str_))

    def __post_init__(self) -> None:
        if self.premium_unit not in {"coin", "quote"}:
            raise ConfigError(f"premium_unit = {self.premium_unit!r}: write coin or quote")
        if not self.faults.size:
            object.__setattr__(self, "faults", np.full(len(self), "", dtype=np.str_))
        for name in (*column_names(), "faults"):
            column = getattr(self, name)
            if column.shape != (len(self),):
                raise ConfigError(
                    f"chain: {name} has {column.shape} values, symbol has {len(self)}; "
                    "give every column one value a quote"
                )

    def __len__(self) -> int:
        """Return the number of quotes."""
        return int(self.symbol.size)

    def __repr__(self) -> str:
        """Return how much is in it, not the columns."""
        quotes = f"{len(self):,} {'quote' if len(self) == 1 else 'quotes'}"
        coins = ", ".join(self.underlyings[:MOST_COINS])
        more = f" and {len(self.underlyings) - MOST_COINS} more"
        on = f" on {coins}{more if len(self.underlyings) > MOST_COINS else ''}" if coins else ""
        ends = f"{self.expiries.size} {'expiry' if self.expiries.size == 1 else 'expiries'}"
        return f"Chain({quotes}{on}, {ends} to come, at {iso(self.time)})"

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The coins with quotes, in order of the alphabet."""
        return tuple(str(name) for name in np.unique(self.underlying) if name)

    @property
    def years(self) -> Floats:
        """Time from the snapshot to each expiry, in years of 365 days."""
        return np.asarray((self.expiry - self.time) / YEAR, np.float64)

    @property
    def expiries(self) -> Times:
        """The expiries still to come, sorted."""
        return np.unique(self.expiry[self.expiry > self.time])

    @property
    def reasons(self) -> Texts:
        """What makes a row meaningless whatever its prices are; the empty text where nothing."""
        found = self.faults.astype("<U32")
        checks = (
            (self.underlying == "", "underlying is missing"),
            (~np.isfinite(self.sign), "kind is neither call nor put"),
            (np.isnan(self.strike), "strike is missing"),
            (~((self.strike > 0.0) & np.isfinite(self.strike)), "strike <= 0"),
            (self.expiry <= self.time, "expired"),
            (np.isfinite(self.forward) & (self.forward <= 0.0), "forward <= 0"),
            (np.isinf(self.forward), "forward is infinite"),
            (self.mark < 0.0, "mark < 0"),
            (self.mark_volatility <= 0.0, "mark volatility <= 0"),
        )
        for bad, word in checks:
            found[bad & (found == "")] = word
        repeated = np.ones(len(self), dtype=np.bool_)
        read = np.flatnonzero(self.faults == "")
        repeated[read[np.unique(self.symbol[read], return_index=True)[1]]] = False
        found[repeated & (found == "")] = "symbol is there twice"
        return found

    def rows(self, wanted: npt.NDArray[np.generic]) -> "Chain":
        """Return a chain of some rows: a mask or places."""
        return replace(
            self, **{name: getattr(self, name)[wanted] for name in (*column_names(), "faults")}
        )

    def only(self, underlying: str) -> "Chain":
        """Return the quotes on one coin; of the only one, with those that name none.

        Raises
        ------
        UnknownName
            If there are none.
        """
        if underlying not in self.underlyings:
            raise UnknownName("underlying", underlying, self.underlyings)
        named = self.underlying == underlying
        return self.rows(named | (self.underlying == "") if len(self.underlyings) == 1 else named)


def column_names() -> tuple[str, ...]:
    """Return the names of a chain's columns."""
    return tuple(one.name for one in fields(Chain) if one.name not in NOT_COLUMNS)


def sample_chain() -> Chain:
    """Return three strikes of one expiry, for examples."""
    strike = np.repeat([50_000.0, 60_000.0, 70_000.0], 2)
    middle = np.array([0.1893, 0.0227, 0.0834, 0.0834, 0.0310, 0.1977])
    count = strike.size
    day = 86_400_000_000_000
    kind = np.tile(["C", "P"], 3)
    return Chain(
        time=19_000 * day,
        premium_unit="coin",
        index={"BTC": 60_000.0},
        symbol=np.array([f"BTC-{k:.0f}-{s}" for k, s in zip(strike, kind, strict=True)]),
        underlying=np.full(count, "BTC"),
        expiry=np.full(count, 19_045 * day, dtype=np.int64),
        strike=strike,
        sign=np.where(kind == "C", 1.0, -1.0),
        forward=np.full(count, 60_000.0),
        bid=middle - 0.001,
        ask=middle + 0.001,
        mark=middle,
        mark_volatility=np.full(count, np.nan),
        delta=np.full(count, np.nan),
        open_interest=np.zeros(count),
        quoted=np.full(count, 19_000 * day, dtype=np.int64),
    )
