"""Deleveragings and pledges that the venue took, in words, tables and JSON."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from hedgerow.analysis.run import Run
from hedgerow.report.cash_charts import account_chart
from hedgerow.report.html import render
from hedgerow.report.result import result
from hedgerow.report.terminal import summary
from hedgerow.report.verdict import verdict
from sample_run import ACCOUNT, SOLD, SYMBOL, TAKEN, day, sample_run, with_forced_events

CALM = replace(sample_run(), liquidations=())


@pytest.fixture(scope="module")
def run() -> Run:
    forced = with_forced_events(CALM)
    return replace(forced, deleveragings=(TAKEN, replace(TAKEN, time=day(41), cost=5_000.0)))


def printed(run: Run) -> str:
    file = io.StringIO()
    Console(file=file, width=120).print(summary(run, result(run)))
    return " ".join(file.getvalue().split())


def test_the_verdict_tells_of_a_deleveraging_and_what_it_cost(run: Run) -> None:
    said = verdict(result(run))
    assert said.alarming
    assert "; part of it was deleveraged twice." in said.headline
    assert "The venue deleveraged it twice, first on 2024-02-10 00:00 UTC: 30.0000" in said.survival
    assert "at 41,000.00 while the market was at 39,500.00, cost 45,000 USD." in said.survival
    assert "In all it cost 50,000 USD." in said.survival


def test_the_verdict_tells_of_a_pledge_that_was_taken(run: Run) -> None:
    said = verdict(result(run)).cash
    assert "the venue sold 2.5000 BTC for 129,857 USDT, on 2024-03-07 00:00 UTC." in said
    bought = replace(SOLD, asset="ETH", quantity=3.0, cash=-9_000.0)
    said = verdict(result(replace(run, conversions=(SOLD, SOLD, bought)))).cash
    assert "the venue sold 5.0000 BTC for 259,714 USDT and bought back 3.0000 ETH for" in said
    assert "for the first time on 2024-03-07 00:00 UTC." in said


def test_a_run_without_them_says_nothing_of_them() -> None:
    said = verdict(result(CALM))
    assert "deleveraged" not in said.headline + said.survival
    assert "pledges" not in said.cash
    page = render(CALM, result(CALM))
    assert "Deleveragings" not in page
    assert "Pledges that the venue took" not in page
    assert "Deleveraged" not in printed(CALM)


def test_the_terminal_has_a_line_for_each(run: Run) -> None:
    text = printed(run)
    assert "Deleveraged 2024-02-10 00:00 UTC: 30.0000 of BTC/USDT:USDT at 41,000.00" in text
    assert "Pledges taken 2024-03-07 00:00 UTC: the venue sold 2.5000 BTC" in text


def test_many_events_are_cut_short_in_the_terminal(run: Run) -> None:
    many = replace(run, deleveragings=(TAKEN,) * 8)
    assert "and 3 more; the HTML report lists them all" in printed(many)


def test_the_page_has_the_tables_and_a_line_in_the_charts(run: Run) -> None:
    page = render(run, result(run))
    assert "<h3>Deleveragings</h3>" in page
    assert "<h3>Pledges that the venue took</h3>" in page
    assert "Pledged, less haircut" in page
    assert '"label":"deleveraged"' in page
    assert '"label":"BTC taken"' in page


def test_equity_in_the_chart_counts_what_is_pledged(run: Run) -> None:
    (with_pledge,), (without,) = run.accounts, CALM.accounts
    lines = [account_chart(CALM, each, "account").lines[0] for each in (with_pledge, without)]
    assert lines[0].values - lines[1].values == pytest.approx(900_000.0)


def test_the_json_lists_both_and_what_was_pledged(run: Run) -> None:
    found: dict[str, Any] = result(run)
    first, _ = found["margin"]["deleveragings"]
    assert first == {
        "time": "2024-02-10T00:00:00Z",
        "instrument": SYMBOL,
        "account": ACCOUNT,
        "price": 41_000.0,
        "market": 39_500.0,
        "quantity": 30.0,
        "left": -90.0,
        "cost": 45_000.0,
    }
    (sold,) = found["margin"]["conversions"]
    assert (sold["asset"], sold["quantity"], sold["cash"]) == ("BTC", -2.5, 129_857.0)
    (account,) = found["accounts"]
    assert account["pledges"] == [{"asset": "BTC", "amount": 20.0, "haircut": 0.05, "extra": False}]
    assert account["end"]["pledged"] == 900_000.0
