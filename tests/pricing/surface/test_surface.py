"""A surface from a chain: what is fitted, what is left out and why, and what it answers."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.market.chain import Chain, sample_chain
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import Limits, Surface, Svi, fit
from hedgerow.pricing.surface.arbitrage import is_free, repair, violations
from hedgerow.units import DAY, MINUTE, YEAR, Floats, moment

NOW = 20_000 * DAY
DAYS = (3, 10, 45, 120)
SMILES = tuple(
    Svi(a=0.5 * 0.36 * d / 365, b=0.06 * (d / 365) ** 0.5, rho=-0.3, m=0.0, sigma=0.25 * (d / 90))
    for d in DAYS
)


def made_of(smiles: tuple[Svi, ...], days: tuple[int, ...], half_spread: float = 0.002) -> Chain:
    """Return a chain whose middles are Black's prices on smiles; spreads in volatility."""
    parts: list[Chain] = []
    for smile, day in zip(smiles, days, strict=True):
        years = day / 365.0
        forward = 60_000.0 * np.exp(0.05 * years)
        total = float(np.sqrt(smile.variance(0.0)[0]))
        strike = np.tile(forward * np.exp(np.linspace(-2.0, 2.0, 21) * total), 2)
        sign = np.repeat([1.0, -1.0], 21)
        volatility = np.sqrt(smile.variance(np.log(strike / forward)) / years)

        def coin(
            at: Floats, forward: float = forward, strike: Floats = strike, years: float = years,
            sign: Floats = sign,
        ) -> Floats:  # fmt: skip
            price = black76(forward, strike, at, years, sign, quantities=("price",)).price
            return np.asarray(price / forward, np.float64)

        count = strike.size
        parts.append(
            Chain(
                time=NOW,
                premium_unit="coin",
                index={"BTC": 60_000.0},
                symbol=np.array([f"BTC-{day}-{i}" for i in range(count)]),
                underlying=np.full(count, "BTC"),
                expiry=np.full(count, NOW + day * DAY, dtype=np.int64),
                strike=strike,
                sign=sign,
                forward=np.full(count, forward),
                bid=coin(volatility - half_spread),
                ask=coin(volatility + half_spread),
                mark=coin(volatility),
                mark_volatility=volatility,
                delta=np.full(count, np.nan),
                open_interest=np.zeros(count),
                quoted=np.full(count, NOW, dtype=np.int64),
            )
        )
    columns = [name for name in Chain.__dataclass_fields__ if name not in
               ("time", "premium_unit", "index")]  # fmt: skip
    joined = {name: np.concatenate([getattr(one, name) for one in parts]) for name in columns}
    return Chain(time=NOW, premium_unit="coin", index={"BTC": 60_000.0}, **joined)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return made_of(SMILES, DAYS)


@pytest.fixture(scope="module")
def surface(chain: Chain) -> Surface:
    return fit(chain)


def test_the_smiles_that_made_the_quotes_come_back(surface: Surface) -> None:
    assert not violations(SMILES, DAYS)
    for one, true in zip(surface.slices, SMILES, strict=True):
        assert one.fits, one.why
        assert isinstance(one.smile, Svi)
        k = np.linspace(-2.0, 2.0, 41) * float(np.sqrt(true.variance(0.0)[0]))
        found = np.sqrt(one.smile.variance(k) / one.years)
        assert found == pytest.approx(np.sqrt(true.variance(k) / one.years), abs=5e-4)
    assert surface.violations == ()


def test_a_slice_tells_how_good_it_is(surface: Surface) -> None:
    quality = surface.slices[2].quality
    assert quality.median < 0.05
    assert quality.median <= quality.p95
    assert quality.half_spread == pytest.approx(0.2, abs=0.01)
    assert quality.inside == 1.0
    assert quality.used == 42
    assert quality.left_out == {}


def test_volatility_is_asked_by_strike_and_moment_in_any_shape(surface: Surface) -> None:
    expiry = surface.slices[1].expiry
    one = surface.volatility(60_000.0, moment(expiry))
    assert isinstance(one, float)
    grid = surface.volatility(
        np.array([[50_000.0], [60_000.0]]), np.array([expiry, surface.slices[2].expiry])
    )
    assert isinstance(grid, np.ndarray)
    assert grid.shape == (2, 2)
    assert grid[1, 0] == one
    each = surface.volatility(60_000.0, [moment(expiry), moment(expiry) + timedelta(days=1)])
    assert isinstance(each, np.ndarray)
    assert each[0] == one


