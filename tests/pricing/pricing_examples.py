"""One right call of every function that takes columns, and what 0 is too little for in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hedgerow.pricing.american import american_perpetual
from hedgerow.pricing.carry_edge import carry_edge
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.everlasting import everlasting, everlasting_strip
from hedgerow.pricing.implied import implied_volatility, implied_volatility_from_coin
from hedgerow.pricing.options import black76, black_scholes
from hedgerow.pricing.perpetual import FundingTime, PerpetualPrices, Terms, perpetual_prices
from hedgerow.pricing.pools import expected_pool, hedge_cost, pool, pool_liquidity, pool_loss
from hedgerow.pricing.power import (
    dated_power,
    dated_power_volatility,
    power_perpetual,
    power_volatility,
)
from hedgerow.pricing.squeeth import (
    squeeth,
    squeeth_funding,
    squeeth_volatility,
)
from hedgerow.pricing.streaming import fee_volatility, premium_split
from hedgerow.pricing.strikes import strike_of_delta
from hedgerow.pricing.surface.smile_delta import smile_deltas
from hedgerow.pricing.surface.window import settlement_window

Function = Callable[..., Any]


def perpetual_by_terms(
    spot: object,
    time: FundingTime = FundingTime.PREVIOUS,
    payoff: str = "linear",
    **terms: Any,  # noqa: ANN401
) -> PerpetualPrices:
    """Ask for perpetuals as the others are asked for, with the terms as arguments."""
    return perpetual_prices(spot, Terms(time=time, **terms), payoff=payoff)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Example:
    """A call that is right; `above` are the arguments that 0 is too little for."""

    function: Function
    good: Mapping[str, float | str]
    above: str
    infinite: tuple[str, ...] = ()  # quantities that may be

    @property
    def numbers(self) -> list[str]:
        return [name for name, value in self.good.items() if isinstance(value, float)]


OPTION: Mapping[str, float | str] = {"strike": 110.0, "volatility": 0.6, "years": 0.25}
CALL: Mapping[str, float | str] = {**OPTION, "kind": "call"}
RATES: Mapping[str, float | str] = {"quote_rate": 0.05, "coin_rate": 0.01}
RANGE: Mapping[str, float | str] = {"price": 3e3, "lower": 2_500.0, "upper": 3_600.0}
PERIOD: Mapping[str, float | str] = {"power": 2.0, "volatility": 0.9, "funding_years": 0.05}
EXAMPLES: Mapping[str, Example] = {
    "black76": Example(black76, {"forward": 100.0, **CALL, "rate": 0.03}, "forward strike years"),
    "black_scholes": Example(
        black_scholes,
        {"spot": 100.0, **CALL, "rate": 0.03, "dividend": 0.01},
        "spot strike years",
    ),
    "coin_option": Example(coin_option, {"forward": 100.0, **CALL}, "forward strike years"),
    "implied_volatility": Example(
        implied_volatility,
        {"price": 8.0, "forward": 100.0, "strike": 110.0, "years": 0.25, "kind": "call"},
        "forward strike years",
        ("volatility",),
    ),
    "implied_volatility_from_coin": Example(
        implied_volatility_from_coin,
        {"price_coin": 0.08, "forward": 100.0, "strike": 110.0, "years": 0.25, "kind": "call"},
        "forward strike years",
        ("volatility",),
    ),
    "strike_of_delta": Example(
        strike_of_delta,
        {"delta": 0.25, "forward": 100.0, "volatility": 0.6, "years": 0.25, "kind": "call"},
        "delta forward volatility years",
    ),
    "smile_deltas": Example(
        smile_deltas, {"forward": 100.0, **CALL, "slope": -0.2}, "forward strike years"
    ),
    "settlement_window": Example(
        settlement_window,
        {"spot": 100.0, "strike": 100.0, "volatility": 0.6, "seconds": 900.0, "average": 101.0},
        "spot strike seconds average",
    ),
    "everlasting": Example(
        everlasting,
        {
            "spot": 100.0,
            "strike": 110.0,
            "volatility": 0.6,
            "funding_years": 0.02,
            "kind": "call",
            **RATES,
        },
        "spot strike volatility funding_years",
    ),
    "everlasting_strip": Example(
        everlasting_strip,
        {
            "spot": 100.0,
            "strike": 110.0,
            "volatility": 0.6,
            "funding_years": 0.02,
            "kind": "put",
            "payments": 3.0,
            **RATES,
        },
        "spot strike volatility funding_years payments",
    ),
    "american_perpetual": Example(
        american_perpetual,
        {"spot": 100.0, "strike": 110.0, "volatility": 0.6, "kind": "put", **RATES},
        "spot strike volatility",
        ("boundary",),
    ),
    "power_perpetual": Example(
        power_perpetual,
        {"spot": 100.0, **PERIOD, "payments": 4.0, **RATES},
        "spot funding_years payments",
    ),
    "dated_power": Example(
        dated_power,
        {"spot": 100.0, "power": 2.0, "volatility": 0.9, "years": 0.05, **RATES},
        "spot years",
    ),
    "power_volatility": Example(
        power_volatility,
        {"ratio": 1.05, "power": 2.0, "funding_years": 0.05, "payments": 4.0, **RATES},
        "ratio power funding_years payments",
    ),
    "dated_power_volatility": Example(
        dated_power_volatility,
        {"ratio": 1.05, "power": 2.0, "years": 0.05, **RATES},
        "ratio power years",
    ),
    "squeeth": Example(
        squeeth,
        {"spot": 3e3, "volatility": 0.9, "norm": 0.8, "years": 0.05},
        "spot norm years",
    ),
    "squeeth_funding": Example(
        squeeth_funding,
        {"index": 9e6, "mark": 9.4e6, "norm": 0.8, "elapsed_years": 0.01, "years": 0.05},
        "index mark norm years",
    ),
    "squeeth_volatility": Example(
        squeeth_volatility, {"index": 9e6, "mark": 9.4e6, "years": 0.05}, "index mark years"
    ),
    "pool": Example(pool, {**RANGE, "liquidity": 1e3, "volatility": 0.8}, "price liquidity upper"),
    "pool_liquidity": Example(pool_liquidity, {**RANGE, "coin": 2.0, "cash": 5e3}, "price upper"),
    "pool_loss": Example(
        pool_loss, {**RANGE, "later": 3_100.0, "liquidity": 1e3}, "price later liquidity upper"
    ),
    "expected_pool": Example(
        expected_pool,
        {**RANGE, "liquidity": 1e3, "volatility": 0.8, "years": 0.1},
        "price liquidity years upper",
    ),
    "hedge_cost": Example(
        hedge_cost,
        {
            "price": 3e3,
            "gamma": -0.003,
            "volatility": 0.8,
            "cost": 5e-4,
            "interval_years": 0.003,
        },
        "price interval_years",
    ),
    "fee_volatility": Example(
        fee_volatility,
        {"fee": 0.003, "daily_volume": 5e7, "tick_liquidity": 2e7},
        "tick_liquidity",
    ),
    "premium_split": Example(
        premium_split, {"collected": 100.0, "left": 50.0, "taken": 20.0, "spread": 0.25}, "left"
    ),
    "perpetual_prices": Example(
        perpetual_by_terms,
        {
            "spot": 6e4,
            "premium_intensity": 1.0,
            "interest": 1e-4,
            "interval_years": 1e-3,
            "covariance": 0.1,
            **RATES,
        },
        "spot premium_intensity interval_years",
    ),
    "perpetual_prices, inverse": Example(
        partial(perpetual_by_terms, time=FundingTime.CURRENT, payoff="inverse"),
        {
            "spot": 6e4,
            "premium_intensity": 1.0,
            "interest": 1e-4,
            "interval_years": 1e-3,
            **RATES,
        },
        "spot premium_intensity interval_years",
    ),
    "perpetual_prices, quanto": Example(
        partial(perpetual_by_terms, time=FundingTime.CONTINUOUS, payoff="quanto"),
        {
            "spot": 6e4,
            "premium_intensity": 1_095.0,
            "interest": 0.1,
            "covariance": 0.1,
            **RATES,
        },
        "spot premium_intensity",
    ),
    "everlasting, paid": Example(
        partial(everlasting, premium="paid"),
        {
            "spot": 100.0,
            "strike": 110.0,
            "volatility": 0.6,
            "funding_years": 0.02,
            "kind": "put",
            **RATES,
        },
        "spot strike volatility funding_years",
    ),
    "power_perpetual, continuous": Example(
        power_perpetual, {"spot": 100.0, **PERIOD, **RATES}, "spot funding_years"
    ),
    "strike_of_delta, premium-adjusted": Example(
        partial(strike_of_delta, premium_adjusted=True),
        {"delta": 0.25, "forward": 100.0, "volatility": 0.6, "years": 0.25, "kind": "call"},
        "delta forward volatility years",
    ),
    "carry_edge": Example(
        carry_edge,
        {"spot": 6e4, "forward": 6.1e4, "years": 0.25, "expected_funding": 0.1},
        "spot forward years",
    ),
}
