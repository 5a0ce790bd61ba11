"""Black-76 with all its sensitivities, against sums worked out to sixty digits."""

from golden_tables import Row, close, golden_rows

from hedgerow.pricing.options import ALL, black76

COLUMN = {"delta": "delta_fwd", "gamma": "gamma_fwd"}
FLOOR = {"charm": 1e-140}  # some rows print 0 where the number is below this
FROM_A_PRICE = {"price", "rho"}


@golden_rows("black76_greeks")
def test_every_sensitivity(case: Row) -> None:
    number = case.number
    option = black76(
        number("F"), number("K"), number("sigma"), number("T"), case.kind, rate=number("r")
    )
    for name in ALL:
        expected = number(COLUMN.get(name, name))
        in_the_wing = name in FROM_A_PRICE and number("price") < 1e-10
        relative = 1e-9 if in_the_wing else 1e-12
        found = option[name]
        assert close(found, expected, relative, FLOOR.get(name, 1e-300)), (name, found, expected)


@golden_rows("black76_greeks")
def test_the_price_keeps_twelve_digits_in_the_wings_too(case: Row) -> None:
    number = case.number
    option = black76(
        number("F"), number("K"), number("sigma"), number("T"), case.kind, rate=number("r")
    )
    assert close(option.price, number("price"), 1e-12)
