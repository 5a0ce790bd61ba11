"""The answer of `hedgerow greeks`, for a program and for a person."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from hedgerow.cli.calc_output import Json
from hedgerow.cli.greeks_edge import TITLE, edge_table, edges_of
from hedgerow.cli.greeks_market import MEND, Opened, within_doubles
from hedgerow.cli.greeks_table import table_of, written
from hedgerow.cli.price_parts import DAYS, POINT
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from hedgerow.exposure.edge import Edge
    from hedgerow.exposure.exposure import Exposure

MOST_PROBLEMS: Final = 12
ENDLESS: Final = 10_000  # columns
ALL: Final = "all"
FOLDED: Final = 14  # characters to which names are folded before the last columns go


class By(StrEnum):
    """What sensitivities are shown apart by."""

    EXPIRY = "expiry"
    POSITION = "position"


class Shown(NamedTuple):
    """A sensitivity as people read it.

    Attributes
    ----------
    unit
        With ``{}`` for the numeraire.
    divisor
        From the unit of the JSON to that of the table.
    adds
        Whether those of several underlyings add up.
    """

    name: str
    unit: str
    divisor: float = 1.0
    adds: bool = True


WORTH: Final = Shown("worth", "{}")
SHOWN: Final = (
    WORTH,
    Shown("delta", "coins", adds=False),
    Shown("gamma", "coins a 1 % move", adds=False),
    Shown("vega", "{} a point", POINT),
    Shown("theta", "{} a day", DAYS),
    Shown("rho", "{} a percent", POINT),
    Shown("vanna", "coins a point", POINT, adds=False),
    Shown("volga", "{} a point squared", POINT * POINT),
    Shown("carry", "{} a day", DAYS),
    Shown("funding", "{} a percent", POINT),
)
LADDER: Final = ("delta", "gamma", "vega", "theta", "carry")
SPARED: Final = ("gamma", "theta", "carry", "vega")  # left out one by one where there is no room


class HedgeTrade(NamedTuple):
    """The trade that takes the delta by one coin away."""

    underlying: str
    instrument: str
    size: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GreeksAnswer:
    """A book's exposure, and what it was found with."""

    opened: Opened
    exposure: "Exposure"
    hedges: tuple[HedgeTrade, ...]
    not_hedged: tuple[str, ...]
    edges: "tuple[Edge, ...]"

    @property
    def notes(self) -> list[str]:
        """What a reader must know."""
        return [*self.opened.notes, *self.not_hedged]


def answered(opened: Opened) -> GreeksAnswer:
    """Return a book's exposure with the perpetual trades that make it neutral."""
    exposure = opened.exposure()
    hedges: list[HedgeTrade] = []
    missing: list[str] = []
    for coin in exposure.underlyings:
        if not exposure.market.spot_of(coin) > 0.0:
            missing.append(f"{coin}: no spot price, so nothing of it is counted")
            continue
        for symbol, unit in ((f"{coin}/USD:{coin}", "USD face"), (f"{coin}/USDT:USDT", coin)):
            try:
                with within_doubles():
                    size = _quotable(exposure, symbol, coin).hedge_size(symbol, underlying=coin)
            except ConfigError as error:
                missing.append(f"{coin}: {error}")
            else:
                hedges.append(HedgeTrade(coin, symbol, size + 0.0, unit))
    return GreeksAnswer(
        opened=opened,
        exposure=exposure,
        hedges=tuple(hedges),
        not_hedged=tuple(missing),
        edges=edges_of(exposure),
    )


def _quotable(exposure: "Exposure", symbol: str, coin: str) -> "Exposure":
    """Return the same exposure beside a market in which a perpetual without a mark is at spot."""
    market = exposure.market
    marks = {symbol: market.spot_of(coin), **market.marks}
    return replace(exposure, market=replace(market, marks=marks))


def greeks_json(answer: GreeksAnswer) -> Json:
    """Return the answer as plain values, in the units of the Python interface."""
    from hedgerow.units import iso

    exposure, opened = answer.exposure, answer.opened
    return {
        "time": iso(exposure.market.now),
        "numeraire": exposure.numeraire,
        "worth": _plain(exposure.worth),
        "underlyings": _records(exposure.by_underlying()),
        "expiries": _records(exposure.by_expiry()),
        "positions": _records(exposure.contributions()),
        "hedges": [one._asdict() for one in answer.hedges],
        "edges": [one._asdict() | {"expiry": iso(one.expiry)} for one in answer.edges],
        "surfaces": {
            coin: {
                "kind": surface.kind,
                "expiries": len(surface.slices),
                "fits": sum(one.fits for one in surface.slices),
                "violations": len(surface.violations),
            }
            for coin, surface in opened.surfaces.items()
        },
        "problems": [problem._asdict() for problem in exposure.problems],
        "warnings": answer.notes,
    }


def sections(answer: GreeksAnswer, by: By, console: "Console") -> "Iterator[RenderableType]":
    """Yield what a person reads, top to bottom."""
    exposure = answer.exposure
    numeraire = exposure.numeraire
    yield _title(f"The book is worth {written(exposure.worth)} {numeraire}")
    yield from _sums(exposure, console)
    yield _title(f"By {by.value}")
    yield from _fitting(exposure, _by_expiry if by is By.EXPIRY else _by_position, console)
    if answer.hedges:
        yield _title(f"What takes the delta away, counted in {numeraire}: one of these")
        yield _hedges(answer)
    if answer.edges:
        yield _title(TITLE)
        yield edge_table(answer.edges)


