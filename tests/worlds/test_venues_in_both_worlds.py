"""The ledger of a backtest at any venue says what the calculator says, in both engines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from math import floor

import numpy as np
import pytest
from chosen_terms import World
from two_engines import furthest, run_both
from venue_markets import (
    CONTRACTS,
    FIRST,
    HOURS,
    START,
    Listed,
    gap,
    hedged,
    pledging,
    rally,
    settlements,
    world_of,
)

import hedgerow as hr
from hedgerow.engine import layout as at
from hedgerow.funding.payment import funding_payment, payment_price
from hedgerow.funding.rates import RealisedFunding
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.liquidation import bankruptcy_price, liquidation_price
from hedgerow.margin.margin_account import MarginAccount, isolated
from hedgerow.margin.position import Position
from hedgerow.margin.terms import terms_of
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.table_file import Table
from hedgerow.market.tables import spot_fee, tables
from hedgerow.market.venue import FeeTier
from hedgerow.replay.world import Prepared, prepare, run_job
from hedgerow.units import HOUR

EXACT = 1e-9
BARS = ("1h", "8h")
EVERY = [
    (venue, symbol, bar)
    for venue, symbol in CONTRACTS
    for bar in (BARS if symbol.startswith("BTC") else BARS[:1])
]
every_contract = pytest.mark.parametrize(("venue", "symbol", "bar"), EVERY)


def listed(venue: str, symbol: str, moves: np.ndarray) -> Listed:
    return Listed(venue=venue, symbol=symbol, moves=moves)


def own_spot_fees(venue: str) -> tuple[Table, ...]:
    """Return a person's own table of spot fees for a venue that ships none."""
    if any(table.market == "spot" for table in tables(venue)):
        return ()
    fees = (FeeTier(name="base", maker=Decimal("0.001"), taker=Decimal("0.001")),)
    own = tables(venue)[-1]
    return (replace(own, name="mine", market="spot", fees=fees, contracts={}),)


@cache
def squeezed(venue: str, symbol: str, bar: str) -> tuple[hr.Run, Prepared]:
    """Return the run of a hedging short in a rally, and what the engines were given."""
    market = listed(venue, symbol, rally())
    job, world = hedged(market), world_of(market, bar=bar)
    return run_job(job, world), prepare(job, world)


