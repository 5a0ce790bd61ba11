"""Accounts that hold more than one thing: what survives, what is sold, and what it costs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_markets import (
    COINS,
    CONTRACTS,
    FIRST,
    HOURS,
    LEVEL,
    START,
    Listed,
    gap,
    hedged,
    rally,
    world_of,
)

import hedgerow as hr
from hedgerow.engine.desk_replay import replay_desk
from hedgerow.ledger import EntryKind
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.liquidation import frontier, liquidation_prices
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.terms import terms_of
from hedgerow.market.tables import contract_rules
from hedgerow.replay.world import prepare, run_job
from hedgerow.report.result import result, to_json
from hedgerow.units import HOUR

LINEAR = Listed(venue="binance", symbol="BTC/USDT:USDT", moves=rally())
INVERSE = Listed(venue="binance", symbol="BTC/USD:BTC", moves=rally())
ETHER = Listed(venue="binance", symbol="ETH/USDT:USDT", moves=rally(0.3))
BOOK = hr.Book([hr.Holding("BTC", 40.0)])


def short(symbol: str = LINEAR.symbol, **changes: object) -> hr.Hedge:
    return hr.Hedge(BOOK, instrument=symbol, venue="binance", policy=hr.Hold(), **changes)  # type: ignore[arg-type]


def cross(*pledges: hr.Pledge, deposit: float = 480_000.0, **changes: object) -> hr.Margin:
    given = {"collateral": "USDT", "mode": "cross", "top_up_below": 0.0, **changes}
    return hr.Margin(deposit=deposit, pledges=pledges, **given)  # type: ignore[arg-type]


def job(hedges: list[hr.Hedge], margin: hr.Margin, borrow: float = 0.0) -> hr.Job:
    return hr.Job(hedges=hedges, margins=[margin], financing=hr.Financing(borrow=borrow))


FULLY = job([short()], cross(hr.Pledge(asset="BTC", amount=38.0, haircut=0.05)))
THINLY = job(
    [short()],
    cross(
        hr.Pledge(asset="BTC", amount=4.0, haircut=0.05),
        deposit=300_000.0,
        after_liquidation="stay",
    ),
)
BOTH = job(
    [short(ratio=0.5), short(INVERSE.symbol, ratio=0.5)],
    cross(hr.Pledge(asset="BTC", amount=5.0, haircut=0.05), deposit=200_000.0),
)


def test_pledged_coins_carry_a_hedge_through_a_rally_that_kills_it_alone() -> None:
    alone = run_job(hedged(LINEAR), world_of(LINEAR))
    together = run_job(FULLY, world_of(LINEAR))
    assert alone.liquidations
    assert not together.liquidations
    rise = together.series["spot"][-1] - together.series["spot"][0]
    assert rise > 0.4 * LEVEL["BTC"]
    assert abs(together.pnl.total - together.pnl.funding) < 0.01 * COINS["BTC"] * rise
    assert together.legs[0].series["headroom"].min() > 0.1  # type: ignore[operator]


@pytest.mark.parametrize("asked", [FULLY, THINLY, BOTH], ids=["fully", "thinly", "both"])
def test_what_the_ledger_says_of_each_unit_is_what_the_book_has(asked: hr.Job) -> None:
    world = world_of(LINEAR, INVERSE)
    run = run_job(asked, world)
    units: dict[str, float] = {}
    for line in run.ledger:
        units[line.unit] = units.get(line.unit, 0.0) + line.cash
    spot = run.series["spot"][-1]
    profit = 0.0
    for leg in run.legs:
        last = leg.series.row(-1, named=True)
        fills = [e for e in run.ledger.of(EntryKind.FILL) if e.instrument == leg.instrument]
        if last["position"] == 0.0:
            continue
        face = sum(e.quantity * e.price for e in fills)
        if leg.settle == "BTC":
            coins = face * (1.0 / fills[0].price - 1.0 / last["mark"])
            profit += coins * spot
        else:
            profit += sum(e.quantity * (last["mark"] - e.price) for e in fills)
    worth = units["USDT"] + units["BTC"] * spot + profit
    assert worth == pytest.approx(run.series["worth"][-1], rel=1e-12)
    assert abs(run.pnl.residual) <= 1e-9 * max(run.turnover, run.opening_worth)


def test_the_liquidation_price_of_each_bar_is_the_frontier_of_the_calculator() -> None:
    run = run_job(FULLY, world_of(LINEAR))
    terms = terms_of(contract_rules("binance", LINEAR.symbol, START))
    (fill,) = run.ledger.of(EntryKind.FILL)
    wallets = run.accounts[0].series["wallet"]
    shown = run.legs[0].series["liquidation_price"]
    assert shown[0] is None
    for bar in range(1, HOURS, 7):
        account = MarginAccount(
            positions=(
                Position(
                    terms=terms,
                    size=fill.quantity,
                    entry=fill.price,
                    mark=float(LINEAR.mark[bar]),
                ),
            ),
            collaterals=(
                Collateral(asset="USDT", amount=wallets[bar]),
                Collateral(asset="BTC", amount=38.0, price=float(LINEAR.index[bar]), haircut=0.05),
            ),
        )
        assert shown[bar] == pytest.approx(frontier(account, "BTC").up, rel=1e-9)


def test_linear_and_inverse_in_one_account_die_where_the_calculator_says() -> None:
    plain = job(
        [short(ratio=0.5), short(INVERSE.symbol, ratio=0.5)],
        cross(hr.Pledge(asset="BTC", amount=5.0, haircut=0.05), deposit=200_000.0),
    )
    linear, inverse = (replace(one, basis=0.0) for one in (LINEAR, INVERSE))
    run = run_job(plain, world_of(linear, inverse))
    bar = 20
    at_close = [line for line in run.ledger if line.time <= FIRST + (bar + 1) * HOUR - 1]
    held = {
        unit: sum(e.cash for e in at_close if e.account == "main" and e.unit == unit)
        for unit in ("USDT", "BTC")
    }
    mark = float(inverse.mark[bar])
    positions = []
    for symbol in (LINEAR.symbol, INVERSE.symbol):
        fills = [e for e in at_close if e.instrument == symbol and e.kind is EntryKind.FILL]
        coins = sum(fill.quantity for fill in fills)
        face = sum(fill.quantity * fill.price for fill in fills)
        positions.append(
            Position(
                terms=terms_of(contract_rules("binance", symbol, START)),
                size=face if symbol == INVERSE.symbol else coins,
                entry=face / coins,
                mark=mark,
            )
        )
    account = MarginAccount(
        positions=tuple(positions),
        collaterals=(
            Collateral(asset="USDT", amount=held["USDT"]),
            Collateral(asset="BTC", amount=held["BTC"], price=mark, haircut=0.05),
        ),
        unit="USDT",
    )
    found = [one.price for one in liquidation_prices(account, "asset")]
    shown = [leg.series["liquidation_price"][bar] for leg in run.legs]
    assert shown[0] == pytest.approx(shown[1], rel=1e-12)
    assert shown[0] == pytest.approx(found[0], rel=1e-9)


def test_a_pledge_is_sold_for_what_the_wallet_owes_and_no_more() -> None:
    run = run_job(THINLY, world_of(LINEAR))
    assert run.liquidations
    sold = [e for e in run.ledger.of(EntryKind.CONVERSION) if e.unit == "BTC"]
    got = [e for e in run.ledger.of(EntryKind.CONVERSION) if e.unit == "USDT"]
    assert len(sold) == len(got) > 0
    for coins, money in zip(sold, got, strict=True):
        assert coins.time == money.time
        assert coins.quantity == coins.cash < 0.0
        gross = -coins.quantity * coins.price
        assert money.cash == pytest.approx(gross * (1.0 - 1e-4) * (1.0 - 1e-3), rel=1e-12)
        assert -money.fee == pytest.approx(gross * (1.0 - 1e-4) * 1e-3, rel=1e-9)
    held = sum(e.cash for e in run.ledger if e.account == "main" and e.unit == "BTC")
    assert -1e-12 <= held < 4.0
    assert run.accounts[0].series["wallet"].min() >= -1e-6  # type: ignore[operator]


def test_what_an_account_owes_costs_the_rate_of_borrowing() -> None:
    owing = job(
        [short()],
        cross(hr.Pledge(asset="BTC", amount=38.0, haircut=0.05), deposit=0.0),
        borrow=0.1,
    )
    run = run_job(owing, world_of(LINEAR))
    interest = run.ledger.of(EntryKind.INTEREST)
    assert 0 < len(interest) < HOURS // 24  # on other days funding has paid it off
    for line in interest:
        before = [e for e in run.ledger if e.time <= line.time and e.unit == "USDT"]
        place = before.index(line)
        wallet = sum(e.cash for e in before[:place] if e.account == "main")
        assert wallet < 0.0
        assert line.cash == pytest.approx(wallet * 0.1 / 365.0, rel=1e-9)
    assert run.pnl.financing == pytest.approx(sum(e.value for e in interest), rel=1e-12)


@pytest.mark.parametrize("asked", [FULLY, THINLY, BOTH], ids=["fully", "thinly", "both"])
def test_a_shared_account_gives_a_result_that_programs_can_read(asked: hr.Job) -> None:
    run = run_job(asked, world_of(LINEAR, INVERSE))
    found = result(run)
    assert found["schema"] == "hedgerow.run/1"
    text = to_json(found)
    assert "NaN" not in text
    assert "Infinity" not in text


@pytest.mark.parametrize("asked", [FULLY, THINLY, BOTH], ids=["fully", "thinly", "both"])
def test_the_desk_ends_with_what_the_lanes_end_with(asked: hr.Job) -> None:
    world = world_of(LINEAR, INVERSE)
    prepared = prepare(asked, world)
    desk = replay_desk(prepared.recorded.tape, prepared.composed.terms)
    run = run_job(asked, world)
    assert run.series["worth"][1:].to_list() == [look.worth for look in desk.looks]
    kinds = [e.kind for e in desk.ledger if e.kind is not EntryKind.OPENING]
    assert kinds == [e.kind for e in run.ledger if e.kind is not EntryKind.OPENING]


def test_a_pledge_moves_with_the_contract_of_another_account() -> None:
    """Ether is hedged from an account that holds coins hedged from another one."""
    book = hr.Book([hr.Holding("BTC", 40.0), hr.Holding("ETH", 800.0)])
    crash = replace(LINEAR, moves=rally(-0.6))
    asked = hr.Job(
        hedges=[
            hr.Hedge(
                book, instrument=LINEAR.symbol, venue="binance", policy=hr.Hold(), account="one"
            ),
            hr.Hedge(
                book, instrument=ETHER.symbol, venue="binance", policy=hr.Hold(), account="two"
            ),
        ],
        margins=[
            hr.Margin(name="one", collateral="USDT", deposit=2_000_000.0),
            hr.Margin(
                name="two",
                collateral="USDT",
                deposit=1_000.0,
                mode="cross",
                top_up_below=0.0,
                pledges=(hr.Pledge(asset="BTC", amount=20.0, haircut=0.05),),
            ),
        ],
    )
    world = world_of(crash, ETHER)
    run = run_job(asked, world)
    prepared = prepare(asked, world)
    desk = replay_desk(prepared.recorded.tape, prepared.composed.terms)
    assert run.liquidations
    assert run.series["worth"][1:].to_list() == [look.worth for look in desk.looks]
    headroom = [look.legs[1].headroom for look in desk.looks]
    shown = run.legs[1].series["headroom"].to_list()
    assert [h for h in headroom if h < 1e29] == [h for h in shown if h is not None]


CHOICES = st.tuples(
    st.sampled_from(CONTRACTS), st.floats(-0.7, 1.2), st.floats(1.5, 8.0), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(choice=CHOICES)
def test_an_isolated_account_never_loses_more_than_its_deposit(
    choice: tuple[tuple[str, str], float, float, bool],
) -> None:
    (venue, symbol), size, leverage, jumps = choice
    moves = gap(size) if jumps else rally(size)
    listed = Listed(venue=venue, symbol=symbol, moves=moves)
    asked = hedged(listed, leverage=leverage)
    run = run_job(asked, world_of(listed, jumps=jumps))
    deposit = asked.margins[0].deposit
    slack = 1e-9 * deposit
    wallet = run.accounts[0].series["wallet"].to_numpy()
    assert np.all(wallet >= -slack)
    lost = sum(
        line.cash
        for line in run.ledger
        if line.account == "main" and line.kind is not EntryKind.OPENING
    )
    assert lost >= -deposit - slack