def lines(answer: GreeksAnswer) -> Iterator[tuple[str, str]]:
    """Yield what stands below the tables, each with its style."""
    for note in answer.notes:
        yield note, "yellow"
    problems = answer.exposure.problems
    for problem in problems[:MOST_PROBLEMS]:
        yield (
            f"row {problem.row + 1}, {problem.position or 'without a name'}: {problem.reason}",
            "red",
        )
    if len(problems) > MOST_PROBLEMS:
        yield f"... and {len(problems) - MOST_PROBLEMS} more", "red"
    if any(problem.reason != "expired" for problem in problems):
        yield MEND, "yellow"
    yield _stamp(answer), "dim"


def _stamp(answer: GreeksAnswer) -> str:
    from hedgerow.units import iso

    opened = answer.opened
    said = [f"Prices of {iso(answer.exposure.market.now)}"]
    if opened.chains:
        said.append(f"{sum(map(len, opened.chains.values())):,} quotes")
    for coin, surface in opened.surfaces.items():
        good = sum(one.fits for one in surface.slices)
        said.append(
            f"{coin} by a surface ({surface.kind}), {good} of {len(surface.slices)} expiries fit"
        )
    return "; ".join(said) + "."


def _sums(exposure: "Exposure", console: "Console") -> "Iterator[Table]":
    """Yield the sums of all underlyings: in several tables where one is too wide."""
    names = list(exposure.underlyings)
    columns = [*names, ALL] if len(names) > 1 else names
    while columns:
        most = next(
            (
                most
                for most in range(len(columns), 1, -1)
                if _width(_sums_of(exposure, columns[:most]), console) <= console.width
            ),
            1,
        )
        yield _sums_of(exposure, columns[:most])
        columns = columns[most:]


def _sums_of(exposure: "Exposure", columns: Sequence[str]) -> "Table":
    frame = {row["underlying"]: row for row in exposure.by_underlying().to_dicts()}
    table = table_of("", "unit", *columns)
    spots = ["" if name == ALL else written(frame[name]["spot"]) for name in columns]
    table.add_row("spot", "quote", *spots)
    for shown in SHOWN:
        values = {name: _seen(shown, row, row["spot"]) for name, row in frame.items()}
        every = written(math.fsum(values.values())) if shown.adds else ""
        cells = [every if name == ALL else written(values[name]) for name in columns]
        table.add_row(shown.name, shown.unit.format(exposure.numeraire), *cells)
    return table


def _fitting(
    exposure: "Exposure",
    drawn: "Callable[[Exposure, Sequence[str]], Table]",
    console: "Console",
) -> "Iterator[RenderableType]":
    """Yield a table of as many sensitivities as there is room for, and which are left out."""
    for gone in range(len(SPARED) + 1):
        table = drawn(exposure, [name for name in LADDER if name not in SPARED[:gone]])
        if gone == len(SPARED) - 1:
            table.columns[0].max_width = FOLDED
        if _width(table, console) <= console.width:
            break
    table.columns[0].max_width = None
    yield table
    if gone:
        from rich.text import Text

        words = ", ".join(name for name in LADDER if name in SPARED[:gone])
        room = _width(drawn(exposure, LADDER), console)
        yield Text(
            f"Too narrow for {words}. All columns: COLUMNS={room} hedgerow greeks ..., or --json -",
            style="yellow",
        )


def _width(table: "Table", console: "Console") -> int:
    """Return how wide a table is if nothing in it is folded."""
    return console.measure(table, options=console.options.update(width=ENDLESS)).maximum


def _by_expiry(exposure: "Exposure", shown: Sequence[str]) -> "Table":
    table = table_of("", "expiry", *(_head(name, exposure.numeraire) for name in shown))
    before = ""
    for row in exposure.by_expiry().to_dicts():
        coin = row["underlying"]
        if not any(row[one.name] for one in SHOWN):
            continue  # all of it has ended, or is not counted
        spot = exposure.market.spot_of(coin)
        cells = [written(_seen(_of(name), row, spot)) for name in shown]
        table.add_row("" if coin == before else coin, row["bucket"], *cells)
        before = coin
    return table


def _by_position(exposure: "Exposure", shown: Sequence[str]) -> "Table":
    table = table_of("position", "size", *(_head(name, exposure.numeraire) for name in shown))
    for row in exposure.contributions().to_dicts():
        if row["underlying"] is None:
            continue  # it is among the problems
        spot = exposure.market.spot_of(row["underlying"])
        cells = [written(_seen(_of(name), row, spot)) for name in shown]
        table.add_row(row["position"], written(row["size"]), *cells)
    return table


def _hedges(answer: GreeksAnswer) -> "Table":
    table = table_of("", "trade", "size", "")
    before = ""
    for one in answer.hedges:
        name = "" if one.underlying == before else one.underlying
        table.add_row(name, one.instrument, written(one.size, sign="+"), one.unit)
        before = one.underlying
    return table


def _head(name: str, numeraire: str) -> str:
    unit = _of(name).unit.format(numeraire)
    return f"{name}\n{unit.replace(' a ', chr(10) + 'a ', 1)}"


def _of(name: str) -> Shown:
    return next(shown for shown in SHOWN if shown.name == name)


def _seen(shown: Shown, row: Mapping[str, float | None], spot: float) -> float:
    """Return a sensitivity in the unit of the table."""
    value = row[shown.name]
    if value is None:
        return math.nan
    if shown.name == "gamma":
        return value * spot / POINT
    return value / shown.divisor


def _title(words: str) -> "Text":
    from rich.text import Text

    return Text("\n" + words, style="bold")


def _records(frame: "pl.DataFrame") -> list[Json]:
    return [{name: _value(value) for name, value in row.items()} for row in frame.to_dicts()]


def _value(value: object) -> object:
    if isinstance(value, float):
        return _plain(value)
    if value is None or isinstance(value, str | int):
        return value
    return str(value).replace("+00:00", "Z").replace(" ", "T")


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