def test_total_variance_runs_straight_between_expiries(surface: Surface) -> None:
    early, late = surface.slices[1].years, surface.slices[2].years
    ends = np.array([surface.total_variance(0.1, t) for t in (early, late)])
    half = surface.total_variance(0.1, 0.5 * (early + late))
    assert half == pytest.approx(ends.mean(), rel=1e-12)


def test_total_variance_never_falls_with_time_at_any_moneyness(surface: Surface) -> None:
    times = np.linspace(0.001, 1.0, 400)
    for k in np.linspace(-1.0, 1.0, 21):
        steps = np.diff(surface.total_variance(float(k), times))
        assert (steps >= -1e-12).all()


def test_before_the_first_expiry_volatility_is_that_of_the_first(surface: Surface) -> None:
    first = surface.slices[0]
    for years in (first.years * 0.2, first.years * 0.9):
        found = surface.total_variance(0.05, years)
        at_first = surface.total_variance(0.05, first.years)
        assert found / years == pytest.approx(at_first / first.years, rel=1e-12)


def test_forwards_meet_the_slices_and_today_s_price(surface: Surface) -> None:
    for one in surface.slices:
        assert surface.forward(one.expiry) == pytest.approx(one.forward, rel=1e-12)
    assert surface.forward(NOW + MINUTE) == pytest.approx(60_000.0, rel=1e-6)
    beyond = NOW + 400 * DAY
    assert surface.forward(beyond) == pytest.approx(60_000.0 * np.exp(0.05 * 400 / 365), rel=1e-9)


def test_the_slope_is_that_of_the_volatility(surface: Surface) -> None:
    expiry, step = NOW + 30 * DAY, 1e-5
    up = surface.volatility(55_000.0 * np.exp(step), expiry)
    down = surface.volatility(55_000.0 * np.exp(-step), expiry)
    assert surface.slope(55_000.0, expiry) == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_the_density_of_a_slice_is_one_and_its_mean_the_forward(surface: Surface) -> None:
    smile = surface.slices[2].smile
    assert isinstance(smile, Svi)
    k = np.linspace(-3.0, 3.0, 20_001)
    density = smile.density(k)
    assert np.trapezoid(density, k) == pytest.approx(1.0, abs=1e-5)
    assert np.trapezoid(density * np.exp(k), k) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("kind", ["ssvi", "vanna-volga"])
def test_the_other_kinds_answer_too(chain: Chain, kind: str, surface: Surface) -> None:
    other = fit(chain, kind=kind)  # type: ignore[arg-type]
    assert other.kind == kind
    expiry = surface.slices[2].expiry
    near = np.array([57_000.0, 60_000.0, 63_000.0])
    assert other.volatility(near, expiry) == pytest.approx(
        surface.volatility(near, expiry), abs=0.01
    )
    between = other.volatility(60_000.0, NOW + 80 * DAY)
    assert between == pytest.approx(surface.volatility(60_000.0, NOW + 80 * DAY), abs=0.01)
    beyond = other.volatility(60_000.0, NOW + 300 * DAY)
    assert beyond == pytest.approx(surface.volatility(60_000.0, NOW + 300 * DAY), abs=0.02)


def test_ssvi_has_no_arbitrage_at_all(chain: Chain) -> None:
    assert fit(chain, kind="ssvi").violations == ()


def with_(chain: Chain, **changes: tuple[int, float]) -> Chain:
    """Return the chain with one row of a column changed."""
    columns = {}
    for name, (row, value) in changes.items():
        columns[name] = getattr(chain, name).copy()
        columns[name][row] = value
    return replace(chain, **columns)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("bid", np.nan, "one-sided: no bid"),
        ("bid", 0.0, "one-sided: no bid"),
        ("bid", -0.1, "bid < 0"),
        ("ask", np.nan, "one-sided: no ask"),
        ("ask", -0.1, "ask < 0"),
        ("bid", 0.9, "crossed: bid above ask"),
        ("ask", 0.9, "wide"),
        ("ask", 1.2, "ask at or above its upper bound"),
        ("quoted", NOW - 31 * MINUTE, "stale"),
        ("strike", -5.0, "strike <= 0"),
        ("strike", np.nan, "strike is missing"),
        ("sign", np.nan, "kind is neither call nor put"),
        ("forward", -1.0, "forward <= 0"),
        ("forward", np.inf, "forward is infinite"),
        ("expiry", NOW, "expired"),
    ],
)
def test_a_bad_quote_is_left_out_by_its_reason_and_the_rest_is_fitted(
    chain: Chain, surface: Surface, column: str, value: float, reason: str
) -> None:
    row = 42 + 10  # a call near the money of the second expiry
    spoilt = fit(with_(chain, **{column: (row, value)}))
    assert spoilt.rows.problems() == [(row, reason)]
    expiry = surface.slices[1].expiry
    assert spoilt.volatility(60_000.0, expiry) == pytest.approx(
        surface.volatility(60_000.0, expiry), abs=1e-3
    )


