"""Arguments of a vector call: shapes, domains, reasons."""

import math

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.pricing import rows
from hedgerow.pricing.rows import Call, Reason, finite, not_negative, option_sign, positive


def test_each_bad_row_has_the_first_reason_that_holds() -> None:
    call = Call(
        rows.strike([100.0, -1.0, math.nan, 100.0, 0.0]),
        rows.volatility([0.5, -0.5, 0.5, math.inf, 0.5]),
    )
    assert call.rows.problems() == [
        (1, "strike <= 0"),
        (2, "strike is missing"),
        (3, "volatility is infinite"),
        (4, "strike <= 0"),
    ]
    assert call.rows.valid.tolist() == [True, False, False, False, False]
    assert call.rows.reasons.tolist()[:2] == ["", Reason.STRIKE]
    assert call.rows.count_bad == 4


def test_the_words_are_those_of_the_reasons() -> None:
    call = Call(rows.forward([-1.0]), rows.strike([1.0]), rows.years([1.0]))
    assert call.rows.problems() == [(0, Reason.FORWARD)]
    assert Call(rows.years([0.0])).rows.problems() == [(0, Reason.YEARS)]
    assert Call(rows.volatility([-0.1])).rows.problems() == [(0, Reason.VOLATILITY)]
    assert Call(rows.spot([0.0])).rows.problems() == [(0, Reason.SPOT)]
    assert Call(option_sign(["calls"])).rows.problems() == [(0, Reason.KIND)]


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_bad_number_raises_by_name_and_value(bad: float) -> None:
    with pytest.raises(ConfigError, match=f"strike = {bad:g}: a strike is above 0"):
        Call(rows.strike(bad), rows.forward([1.0, 2.0]))


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ConfigError, match=r"strike \(2,\), forward \(3,\)"):
        Call(rows.strike([1.0, 2.0]), rows.forward([1.0, 2.0, 3.0]))


def test_text_is_no_number() -> None:
    with pytest.raises(ConfigError, match="strike = 'abc'"):
        Call(rows.strike("abc"))


def test_a_number_stays_one_element_beside_columns() -> None:
    call = Call(rows.forward(100.0), rows.strike(np.ones((3, 1))), rows.volatility(np.ones(4)))
    assert [column.size for column in call.columns] == [1, 12, 12]
    assert call.shape == (3, 4)
    assert [column.size for column in call.full()] == [12, 12, 12]


def test_answers_come_as_they_were_asked() -> None:
    numbers = Call(positive("a", 1.0))
    assert numbers.answer("x", np.array([2.0])) == 2.0
    table = Call(positive("a", np.ones((2, 2))))
    assert np.shape(table.answer("x", np.arange(4.0))) == (2, 2)
    series = Call(positive("a", pl.Series([1.0, 2.0])), finite("b", 1))
    answer = series.answer("x", np.array([1.0, 2.0]))
    assert isinstance(answer, pl.Series)
    assert answer.name == "x"


def test_a_null_of_polars_is_missing() -> None:
    call = Call(not_negative("price", pl.Series([1.0, None])))
    assert call.rows.problems() == [(1, "price is missing")]


@pytest.mark.parametrize(
    "kind", [["call", "put"], np.array(["C", "P"]), [1, -1], pl.Series(["call", "put"])]
)
def test_a_kind_may_be_a_word_or_a_sign(kind: object) -> None:
    assert Call(option_sign(kind)).columns[0].tolist() == [1.0, -1.0]


@pytest.mark.parametrize("kind", ["calls", 0.5, "", math.nan])
def test_any_other_kind_is_refused(kind: object) -> None:
    with pytest.raises(ConfigError, match="kind = neither call nor put: write call or put"):
        Call(option_sign(kind))


def test_what_is_wrong_with_one_row_is_kept_when_more_is_found() -> None:
    call = Call(rows.strike([1.0, -1.0, 1.0]))
    call.also(np.array([False, True, True]), Reason.ABOVE_BOUND)
    assert call.rows.problems() == [(1, Reason.STRIKE), (2, Reason.ABOVE_BOUND)]


def test_no_rows_are_no_problem() -> None:
    call = Call(rows.strike(np.empty(0)), rows.forward(1.0))
    assert call.size == 0
    assert call.rows.problems() == []
