"""From pairs of a config to legs of the engine, spot listings and what the desk is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from hedgerow.config.pair_schema import PairLegSection, PairSection
from hedgerow.config.schema import Document
from hedgerow.engine.job import Hedge, Job
from hedgerow.engine.terms import AccountTerms, PledgeTerms, Terms
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.order import Listing
from hedgerow.exposure.book import Book
from hedgerow.live.setup import PairTask
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.market.table_file import Table
from hedgerow.market.tables import spot_fee
from hedgerow.market.venue import FeeTier
from hedgerow.policies.hold import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What pairs add to a desk: spot listings after those of the engine, and fees by venue."""

    terms: Terms
    spot: tuple[Listing, ...] = ()
    tasks: tuple[PairTask, ...] = ()
    fees: Mapping[str, FeeTier] = field(default_factory=dict)


def refuse_pairs(document: Document) -> None:
    """Raise where a run over history would have to leave pairs out."""
    if document.pair:
        raise ConfigError(
            f"[[pair]] {document.pair[0].name}: only a running desk knows pairs, and a run over "
            "history without them would be another book; remove the tables for it, or run the "
            "desk on paper: `hedgerow run`"
        )


def pair_hedges(document: Document, book: Book) -> list[Hedge]:
    """Return the perpetuals of all pairs as legs that no policy moves.

    Raises
    ------
    ConfigError
        If a leg cannot be one, with the mend.
    """
    _check_names(document.pair)
    hedges: list[Hedge] = []
    taken = [(each.venue, each.instrument, each.account) for each in document.hedge]
    for pair in document.pair:
        _check(pair, document)
        for leg in (pair.first, pair.second):
            place = leg.venue, leg.instrument, leg.account
            if place in taken:
                raise ConfigError(
                    f"[[pair]] {pair.name}: {leg.instrument} at {leg.venue} is traded from account "
                    f"{leg.account!r} by another table, and a position there is one; give the pair "
                    "a [margin] of its own, with the key of a sub-account"
                )
            taken.append(place)
            if not parse_symbol(leg.instrument).is_spot:
                hedges.append(
                    Hedge(
                        book,
                        instrument=leg.instrument,
                        venue=leg.venue,
                        account=leg.account,
                        policy=Hold(),
                        ratio=0.0,
                    )
                )
    return hedges


def paired(document: Document, job: Job, terms: Terms, on: date, extra: Sequence[Table]) -> Paired:
    """Return what the pairs of a config add to the terms of its job.

    An account with spot may hold the coins: they are pledged, none at first.
    """
    numbers = {
        (hedge.venue, hedge.instrument, hedge.account): leg for leg, hedge in enumerate(job.hedges)
    }
    spot: list[Listing] = []
    fees: dict[str, FeeTier] = {}
    for pair in document.pair:
        leg = pair.first
        if parse_symbol(leg.instrument).is_spot:
            numbers[leg.venue, leg.instrument, leg.account] = len(terms.legs) + len(spot)
            spot.append(_listing(pair, leg))
            fees[leg.venue] = spot_fee(leg.venue, on, job.fees.tier, tuple(extra))[0]
            terms = _pledging(terms, leg)
    if fees and not terms.spot_fee:
        terms = replace(terms, spot_fee=float(next(iter(fees.values())).taker))
    tasks = tuple(
        PairTask(
            name=pair.name,
            first=numbers[pair.first.venue, pair.first.instrument, pair.first.account],
            second=numbers[pair.second.venue, pair.second.instrument, pair.second.account],
            size=Decimal(repr(pair.size)) * (1 if pair.side == "long" else -1),
            naked=pair.naked_notional_seconds,
            naked_notional=pair.naked_notional,
        )
        for pair in document.pair
    )
    return Paired(terms=terms, spot=tuple(spot), tasks=tasks, fees=fees)


def _check_names(pairs: Sequence[PairSection]) -> None:
    names = [pair.name for pair in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"[[pair]]: two pairs are called {name!r}; rename one")


