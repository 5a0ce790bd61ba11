"""The sections of a contract that say how it behaves: each read, checked, made into a value."""

from decimal import Decimal

from hedgerow.market.rule_names import (
    DELEVERAGING,
    FUNDING_METHODS,
    FUNDING_NEEDS,
    FUNDING_PRICES,
    LIQUIDATION_METHODS,
    MARGIN_METHODS,
    MARK_METHODS,
    PREMIUM_METHODS,
    PREMIUM_WEIGHTS,
)
from hedgerow.market.table_reader import TableReader
from hedgerow.market.venue import (
    FundingRule,
    LiquidationRule,
    MarginRule,
    MarkRule,
    PremiumRule,
    SkewTerms,
)


def read_funding(row: TableReader) -> FundingRule:
    """Return the funding rule; a number its method does not use is refused as an unknown key."""
    method = row.choice("method", FUNDING_METHODS)
    needs = FUNDING_NEEDS[method]
    rule = FundingRule(
        interval_hours=row.hours("interval_hours"),
        cap=row.number("cap"),
        floor=row.number("floor"),
        interest=row.number("interest") if "interest" in needs else Decimal(0),
        clamp=row.number("clamp") if "clamp" in needs else Decimal(0),
        method=method,
        price=row.choice("price", FUNDING_PRICES),
        continuous=row.flag("continuous") if row.has("continuous") else False,
        skew=_skew(row.child("skew")) if "skew" in needs else None,
        change_limit=row.number("change_limit") if row.has("change_limit") else None,
    )
    row.close()
    if rule.change_limit is not None and rule.change_limit <= 0:
        row.refuse("change_limit", rule.change_limit, "write a number above zero, or leave it out")
    if rule.cap <= rule.floor:
        row.refuse("cap", rule.cap, f"the cap must be above the floor of {rule.floor}")
    if rule.clamp < 0:
        row.refuse("clamp", rule.clamp, "write zero or more")
    return rule


def _skew(row: TableReader) -> SkewTerms:
    terms = SkewTerms(
        exponent=row.number("exponent"),
        increase=row.number("increase"),
        decrease=row.number("decrease"),
        stable_threshold=row.number("stable_threshold"),
        decrease_threshold=row.number("decrease_threshold"),
        minimum=row.number("minimum"),
        maximum=row.number("maximum"),
    )
    row.close()
    if not 0 <= terms.minimum <= terms.maximum:
        row.refuse("minimum", terms.minimum, f"write 0 or more, up to {terms.maximum}")
    if not terms.decrease_threshold <= terms.stable_threshold:
        most = terms.stable_threshold
        row.refuse("decrease_threshold", terms.decrease_threshold, f"write at most {most}")
    return terms


def read_margin(row: TableReader) -> MarginRule:
    """Return how the brackets become a requirement."""
    method = row.choice("method", MARGIN_METHODS)
    slopes = method == "size_slope"
    scaled = row.has("open_interest_lower") or row.has("open_interest_upper")
    rule = MarginRule(
        method=method,
        cross=row.choice("cross", MARGIN_METHODS) if row.has("cross") else "",
        slope=row.number("slope") if slopes else Decimal(0),
        initial_slope=row.number("initial_slope") if slopes else Decimal(0),
        closing_fee=row.flag("closing_fee"),
        open_interest_lower=row.number("open_interest_lower") if scaled else None,
        open_interest_upper=row.number("open_interest_upper") if scaled else None,
    )
    row.close()
    notional = ("brackets", "entry_brackets")
    if rule.cross and not (method in notional and rule.cross in notional):
        row.refuse(
            "cross", rule.cross, "only brackets at the mark and at the entry may change over"
        )
    if slopes and not 0 < rule.slope <= rule.initial_slope:
        row.refuse("slope", rule.slope, f"write more than 0, up to {rule.initial_slope}")
    lower, upper = rule.open_interest_lower, rule.open_interest_upper
    if lower is not None and upper is not None and not 0 <= lower < upper:
        row.refuse("open_interest_lower", lower, f"write 0 or more, below {upper}")
    return rule


def read_liquidation(row: TableReader) -> LiquidationRule:
    """Return what happens below maintenance."""
    method = row.choice("method", LIQUIDATION_METHODS)
    partial = method == "partial"
    rule = LiquidationRule(
        method=method,
        fee=row.number("fee"),
        step=row.number("step") if partial else Decimal(0),
        step_above=row.number("step_above") if partial else Decimal(0),
        backstop=row.number("backstop") if row.has("backstop") else Decimal(0),
        deleveraging=row.choice("deleveraging", DELEVERAGING),
    )
    row.close()
    if not 0 <= rule.fee < 1:
        row.refuse("fee", rule.fee, "write a fraction of notional, 0 or more and below 1")
    if partial and not 0 < rule.step <= 1:
        row.refuse("step", rule.step, "write a part of the position, above 0 and up to 1")
    if rule.step_above < 0:
        row.refuse("step_above", rule.step_above, "write 0 or more")
    if not 0 <= rule.backstop <= 1:
        row.refuse("backstop", rule.backstop, "write a fraction of maintenance, from 0 to 1")
    return rule


def read_premium(row: TableReader) -> PremiumRule:
    """Return how the premium is sampled."""
    method = row.choice("method", PREMIUM_METHODS)
    priced = method == "impact" and row.has("impact_notional")
    rule = PremiumRule(
        method=method,
        sample_seconds=row.count("sample_seconds"),
        weights=row.choice("weights", PREMIUM_WEIGHTS),
        impact_notional=row.number("impact_notional") if priced else None,
    )
    row.close()
    if rule.impact_notional is not None and rule.impact_notional <= 0:
        row.refuse("impact_notional", rule.impact_notional, "write a number above zero")
    return rule


def read_mark(row: TableReader) -> MarkRule:
    """Return how the mark price is made."""
    rule = MarkRule(
        method=row.choice("method", MARK_METHODS),
        window_seconds=row.count("window_seconds"),
        index=row.text("index"),
    )
    row.close()
    return rule
