"""The book and the market that `greeks` and `payoff` are asked about: files, flags, a chain."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from hedgerow.errors import ConfigError, MarketDataError, UnknownName

if TYPE_CHECKING:
    from hedgerow.adapters.chains import ChainFile
    from hedgerow.config.book_file import BookFile
    from hedgerow.config.book_file_market import Given
    from hedgerow.exposure.exposure import Exposure
    from hedgerow.exposure.view import MarketView
    from hedgerow.market.chain import Chain
    from hedgerow.pricing.surface import Surface
    from hedgerow.units import Floats


class SurfaceKind(StrEnum):
    """Whose volatilities count: a fitted surface's, or the venue's own."""

    SVI = "svi"
    SSVI = "ssvi"
    VANNA_VOLGA = "vanna-volga"
    NONE = "none"


FLAGS: Final = {one: f"--{one}" for one in ("spot", "volatility", "mark", "funding")}
HIGH: Final = 10.0  # volatility a year from which on it must have been meant as per cent
Fitted = Literal["svi", "ssvi", "vanna-volga"]
KINDS: Final[dict[SurfaceKind, Fitted]] = {
    SurfaceKind.SVI: "svi",
    SurfaceKind.SSVI: "ssvi",
    SurfaceKind.VANNA_VOLGA: "vanna-volga",
}

BookArgument = Annotated[
    Path,
    typer.Argument(
        metavar="BOOK", help="TOML or JSON of positions, or a CSV or Parquet of symbol,size,entry."
    ),
]
ChainOption = Annotated[
    Path | None, typer.Option(help="Option quotes: spot, forwards and volatilities come from it.")
]
ColumnsOption = Annotated[
    str, typer.Option(help="What the chain's columns mean: a TOML map, or a known shape's name.")
]
AtOption = Annotated[
    str, typer.Option(help="Take the last quotes at or before this time, e.g. 2026-03-27T08:00Z.")
]
SurfaceOption = Annotated[
    SurfaceKind, typer.Option(help="Fitted to the chain; none takes the venue's volatilities.")
]
NumeraireOption = Annotated[
    str, typer.Option(help="What worth is counted in: USD or a coin; as the book by default.")
]
SpotsOption = Annotated[
    list[str] | None, typer.Option("--spot", metavar="COIN=PRICE", help="May be repeated.")
]
MarksOption = Annotated[
    list[str] | None,
    typer.Option("--mark", metavar="SYMBOL=PRICE", help="Of a perpetual or a future."),
]
FundingsOption = Annotated[
    list[str] | None,
    typer.Option("--funding", metavar="SYMBOL=RATE", help="A year: 0.1 is 10 %, longs pay."),
]
VolatilitiesOption = Annotated[
    list[str] | None,
    typer.Option("--volatility", metavar="COIN=NUMBER", help="One for a coin, in place of all."),
]
RateOption = Annotated[
    float | None, typer.Option(help="Of money, a year: discounts options paid in money.")
]
MEND: Final = (
    "What is missing can be given: --chain FILE, --spot COIN=PRICE, --mark SYMBOL=PRICE, "
    "--funding SYMBOL=RATE, --volatility COIN=NUMBER, or [market] in the book's file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked on the command line."""

    book: Path
    chain: Path | None = None
    columns: str = ""
    at: str = ""
    surface: SurfaceKind = SurfaceKind.SVI
    numeraire: str = ""
    spot: Sequence[str] = ()
    mark: Sequence[str] = ()
    funding: Sequence[str] = ()
    volatility: Sequence[str] = ()
    rate: float | None = None

    @property
    def inputs(self) -> list[Path]:
        """The files that it reads."""
        return [self.book] if self.chain is None else [self.book, self.chain]

    def given(self) -> "Given":
        """Return what the flags say of the market."""
        from hedgerow.config.book_file_market import Given
        from hedgerow.config.book_file_symbols import unified

        time = None if self.chain is not None or not self.at else _instant(self.at)
        return Given(
            time=time,
            rate=self.rate,
            spot=_pairs("--spot", self.spot, above_zero=True),
            mark=_pairs("--mark", self.mark, unified, above_zero=True),
            funding=_pairs("--funding", self.funding, unified),
            volatility=_pairs("--volatility", self.volatility, above_zero=True),
        )

    def read_chains(self, coins: Sequence[str]) -> "dict[str, Chain]":
        """Return the quotes on each coin, as far as the file has any."""
        if self.chain is None:
            if self.columns:
                raise ConfigError(
                    f"--columns {self.columns} says nothing without --chain: add it, or leave it "
                    "out"
                )
            return {}
        from hedgerow.adapters.chains import open_chains

        file = open_chains(self.chain, map=self.columns or None)
        chains = {coin: _chain_of(file, coin, self._latest()) for coin in coins}
        return {coin: chain for coin, chain in chains.items() if chain is not None}

    def last_quote(self) -> datetime:
        """Return the moment of the chain's quotes, of whatever coin they are."""
        from hedgerow.adapters.chains import open_chains
        from hedgerow.units import moment

        latest = self._latest()
        if self.chain is None or latest is not None:
            return datetime.now(UTC) if latest is None else moment(latest)
        return moment(max(open_chains(self.chain, map=self.columns or None).times))

    def _latest(self) -> int | None:
        """Return UTC nanoseconds of `at`; of a day its end."""
        from hedgerow.units import DAY, nanoseconds

        if not self.at:
            return None
        at = nanoseconds(_instant(self.at))
        return at + DAY - 1 if len(self.at.strip()) == len("2026-03-27") else at


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A book at its market.

    Attributes
    ----------
    file
        The book.
    view
        The market.
    chains
        Where it comes from, as far as from quotes, by coin.
    surfaces
        What was fitted, by coin.
    notes
        What a reader must know of the market.
    """

    file: "BookFile"
    view: "MarketView"
    chains: "dict[str, Chain]" = field(default_factory=dict)
    surfaces: "dict[str, Surface]" = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def exposure(self) -> "Exposure":
        """Return the book's exposure at the market.

        Raises
        ------
        ConfigError
            If it is beyond what a double can hold.
        """
        from hedgerow.exposure.exposure import exposure

        with within_doubles():
            found = exposure(self.file.book, self.view)
            refuse_beyond(found.cells)
        return found


@contextmanager
def within_doubles() -> Iterator[None]:
    """Let numbers run over without a word: `refuse_beyond` tells of it."""
    import numpy as np

    with np.errstate(all="ignore"):
        yield


def refuse_beyond(values: "Floats") -> None:
    """Raise `ConfigError` if a number of an answer has run over."""
    import numpy as np

    if not np.isfinite(values).all():
        raise ConfigError(
            "the answer is beyond what a double can hold: a size, an entry or a price is far too "
            "large or too small; check their units"
        )


def opened(question: Question) -> Opened:
    """Return the book and the market that are asked about."""
    from hedgerow.config.book_file import load_book
    from hedgerow.config.book_file_market import market_view
    from hedgerow.config.book_file_names import refuse_unheld
    from hedgerow.market.instrument import MONEY

    file = load_book(question.book, numeraire=question.numeraire.strip())
    flags = question.given()
    refuse_unheld(flags, file.book, FLAGS)
    given = file.given.but(flags)
    coins = [name for name in file.book.columns.underlyings if name not in MONEY]
    chains = question.read_chains(coins)
    surfaces: dict[str, Surface] = {}
    notes: list[str] = []
    if question.chain is not None:
        lacking = (coin for coin in coins if coin not in chains)
        notes = [f"{coin}: {question.chain} holds no quotes on it" for coin in lacking]
        if question.surface is not SurfaceKind.NONE:
            _say_that_it_compiles()
            surfaces, failed = _fitted(chains, file, KINDS[question.surface], given)
            notes += failed
    else:
        given, flat = _with_forwards(given, file)
        notes += flat
    notes += [
        f"{coin}: a volatility of {value:g} is {value:,.0%} a year; 60 % is written 0.6"
        for coin, value in sorted(given.volatility.items())
        if value > HIGH
    ]
    now = datetime.now(UTC) if chains or question.chain is None else question.last_quote()
    view = market_view(given, chains=list(chains.values()), surfaces=surfaces, now=now)
    return Opened(file=file, view=view, chains=chains, surfaces=surfaces, notes=tuple(notes))


def _chain_of(file: "ChainFile", coin: str, at: int | None) -> "Chain | None":
    """Return a file's quotes on a coin: those in coin, else those in money, None without any."""
    import numpy as np

    for name in (coin, f"{coin}_USDC", f"{coin}_USDT"):
        try:
            chain = file.chain(at=at, underlying=name)
        except UnknownName:
            continue
        index = {coin: chain.index[name]} if name in chain.index else {}
        return replace(chain, index=index, underlying=np.full(len(chain), coin))
    return None


