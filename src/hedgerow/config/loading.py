"""From a config file to a checked job and its world."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from hedgerow.config.complaint import complaint, section_name, visible
from hedgerow.config.completing import Complete, completed
from hedgerow.config.config import Config, World
from hedgerow.config.flows import holding_from
from hedgerow.config.own_tables import with_own_tables
from hedgerow.config.pairs import pair_hedges
from hedgerow.config.reading import MOST_CONFIG, decode, parse_toml, read_bytes
from hedgerow.config.schema import (
    DeleveragingSection,
    Document,
    HedgeSection,
    MarginSection,
    normal,
)
from hedgerow.engine.compose import compose
from hedgerow.engine.job import Hedge, Job
from hedgerow.errors import ConfigError, HedgeError, UnknownName
from hedgerow.execution.costs import Execution, Fees
from hedgerow.exposure.book import Book, Holding
from hedgerow.funding.financing import Financing
from hedgerow.margin.account import Margin, Pledge
from hedgerow.margin.deleveraging.crowd import Crowd, Own
from hedgerow.margin.deleveraging.schedule import DeleveragingRule
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.table_file import Table, load_table
from hedgerow.market.tables import contract_rules
from hedgerow.policies.base import Policy
from hedgerow.replay.request import Outage, parse_step, stand_in
from hedgerow.units import DAY, nanoseconds

MEND: Final = "give a config file, such as `hedgerow init FILE` writes"


def load(path: Path) -> Config:
    """Return what the config file at `path` asks for.

    Raises
    ------
    ConfigError
        If the file or anything in it is wrong; the message names the file, the key and the mend.
    """
    content = read_bytes(path, most=MOST_CONFIG, mend=MEND)
    name = str(path)
    raw = parse_toml(decode(content, name), name)
    return config_from(raw, name=name, folder=path.parent, inputs=(path,))


def config_from(
    raw: dict[str, Any], *, name: str, folder: Path, inputs: tuple[Path, ...] = ()
) -> Config:
    """Return the config that parsed TOML holds.

    Parameters
    ----------
    name
        What messages call it.
    folder
        Where the files that it names count from.
    inputs
        The files it was read from.
    """
    try:
        document = Document.model_validate(normal(raw))
    except ValidationError as error:
        raise ConfigError(complaint(error, raw, name)) from error
    with said_of(name):
        headings = [section_name(("hedge", n), raw) for n in range(len(document.hedge))]
        policies = tuple(
            section_name(("hedge", n, "policy"), raw) for n in range(len(document.hedge))
        )
        complete = completed(with_own_tables(document), folder, policies)
        world = _world(complete)
        tables = tuple(load_table(table.path) for table in complete.tables)
        hedges = _hedges(complete, headings)
        _check_names(complete, tables, headings)
        job = _job(complete, hedges, raw)
        compose(
            job,
            {holding.asset: holding.amount for holding in job.book.holdings},
            world.start,
            tables,
        )
    data = complete.document.data
    files = [table.path for table in (*complete.flows, *complete.tables) if table is not None]
    return Config(
        job=job,
        world=world,
        lake=None if data.lake is None else folder / data.lake,
        allow_gaps=data.allow_gaps,
        proxy=data.proxy,
        tables=tables,
        document=complete.document,
        inputs=(*inputs, *files),
    )


@contextmanager
def said_of(name: str) -> Iterator[None]:
    """Put the name of the file before any complaint about what is in it."""
    try:
        yield
    except HedgeError as error:
        text = visible(str(error))
        raise ConfigError(text if text.startswith(name) else f"{name}: {text}") from error


def _job(complete: Complete, hedges: list[Hedge], raw: dict[str, Any]) -> Job:
    document = complete.document
    margins = []
    for number, account in enumerate(document.margin):
        with _numbered(section_name(("margin", number), raw)):
            margins.append(_margin(account))
    return Job(
        hedges=[*hedges, *(pair_hedges(document, hedges[0].book) if hedges else ())],
        margins=margins,
        execution=Execution(**document.execution.model_dump()),
        fees=Fees(**document.fees.model_dump()),
        financing=Financing(**document.financing.model_dump()),
    )


def _hedges(complete: Complete, headings: list[str]) -> list[Hedge]:
    book = _book(complete)
    hedges = []
    sections = complete.document.hedge
    for section, policy, heading in zip(sections, complete.policies, headings, strict=True):
        with _numbered(heading):
            hedges.append(_hedge(section, book, policy))
    return hedges


@contextmanager
def _numbered(heading: str) -> Iterator[None]:
    """Say which table is meant where there are several of a kind."""
    try:
        yield
    except ConfigError as error:
        several = heading.startswith("[[")
        raise ConfigError(f"{heading}: {error}" if several else str(error)) from error


def _book(complete: Complete) -> Book:
    opening = datetime.combine(complete.span[0], time(), tzinfo=UTC)
    holdings = []
    for section, table in zip(complete.document.book.holding, complete.flows, strict=True):
        if table is None and "amount" not in section.model_fields_set:
            raise ConfigError(
                f"[[book.holding]] {section.asset}: says neither amount nor flows; add "
                'amount = 120.0, say, or flows = "balances.csv"'
            )
        start = Holding(section.asset, section.amount)
        holdings.append(
            start if table is None else holding_from(table.text, str(table.path), start, opening)
        )
    return Book(holdings, numeraire=complete.document.book.numeraire)


def _hedge(section: HedgeSection, book: Book, policy: Policy) -> Hedge:
    numbers = section.model_dump(exclude={"policy"})
    return Hedge(book, policy=policy, **numbers)


def _margin(section: MarginSection) -> Margin:
    numbers = section.model_dump()
    if numbers["withdraw_above"] == float("inf"):
        numbers["withdraw_above"] = None
    numbers["pledges"] = tuple(Pledge(**pledge) for pledge in numbers["pledges"])
    return Margin(**numbers)


def _world(complete: Complete) -> World:
    section = complete.document.world
    start, end = complete.span
    if end < start:
        raise ConfigError(
            f"[world] end = {end} is before start = {start}; set end to that day or later"
        )
    with said_of("[world]"):
        if DAY % parse_step(section.bar):
            raise ConfigError(f"bar = {section.bar!r} does not divide a day; write 15m, 1h or 8h")
    return World(
        kind=section.kind,
        start=start,
        end=end,
        bar=section.bar,
        seed=section.seed,
        outages=_outages(complete),
        deleveraging=None if section.deleveraging is None else _deleveraging(section.deleveraging),
    )


def _deleveraging(section: DeleveragingSection) -> DeleveragingRule:
    return DeleveragingRule(
        side=section.side,
        fall=section.fall,
        window_hours=section.window_hours,
        share=section.share,
        price=section.price,
        own=None if section.own_leverage is None else Own(leverage=section.own_leverage),
        crowd=Crowd(median_leverage=section.crowd_leverage, fund=section.crowd_fund),
    )


def _outages(complete: Complete) -> tuple[Outage, ...]:
    venues = list(dict.fromkeys(hedge.venue for hedge in complete.document.hedge))
    outages = []
    for number, section in enumerate(complete.document.world.outage, start=1):
        where = f"[[world.outage]] {number}"
        if section.venue not in venues:
            raise UnknownName("venue of a hedge", section.venue[:60], venues, where=where)
        if section.end <= section.start:
            raise ConfigError(
                f"{where}: end = {section.end.isoformat()} is not after start = "
                f"{section.start.isoformat()}; exchange or correct them"
            )
        outages.append(
            Outage(
                venue=section.venue,
                start=nanoseconds(section.start),
                end=nanoseconds(section.end),
                late=section.late,
            )
        )
    return tuple(outages)


def _check_names(complete: Complete, tables: tuple[Table, ...], headings: list[str]) -> None:
    """Raise unless venues, instruments, the fee tier and proxies are known."""
    document = complete.document
    for hedge, heading in zip(document.hedge, headings, strict=True):
        with said_of(heading):
            rules = contract_rules(hedge.venue, hedge.instrument, complete.span[0], tables)
        with said_of("[fees]"):
            rules.fee(document.fees.tier)
    instruments = [hedge.instrument for hedge in document.hedge]
    for symbol, named in document.data.proxy.items():
        if symbol not in instruments:
            raise UnknownName("instrument", symbol[:60], instruments, where="[data.proxy]")
        if parse_symbol(stand_in(named, "").symbol).is_spot:
            raise ConfigError(
                f"[data.proxy] {symbol} = {named!r} is a spot pair; a perpetual stands in for "
                "a perpetual, as only those have funding"
            )
