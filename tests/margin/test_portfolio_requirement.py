"""What portfolio margin asks of small books whose answer somebody else printed, or is plain."""

import math
from statistics import NormalDist

import pytest

from hedgerow.errors import ConfigError
from hedgerow.margin.portfolio.book import (
    FuturePosition,
    OptionPosition,
    PortfolioBook,
    VolatilityShock,
)
from hedgerow.margin.portfolio.charges import (
    Contingencies,
    DeltaMinimum,
    net_and_hedged,
    net_short_options,
    option_delta,
)
from hedgerow.margin.portfolio.frontier import Frontier, liquidation_frontier
from hedgerow.margin.portfolio.grid import Scenario, price_volatility_grid
from hedgerow.margin.portfolio.option_margin import StandardOption, deribit_option_margin
from hedgerow.margin.portfolio.requirement import (
    ScenarioRule,
    deribit,
    grid,
    paradex,
    requirement,
    span,
)
from hedgerow.market.instrument import Settlement


def black(forward: float, strike: float, deviation: float, sign: float) -> float:
    """Return Black's value, from another normal integral than ours."""
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    n = NormalDist().cdf
    return sign * (forward * n(sign * d1) - strike * n(sign * (d1 - deviation)))


def test_ten_futures_lose_and_win_what_dederi_prints() -> None:
    # Dederi, "Portfolio margin": long 10 ETH futures at 2253.2, eleven prices to +-15 %.
    rule = ScenarioRule(
        name="dederi",
        scenarios=price_volatility_grid(0.15, 11, ["same"]),
        shock=VolatilityShock(up=0.0, down=0.0),
    )
    book = PortfolioBook(index=2_243.3, futures=[FuturePosition(size=10.0, mark=2_253.2)])
    printed = [-3380, -2704, -2028, -1352, -676, 0, 676, 1352, 2028, 2704, 3380]
    assert [round(row.profit) for row in grid(book, rule).rows] == printed


def test_the_volatility_shock_of_fifteen_days_is_deribits_example() -> None:
    # Deribit's earlier page: (30/15)^0.30 * 38 % for options of 15 days.
    shock = VolatilityShock(up=0.38, down=0.38)
    up = shock.shocked(1.0, 15.0 / 365.0, "up")
    assert up == pytest.approx(1.0 + 2.0**0.30 * 0.38, rel=1e-12)
    assert shock.shocked(1.0, 30.0 / 365.0, "down") == pytest.approx(0.62, rel=1e-12)
    assert shock.shocked(1.0, 60.0 / 365.0, "up") == pytest.approx(1.0 + 0.5**0.13 * 0.38)


def test_a_volatility_never_falls_below_nothing() -> None:
    assert VolatilityShock(up=0.5, down=0.9).shocked(0.5, 1.0 / 365.0, "down") == 0.0


def option(quantity: float, strike: float, **changes: object) -> OptionPosition:
    terms: dict[str, object] = {"years": 30.0 / 365.0, "volatility": 0.6, "call": True, **changes}
    return OptionPosition(quantity=quantity, strike=strike, **terms)  # type: ignore[arg-type]


def test_ten_calls_against_twenty_puts_are_ten_short_as_deribit_counts() -> None:
    options = [option(10.0, 60_000.0), option(-20.0, 60_000.0, call=False)]
    book = PortfolioBook(index=60_000.0, options=options)
    assert net_short_options(book) == 10.0
    charge = Contingencies(short_option=0.01).charge(book)
    assert charge / book.index == pytest.approx(10.0 * 0.01)


def test_futures_of_two_expiries_against_each_other_are_charged_as_deribit_says() -> None:
    pair = [
        FuturePosition(size=100.0, mark=60_000.0, expiry="JUN"),
        FuturePosition(size=-100.0, mark=61_000.0, expiry="SEP"),
    ]
    book = PortfolioBook(index=60_000.0, futures=pair)
    assert Contingencies(offset_futures=0.01).charge(book) / book.index == pytest.approx(1.0)