def _say_that_it_compiles() -> None:
    """Say on a terminal why the very first fit takes its time."""
    from hedgerow.kernels.jit import cache_folder

    folder = cache_folder()
    if sys.stderr.isatty() and (folder is None or not any(folder.rglob("*.nbi"))):
        typer.echo("getting ready (the very first run compiles for half a minute)", err=True)


def _fitted(
    chains: "Mapping[str, Chain]", file: "BookFile", kind: "Fitted", given: "Given"
) -> "tuple[dict[str, Surface], list[str]]":
    """Return the surfaces of the coins that the book needs volatilities of, and what failed."""
    from hedgerow.exposure.checks import settlement
    from hedgerow.exposure.line import Kind
    from hedgerow.pricing.surface import fit

    columns = file.book.columns
    moved = {Kind.OPTION, Kind.EVERLASTING, Kind.POWER}
    coins = {
        columns.underlyings[code]
        for group in columns.groups
        if group.kind in moved
        for code in group.underlying.tolist()
    }
    found: dict[str, Surface] = {}
    notes = []
    for coin in sorted((coins & set(chains)) - set(given.volatility)):
        curve = given.forward.get(coin, {})
        futures = {settlement(day): price for day, price in curve.items()}
        try:
            found[coin] = fit(chains[coin], kind=kind, futures=futures, spot=given.spot.get(coin))
        except MarketDataError as error:
            notes.append(f"{coin}: no surface ({error}); the venue's own volatilities count")
            continue
        judged = [one.quality for one in found[coin].slices]
        if not any(one.used for one in judged):
            why = ", ".join(dict.fromkeys(reason for one in judged for reason in one.left_out))
            notes.append(f"{coin}: no quote is fit for a surface: {why}")
    return found, notes


