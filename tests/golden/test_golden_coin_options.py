"""Options settled in their coin: worth, deltas and hedges, against sums of sixty digits."""

import pytest
from golden_tables import Row, close, golden_rows

from hedgerow.pricing.coin_options import CoinGreeks, coin_option

TABLE = "inverse_option_greeks"
COLUMN = {
    "price_coin": "price_coin",
    "price": "price_usd",
    "delta": "delta_black",
    "delta_net": "delta_net",
    "gamma": "gamma_usd",
    "gamma_net": "gamma_net_usd",
    "gamma_coin": "gamma_coin",
    "vega": "vega_usd",
    "vega_coin": "vega_coin",
    "theta": "theta_usd",
    "theta_coin": "theta_coin",
    "vanna_net": "vanna_net",
}


def an_option(case: Row) -> CoinGreeks[float]:
    number = case.number
    return coin_option(number("F"), number("K"), number("sigma"), number("T"), case.kind)


@golden_rows(TABLE)
def test_every_sensitivity(case: Row) -> None:
    option = an_option(case)
    for name, column in COLUMN.items():
        expected = case.number(column)
        assert close(option[name], expected, 1e-12), (name, option[name], expected)
    slope = option.delta_net / case.number("F")
    assert close(slope, case.number("dprice_coin_dF"), 1e-12)


@golden_rows(TABLE)
def test_the_face_that_hedges_wealth_in_coin(case: Row) -> None:
    hedge = an_option(case).perp_hedge()
    assert close(hedge.coin_neutral, case.number("inverse_perp_usd_hedge"), 1e-12)


@golden_rows(TABLE)
def test_the_hedge_in_dollars_is_blacks_where_no_premium_is_kept(case: Row) -> None:
    option = an_option(case)
    hedge = option.perp_hedge(coin_equity=option.price_coin)
    black = -case.number("F") * case.number("delta_black")
    scale = case.number("F") * (abs(option.delta_net) + option.price_coin)
    assert hedge.dollar_neutral == pytest.approx(black, rel=1e-12, abs=1e-14 * scale)
