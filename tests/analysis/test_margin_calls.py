"""Closeness to liquidation, cash calls, the cash drain and a reserve that runs dry."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.analysis.calls import cash_calls, cash_drain
from hedgerow.analysis.closeness import closest_approaches, distance_to_liquidation
from hedgerow.analysis.daily import daily
from hedgerow.analysis.shortfall import borrow_rate, shortfalls
from hedgerow.analysis.windows import rolling_maxima, rolling_sums
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.units import DAY, HOUR, YEAR
from sample_run import ACCOUNT, RESERVE, sample_run

run = sample_run()
leg = run.legs[0]
account = run.accounts[0]


def sent(time: int, amount: float, kind: EntryKind = EntryKind.TOP_UP) -> LedgerEntry:
    return LedgerEntry(
        time=time,
        kind=kind,
        instrument="",
        account="reserve" if kind is EntryKind.TOP_UP else ACCOUNT,
        quantity=0.0,
        price=float("nan"),
        cash=-amount,
        fee=0.0,
        realised=0.0,
        unit="USDT",
        value=-amount,
        note="",
    )


def test_the_lowest_headroom_is_at_the_liquidation() -> None:
    found = closest_approaches(run)[0]
    rows = leg.series.filter(pl.col("headroom") == pl.col("headroom").min())
    assert found.min_headroom == rows["headroom"][0] < 0.0
    assert found.headroom_time == run.liquidations[0].time + HOUR


def test_a_short_is_liquidated_above_and_a_long_below() -> None:
    series = leg.series.head(3).with_columns(
        pl.Series("position", [-1.0, 1.0, 0.0]),
        pl.Series("mark", [100.0, 100.0, 100.0]),
        pl.Series("liquidation_price", [110.0, 80.0, None]),
    )
    distance = distance_to_liquidation(replace(leg, series=series))
    np.testing.assert_allclose(distance, [0.10, 0.20, np.nan])


def test_a_leg_that_was_always_flat_came_close_to_nothing() -> None:
    series = leg.series.with_columns(
        pl.lit(0.0).alias("position"),
        pl.lit(None, pl.Float64).alias("headroom"),
        pl.lit(None, pl.Float64).alias("liquidation_price"),
    )
    found = closest_approaches(replace(run, legs=(replace(leg, series=series),)))[0]
    assert found.headroom_time is None
    assert found.distance_time is None


def test_calls_are_netted_by_day_and_a_midnight_call_belongs_to_the_day_before() -> None:
    start = run.start
    quiet = replace(
        run,
        accounts=(replace(account, unmet=()),),
        ledger=Ledger(
            [
                sent(start + 5 * HOUR, 100.0),
                sent(start + DAY, 30.0),
                sent(start + DAY + HOUR, 40.0, EntryKind.WITHDRAWAL),
                sent(run.end, 7.0),
            ]
        ),
    )
    calls = cash_calls(quiet)[0]
    assert calls.by_day["net"].to_list()[:3] == [130.0, -40.0, 0.0]
    assert calls.by_day["net"][-1] == 7.0
    assert [(worst.days, worst.amount) for worst in calls.worst] == [
        (1, 130.0),
        (7, 90.0),
        (30, 90.0),
    ]
    assert calls.worst[0].first == date(2024, 1, 1)


def test_an_unmet_call_asked_every_hour_counts_once() -> None:
    unmet = tuple((run.start + hour * HOUR, 50.0 + hour) for hour in range(1, 49))
    dry = replace(
        run,
        accounts=(replace(account, unmet=unmet),),
        ledger=Ledger([sent(run.start + HOUR, 10.0)]),
    )
    calls = cash_calls(dry)[0]
    assert calls.by_day["unmet"].to_list()[:3] == [74.0, 98.0, 0.0]
    assert [worst.amount for worst in calls.worst] == [98.0, 108.0, 108.0]


def test_the_net_of_all_calls_is_what_the_reserve_lost() -> None:
    net = cash_calls(run)[0].by_day["net"].sum()
    interest = sum(entry.cash for entry in run.ledger.of(EntryKind.INTEREST))
    left = account.series["reserve"][-1]
    assert net == pytest.approx(RESERVE + interest - left, rel=1e-9)


def test_the_drain_of_a_perfect_hedge_mirrors_the_exposure() -> None:
    table = daily(run)
    drain = cash_drain(table)
    explained = table["exposure"] + table["financing"] + table["collateral"] - table["hedged"]
    np.testing.assert_allclose(drain.by_day["drain"].to_numpy(), explained.to_numpy(), atol=1e-5)
    week = max(explained[at : at + 7].sum() for at in range(len(explained) - 6))
    assert drain.worst[1].amount == pytest.approx(week, rel=1e-9)
    assert (drain.worst[1].last - drain.worst[1].first).days == 6


def test_a_dry_reserve_says_when_how_much_and_at_what_cost() -> None:
    (found,) = shortfalls(run)
    assert found.time == account.unmet[0][0]
    assert found.missing == pytest.approx(account.needed_reserve - RESERVE)
    assert found.rate_is_illustrative
    assert found.borrowing_cost == pytest.approx(account.needed_balance_years * 0.10)
    row = leg.series.filter(pl.col("time").dt.timestamp("ns") == found.time)
    assert found.coins_to_sell == pytest.approx(found.missing / row["index"][0], rel=1e-12)


def test_a_million_missing_for_a_year_costs_the_rate_of_the_config() -> None:
    lent = replace(
        run,
        accounts=(replace(account, unmet=((run.start + HOUR, 1e6),), needed_balance_years=1e6),),
        provenance=replace(run.provenance, config="[financing]\nborrow = 0.07\n"),
    )
    (found,) = shortfalls(lent)
    assert not found.rate_is_illustrative
    assert found.borrowing_cost == pytest.approx(70_000.0)
    assert borrow_rate(run) == 0.0
    assert YEAR == 365 * DAY


def test_a_shortfall_in_coins_is_sold_as_it_is() -> None:
    coins = replace(account, collateral="BTC", reserve=1.0, needed_reserve=4.0)
    assert shortfalls(replace(run, accounts=(coins,)))[0].coins_to_sell == 3.0


def test_a_reserve_that_met_every_call_is_no_shortfall() -> None:
    assert shortfalls(replace(run, accounts=(replace(account, unmet=()),))) == ()


@given(st.lists(st.integers(-99, 99).map(float), min_size=1, max_size=40), st.integers(1, 45))
def test_rolling_figures_are_those_of_plain_slices(values: list[float], days: int) -> None:
    length = min(days, len(values))
    slices = [values[at : at + length] for at in range(len(values) - length + 1)]
    assert rolling_sums(np.array(values), days).tolist() == [sum(part) for part in slices]
    assert rolling_maxima(np.array(values), days).tolist() == [max(part) for part in slices]
