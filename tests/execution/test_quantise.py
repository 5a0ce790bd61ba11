"""Rounding is always toward less risk, whatever the tick and the lot."""

from dataclasses import replace
from decimal import Decimal

from desk_makers import INVERSE, PERP
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.execution.order import Side
from hedgerow.execution.quantise import amount_of, exact, limit_price, notional, whole_lots

steps = st.sampled_from([Decimal(text) for text in ("0.1", "0.5", "0.00001", "1", "25", "0.0025")])
numbers = st.decimals("0.00001", "200000", places=7)


@settings(deadline=None)
@given(numbers, steps)
def test_an_amount_is_whole_lots_less_than_one_below_what_was_asked(
    amount: Decimal, lot: Decimal
) -> None:
    rounded = whole_lots(amount, replace(PERP, lot=lot))
    assert rounded % lot == 0
    assert 0 <= amount - rounded < lot


@settings(deadline=None)
@given(numbers, steps)
def test_a_limit_is_on_the_tick_and_never_worse_than_asked(price: Decimal, tick: Decimal) -> None:
    listing = replace(PERP, tick=tick)
    buy, sell = (limit_price(price, side, listing) for side in Side)
    assert buy % tick == sell % tick == 0
    assert 0 <= price - buy < tick
    assert 0 <= sell - price < tick


@settings(deadline=None)
@given(numbers)
def test_what_was_rounded_is_not_rounded_again(price: Decimal) -> None:
    for side in Side:
        once = limit_price(price, side, PERP)
        assert limit_price(once, side, PERP) == once


def test_the_face_of_an_inverse_contract_is_its_notional() -> None:
    assert notional(Decimal(500), Decimal(60_000), INVERSE) == 500
    assert amount_of(Decimal(500), Decimal(60_000), INVERSE) == 500
    assert notional(Decimal("0.5"), Decimal(60_000), PERP) == 30_000
    assert amount_of(Decimal(30_000), Decimal(60_000), PERP) == Decimal("0.5")


@settings(deadline=None)
@given(st.floats(1e-9, 1e9))
def test_a_price_crosses_over_as_it_was_written(price: float) -> None:
    crossed = exact(price)
    assert crossed is not None
    assert float(crossed) == price
