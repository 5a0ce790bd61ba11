"""Every case of the deltas on a smile comes out."""

import pytest
from golden_cases import Case, golden

from hedgerow.pricing.answers import Answer
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.surface import Svi
from hedgerow.pricing.surface.smile_delta import smile_deltas

FILE = "smile_delta"


def number(answer: Answer) -> float:
    assert isinstance(answer, float)
    return answer


@golden(FILE)
def test_deltas_on_a_smile_come_out(case: Case) -> None:
    forward, strike, years = (case.number(key) for key in ("F", "K", "T"))
    smile = Svi(**{name: float(value) for name, value in case.inputs["svi"].items()})
    kind = "call" if case.inputs["call"] else "put"
    volatility, slope = smile.volatility(strike / forward, years)
    case.check(volatility, "vol")
    case.check(slope, "dvol_dk", scale=1.0)
    found = smile_deltas(forward, strike, volatility, years, kind, slope=slope)
    worth = coin_option(forward, strike, volatility, years, kind)
    case.check(worth.price, "price_usd")
    case.check(worth.price_coin, "price_coin")
    case.check(number(found.sticky_strike), "delta_sticky_strike")
    case.check(number(found.sticky_moneyness), "delta_sticky_moneyness")
    case.check(number(found.sticky_local_volatility), "delta_sticky_localvol")
    case.check(number(found.net_sticky_strike), "net_sticky_strike")
    case.check(number(found.net_sticky_moneyness), "net_sticky_moneyness")


@golden(FILE)
def test_the_sticky_moneyness_delta_is_the_slope_of_the_price_that_moves_with_the_smile(
    case: Case,
) -> None:
    forward, strike, years = (case.number(key) for key in ("F", "K", "T"))
    smile = Svi(**{name: float(value) for name, value in case.inputs["svi"].items()})
    kind = "call" if case.inputs["call"] else "put"

    def worth(at: float) -> float:
        volatility, _ = smile.volatility(strike / at, years)
        return coin_option(at, strike, volatility, years, kind, quantities=("price",)).price

    step = forward * 1e-5
    by_difference = (worth(forward + step) - worth(forward - step)) / (2.0 * step)
    volatility, slope = smile.volatility(strike / forward, years)
    found = smile_deltas(forward, strike, volatility, years, kind, slope=slope)
    assert found.sticky_moneyness == pytest.approx(by_difference, abs=1e-7)