def test_a_price_below_the_intrinsic_value_is_named(chain: Chain) -> None:
    row = 42  # deep in the money
    low = with_(with_(chain, bid=(row, 0.001)), ask=(row, 0.002))
    assert fit(low).rows.problems() == [(row, "price below the intrinsic value")]


def test_a_symbol_that_comes_twice_counts_once(chain: Chain) -> None:
    names = chain.symbol.copy()
    names[1] = names[0]
    assert fit(replace(chain, symbol=names)).rows.problems() == [(1, "symbol is there twice")]


def test_without_the_venue_s_forward_parity_gives_it(chain: Chain, surface: Surface) -> None:
    blind = fit(replace(chain, forward=np.full(len(chain), np.nan)))
    for one, true in zip(blind.slices, surface.slices, strict=True):
        assert one.forward == pytest.approx(true.forward, rel=1e-6)
        assert one.fits


def test_a_slice_with_too_few_quotes_says_so_and_is_bridged(chain: Chain) -> None:
    thin = chain.bid.copy()
    thin[42 + 4 : 84] = np.nan
    found = fit(replace(chain, bid=thin))
    slice_ = found.slices[1]
    assert not slice_.fits
    assert slice_.smile is None
    assert slice_.why == "4 quotes left of 42: too few for a smile"
    assert slice_.quality.left_out == {"one-sided: no bid": 38}
    early, late = found.slices[0].expiry, found.slices[2].expiry
    part = (slice_.expiry - early) / (late - early)
    years = np.array([(e - NOW) / YEAR for e in (early, slice_.expiry, late)])
    w = np.array([found.total_variance(0.0, float(t)) for t in years])
    assert w[1] == pytest.approx((1 - part) * w[0] + part * w[2], rel=1e-12)


def test_no_quote_at_all_still_gives_slices_that_say_why(chain: Chain) -> None:
    none = fit(replace(chain, bid=np.full(len(chain), np.nan)))
    assert [one.why for one in none.slices] == ["0 quotes left of 42: too few for a smile"] * 4
    with pytest.raises(MarketDataError, match="no expiry has quotes enough"):
        none.volatility(60_000.0, NOW + DAY)


def test_quotes_that_allow_arbitrage_give_a_surface_that_does_not() -> None:
    # A butterfly within the first expiry (Vogt's slice), and a second one below the first.
    vogt = Svi(a=-0.041, b=0.1331, rho=0.306, m=0.3586, sigma=0.4153)
    below = Svi(a=0.002, b=0.08, rho=0.3, m=0.1, sigma=0.1)
    assert {one.kind for one in violations([vogt, below], [1, 2])} == {"butterfly", "calendar"}
    surface = fit(made_of((vogt, below), (365, 380)))
    assert surface.violations == ()
    first, second = surface.slices
    assert isinstance(first.smile, Svi)
    assert isinstance(second.smile, Svi)
    assert is_free(first.smile, None)
    assert is_free(second.smile, first.smile)
    assert first.quality.median < 1.0
    assert not second.fits
    assert "median error" in second.why


def test_a_repair_goes_no_further_than_it_must() -> None:
    vogt = Svi(a=-0.041, b=0.1331, rho=0.306, m=0.3586, sigma=0.4153)
    mended = repair(vogt, None)
    assert is_free(mended, None)
    far = vogt.jump_wings(1.0).repaired().raw()
    k = np.linspace(-1.0, 1.0, 101)
    assert (
        np.abs(mended.variance(k) - vogt.variance(k)).max()
        < 0.5 * np.abs(far.variance(k) - vogt.variance(k)).max()
    )
    lower = Svi(a=0.001, b=0.05, rho=0.0, m=0.0, sigma=0.2)
    assert is_free(repair(lower, mended), mended)
    assert repair(SMILES[0], None) is SMILES[0]


