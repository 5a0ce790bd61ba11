"""Columns that a kernel looks at first: the same reasons, whoever finds them, on any thread."""

import math
import os
import warnings

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.pricing import rows as given
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.implied import implied_volatility
from hedgerow.pricing.options import black76, black_scholes
from hedgerow.pricing.rows import Call, share_out
from hedgerow.units import Floats

RANDOM = np.random.default_rng(12)
MANY = 5_000
BAD = (0.0, -1.0, math.nan, math.inf, -math.inf, 1e60)


def columns() -> list[Floats]:
    forward = RANDOM.uniform(1e3, 1e5, MANY)
    return [
        forward,
        forward * np.exp(0.3 * RANDOM.normal(size=MANY)),
        RANDOM.uniform(0.1, 2.0, MANY),
        RANDOM.uniform(0.01, 2.0, MANY),
        RANDOM.choice([-1.0, 1.0], MANY),
        RANDOM.uniform(-0.1, 0.1, MANY),
    ]


def spoilt() -> tuple[list[Floats], list[tuple[int, str]]]:
    """Return columns with bad numbers in each, and what looking at every one of them finds."""
    found = columns()
    for place, column in enumerate(found):
        column[100 * place + np.arange(len(BAD))] = BAD
    call = Call(
        given.forward(found[0]),
        given.strike(found[1]),
        given.volatility(found[2]),
        given.years(found[3]),
        given.option_sign(found[4]),
        given.rate("rate", found[5]),
    )
    return found, call.rows.problems()


def test_bad_rows_are_found_as_if_each_had_been_looked_at() -> None:
    (*most, rate), problems = spoilt()
    option = black76(*most, rate=rate)
    assert option.rows.problems() == problems
    assert len(problems) > 30
    bad = [place for place, _ in problems]
    for name in option.names:
        assert np.isnan(option[name][bad]).all()
        assert np.isfinite(np.delete(option[name], bad)).all()


def test_other_options_find_them_too() -> None:
    (*most, rate), problems = spoilt()
    on_spot = black_scholes(*most, rate=rate, dividend=0.01).rows.problems()
    assert [place for place, _ in on_spot] == [place for place, _ in problems]
    in_coin = coin_option(*most).rows.problems()
    assert in_coin == [(place, why) for place, why in problems if not why.startswith("rate")]


def test_threads_find_the_same_bits_and_the_same_rows() -> None:
    (*most, rate), problems = spoilt()
    one = black76(*most, rate=rate)
    many = black76(*most, rate=rate, workers=3)
    assert many.rows.problems() == problems
    for name in one.names:
        assert np.array_equal(one[name], many[name], equal_nan=True)
    price = black76(*most, quantities=("price",)).price
    alone = implied_volatility(price, *most[:2], *most[3:5])
    shared = implied_volatility(price, *most[:2], *most[3:5], workers=3)
    assert np.array_equal(alone.volatility, shared.volatility, equal_nan=True)
    assert alone.rows.problems() == shared.rows.problems()


def test_one_number_is_refused_before_anything_is_worked_out() -> None:
    with pytest.raises(ConfigError, match="volatility = -1"):
        black76(np.array([1.0, 2.0]), 1.0, -1.0, 1.0)


def test_an_error_in_a_thread_comes_out_and_the_threads_go_on() -> None:
    def refuse(start: int, _: int) -> None:
        if start:
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        share_out(refuse, 10_000, 2)
    seen: list[tuple[int, int]] = []
    share_out(lambda start, stop: seen.append((start, stop)), 10_000, 2)
    places = [place for start, stop in sorted(seen) for place in range(start, stop)]
    assert places == list(range(10_000))


@pytest.mark.parametrize(
    ("units", "workers"), [(10, 2), (10, 3), (98, 2), (1, 4), (7, 7), (977, 8)]
)
def test_no_thread_is_left_with_much_more_than_its_part(units: int, workers: int) -> None:
    seen: list[int] = []
    share_out(lambda start, stop: seen.append(stop - start), units, workers, least=1)
    assert sum(seen) == units
    turns = -(-len(seen) // workers)
    assert turns * max(seen) <= -(-units // workers) * 1.1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    given_ = columns()[:5]
    before = black76(*given_, workers=2, quantities=("price",)).price
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a process with threads is forked on purpose
        child = os.fork()
    if child == 0:
        after = black76(*given_, workers=2, quantities=("price",)).price
        os._exit(0 if np.array_equal(before, after) else 1)
    assert os.waitpid(child, 0)[1] == 0
