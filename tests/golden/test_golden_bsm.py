"""Black-Scholes-Merton with all its sensitivities, against sums worked out to sixty digits."""

from golden_tables import Row, close, golden_rows

from hedgerow.pricing.options import ALL_OF_SPOT, black_scholes

COLUMN = {"theta": "theta_per_year", "charm": "charm_per_year"}


@golden_rows("bsm_greeks")
def test_every_sensitivity(case: Row) -> None:
    number = case.number
    option = black_scholes(
        number("S"),
        number("K"),
        number("sigma"),
        number("T"),
        case.kind,
        rate=number("r"),
        dividend=number("q"),
    )
    asked = [name for name in ALL_OF_SPOT if COLUMN.get(name, name) in case]
    assert len(asked) >= 8
    for name in asked:
        expected = number(COLUMN.get(name, name))
        assert close(option[name], expected, 1e-12), (name, option[name], expected)
