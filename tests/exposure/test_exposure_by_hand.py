"""Exposures against closed forms, published formulas and repricing."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from QuantLib import BlackCalculator, PlainVanillaPayoff
from QuantLib import Option as TheirOption

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.beta import betas_to
from hedgerow.exposure.book import Book, Flow, Holding
from hedgerow.exposure.exposure import Exposure, exposure
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    Position,
    PowerPerp,
    Schedule,
    VolatilityFuture,
)
from hedgerow.exposure.view import MarketView
from hedgerow.pricing.carry_edge import FundingOutlook
from hedgerow.pricing.coin_options import coin_option

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MARCH, JUNE = date(2026, 3, 27), datetime(2026, 6, 26, 8, tzinfo=UTC)
CALL, PUT = "BTC/USD:BTC-260327-100000-C", "ETH/USDC:USDC-260327-3000-P"
YEARS = (datetime(2026, 3, 27, 8, tzinfo=UTC) - NOW) / timedelta(days=365)

MARKET = MarketView(
    time=NOW,
    spot={"BTC": 60_000.0, "ETH": 3_000.0},
    forwards={"BTC": {MARCH: 61_500.0}, "ETH": {MARCH: 3_040.0}},
    volatility={"BTC": 0.6, "ETH": 0.8},
    marks={
        "BTC/USD:BTC": 60_120.0,
        "ETH/USDT:USDT": 3_001.0,
        "BTC volatility 260626": 0.55,
    },
    funding={
        "BTC/USD:BTC": FundingOutlook(now=0.2, mean=0.1, half_life_years=0.1),
        "ETH/USDT:USDT": 0.12,
    },
    rate=0.04,
)
KINDS: dict[str, Holding | Position] = {
    "coins": Holding("BTC", 2.0),
    "wrapped": Holding("wstETH", 10.0, of="ETH", ratio=1.19),
    "inverse perp": Perp("BTC/USD:BTC", -90_000.0, entry=59_000.0),
    "linear perp": Perp("ETH/USDT:USDT", -3.0, entry=2_900.0),
    "inverse future": DatedFuture("BTC/USD:BTC-260327", 50_000.0, entry=65_000.0),
    "linear future": DatedFuture("BTC/USDT:USDT-260327", 1.5),
    "coin option": Option(CALL, -5.0),
    "money option": Option(PUT, 7.0),
    "everlasting": Everlasting("ETH", -2.0, strike=3_100.0),
    "paid everlasting": Everlasting("ETH", 2.0, strike=2_900.0, kind="put", paid=True),
    "power": PowerPerp("ETH", -1e-3),
    "pool": PoolPosition("ETH/USDC", 1_000.0, lower=2_500.0, upper=3_600.0, fees=0.3),
    "coins to come": Schedule("ETH", [Flow(time=JUNE, amount=3.0)], expected=0.9),
    "swap": FundingSwap("BTC/USD:BTC", 3.0, fixed=0.08, expiry=JUNE),
    "volatility": VolatilityFuture("BTC", 1_000.0, expiry=JUNE, entry=0.5),
}


def of(*positions: Holding | Position, numeraire: str = "USD") -> Exposure:
    """Return the exposure of positions at the market."""
    return exposure(Book(positions, numeraire), MARKET)


@pytest.mark.parametrize("numeraire", ["USD", "BTC", "ETH"])
@pytest.mark.parametrize("kind", KINDS)
def test_sensitivities_are_the_slopes_of_the_worth_repriced(kind: str, numeraire: str) -> None:
    found = of(KINDS[kind], numeraire=numeraire)
    h, price = 1e-4, found.price
    for name in found.underlyings:
        betas = {other: float(other == name) for other in ("BTC", "ETH")}
        cube = found.scenario(spot=[-h, 0.0, h], volatility=[-h, 0.0, h], betas=betas)
        worth = cube.worth[:, :, 0, 0]
        spot, own = MARKET.spot[name], name == numeraire
        scale = abs(found.worth) + abs(found[name].delta) * spot / price + 1e-9
        # With the factor x on a price, dw/dx is the delta in numeraire: its own spot is 1 of it.
        slope = (worth[2, 1] - worth[0, 1]) / (2.0 * h)
        in_coins = slope * price / spot
        assert found[name].delta == pytest.approx(in_coins, abs=5e-6 * scale * price / spot)
        bend = (worth[2, 1] - 2.0 * worth[1, 1] + worth[0, 1]) / h**2
        # Delta is x dw/dx / spot in coins of the numeraire itself, dw/dx / spot of another.
        gamma = ((bend + slope) if own else bend) * price / spot**2
        tolerance = 1e-5 * (abs(gamma) + scale * price / spot**2)
        assert found[name].gamma == pytest.approx(gamma, abs=tolerance)


@pytest.mark.parametrize("numeraire", ["USD", "BTC"])
@pytest.mark.parametrize("kind", KINDS)
def test_vega_vanna_and_volga_are_slopes_too(kind: str, numeraire: str) -> None:
    found = of(KINDS[kind], numeraire=numeraire)
    h, v, price = 1e-4, 1e-3, found.price
    (name,) = {line.underlying for line in KINDS[kind].lines()}
    betas = {other: float(other == name) for other in ("BTC", "ETH")}
    worth = found.scenario(spot=[-h, 0.0, h], volatility=[-v, 0.0, v], betas=betas).worth[..., 0, 0]
    vega = (worth[1, 2] - worth[1, 0]) / (2.0 * v)
    assert found[name].vega == pytest.approx(vega, rel=1e-4, abs=1e-9)
    volga = (worth[1, 2] - 2.0 * worth[1, 1] + worth[1, 0]) / v**2
    assert found[name].volga == pytest.approx(volga, rel=1e-3, abs=1e-4 * (1.0 + abs(vega)))
    mixed = (worth[2, 2] - worth[0, 2] - worth[2, 0] + worth[0, 0]) / (4.0 * h * v)
    vanna = mixed * price / MARKET.spot[name]
    assert found[name].vanna == pytest.approx(vanna, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_theta_and_carry_are_what_a_little_time_brings(kind: str) -> None:
    found = of(KINDS[kind])
    step = 1e-5
    worth = found.scenario(years=[0.0, step]).worth[0, 0, :, 0]
    name = found.underlyings[0]
    brought = (worth[1] - worth[0]) / step
    # In a scenario forwards stand still, so what they give coming down to spot is not in it.
    rolls = kind.endswith(("option", "future"))
    expected = found[name].theta + (0.0 if rolls else found[name].carry)
    assert brought == pytest.approx(expected, rel=1e-3, abs=1e-6 * (1.0 + abs(found.worth)))


def test_rho_and_carry_are_what_the_forwards_give() -> None:
    book = Book([KINDS[name] for name in ("coin option", "linear future", "inverse future")])
    h = 1e-6
    worth = []
    for carry in (-h, h):
        market = MarketView(
            time=NOW,
            spot=MARKET.spot,
            forwards={"BTC": {MARCH: 61_500.0 * math.exp(carry * YEARS)}},
            volatility=MARKET.volatility,
        )
        entry = DatedFuture("BTC/USDT:USDT-260327", 1.5, entry=61_500.0)
        worth.append(exposure(Book([*book.positions[::2], entry]), market).worth)
    found = exposure(book, MARKET)["BTC"]
    assert found.rho == pytest.approx((worth[1] - worth[0]) / (2.0 * h), rel=1e-6)
    # A forward that comes down to spot loses its carry over its life.
    rate = math.log(61_500.0 / 60_000.0) / YEARS
    assert found.carry == pytest.approx(-rate * found.rho / YEARS, rel=1e-12)


def test_quantlib_agrees_on_an_option_that_settles_in_money() -> None:
    forward, spot, discount = 3_040.0, 3_000.0, math.exp(-0.04 * YEARS)
    payoff = PlainVanillaPayoff(TheirOption.Put, 3_000.0)
    theirs = BlackCalculator(payoff, forward, 0.8 * math.sqrt(YEARS), discount)
    ours = of(Option(PUT, 7.0))["ETH"]
    assert ours.worth == pytest.approx(7.0 * theirs.value(), rel=1e-12)
    assert ours.delta == pytest.approx(7.0 * theirs.delta(spot), rel=1e-12)
    assert ours.gamma == pytest.approx(7.0 * theirs.gamma(spot), rel=1e-12)
    assert ours.vega == pytest.approx(7.0 * theirs.vega(YEARS), rel=1e-12)
    assert ours.rho == pytest.approx(7.0 * theirs.rho(YEARS), rel=1e-12)


def test_both_hedges_are_those_of_the_whole_coin_equity() -> None:
    held, sold = Holding("BTC", 2.0), Option(CALL, -5.0)
    perp = Perp("BTC/USD:BTC", -30_000.0, entry=59_000.0)
    option = coin_option(61_500.0, 100_000.0, 0.6, YEARS, "call")
    unrealised = -30_000.0 * (1.0 / 59_000.0 - 1.0 / 60_120.0)
    equity = 2.0 - 5.0 * option.price_coin + unrealised
    dollar, coin = of(held, sold, perp), of(held, sold, perp, numeraire="BTC")
    assert dollar.coin_equity("BTC") == pytest.approx(equity, rel=1e-13)
    # The perpetual that is there already counts with its face over its price.
    open_face = -30_000.0
    whole = option.perp_hedge(coin_equity=equity, perp_price=60_120.0, contracts=-5.0)
    assert dollar.hedge_size("BTC/USD:BTC") + open_face == pytest.approx(whole.dollar_neutral)
    assert coin.hedge_size("BTC/USD:BTC") + open_face == pytest.approx(whole.coin_neutral)


def test_a_synthetic_dollar_needs_no_hedge_at_any_price() -> None:
    book = Book([Holding("BTC", 1.5), Perp("BTC/USD:BTC", -90_000.0, entry=60_000.0)])
    for mark in (20_000.0, 60_000.0, 200_000.0):
        market = MarketView(
            time=NOW,
            spot={"BTC": mark},
            marks={"BTC/USD:BTC": mark},
            funding={"BTC/USD:BTC": 0.1},
        )
        found = exposure(book, market)
        assert found["BTC"].delta == pytest.approx(0.0, abs=1e-15)
        assert found.worth == pytest.approx(90_000.0)


def test_a_hedge_leaves_nothing_of_what_it_hedges() -> None:
    held = list(KINDS.values())
    for numeraire in ("USD", "BTC"):
        found = of(*held, numeraire=numeraire)
        for hedge in (Perp("ETH/USDT:USDT", 1.0), DatedFuture("BTC/USDT:USDT-260327", 1.0)):
            size = found.hedge_size(hedge)
            after = of(*held, type(hedge)(hedge.symbol, size), numeraire=numeraire)
            name = hedge.symbol[:3]
            assert after[name].delta == pytest.approx(0.0, abs=1e-9)
        size = found.hedge_size(PUT, greek="vega")
        after = of(*held, Option(PUT, size), numeraire=numeraire)
        assert after["ETH"].vega == pytest.approx(0.0, abs=1e-9 * abs(found["ETH"].vega))


def test_a_hedge_that_cannot_is_refused() -> None:
    found = of(Holding("BTC", 1.0))
    with pytest.raises(ConfigError, match="has no vega"):
        found.hedge_size("BTC/USD:BTC", greek="vega")
    with pytest.raises(ConfigError, match="mark is missing"):
        found.hedge_size("BTC/USDT:USDT")
    with pytest.raises(ConfigError, match="moves with BTC, not with ETH"):
        found.hedge_size("BTC/USD:BTC", underlying="ETH")
    with pytest.raises(UnknownName, match="delta"):
        found.hedge_size("BTC/USD:BTC", greek="delat")
    assert found.hedge_size("BTC/USDT") == -1.0


def test_contributions_and_ladders_add_up_to_the_whole() -> None:
    for numeraire in ("USD", "BTC"):
        found = of(*KINDS.values(), numeraire=numeraire)
        each = found.contributions()
        assert each["row"].to_list() == list(range(len(KINDS)))
        for name in ("BTC", "ETH"):
            mine = each.filter(pl.col("underlying") == name)
            for quantity in ("worth", "vega", "theta", "carry", "gamma"):
                if quantity == "gamma" and name == numeraire:
                    continue  # what others' worth brings to it is in its own delta
                total = getattr(found[name], quantity)
                assert mine[quantity].sum() == pytest.approx(total, rel=1e-12, abs=1e-12)
            brought = float(each["numeraire_delta"].sum()) if name == numeraire else 0.0
            assert float(mine["delta"].sum()) + brought == pytest.approx(
                found[name].delta, rel=1e-12
            )
        for buckets in (None, [30, 90, 365]):
            ladder = found.ladder("vega", buckets)
            assert ladder["BTC"].sum() == pytest.approx(found["BTC"].vega, rel=1e-12)
            assert ladder["total"].sum() == pytest.approx(
                found["BTC"].vega + found["ETH"].vega, rel=1e-12
            )
    assert found.worth == pytest.approx(found["BTC"].worth + found["ETH"].worth)


def test_buckets_are_named_and_sorted() -> None:
    found = of(*KINDS.values())
    assert found.ladder("carry")["bucket"].to_list() == ["2026-03-27", "2026-06-26", "no expiry"]
    assert found.ladder("carry", [30, 90])["bucket"].to_list() == [
        "30-90 days",
        "over 90 days",
        "no expiry",
    ]
    with pytest.raises(ConfigError, match="rising"):
        found.by_expiry([90, 30])
    with pytest.raises(UnknownName, match="vega"):
        found.ladder("wega")


def test_what_the_market_lacks_is_named_and_the_rest_counts() -> None:
    lacking: list[Holding | Position] = [
        Option("SOL/USD:SOL-260327-100-C", 1.0),
        Option("BTC/USD:BTC-260626-100000-C", 1.0),
        Option("BTC/USD:BTC-251226-100000-C", 1.0),
        Perp("BTC/USDT:USDT", 1.0),
        Perp("SOL/USDT:USDT", 1.0),
        Holding("DOGE", 5.0),
        VolatilityFuture("ETH", 10.0, expiry=JUNE),
        FundingSwap("SOL/USDT:USDT", 1.0, fixed=0.1, expiry=JUNE),
    ]
    found = of(*KINDS.values(), *lacking)
    whole = of(*KINDS.values())
    assert [(row - len(KINDS), reason) for row, _, reason in found.problems] == [
        (0, "spot is missing"),
        (1, "forward is missing"),
        (2, "expired"),
        (3, "mark is missing"),
        (4, "spot is missing"),
        (5, "spot is missing"),
        (6, "mark is missing"),
        (7, "spot is missing"),
    ]
    assert found.worth == pytest.approx(whole.worth, rel=1e-14)
    assert found["BTC"] == pytest.approx(whole["BTC"], rel=1e-13)
    row = found.contributions().row(len(KINDS), named=True)
    assert math.isnan(row["delta"])
    assert row["reason"] == "spot is missing"


def test_a_perp_without_funding_counts_without_its_carry_and_says_so() -> None:
    market = MarketView(time=NOW, spot={"BTC": 6e4}, marks={"BTC/USDT:USDT": 6e4})
    found = exposure(Book([Perp("BTC/USDT:USDT", 2.0)]), market)
    assert (found["BTC"].delta, found["BTC"].carry) == (2.0, 0.0)
    assert found.problems[0].reason == "funding is missing: its carry is not counted"


def test_a_coin_without_price_is_no_numeraire() -> None:
    with pytest.raises(ConfigError, match="numeraire SOL"):
        of(Holding("BTC", 1.0), numeraire="SOL")


def test_a_flow_of_a_holding_that_has_come_is_held_and_of_a_schedule_is_not() -> None:
    past = Flow(time=NOW - timedelta(days=1), amount=1.0)
    assert of(Holding("BTC", 2.0, flows=(past,)))["BTC"].delta == 3.0
    assert of(Holding("BTC", 2.0), Schedule("BTC", [past]))["BTC"].delta == 2.0


def test_a_stablecoin_off_its_peg_is_an_exposure() -> None:
    market = MarketView(time=NOW, spot={"USDT": 0.98})
    found = exposure(Book([Holding("USDT", 100.0), Holding("USDC", 50.0)]), market)
    assert (found.worth, found["USDT"].delta, found.underlyings) == (148.0, 100.0, ("USDT",))
    other = found.counted_in("USDT")
    assert other.worth == pytest.approx(148.0 / 0.98)
    assert other["USDT"].delta == pytest.approx(-50.0 / 0.98)  # the dollars are the exposure


@pytest.mark.parametrize("to", ["BTC", "ETH"])
@pytest.mark.parametrize("numeraire", ["USD", "BTC", "ETH"])
def test_beta_weighting_is_the_slope_of_all_moving_together(numeraire: str, to: str) -> None:
    found = of(*KINDS.values(), Holding("USDC", 5_000.0), numeraire=numeraire)
    betas = {"BTC": 1.0, "ETH": 1.3} if to == "BTC" else {"BTC": 0.7, "ETH": 1.0}
    together = found.beta_weighted(to, betas)
    h = 1e-4
    cube = found.scenario(spot=[-h, 0.0, h], volatility=[-h, 0.0, h], betas=betas)
    worth = cube.worth[:, :, 0, 0]
    spot = MARKET.spot[to]
    price, drag = found.price, betas.get(numeraire, 0.0) * found.price / spot
    slope = (worth[2, 1] - worth[0, 1]) / (2.0 * h) / spot
    bend = (worth[2, 1] - 2.0 * worth[1, 1] + worth[0, 1]) / (h * spot) ** 2
    mixed = (worth[2, 2] - worth[0, 2] - worth[2, 0] + worth[0, 0]) / (4.0 * h * h) / spot
    assert together.worth == pytest.approx(found.worth, rel=1e-12)
    # Delta is the numeraire's price times the slope, which itself moves with all the others.
    assert together.delta == pytest.approx(price * slope, rel=1e-6)
    assert together.gamma == pytest.approx(price * bend + drag * slope, rel=1e-5)
    assert together.vanna == pytest.approx(price * mixed, rel=1e-5)
    with pytest.raises(ConfigError, match="has no beta"):
        found.beta_weighted(to, {})


def test_betas_are_those_of_a_regression() -> None:
    random = np.random.default_rng(1)
    btc = random.normal(size=500)
    eth = 1.4 * btc + random.normal(size=500)
    eth[7] = np.nan
    kept = np.isfinite(eth)
    theirs = np.polyfit(btc[kept], eth[kept], 1)[0]
    assert betas_to("BTC", {"BTC": btc, "ETH": eth})["ETH"] == pytest.approx(theirs, rel=1e-12)
    with pytest.raises(ConfigError, match="no two intervals"):
        betas_to("BTC", {"BTC": np.zeros(3), "ETH": np.ones(3)})


def test_a_scenario_that_passes_expiry_pays_the_payoff_and_the_funding() -> None:
    call, perp = Option(CALL, 2.0), Perp("BTC/USD:BTC", -60_000.0)
    cube = of(call, perp).scenario(spot=[1.0], years=[0.5], funding=[-0.2, 0.1])
    forward, spot, mark = 123_000.0, 120_000.0, 120_240.0
    payoff = 2.0 * (forward - 100_000.0) * spot / forward
    gain = -60_000.0 * (1.0 / 60_120.0 - 1.0 / mark) * spot
    funding = 60_000.0 * spot / mark * 0.5
    assert cube.worth[0, 0, 0].tolist() == pytest.approx(
        [payoff + gain + funding * (0.2 - 0.2), payoff + gain + funding * (0.2 + 0.1)]
    )
    frame = cube.frame()
    assert frame.columns == ["spot", "volatility", "years", "funding", "worth", "change"]
    assert frame["change"].to_list() == pytest.approx(cube.change.ravel().tolist())


def test_scenarios_refuse_what_cannot_be() -> None:
    found = of(*KINDS.values())
    with pytest.raises(ConfigError, match="falls to 0"):
        found.scenario(spot=[-0.9], betas={"ETH": 1.5})
    with pytest.raises(ConfigError, match="funding"):
        found.scenario(funding=[float("nan")])
    with pytest.raises(ConfigError, match="spot"):
        found.scenario(spot=[-1.0])


def test_a_frame_of_many_is_worth_what_its_positions_are() -> None:
    symbols = [CALL, PUT, "BTC/USD:BTC", "ETH/USDT:USDT", "BTC/USDT:USDT-260327", "BTC", "oops"]
    size = [-5.0, 7.0, -9e4, 3.0, 1.5, 2.0, 1.0]
    frame = pl.DataFrame({"symbol": symbols, "size": size})
    many = exposure(Book.from_frame(frame), MARKET)
    one = of(
        Option(CALL, -5.0),
        Option(PUT, 7.0),
        Perp("BTC/USD:BTC", -9e4),
        Perp("ETH/USDT:USDT", 3.0),
        DatedFuture("BTC/USDT:USDT-260327", 1.5),
        Holding("BTC", 2.0),
    )
    assert many["BTC"] == one["BTC"]
    assert many["ETH"] == one["ETH"]
    assert [problem.position for problem in many.problems] == ["oops"]
    assert many.contributions().row(6, named=True)["reason"] == "symbol is none that we know"


def test_funding_that_is_unknown_hinders_a_hedge_of_carry_and_no_other() -> None:
    perp = "BTC/USD:BTC"
    market = MarketView(time=NOW, spot={"BTC": 60_000.0}, marks={perp: 60_000.0})
    found = exposure(Book([Holding("BTC", 1.5)]), market)
    assert found.hedge_size(perp) == pytest.approx(-90_000.0)
    with pytest.raises(ConfigError, match="cannot hedge: funding is missing"):
        found.hedge_size(perp, greek="carry")
