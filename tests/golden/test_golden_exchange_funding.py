"""Published examples of exchanges and protocols that are about funding and its kin."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from golden_cases import Case, golden

from hedgerow.funding.accrual import Stretch, accrued_funding
from hedgerow.funding.bounds import BITMEX_SHARE, DYDX_FACTOR, interest_part, margin_cap
from hedgerow.funding.payment import funding_payment
from hedgerow.funding.rates import RealisedFunding
from hedgerow.funding.rules import funding_terms, settlement_rate
from hedgerow.funding.skew import Borrowing, KinkedBorrowing, OpenInterest, skew_rate
from hedgerow.kernels.funding_rate import spread_rate
from hedgerow.kernels.premium import impact_premium
from hedgerow.kernels.protocol_drift import (
    fees_after,
    maximum_spread,
    pool_of_fees,
    raw_rate,
    sided_rates,
)
from hedgerow.kernels.protocol_dydx import index_increment, settlement_ppm
from hedgerow.kernels.protocol_gmx import ImpactFactors, price_impact
from hedgerow.kernels.whole_numbers import toward_zero
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.market.venue import FundingRule, SkewTerms

FILE = "perp_exchange_examples"
UNBOUNDED = Decimal("Infinity")


def decimal(case: Case, key: str, default: str = "0") -> Decimal:
    return Decimal(str(case.inputs.get(key, default)))


def whole(case: Case, key: str, default: int = 0) -> int:
    return int(case.inputs.get(key, default))


def first(case: Case, *keys: str) -> float:
    """Return the first of `keys` that the inputs have."""
    return next(case.number(key) for key in keys if key in case.inputs)


def side(case: Case) -> float:
    return -1.0 if case.inputs.get("side", "long") == "short" else 1.0


def rule(method: str, hours: int, cap: Decimal = UNBOUNDED, **numbers: Decimal) -> FundingRule:
    given = {"interest": Decimal(0), "clamp": Decimal(0), **numbers}
    return FundingRule(
        interval_hours=hours,
        cap=cap,
        floor=-cap,
        interest=given["interest"],
        clamp=given["clamp"],
        method=method,
    )


def sampled_premium(case: Case) -> float:
    """Return the premium, made of impact prices or of their distances from the index if need be."""
    if "premium" in case.inputs:
        return case.number("premium")
    index = first(case, "oracle", "index", "spot")
    if "impact_bid_diff" in case.inputs:
        bid = index + case.number("impact_bid_diff")
        ask = index + case.number("impact_ask_diff", 0.0)
    else:
        bid = case.number("impact_bid", 0.0)
        ask = case.number("impact_ask") if "impact_ask" in case.inputs else max(bid, index)
    return impact_premium(bid, ask, index)


def funding_rate(case: Case) -> float:
    cap = decimal(case, "cap", "Infinity")
    eight_hours = rule(
        "clamp", 8, cap, interest=decimal(case, "interest"), clamp=decimal(case, "clamp")
    )
    return settlement_rate(eight_hours, sampled_premium(case)).rate


def funding_rate_hourly(case: Case) -> float:
    interest = 8 * decimal(case, "interest")  # a rule's interest is that of 8 hours
    an_hour = rule("convergence", 1, decimal(case, "max_hourly", "Infinity"), interest=interest)
    hours = case.number("convergence_h", 8.0)
    found = spread_rate(sampled_premium(case), funding_terms(an_hour), hours)
    if hours == 8.0:
        assert found == settlement_rate(an_hour, sampled_premium(case)).rate
    return found


def paid(case: Case) -> float:
    hours = case.number("hours", 1.0)
    rate = case.number("rate") if "rate" in case.inputs else case.number("rate_hourly") * hours
    settled = RealisedFunding(
        venue=case.venue, instrument="", time=0, rate=rate, interval_hours=hours
    )
    inverse = "inverse" in case.venue or "coinm" in case.venue or "qty_usd" in case.inputs
    face = case.number("contract_usd", 1.0) if inverse else case.number("ct_val", 1.0)
    multiplier = face * case.number("multiplier", case.number("multiplier_xbt", 1.0))
    size = first(case, "size", "qty", "qty_usd", "contracts", "position") * multiplier
    price = first(case, "mark", "index", "oracle", "price")
    return funding_payment(settled, side(case) * size, price, inverse=inverse)


def owed_for_a_price_difference(case: Case) -> float:
    segments = case.inputs.get("segments") or [
        [case.inputs["mark_twap"], case.inputs["index_twap"], first(case, "dt", "dt_s")]
    ]
    stretches = [
        Stretch.between(float(seconds), float(mark), float(index))
        for mark, index, seconds in segments
    ]
    size = first(case, "base", "size", "position")
    return -accrued_funding(rule("price_difference", 24), size, stretches)


def cap(case: Case) -> float:
    dydx = "clamp_factor" in case.inputs or "dydx" in case.venue
    share = decimal(case, "clamp_factor", str(DYDX_FACTOR if dydx else BITMEX_SHARE))
    initial = decimal(case, "imr", str(case.inputs.get("imf", 0)))
    maintenance = decimal(case, "mmr", str(case.inputs.get("mmf", 0)))
    intervals = decimal(case, "intervals_per_day", "1")
    return float(intervals * margin_cap(initial, maintenance, share))


def interest(case: Case) -> float:
    rates = decimal(case, "quote_rate"), decimal(case, "base_rate")
    return float(interest_part(*rates, decimal(case, "intervals_per_day", "3")))


def total_profit(case: Case) -> float:
    book = Ledger(entry(name, float(cash)) for name, cash in case.inputs.items())
    return float(book.frame()["cash"].sum())


def entry(name: str, cash: float) -> LedgerEntry:
    kind = EntryKind.FUNDING if name == "funding" else EntryKind.FILL
    blank: dict[str, Any] = dict.fromkeys(LedgerEntry._fields, 0.0)
    texts = {"instrument": "", "account": "main", "unit": "", "note": name}
    return LedgerEntry(**(blank | texts | {"time": 0, "kind": kind, "cash": cash}))


def skew(case: Case) -> float:
    terms = SkewTerms(
        exponent=decimal(case, "exponent", "1"),
        increase=decimal(case, "increase"),
        decrease=decimal(case, "decrease"),
        stable_threshold=decimal(case, "thr_stable"),
        decrease_threshold=decimal(case, "thr_decrease"),
        minimum=decimal(case, "min"),
        maximum=decimal(case, "max", "Infinity"),
    )
    held = OpenInterest(long=case.number("long_oi"), short=case.number("short_oi"))
    return skew_rate(terms, held, case.number("saved", 0.0), case.number("dt")).rate


def impact(case: Case) -> float:
    factor = case.number("factor", 0.0)
    factors = ImpactFactors(
        case.number("positive_factor", factor),
        case.number("negative_factor", factor),
        case.number("exponent", 1.0),
    )
    crosses = bool(case.inputs.get("crosses", False))
    before, after = case.number("initial_diff"), case.number("next_diff")
    return price_impact(before, after, crosses, factors)


def borrowed(case: Case) -> float:
    size = case.number("size_usd", 1.0)
    given = case.inputs
    if "optimal" in given:
        kinked = KinkedBorrowing(
            base=case.number("base_factor"),
            above=case.number("above_factor"),
            optimal=case.number("optimal"),
        )
        return kinked.fee(size, [(case.number("usage"), case.number("dt"))])
    pool = case.number("pool_usd")
    phases = [value for key, value in sorted(given.items()) if key.startswith("phase")]
    phases = phases or [[given["reserved_usd"], given["dt"]]]
    fee = Borrowing(factor=case.number("borrowing_factor"), exponent=case.number("exponent", 1.0))
    return fee.fee(size, [(float(used), pool, float(seconds)) for used, seconds in phases])


def dydx_index(case: Case) -> int:
    return index_increment(
        whole(case, "rate8h_ppm"),
        whole(case, "dt_s"),
        whole(case, "price"),
        whole(case, "exponent"),
        whole(case, "atomic_resolution"),
    )


def dydx_settlement(case: Case) -> int:
    return settlement_ppm(
        whole(case, "perp_index"), whole(case, "position_index"), whole(case, "quantums")
    )


def drift_raw(case: Case) -> int:
    oracle = whole(case, "oracle_twap")
    widest = toward_zero(oracle, whole(case, "max_div", 10))
    assert whole(case, "buffer", 1_000) == 1_000
    return raw_rate(whole(case, "mark_twap"), oracle, widest, whole(case, "period_adj", 24), 0)


def drift_spread(case: Case) -> int:
    tier = str(case.inputs["tier"])
    named = None if tier.startswith("default") else re.search("[ABC]", tier)
    return maximum_spread(whole(case, "oracle_twap"), named.group() if named else "")


def drift_capped(case: Case) -> int:
    """Return the rate of the side that receives."""
    pool = whole(case, "fee_pool")
    if "total_fee_minus_distributions" in case.inputs:
        pool = pool_of_fees(whole(case, "total_fee_minus_distributions"), whole(case, "total_fee"))
    rate = whole(case, "funding_rate")
    both = sided_rates(rate, whole(case, "base_long"), whole(case, "base_short"), pool)
    return both.long if rate < 0 else both.short


def drift_fees(case: Case) -> int:
    return fees_after(whole(case, "total_fee_minus_distributions"), whole(case, "total_fee"))


FLOATS: Mapping[str, Callable[[Case], float]] = MappingProxyType(
    {
        "funding_rate": funding_rate,
        "funding_rate_hourly": funding_rate_hourly,
        "funding_payment": paid,
        "funding_payment_pending": owed_for_a_price_difference,
        "funding_cap": cap,
        "funding_interest_component": interest,
        "total_pnl": total_profit,
        "funding_factor_per_second": skew,
        "price_impact_usd": impact,
        "borrowing_fee_usd": borrowed,
    }
)
INTEGERS: Mapping[str, Callable[[Case], int]] = MappingProxyType(
    {
        "funding_index_delta": dydx_index,
        "funding_settlement_ppm": dydx_settlement,
        "funding_rate_raw": drift_raw,
        "max_price_divergence": drift_spread,
        "funding_rate_capped": drift_capped,
        "fee_pool_after": drift_fees,
    }
)
TOPICS = frozenset(FLOATS) | frozenset(INTEGERS)


@golden(FILE, lambda case: case.topic in FLOATS)
def test_the_published_number_comes_out(case: Case) -> None:
    case.check(FLOATS[case.topic](case))


@golden(FILE, lambda case: case.topic in INTEGERS)
def test_the_whole_number_of_the_protocol_comes_out(case: Case) -> None:
    found = INTEGERS[case.topic](case)
    assert isinstance(found, int)
    assert abs(found - int(case.expected)) <= int(float(case.raw.get("tol_abs", 0)))
