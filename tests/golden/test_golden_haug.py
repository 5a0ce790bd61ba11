"""The tables of Haug's book, as printed."""

from golden_cases import Case, golden

from hedgerow.pricing.options import black_scholes

TABLE = "haug_bsm_table"


@golden(TABLE)
def test_a_printed_number(case: Case) -> None:
    number = case.number
    option = black_scholes(
        number("S"),
        number("K"),
        number("sigma"),
        number("T"),
        "call" if case.inputs["type"] == "C" else "put",
        rate=number("r"),
        dividend=number("q"),
    )
    found = {
        "price": option.price,
        "delta": option.delta,
        "elasticity": option.delta * number("S") / option.price,
        "gamma": option.gamma,
        "vega": option.vega,
        "theta": option.theta,
        "thetaPerDay": option.theta / 365.0,
        "rho": option.rho,
        "dividendRho": option.dividend_rho,
    }
    case.check(found[case.raw["quantity"]])
