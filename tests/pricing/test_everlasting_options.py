"""Everlasting options: what is asked for, in the shape it was asked in, and what is refused."""

import math

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.pricing.everlasting import (
    TOO_SLOW,
    Premium,
    everlasting,
    everlasting_strip,
    expiry_strip,
)

DAY = 1.0 / 365.0


def test_the_time_value_at_zero_rates_is_deri_protocols() -> None:
    # EverlastingOptionPricing.sol: K / u * (S / K) ** ((1 -+ u) / 2), u = sqrt(1 + 8 / (s² T)).
    for spot, power in ((54_000.0, 1.0), (66_000.0, -1.0)):
        root = math.sqrt(1.0 + 8.0 / (0.8**2 * 7 * DAY))
        wanted = 60_000.0 / root * (spot / 60_000.0) ** (0.5 * (1.0 + power * root))
        for kind in ("call", "put"):
            found = everlasting(spot, 60_000.0, 0.8, 7 * DAY, kind)
            assert found.time_value == pytest.approx(wanted, rel=1e-13)


def test_the_holder_pays_the_time_value_once_a_period() -> None:
    found = everlasting(54_000.0, 60_000.0, 0.8, 7 * DAY, "put", quote_rate=0.1)
    assert isinstance(found.price, float)
    assert found.funding_flow == pytest.approx((found.price - 6_000.0) / (7 * DAY), rel=1e-12)
    assert found.theta == 0.0
    assert found.intrinsic == 6_000.0


def test_columns_broadcast_and_polars_columns_stay_polars() -> None:
    spots = np.array([[50_000.0], [60_000.0]])
    strikes = np.array([50_000.0, 60_000.0, 70_000.0])
    table = everlasting(spots, strikes, 0.8, DAY)
    assert isinstance(table.price, np.ndarray)
    assert table.price.shape == (2, 3)
    column = everlasting(pl.Series([50_000.0, 60_000.0]), 60_000.0, 0.8, DAY)
    assert isinstance(column.price, pl.Series)
    assert column.price.name == "price"
    assert column.price.to_list() == table.price[:, 1].tolist()


def test_bad_rows_are_missing_and_say_why_and_the_others_are_not_touched() -> None:
    spots = [60_000.0, -1.0, 60_000.0, math.nan, 60_000.0, 60_000.0]
    volatilities = [0.8, 0.8, 0.0, 0.8, 0.8, 0.8]
    kinds = ["call", "call", "put", "call", "straddle", "call"]
    rates = [0.1, 0.1, 0.1, 0.1, 0.1, 400.0]
    found = everlasting(spots, 60_000.0, volatilities, DAY, kinds, quote_rate=rates)
    assert found.rows.problems() == [
        (1, "spot <= 0"),
        (2, "volatility <= 0"),
        (3, "spot is missing"),
        (4, "kind is neither call nor put"),
        (5, TOO_SLOW),
    ]
    for values in (found.price, found.delta, found.intrinsic, found.theta, found.funding_flow):
        np.testing.assert_array_equal(np.isnan(np.asarray(values)), ~found.rows.valid)
    alone = everlasting(60_000.0, 60_000.0, 0.8, DAY, quote_rate=0.1)
    assert np.asarray(found.price)[0] == alone.price


def test_a_single_bad_number_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="spot = -1"):
        everlasting(-1.0, 60_000.0, 0.8, DAY)
    with pytest.raises(ConfigError, match="funding_years = 0: a day is 1/365"):
        everlasting(60_000.0, 60_000.0, 0.8, 0.0)
    with pytest.raises(ConfigError, match=TOO_SLOW):
        everlasting(60_000.0, 60_000.0, 0.8, 20.0, quote_rate=0.1)
    with pytest.raises(ConfigError, match="premium = 'credit': write one of margined, paid"):
        everlasting(60_000.0, 60_000.0, 0.8, DAY, premium="credit")
    with pytest.raises(ConfigError, match="payments = 0"):
        everlasting_strip(60_000.0, 60_000.0, 0.8, DAY, payments=0)
    with pytest.raises(ConfigError, match=TOO_SLOW):
        everlasting_strip(60_000.0, 60_000.0, 0.8, 20.0, payments=1, quote_rate=0.1)


def test_a_premium_that_is_financed_makes_up_for_a_carry_that_funding_alone_could_not() -> None:
    paid = everlasting(60_000.0, 60_000.0, 0.8, 20.0, quote_rate=0.1, premium=Premium.PAID)
    assert isinstance(paid.price, float)
    assert 0.0 < paid.price < 60_000.0


def test_the_strip_of_daily_funding_halves_from_day_to_day() -> None:
    # White and Bankman-Fried: 1/2 of tomorrow's option, 1/4 of the one after, and so on.
    strip = expiry_strip(DAY, 1.0, left_out=1e-3)
    np.testing.assert_allclose(strip.weights, 0.5 ** np.arange(1, 11), rtol=1e-12)
    np.testing.assert_allclose(strip.years, DAY * np.arange(1, 11), rtol=1e-12)
    assert strip.left_out == pytest.approx(1.0 - strip.weights.sum(), rel=1e-9)
    with pytest.raises(ConfigError, match="left_out = 0"):
        expiry_strip(DAY, 1.0, left_out=0.0)
    with pytest.raises(ConfigError, match="payments = 0"):
        expiry_strip(DAY, 0.0)
