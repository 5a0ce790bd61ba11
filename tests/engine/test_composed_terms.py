"""What the engines are told of a venue's rules."""

from dataclasses import replace

import pytest
from venue_markets import START, Listed, hedged, rally, world_of

import hedgerow as hr
from hedgerow.engine.compose import compose
from hedgerow.ledger import EntryKind
from hedgerow.margin.liquidation import liquidation_price
from hedgerow.margin.margin_account import isolated
from hedgerow.margin.position import Position
from hedgerow.margin.terms import terms_of
from hedgerow.replay.world import run_job

OKX = Listed(venue="okx", symbol="BTC/USDT:USDT", moves=rally())
MAKER = hr.Execution(role="maker")


@pytest.mark.parametrize(
    ("fees", "taker"),
    [(hr.Fees(), 0.0005), (hr.Fees(taker=0.002), 0.002), (hr.Fees(maker=0.0), 0.0005)],
)
@pytest.mark.parametrize("execution", [hr.Execution(), MAKER], ids=["taker", "maker"])
def test_a_requirement_that_counts_the_closing_fee_counts_the_fee_that_is_paid(
    fees: hr.Fees, taker: float, execution: hr.Execution
) -> None:
    job = replace(hedged(OKX), fees=fees, execution=execution)
    composed = compose(job, {"BTC": 40.0}, START)
    (leg,), (rules,) = composed.terms.legs, composed.rules
    assert rules.margin.closing_fee
    expected = [float(tier.rate) + taker for tier in rules.tiers]
    assert leg.brackets.rate.tolist() == pytest.approx(expected, rel=1e-15)
    own = {"taker": taker, "maker": 0.0 if fees.maker == 0.0 else float(rules.fees[0].maker)}
    assert leg.fee == own[execution.role]


def test_a_dearer_close_liquidates_earlier_as_the_calculator_says() -> None:
    run = run_job(replace(hedged(OKX), fees=hr.Fees(taker=0.002)), world_of(OKX))
    first = run.liquidations[0]
    (fill,) = run.ledger.of(EntryKind.FILL)
    wallet = sum(
        line.cash
        for line in run.ledger
        if line.account == "main"
        and line.kind is not EntryKind.LIQUIDATION
        and line.time <= first.time
    )
    terms = replace(terms_of(OKX.rules), taker_fee=0.002)
    account = isolated(Position(terms=terms, size=fill.quantity, entry=fill.price), wallet)
    assert first.price == pytest.approx(liquidation_price(account), rel=1e-9)
