"""A venue's own words about its contracts, fetched into tables of one's own."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from hedgerow.adapters.venue_replies import fee_of, funding_of, size_of, tiers_of
from hedgerow.adapters.venue_wire import Exchange
from hedgerow.errors import MarketDataError, UnknownName
from hedgerow.execution.port import VenueError
from hedgerow.market.known import KnownRules
from hedgerow.market.table_file import Table, read_table
from hedgerow.market.table_reader import TableReader
from hedgerow.market.table_text import ContractDraft, TableDraft, table_text
from hedgerow.market.venue import FeeTier, MarginTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What was fetched: tables to write, and what could not be had, in words."""

    drafts: tuple[TableDraft, ...]
    left_out: tuple[str, ...]

    def tables(self) -> tuple[Table, ...]:
        """Return the drafts as they will be read back; a draft that is refused raises."""
        return tuple(
            read_table(TableReader(draft.file, tomllib.loads(table_text(draft))), draft.file)
            for draft in self.drafts
        )

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the tables below `folder`, checked first; return the files."""
        self.tables()
        files = tuple(folder / draft.file for draft in self.drafts)
        for file, draft in zip(files, self.drafts, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            whole = file.with_suffix(".part")
            whole.write_text(table_text(draft), encoding="utf-8")
            whole.replace(file)
        return files


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One conversation with an exchange; what it does not answer is noted."""

    exchange: Exchange
    venue: str
    left_out: list[str] = field(default_factory=list)

    def ask(self, what: str, question: Callable[[], Any]) -> Any:  # noqa: ANN401  a reply
        """Return the answer, None where the venue gives none."""
        try:
            return question()
        except VenueError as error:
            self.left_out.append(f"{what}: {error}")
            return None


def fetch_update(
    exchange: Exchange, venue: str, known: Sequence[KnownRules], today: date
) -> Update:
    """Return tables with what the venue says today about the contracts `known`.

    Sizes and fees come from the markets, brackets and funding intervals where the venue gives
    them without a key. Rules that no interface tells (methods, clamps, liquidation) stay those
    of the tables at hand.

    Raises
    ------
    MarketDataError
        If the venue cannot be reached, or contradicts itself.
    UnknownName
        If it does not list one of the contracts.
    """
    asking = _Asking(exchange=exchange, venue=venue)
    try:
        markets = exchange.load_markets()
    except VenueError as error:
        raise MarketDataError(f"{venue} did not answer ({error}); try again later") from error
    symbols = [rules.symbol for rules in known]
    for symbol in symbols:
        if symbol not in markets:
            raise UnknownName("instrument", symbol, sorted(markets)[:20], where=f"{venue}, live")
    tiers = _tiers(asking, symbols)
    funding = _funding(asking, symbols)
    drafts = [_contract(asking, rules, markets, tiers, funding) for rules in known]
    names = dict.fromkeys(rules.market for rules in known)
    found = (
        TableDraft(
            venue=venue,
            market=name,
            day=today,
            source=_source(exchange, venue),
            note="Fetched by `hedgerow venues update`; rules that no interface tells are older.",
            fees=_fees(markets, [rules.symbol for rules in known if rules.market == name]),
            contracts=tuple(
                draft
                for rules, draft in zip(known, drafts, strict=True)
                if rules.market == name and not draft.empty
            ),
        )
        for name in names
    )
    return Update(
        drafts=tuple(draft for draft in found if draft.contracts or draft.fees),
        left_out=tuple(asking.left_out),
    )


def _tiers(asking: _Asking, symbols: Sequence[str]) -> Mapping[str, Any]:
    exchange = asking.exchange
    if exchange.has.get("fetchLeverageTiers") is True:
        found = asking.ask("brackets", lambda: exchange.fetch_leverage_tiers(symbols))
        return found or {}
    if exchange.has.get("fetchMarketLeverageTiers") is True:
        rows = {}
        for symbol in symbols:
            rows[symbol] = asking.ask(
                f"brackets of {symbol}",
                partial(exchange.fetch_market_leverage_tiers, symbol),
            )
        return rows
    asking.left_out.append("brackets: the venue's interface does not give them")
    return {}


def _funding(asking: _Asking, symbols: Sequence[str]) -> Mapping[str, Any]:
    exchange = asking.exchange
    if exchange.has.get("fetchFundingIntervals") is True:
        return (
            asking.ask("funding intervals", lambda: exchange.fetch_funding_intervals(symbols)) or {}
        )
    if exchange.has.get("fetchFundingRates") is True:
        return asking.ask("funding intervals", lambda: exchange.fetch_funding_rates(symbols)) or {}
    if exchange.has.get("fetchFundingRate") is True:
        rows = {}
        for symbol in symbols:
            rows[symbol] = asking.ask(
                f"funding interval of {symbol}",
                partial(exchange.fetch_funding_rate, symbol),
            )
        return rows
    asking.left_out.append("funding intervals: the venue's interface does not give them")
    return {}


def _contract(
    asking: _Asking,
    rules: KnownRules,
    markets: Mapping[str, Any],
    tiers: Mapping[str, Any],
    funding: Mapping[str, Any],
) -> ContractDraft:
    symbol = rules.symbol
    market = markets[symbol]
    size = size_of(market)
    rows = tiers.get(symbol)
    brackets: tuple[MarginTier, ...] = ()
    if rows and rules.margin and size:
        brackets = tiers_of(rows, rules.margin, size)
    elif rows:
        asking.left_out.append(f"brackets of {symbol}: no table says what they go by")
    reply = funding.get(symbol)
    rule = funding_of(rules.funding, reply, market) if reply else None
    if reply and rule is None:
        asking.left_out.append(
            f"funding of {symbol}: the rule, the interval or its bounds are not known"
        )
    return ContractDraft(
        symbol=symbol,
        size=size,
        funding=rule,
        margin=rules.margin if brackets else None,
        tiers=brackets,
    )


def _fees(markets: Mapping[str, Any], symbols: Sequence[str]) -> tuple[FeeTier, ...]:
    """Return the fees that all contracts of a market share, none where they do not."""
    found = {fee_of(markets[symbol]) for symbol in symbols}
    fee = found.pop() if len(found) == 1 else None
    return (fee,) if fee else ()


def _source(exchange: Exchange, venue: str) -> str:
    urls: Mapping[str, Any] = getattr(exchange, "urls", {})
    return str(urls.get("www") or f"the public interface of {venue}")
