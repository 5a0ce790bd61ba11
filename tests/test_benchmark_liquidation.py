"""The benchmark of liquidation prices: an account of fifty that can die, timed as it says."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import liquidation
from hedgerow.margin.liquidation import liquidation_prices
from hedgerow.margin.prepared import PreparedAccount
from hedgerow.margin.rows import rows_of


def test_the_account_has_fifty_positions_that_may_die_both_ways() -> None:
    book = liquidation.account()
    assert len(book.positions) == liquidation.POSITIONS == 50
    assert book.headroom > 0.0
    found = [(one.position.side, one.price) for one in liquidation_prices(book)]
    assert {side for side, price in found if price is not None} == {1.0, -1.0}


def test_what_is_timed_gives_the_prices_that_objects_give() -> None:
    book = liquidation.account()
    ready = PreparedAccount.of(book, rows_of(book, (0.0,) * liquidation.POSITIONS))
    whole = [one.price for one in liquidation_prices(book)]
    np.testing.assert_array_equal(
        ready.alone(), [np.nan if price is None else price for price in whole]
    )


def test_the_report_names_its_jobs_and_the_target() -> None:
    report = liquidation.liquidation(rounds=1)
    assert len(report.contenders) == 3
    assert all(one.median_s > 0.0 for one in report.contenders)
    assert set(report.ratios) == {"the target of 100 us"}