@cache
def crashed(venue: str, symbol: str, bar: str) -> tuple[hr.Run, Prepared]:
    """Return the same of a long that pledges back, in a crash."""
    market = listed(venue, symbol, rally(-0.5))
    job, world, own = pledging(market), world_of(market, bar=bar), own_spot_fees(venue)
    return run_job(job, world, tables=own), prepare(job, world, own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the account held just before a line of the ledger; `size` is face if inverse."""

    line: LedgerEntry
    size: float
    entry: float
    held: dict[str, float]
    reached: float  # the mark that was reached before


def told(run: hr.Run, prepared: Prepared) -> Iterator[Before]:
    """Follow the ledger of one position, up to each line that concerns the account."""
    leg = prepared.composed.terms.legs[0]
    opens = prepared.recorded.tape.clock[:-1, at.TIME]
    marks = prepared.recorded.tape.prices[:, at.MARK_OPEN, 0]
    size, entry, time, reached = 0.0, 1.0, 0, 1.0
    held: dict[str, float] = {}
    for line in run.ledger:
        if line.account != "main":
            continue
        if line.kind is EntryKind.LIQUIDATION and line.time != time:
            time = line.time
            reached = float(marks[np.searchsorted(opens, time)])
        yield Before(line=line, size=size, entry=entry, held=dict(held), reached=reached)
        held[line.unit] = held.get(line.unit, 0.0) + line.cash
        traded = line.quantity * (line.price if leg.inverse else 1.0)
        if line.kind is EntryKind.FILL:
            assert size == 0.0
            size, entry = traded, line.price
        elif line.kind is EntryKind.LIQUIDATION and line.instrument:
            size = round((size + traded) / leg.lot_size) * leg.lot_size
            reached = line.price


def forced(run: hr.Run, prepared: Prepared) -> list[Before]:
    return [
        before
        for before in told(run, prepared)
        if before.line.kind is EntryKind.LIQUIDATION and before.line.instrument
    ]


def at_mark(account: MarginAccount, price: float) -> MarginAccount:
    """Return an account of one position at another mark, the coins that back it included."""
    (position,) = account.positions
    coins = {position.terms.asset: price} if position.terms.inverse else {}
    return account.marked({position.terms.symbol: price}, coins)


def account_of(before: Before, prepared: Prepared) -> MarginAccount:
    """Return the account as a person would give it to the calculator."""
    terms = terms_of(prepared.composed.rules[0])
    wallet = before.held.get(terms.settle, 0.0)
    return isolated(Position(terms=terms, size=before.size, entry=before.entry), wallet)


@every_contract
def test_a_squeezed_short_dies_where_the_calculator_says(venue: str, symbol: str, bar: str) -> None:
    run, prepared = squeezed(venue, symbol, bar)
    found = forced(run, prepared)
    first = found[0]
    assert first.line.price == pytest.approx(
        liquidation_price(account_of(first, prepared)), rel=EXACT
    )
    for before in found:
        account = account_of(before, prepared)
        there = at_mark(account, before.reached)
        slack = 1e-9 * there.maintenance
        dead = there.equity < there.maintenance - slack
        expected = before.reached if dead else liquidation_price(account)
        assert before.line.price == pytest.approx(expected, rel=EXACT)


@every_contract
def test_what_is_closed_and_charged_follows_the_method_of_the_venue(
    venue: str, symbol: str, bar: str
) -> None:
    run, prepared = squeezed(venue, symbol, bar)
    rule = prepared.composed.rules[0].liquidation
    lot = float(prepared.composed.rules[0].perpetual.lot_size)
    found = forced(run, prepared)
    for before in found:
        account = account_of(before, prepared)
        there = at_mark(account, before.line.price)
        (position,) = there.positions
        size = abs(before.size)
        traded = abs(before.line.quantity)
        closed = traded * before.line.price if position.terms.inverse else traded
        left = round((size - closed) / lot)
        quote = size if position.terms.inverse else size * before.line.price
        spent = there.equity < max(float(rule.backstop), 1e-9) * there.maintenance
        if spent or rule.method in {"full", "bankruptcy"}:
            assert left == 0
        elif rule.method == "step_down":
            tier = position.bracket()
            by_size = position.terms.rule.method == "size_tiers"
            unit = 1.0 if by_size else before.line.price
            lower = float(tier.floor)
            most = lower * unit if position.terms.inverse else lower / unit
            assert left == floor(most / lot * (1.0 + 1e-12))
        elif quote < float(rule.step_above):
            assert left == 0
        else:
            assert left == floor(round(size / lot) * (1.0 - float(rule.step)))
        charge = float(rule.fee) * position.notional() * closed / size
        if rule.method == "bankruptcy":
            charge = there.maintenance
        paid = min(charge, max(there.equity, 0.0))
        assert -before.line.fee == pytest.approx(paid, rel=1e-7, abs=1e-7 * there.maintenance)


@every_contract
def test_an_isolated_short_loses_its_deposit_and_no_more(venue: str, symbol: str, bar: str) -> None:
    run, prepared = squeezed(venue, symbol, bar)
    settle = prepared.composed.terms.legs[0].settle
    wallet = run.accounts[0].series["wallet"].to_numpy()
    deposit = prepared.composed.terms.accounts[0].deposit
    assert wallet.min() >= -1e-9 * deposit
    kept = sum(line.cash for line in run.ledger if line.account == "main" and line.unit == settle)
    assert kept == pytest.approx(wallet[-1], abs=1e-9 * deposit)
    rule = prepared.composed.rules[0].liquidation
    if rule.method == "bankruptcy":
        assert wallet[-1] == pytest.approx(0.0, abs=1e-9 * deposit)
    assert run.legs[0].series["position"][-1] == 0.0 or rule.method == "partial"


@every_contract
def test_a_bankrupt_price_is_one_at_which_nothing_is_left(
    venue: str, symbol: str, bar: str
) -> None:
    run, prepared = squeezed(venue, symbol, bar)
    first = forced(run, prepared)[0]
    account = account_of(first, prepared)
    bust = bankruptcy_price(account)
    assert bust is not None
    assert bust > first.line.price
    assert at_mark(account, bust).equity == pytest.approx(0.0, abs=1e-9 * account.equity)


@every_contract
def test_every_settlement_pays_what_the_rule_says_on_the_price_it_names(
    venue: str, symbol: str, bar: str
) -> None:
    run, prepared = squeezed(venue, symbol, bar)
    market = listed(venue, symbol, rally())
    rule = prepared.composed.rules[0].funding
    given = settlements(market.settled_every)
    index, mark = (np.concatenate([p[:1], p[:-1]]) for p in (market.index, market.mark))
    paid = [before for before in told(run, prepared) if before.line.kind is EntryKind.FUNDING]
    held = [time for time in given.time if time > paid[0].line.time]
    last = forced(run, prepared)[-1].line.time
    assert {before.line.time for before in paid} >= {time for time in held if time < last}
    inverse = parse_symbol(symbol).base == parse_symbol(symbol).settle
    for before in paid:
        hour = (before.line.time - FIRST) // HOUR
        prices = {"mark": mark[hour], "index": index[hour], "oracle": index[hour]}
        settled = RealisedFunding(
            venue=venue,
            instrument=symbol,
            time=before.line.time,
            rate=float(given.rate[given.time == before.line.time][0]),
            interval_hours=float(market.settled_every),
        )
        price = payment_price(rule, {name: float(value) for name, value in prices.items()})
        assert before.line.price == price
        cash = funding_payment(settled, before.size, price, inverse=inverse)
        assert before.line.cash == pytest.approx(cash, rel=EXACT)


def agree(prepared: Prepared) -> None:
    """Both engines tell one story of these terms on this tape, bar for bar."""
    world = World(tape=prepared.recorded.tape, books=(prepared.composed.terms,))
    _, [(lanes, desk)], _ = run_both(world)
    assert lanes.happenings == desk.happenings
    assert furthest(lanes.amounts, desk.amounts) <= EXACT
    assert sorted(lanes.refusals) == sorted(desk.refusals)
    assert lanes.counts == pytest.approx(desk.counts, rel=EXACT)
    rest = np.arange(lanes.series.shape[1]) != at.PARTS.index("collateral")
    np.testing.assert_array_equal(lanes.series[:, rest], desk.series[:, rest])
    assert lanes.counts["liquidations"] > 0


@every_contract
def test_both_engines_squeeze_alike(venue: str, symbol: str, bar: str) -> None:
    agree(squeezed(venue, symbol, bar)[1])


@every_contract
def test_both_engines_crash_alike(venue: str, symbol: str, bar: str) -> None:
    agree(crashed(venue, symbol, bar)[1])


@every_contract
def test_a_crash_takes_a_pledged_account_where_the_calculator_says(
    venue: str, symbol: str, bar: str
) -> None:
    run, prepared = crashed(venue, symbol, bar)
    terms = terms_of(prepared.composed.rules[0]).in_cross()
    first = forced(run, prepared)[0]
    assert first.size > 0.0
    market = listed(venue, symbol, rally(-0.5))
    hour = (first.line.time - FIRST) // HOUR
    start = {terms.asset: float(market.index[hour - 1])}
    account = MarginAccount(
        positions=(Position(terms=terms, size=first.size, entry=first.entry, mark=first.reached),),
        collaterals=tuple(
            Collateral(
                asset=asset,
                amount=amount,
                price=start.get(asset, 1.0),
                haircut=0.0 if asset == terms.settle else 0.05,
            )
            for asset, amount in first.held.items()
        ),
        unit=terms.settle,
    )
    if terms.inverse:  # the calculator reckons coins at the mark, the account at the index
        account = replace(
            account,
            collaterals=tuple(
                replace(one, price=first.reached)
                if one.asset == terms.asset
                else replace(one, price=first.reached / start[terms.asset])
                for one in account.collaterals
            ),
        )
    found = liquidation_price(account, "asset")
    assert first.line.price == pytest.approx(found, rel=EXACT)


@pytest.mark.parametrize(
    ("venue", "symbol"), [("hyperliquid", "BTC/USDC:USDC"), ("hyperliquid", "ETH/USDC:USDC")]
)
def test_a_jump_below_two_thirds_of_maintenance_gives_all_to_the_backstop(
    venue: str, symbol: str
) -> None:
    market = listed(venue, symbol, gap(0.178))
    job, world = hedged(market), world_of(market, jumps=True)
    run, prepared = run_job(job, world), prepare(job, world)
    (only,) = forced(run, prepared)
    there = at_mark(account_of(only, prepared), only.line.price)
    assert 0.0 < there.equity < there.maintenance * 2.0 / 3.0
    assert -only.line.fee == pytest.approx(there.equity, rel=1e-7)
    assert run.accounts[0].series["wallet"][-1] == pytest.approx(0.0, abs=1e-6)
    agree(prepared)


@pytest.mark.parametrize(("venue", "symbol"), CONTRACTS)
def test_a_jump_through_bankruptcy_costs_the_deposit_and_the_venue_the_rest(
    venue: str, symbol: str
) -> None:
    market = listed(venue, symbol, gap(0.5))
    job, world = hedged(market), world_of(market, jumps=True)
    run, prepared = run_job(job, world), prepare(job, world)
    (margin,) = job.margins
    lost = [e for e in run.ledger.of(EntryKind.LIQUIDATION) if not e.instrument]
    assert len(lost) == 1
    assert lost[0].cash > 0.0
    assert run.accounts[0].series["wallet"][-1] == 0.0
    lines = [e for e in run.ledger if e.account == "main" and e.kind is not EntryKind.OPENING]
    assert sum(e.cash for e in lines) == pytest.approx(-margin.deposit, rel=EXACT)
    agree(prepared)


def test_every_venue_that_a_hedge_is_likely_to_use_is_tried_here() -> None:
    assert set(CONTRACTS) >= {
        ("binance", "BTC/USDT:USDT"),
        ("binance", "BTC/USD:BTC"),
        ("bybit", "BTC/USDT:USDT"),
        ("bybit", "BTC/USD:BTC"),
        ("okx", "BTC/USDT:USDT"),
        ("okx", "BTC/USD:BTC"),
        ("deribit", "BTC/USD:BTC"),
        ("deribit", "ETH/USD:ETH"),
        ("deribit", "BTC/USDC:USDC"),
        ("bitmex", "BTC/USD:BTC"),
        ("hyperliquid", "BTC/USDC:USDC"),
        ("hyperliquid", "ETH/USDC:USDC"),
        ("dydx", "BTC/USDC:USDC"),
        ("dydx", "ETH/USDC:USDC"),
        ("gmx", "BTC/USD:USDC"),
    }
    methods = {listed(*one, np.zeros(HOURS)).rules.liquidation.method for one in CONTRACTS}
    assert methods == {"step_down", "bankruptcy", "partial", "full"}
    kinds = {listed(*one, np.zeros(HOURS)).rules.margin.method for one in CONTRACTS}
    assert kinds == {"brackets", "entry_brackets", "size_tiers", "size_slope"}


def test_the_rules_are_those_of_the_first_day() -> None:
    for venue, symbol in CONTRACTS:
        market = listed(venue, symbol, np.zeros(HOURS))
        assert all(origin.effective <= START for origin in market.rules.origins)


def test_a_pledge_at_a_venue_without_spot_fees_is_refused_by_name() -> None:
    market = listed("dydx", "BTC/USDC:USDC", np.zeros(HOURS))
    with pytest.raises(hr.ConfigError, match="dydx spot: no table gives its fees"):
        run_job(pledging(market), world_of(market))
    assert spot_fee("dydx", date(2026, 10, 2), extra=own_spot_fees("dydx"))[0].taker == Decimal(
        "0.001"
    )