@pytest.mark.parametrize(
    ("smile", "kind"),
    [
        (Svi(a=0.04, b=1.5, rho=0.5, m=0.05, sigma=0.2), "wing"),
        (Svi(a=-0.1, b=0.1, rho=0.0, m=0.0, sigma=0.2), "variance"),
        (Svi(a=0.001, b=0.9, rho=-0.8, m=0.1, sigma=0.02), "butterfly"),
    ],
)
def test_each_arbitrage_of_a_slice_is_named_and_mended(smile: Svi, kind: str) -> None:
    assert kind in {one.kind for one in violations([smile], [7])}
    assert violations([repair(smile, None)], [7]) == ()


def test_wings_that_cross_far_out_are_a_calendar_arbitrage() -> None:
    early = Svi(a=0.01, b=0.2, rho=0.0, m=0.0, sigma=0.1)
    late = Svi(a=20.0, b=0.1, rho=0.0, m=0.0, sigma=0.1)
    (found,) = violations([early, late], [1, 2])
    assert found.kind == "calendar"
    assert np.isinf(found.k)


def test_the_sample_chain_needs_no_more_than_six_quotes() -> None:
    surface = fit(sample_chain())
    assert surface.slices[0].quality.used == 6
    assert surface.violations == ()


@pytest.mark.parametrize("strike", [0.0, -1.0, np.nan, np.inf])
def test_a_strike_that_is_none_is_refused(surface: Surface, strike: float) -> None:
    with pytest.raises(ConfigError, match="strike"):
        surface.volatility(strike, surface.slices[0].expiry)


def test_of_many_strikes_the_one_that_is_none_is_named(surface: Surface) -> None:
    expiry = surface.slices[0].expiry
    with pytest.raises(ConfigError, match=r"strike\[1, 0\] = -3: a strike is above 0"):
        surface.volatility(np.array([[5e4, 6e4], [-3.0, 7e4]]), expiry)
    with pytest.raises(ConfigError, match=r"expiry\[2\] lies 2 days before"):
        surface.volatility(6e4, np.array([expiry, expiry, NOW - 2 * DAY]))


def test_beyond_the_last_expiry_variance_grows_as_it_did_at_the_money(surface: Surface) -> None:
    early, late = surface.slices[-2].years, surface.slices[-1].years
    ends = [surface.total_variance(0.0, t) for t in (early, late)]
    growth = (ends[1] - ends[0]) / (late - early)
    k = np.linspace(-1.0, 1.0, 21)
    for beyond in (0.01, 0.5, 3.0):
        more = surface.total_variance(k, late + beyond) - surface.total_variance(k, late)
        assert more == pytest.approx(np.full(21, growth * beyond), rel=1e-9)


@pytest.mark.parametrize("kind", ["svi", "ssvi", "vanna-volga"])
def test_total_variance_never_falls_in_time_in_any_kind(chain: Chain, kind: str) -> None:
    other = fit(chain, kind=kind)  # type: ignore[arg-type]
    times = np.linspace(0.001, 1.0, 60)[:, None]
    w = np.asarray(other.total_variance(np.linspace(-1.5, 1.5, 31)[None, :], times))
    assert (np.diff(w, axis=0) >= -1e-12).all()
    assert (w > 0.0).all()


def test_an_expiry_that_is_over_or_no_time_is_refused(surface: Surface) -> None:
    with pytest.raises(ConfigError, match="not after the snapshot"):
        surface.volatility(60_000.0, NOW)
    with pytest.raises(ConfigError, match="aware datetime"):
        surface.volatility(60_000.0, 0.5)  # type: ignore[call-overload]


def test_what_a_person_asks_wrongly_is_named(chain: Chain) -> None:
    with pytest.raises(UnknownName, match="did you mean 'BTC'"):
        fit(chain, underlying="BTX")
    with pytest.raises(UnknownName, match="ssvi"):
        fit(chain, kind="svi2")  # type: ignore[arg-type]
    two = replace(chain, underlying=np.where(np.arange(len(chain)) < 50, "BTC", "ETH"))
    with pytest.raises(ConfigError, match="name the underlying"):
        fit(two)
    with pytest.raises(MarketDataError, match="still alive"):
        fit(replace(chain, time=NOW + 500 * DAY))
    with pytest.raises(ConfigError, match="5 or more"):
        Limits(least_quotes=3)
    with pytest.raises(ConfigError, match="above 0"):
        Limits(most_spread=0.0)
