"""Every case of premiums, marks and continuous accrual."""

from decimal import Decimal

import numpy as np
from golden_cases import Case, cases, golden

from hedgerow.funding.accrual import Stretch, accrued_funding
from hedgerow.funding.book import Book
from hedgerow.funding.marks import MarkInputs, average_basis, mark_price
from hedgerow.funding.premiums import book_premium, interval_premium
from hedgerow.market.venue import FundingRule, MarkRule, PremiumRule

FILE = "premium_mark"


def is_average(case: Case) -> bool:
    return "premiums" in case.inputs


def is_book(case: Case) -> bool:
    return "bids" in case.inputs


def is_mark(case: Case) -> bool:
    return "ma_basis" in case.inputs


def is_smoothed(case: Case) -> bool:
    return "mids" in case.inputs


def is_accrual(case: Case) -> bool:
    return "segments" in case.inputs


def sampled(weights: str) -> PremiumRule:
    return PremiumRule(method="mid", sample_seconds=60, weights=weights)


@golden(FILE, is_average)
def test_the_premium_of_an_interval_comes_out(case: Case) -> None:
    premiums = np.array(case.inputs["premiums"], dtype=np.float64)
    for key, weights in (("linear_weighted", "rising"), ("simple", "equal")):
        if key in case.expected:
            scale = 1e-2 * float(np.abs(premiums).max())
            case.check(interval_premium(sampled(weights), premiums), key, scale)


@golden(FILE, is_book)
def test_the_premium_of_a_book_comes_out(case: Case) -> None:
    book = Book.of(case.inputs["bids"], case.inputs["asks"])
    notional = Decimal(str(case.inputs["impact_notional"]))
    inverse = bool(case.inputs.get("inverse", False))
    prices = book.impact_prices(float(notional), inverse=inverse)
    case.check(prices.bid, "impact_bid")
    case.check(prices.ask, "impact_ask")
    rule = PremiumRule(
        method="impact", sample_seconds=5, weights="rising", impact_notional=notional
    )
    found = book_premium(rule, book, case.number("index"), inverse=inverse)
    case.check(found, "premium", scale=1.0)


@golden(FILE, is_mark)
def test_the_mark_of_three_prices_comes_out(case: Case) -> None:
    given = MarkInputs(
        index=case.number("index"),
        last=case.number("last_price"),
        basis=case.number("ma_basis"),
        funding_rate=case.number("funding_rate"),
        hours_to_funding=case.number("hours_to_funding"),
        interval_hours=case.number("interval_h", 8.0),
    )
    rule = MarkRule(method="median_of_three", window_seconds=30, index="given")
    parts = (
        ("price1", MarkRule(method="funding_basis", window_seconds=30, index="given")),
        ("price2", MarkRule(method="index_basis", window_seconds=30, index="given")),
        ("mark", rule),
    )
    for key, part in parts:
        if key in case.expected:
            case.check(mark_price(part, given), key)


@golden(FILE, is_smoothed)
def test_the_smoothed_basis_comes_out(case: Case) -> None:
    mids = np.array(case.inputs["mids"], dtype=np.float64)
    basis = mids - np.array(case.inputs["oracles"], dtype=np.float64)
    decay = int(case.number("tau_s", 150.0))
    rule = MarkRule(method="oracle_median", window_seconds=decay, index="given")
    found = average_basis(rule, basis, case.number("dt_s"))
    case.check(found, "ema", scale=float(mids.max()))


@golden(FILE, is_accrual)
def test_the_accrued_cash_comes_out(case: Case) -> None:
    cap = Decimal(str(case.inputs["cap"]))
    rule = FundingRule(
        interval_hours=8,
        cap=cap,
        floor=-cap,
        interest=Decimal(0),
        clamp=Decimal(str(case.inputs["damper"])),
        method="damped",
        price="index",
        continuous=True,
    )
    stretches = [
        Stretch(seconds=part["dt_s"], premium=part["premium"], price=part["index"])
        for part in case.inputs["segments"]
    ]
    inverse = "position_usd" in case.inputs
    size = case.number("position_usd" if inverse else "position")
    found = accrued_funding(rule, size, stretches, inverse=inverse)
    (key,) = case.expected
    case.check(found, key, scale=abs(size) / stretches[0].price * 1e-3)


def test_no_case_is_left_unanswered() -> None:
    kinds = (is_average, is_book, is_mark, is_smoothed, is_accrual)
    assert [case.id for case in cases(FILE) if sum(kind(case) for kind in kinds) != 1] == []
