"""Funding statistics from hand-written ledgers and from the sample run."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from hedgerow.analysis.funding import FundingStatistics, funding, realised_rate
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.units import DAY, HOUR
from sample_run import ACCOUNT, START, SYMBOL, sample_run

run = sample_run()


def settlement(
    hour: int, rate: float, *, quantity: float = -10.0, price: float = 40_000.0
) -> LedgerEntry:
    """Return what a linear perp pays: -quantity * price * rate."""
    cash = -quantity * price * rate
    return LedgerEntry(
        time=START + hour * HOUR,
        kind=EntryKind.FUNDING,
        instrument=SYMBOL,
        account=ACCOUNT,
        quantity=quantity,
        price=price,
        cash=cash,
        fee=0.0,
        realised=0.0,
        unit="USDT",
        value=cash,
        note="",
    )


def statistics_of(*entries: LedgerEntry) -> FundingStatistics:
    return funding(replace(run, ledger=Ledger(entries)))[0]


def test_a_short_receives_a_positive_rate_and_pays_a_negative_one() -> None:
    found = statistics_of(settlement(8, 1e-4), settlement(16, -2e-4), settlement(24, 3e-4))
    assert found.settlements == 3
    assert found.received == pytest.approx(160.0)
    assert found.paid == pytest.approx(80.0)
    assert found.net == pytest.approx(80.0)


def test_a_rate_is_annualised_by_its_own_interval() -> None:
    found = statistics_of(
        settlement(0, 5e-4), settlement(8, 1e-4), settlement(12, 1e-4), settlement(16, 1e-4)
    )
    assert found.annual_rate == pytest.approx(3e-4 / 16.0 * 8760.0)
    assert found.mean_rate == pytest.approx(2e-4)


def test_time_without_a_position_is_no_interval() -> None:
    found = statistics_of(settlement(0, 1e-4), settlement(400, 9e-4), settlement(408, 2e-4))
    assert found.annual_rate == pytest.approx(2e-4 / 8.0 * 8760.0)


def test_the_share_of_time_paid_counts_hours_and_not_settlements() -> None:
    found = statistics_of(
        settlement(0, 1e-4), settlement(8, -1e-4), settlement(10, 1e-4), settlement(12, 1e-4)
    )
    assert found.paid_share == pytest.approx(8.0 / 12.0)


def test_an_inverse_perp_pays_coins_on_the_coins_held() -> None:
    paid = settlement(8, 0.0)._replace(
        instrument="BTC/USD:BTC", quantity=-2.0, cash=2.0 * 3e-4, unit="BTC", value=24.0
    )
    assert realised_rate(paid) == pytest.approx(3e-4)


def test_a_leg_without_settlements_has_no_rates() -> None:
    found = statistics_of()
    assert (found.settlements, found.received, found.paid, found.worst.net) == (0, 0.0, 0.0, 0.0)
    assert math.isnan(found.annual_rate)
    assert math.isnan(found.paid_share)


def test_a_settlement_at_midnight_belongs_to_the_day_that_begins() -> None:
    losses = [settlement(24 * day, -1e-4) for day in range(10, 40)]
    found = statistics_of(settlement(24 * 9 + 16, -5e-5), *losses, settlement(24 * 40 + 8, 1e-3))
    assert (found.worst.first, found.worst.last) == (date(2024, 1, 11), date(2024, 2, 9))
    assert found.worst.net == pytest.approx(-30 * 40.0)


def test_the_ledger_of_a_run_tells_its_funding() -> None:
    found = funding(run)[0]
    assert found.net == pytest.approx(run.pnl.funding, rel=1e-12)
    by_day = [0.0] * (run.bars // 24)
    for entry in run.ledger.of(EntryKind.FUNDING):
        by_day[(entry.time - START) // DAY] += entry.value
    worst = min(sum(by_day[at : at + 30]) for at in range(len(by_day) - 29))
    assert found.worst.net == pytest.approx(worst, rel=1e-9)


def test_legs_of_one_instrument_in_two_accounts_are_kept_apart() -> None:
    other = replace(run.legs[0], account="other")
    two = replace(
        run,
        legs=(*run.legs, other),
        ledger=Ledger([settlement(8, 1e-4), settlement(8, -1e-4)._replace(account="other")]),
    )
    assert [np.sign(leg.net) for leg in funding(two)] == [1.0, -1.0]