def test_the_delta_minimum_is_paradexs_example() -> None:
    # Long 1 perp, short 5 calls of delta 0.3, spot 70 000: net 0.5, hedged 1.0.
    parts = net_and_hedged([1.0, -5.0 * 0.3])
    assert parts.net == pytest.approx(0.5)
    assert parts.hedged == pytest.approx(1.0)
    worth = (0.02 * parts.net + 0.01 * parts.hedged) * 70_000.0
    assert worth == pytest.approx(1_400.0)


def test_paradex_has_its_24_scenarios_and_weights() -> None:
    scenarios = paradex().scenarios
    assert len(scenarios) == 24
    weights = {
        round(100 * far.price_move): round(100 * far.weight, 2)
        for far in scenarios
        if abs(far.price_move) > 0.16
    }
    printed = {
        -66: 24.0, -33: 48.0, 50: 32.0, 100: 16.0, 200: 8.0, 300: 5.33, 400: 4.0, 500: 3.2,
    }  # fmt: skip
    assert weights == printed


def test_a_perpetual_of_paradex_is_charged_its_range() -> None:
    book = PortfolioBook(index=70_000.0, futures=[FuturePosition(size=-2.0, mark=70_000.0)])
    asked = requirement(book, paradex())
    assert asked.initial == pytest.approx(0.16 * 140_000.0)
    assert asked.maintenance == pytest.approx(0.08 * 140_000.0)
    assert asked.minimum == pytest.approx(0.02 * 140_000.0)


def test_a_perfectly_hedged_pair_still_pays_the_minimum() -> None:
    pair = [FuturePosition(size=size, mark=70_000.0) for size in (3.0, -3.0)]
    asked = requirement(PortfolioBook(index=70_000.0, futures=pair), paradex())
    assert asked.scenario_loss == 0.0
    assert asked.initial == pytest.approx(0.01 * 3.0 * 70_000.0)


def test_the_delta_of_an_option_is_blacks() -> None:
    sold = option(-4.0, 66_000.0)
    book = PortfolioBook(index=60_000.0, options=[sold])
    deviation = 0.6 * math.sqrt(30.0 / 365.0)
    d1 = math.log(60_000.0 / 66_000.0) / deviation + 0.5 * deviation
    assert option_delta(book, sold) == pytest.approx(-4.0 * NormalDist().cdf(d1), rel=1e-8)


def test_span_charges_a_future_its_range_and_a_far_short_call_its_extreme_move() -> None:
    rule = span(0.10, 0.25)
    future = PortfolioBook(index=100.0, futures=[FuturePosition(size=1.0, mark=100.0)])
    assert requirement(future, rule).scenario_loss == pytest.approx(10.0)
    far = option(-1.0, 125.0, years=3.0 / 365.0, volatility=0.5)
    asked = requirement(PortfolioBook(index=100.0, options=[far]), rule)
    deviation = 0.5 * math.sqrt(3.0 / 365.0)
    loss = black(130.0, 125.0, deviation, 1.0) - black(100.0, 125.0, deviation, 1.0)
    assert asked.worst_price_move == pytest.approx(0.30)
    assert asked.scenario_loss == pytest.approx(0.33 * loss, rel=1e-9)


def test_span_charges_deltas_of_two_months_against_each_other() -> None:
    rule = span(0.10, 0.25, contingencies=Contingencies(offset_expiries=0.02))
    spread = [
        FuturePosition(size=5.0, mark=100.0, expiry="JUN"),
        FuturePosition(size=-3.0, mark=100.0, expiry="SEP"),
    ]
    asked = requirement(PortfolioBook(index=100.0, futures=spread), rule)
    assert asked.maintenance == pytest.approx(0.10 * 2.0 * 100.0 + 0.02 * 3.0 * 100.0)


def test_a_long_inverse_perpetual_loses_more_coins_below_than_a_short_above() -> None:
    def asked(face: float) -> float:
        future = FuturePosition(size=face, mark=60_000.0, settlement=Settlement.INVERSE)
        book = PortfolioBook(index=60_000.0, coins=10.0, futures=[future])
        return requirement(book, deribit()).maintenance

    assert asked(60_000.0) == pytest.approx(1.0 / 0.84 - 1.0)
    assert asked(-60_000.0) == pytest.approx(1.0 - 1.0 / 1.16)