def _with_forwards(given: "Given", file: "BookFile") -> "tuple[Given, list[str]]":
    """Return the market with the spot price where a forward of an option's coin is not given."""
    from hedgerow.exposure.line import Kind
    from hedgerow.units import moment

    columns = file.book.columns
    curves = {coin: dict(curve) for coin, curve in given.forward.items()}
    flat = set()
    for group in columns.groups:
        if group.kind not in {Kind.OPTION, Kind.FUTURE}:
            continue
        for code, expiry in zip(group.underlying.tolist(), group.expiry.tolist(), strict=True):
            coin, day = columns.underlyings[code], moment(expiry).date()
            if coin in given.spot and day not in curves.get(coin, {}):
                curves.setdefault(coin, {})[day] = given.spot[coin]
                flat.add(coin)
    notes = [
        f"{coin}: no forwards are given; the spot price stands for them" for coin in sorted(flat)
    ]
    return replace(given, forward=curves), notes


def _pairs(
    option: str,
    given: Sequence[str],
    named: Callable[[str], str] = str,
    *,
    above_zero: bool = False,
) -> dict[str, float]:
    """Return the numbers of ``NAME=NUMBER`` by name."""
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        name = named(name.strip())
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not name or not math.isfinite(value) or (above_zero and value <= 0.0):
            need = "a number above 0" if above_zero else "a number"
            raise ConfigError(
                f"{option} {text}: write a name and {need}, such as {_EXAMPLES[option]}"
            )
        if name in found:
            raise ConfigError(f"{option} {text}: {name} is given twice; give it once")
        found[name] = value
    return found


_EXAMPLES: Final = {
    "--spot": "BTC=60000",
    "--mark": "BTC/USDT:USDT=60010",
    "--funding": "BTC/USDT:USDT=0.1",
    "--volatility": "BTC=0.6",
}


def _instant(text: str) -> datetime:
    from hedgerow.config.moments import YEARS, read_instant

    try:
        return read_instant(text)
    except ValueError as error:
        raise ConfigError(
            f"--at {text!r} is not a time of {YEARS}; write it like 2026-03-27T08:00Z"
        ) from error