def _check(pair: PairSection, document: Document) -> None:
    """Raise unless a pair is a coin against itself, in linear perpetuals or spot."""
    where = f"[[pair]] {pair.name}"
    first, second = (parse_symbol(leg.instrument) for leg in (pair.first, pair.second))
    if second.is_spot:
        raise ConfigError(
            f"{where}: second = {pair.second.instrument} is spot; only the first leg may be, the "
            "second is a perpetual"
        )
    if first.is_spot and pair.side == "short":
        raise ConfigError(
            f'{where}: spot cannot be held short; write side = "long", or take two perpetuals'
        )
    for leg, symbol in ((pair.first, first), (pair.second, second)):
        if not symbol.is_spot and symbol.settlement is not Settlement.LINEAR:
            raise ConfigError(
                f"{where}: {leg.instrument} is counted in {symbol.quote}, so it would drift from "
                "the other leg with the price; take a linear perpetual"
            )
    if first.base != second.base:
        raise ConfigError(
            f"{where}: {first.base} against {second.base} is no pair; both legs are of one coin"
        )
    held = [holding.asset for holding in document.book.holding]
    if first.base not in held:
        raise ConfigError(
            f"{where}: the book knows no {first.base}; add a [[book.holding]] with "
            f'asset = "{first.base}" and amount = 0.0'
        )
    if first.is_spot:
        _check_spot(pair, document)


def _check_spot(pair: PairSection, document: Document) -> None:
    where, leg = f"[[pair]] {pair.name} first", pair.first
    if leg.tick is None or leg.lot is None:
        raise ConfigError(
            f"{where}: {leg.instrument} is spot, whose steps no table has; add tick and lot (and "
            f"minimum_notional) as {leg.venue} lists them"
        )
    margins = {margin.name: margin for margin in document.margin}
    if leg.account not in margins:
        raise UnknownName("account", leg.account[:60], list(margins), where=f"{where} account")
    margin, symbol = margins[leg.account], parse_symbol(leg.instrument)
    if margin.mode != "cross":
        raise ConfigError(
            f"{where}: account {leg.account!r} is isolated and cannot hold {symbol.base} as well; "
            'set mode = "cross"'
        )
    if margin.collateral != symbol.quote:
        raise ConfigError(
            f"{where}: {leg.instrument} is paid in {symbol.quote}, but account {leg.account!r} "
            f"holds {margin.collateral}; choose an account that holds {symbol.quote}"
        )
    perpetuals = [(each.venue, each.account) for each in document.hedge]
    perpetuals += [(each.second.venue, each.second.account) for each in document.pair]
    if (leg.venue, leg.account) not in perpetuals:
        raise ConfigError(
            f"{where}: account {leg.account!r} holds no perpetual at {leg.venue}; hold the coins "
            "in the unified account of a perpetual, where they are collateral"
        )


def _listing(pair: PairSection, leg: PairLegSection) -> Listing:
    lot = Decimal(repr(leg.lot))
    if pair.size and Decimal(repr(pair.size)) < lot:
        raise ConfigError(f"[[pair]] {pair.name}: size = {pair.size} is less than a lot of {lot}")
    return Listing(
        venue=leg.venue,
        account=leg.account,
        symbol=leg.instrument,
        tick=Decimal(repr(leg.tick)),
        lot=lot,
        minimum_size=lot,
        minimum_notional=Decimal(repr(leg.minimum_notional)),
        spot=True,
    )


def _pledging(terms: Terms, leg: PairLegSection) -> Terms:
    coin = parse_symbol(leg.instrument).base

    def pledged(account: AccountTerms) -> AccountTerms:
        known = [pledge.asset for pledge in account.pledges]
        if account.name != leg.account or coin in known:
            return account
        pledge = PledgeTerms(asset=coin, amount=0.0, haircut=leg.haircut)
        return replace(account, pledges=(*account.pledges, pledge))

    return replace(terms, accounts=tuple(pledged(account) for account in terms.accounts))