def test_far_moves_ask_more_of_a_strangle_than_the_range_alone() -> None:
    strangle = [
        option(-10.0, 90_000.0, inverse=True),
        option(-10.0, 35_000.0, call=False, inverse=True),
    ]
    book = PortfolioBook(index=60_000.0, coins=10.0, options=strangle)
    whole = requirement(book, deribit())
    near = ScenarioRule(
        name="near",
        scenarios=price_volatility_grid(0.16, 9),
        shock=deribit().shock,
        numeraire="coin",
    )
    assert whole.worst_price_move is not None
    assert abs(whole.worst_price_move) > 0.16
    assert whole.scenario_loss > requirement(book, near).scenario_loss


def test_a_quanto_future_pays_in_its_own_coin() -> None:
    # 1000 contracts of 1e-6 XBT per dollar, XBT at 60 000: 60 dollars for each dollar of ETH.
    quanto = FuturePosition(size=1_000 * 1e-6, mark=2_500.0, settle_price=60_000.0)
    book = PortfolioBook(index=2_500.0, futures=[quanto])
    down = ScenarioRule(
        name="down", scenarios=(Scenario(-0.1, "same"),), shock=VolatilityShock(up=0.0, down=0.0)
    )
    assert requirement(book, down).scenario_loss == pytest.approx(60.0 * 250.0)


def test_a_linear_long_dies_where_equity_meets_sixteen_percent() -> None:
    book = PortfolioBook(index=100.0, cash=40.0, futures=[FuturePosition(size=1.0, mark=100.0)])
    frontier = liquidation_frontier(book, deribit(numeraire="quote"))
    assert frontier.above is None
    assert frontier.below == pytest.approx(60.0 / 0.84)  # P - 60 = 0.16 P


def test_a_book_under_water_dies_where_it_is() -> None:
    book = PortfolioBook(index=100.0, cash=1.0, futures=[FuturePosition(size=1.0, mark=100.0)])
    dead = liquidation_frontier(book, deribit(numeraire="quote"))
    assert dead == Frontier(below=100.0, above=100.0)


@pytest.mark.parametrize(
    ("sold", "initial", "maintenance"),
    [
        (StandardOption(-1.0, 50_000.0, True, 0.05, 50_000.0), 0.20, 0.125),
        (StandardOption(-2.0, 52_500.0, True, 0.03, 50_000.0), 0.26, 0.21),
        (StandardOption(-1.0, 60_000.0, True, 0.01, 50_000.0), 0.11, 0.085),
        (StandardOption(-1.0, 45_000.0, False, 0.02, 50_000.0), 0.12, 0.095),
        (StandardOption(-1.0, 250_000.0, False, 4.0, 50_000.0), 4.3, 4.3),
        (StandardOption(3.0, 50_000.0, True, 0.05, 50_000.0), 0.0, 0.0),
    ],
)
def test_a_single_option_is_charged_as_deribit_says(
    sold: StandardOption, initial: float, maintenance: float
) -> None:
    asked = deribit_option_margin(sold)
    assert asked.initial == pytest.approx(initial)
    assert asked.maintenance == pytest.approx(maintenance)


def test_bad_books_are_refused_with_the_number_that_is_wrong() -> None:
    with pytest.raises(ConfigError, match="mark = 0"):
        FuturePosition(size=1.0, mark=0.0)
    with pytest.raises(ConfigError, match="strike = -1"):
        option(1.0, -1.0)
    with pytest.raises(ConfigError, match="index = 0"):
        PortfolioBook(index=0.0)
    with pytest.raises(ConfigError, match="at least 2 steps"):
        price_volatility_grid(0.16, 1)
    broken = ScenarioRule(
        name="broken", scenarios=(Scenario(-1.0, "same"),), shock=VolatilityShock(up=0.0, down=0.0)
    )
    with pytest.raises(ConfigError, match=r"price move of -1\.0"):
        grid(PortfolioBook(index=1.0), broken)
    with pytest.raises(ConfigError, match="mark -1"):
        deribit_option_margin(StandardOption(-1.0, 1.0, True, -1.0, 1.0))
    assert DeltaMinimum().charge(PortfolioBook(index=1.0)) == 0.0
