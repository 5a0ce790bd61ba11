"""What holds for every function that takes columns: shapes, sorts of numbers, and bad input by row.

The functions are found, not listed: a new one fails here until it has an example.
"""

import importlib
import inspect
import math
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from pricing_examples import EXAMPLES, Function

from hedgerow import pricing
from hedgerow.errors import ConfigError
from hedgerow.pricing.rows import Rows

# These answer with one number, a path or a grid, and have bad rows in tests of their own.
ELSEWHERE = {"parity_forward", "revalue", "streamed", "surface_deltas", "between_expiries"}
every = pytest.mark.parametrize("name", EXAMPLES)


def public_functions() -> Iterator[tuple[str, Function]]:
    """Yield every public function of the room that takes columns."""
    inner = {"rows", "answers", "arguments", "reading", "power_answers"}
    for found in pkgutil.walk_packages(pricing.__path__, "hedgerow.pricing."):
        if found.name.rpartition(".")[2] in inner:
            continue
        module = importlib.import_module(found.name)
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            if function.__module__ != module.__name__:
                continue
            taken = [str(each) for each in inspect.get_annotations(function).values()]
            if any("pl.Series" in each or "Column" in each for each in taken):
                yield name, function


def quantities(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - of every sort
    """Return what was answered, by name."""
    if hasattr(answer, "names"):
        return {name: answer[name] for name in answer.names}
    names = [field.name for field in fields(answer)]
    return {name: getattr(answer, name) for name in names if name != "rows"}


def rows_of(answer: Any) -> Rows:  # noqa: ANN401
    assert isinstance(answer.rows, Rows)
    return answer.rows


def asked(name: str, **changes: object) -> Any:  # noqa: ANN401
    example = EXAMPLES[name]
    return example.function(**{**example.good, **changes})


def test_every_function_has_an_example() -> None:
    found = {name for name, _ in public_functions()}
    assert found - ELSEWHERE == {name.partition(",")[0] for name in EXAMPLES}
    assert found >= ELSEWHERE


@every
def test_numbers_give_numbers(name: str) -> None:
    answer = asked(name)
    assert rows_of(answer).all_valid
    assert rows_of(answer).shape == ()
    for value in quantities(answer).values():
        assert type(value) is float
        assert math.isfinite(value)


@every
def test_arrays_broadcast_and_say_what_numbers_say(name: str) -> None:
    first, *_, last = EXAMPLES[name].numbers
    low, high = (EXAMPLES[name].good[each] for each in (first, last))
    assert isinstance(low, float)
    assert isinstance(high, float)
    downs, overs = np.array([[low], [low * 1.01]]), np.array([high, high * 1.01, high * 1.02])
    answer = asked(name, **{first: downs, last: overs})
    assert rows_of(answer).shape == (2, 3)
    for quantity, values in quantities(answer).items():
        assert values.shape == (2, 3)
        for row, column in np.ndindex(2, 3):
            alone = asked(name, **{first: float(downs[row, 0]), last: float(overs[column])})
            assert values[row, column] == quantities(alone)[quantity], quantity


@every
def test_a_polars_column_gives_polars_columns(name: str) -> None:
    for given in EXAMPLES[name].numbers:
        good = EXAMPLES[name].good[given]
        answer = asked(name, **{given: pl.Series("x", [good, None])})
        for quantity, values in quantities(answer).items():
            assert isinstance(values, pl.Series)
            assert values.name == quantity
            assert values.dtype == pl.Float64
            assert values[0] == quantities(asked(name))[quantity]
            assert math.isnan(values[1])
        assert rows_of(answer).problems() == [(1, f"{given} is missing")]


@every
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1.0, 0.0])
def test_a_bad_number_is_refused_by_name_and_named_by_row(name: str, bad: float) -> None:
    example = EXAMPLES[name]
    for given in example.numbers:
        good = example.good[given]
        answer = asked(name, **{given: np.array([good, bad, good])})
        rows = rows_of(answer)
        assert rows.valid[0]
        assert rows.valid[2]
        if bad == math.inf and given == "upper":
            assert rows.all_valid  # a range without end
        elif not math.isfinite(bad):
            word = "missing" if math.isnan(bad) else "infinite"
            assert rows.problems() == [(1, f"{given} is {word}")]
        elif bad == 0.0 and given in example.above.split():
            assert not rows.valid[1]
        elif bad == -1.0 and given in {*example.above.split(), "volatility"} - {"power", "delta"}:
            assert given in rows.problems()[0][1], given
        for quantity, values in quantities(answer).items():
            alone = quantities(asked(name))[quantity]
            assert values[0] == values[2] == alone
            held = math.isfinite(values[1]) or quantity in example.infinite
            assert held if rows.valid[1] else np.isnan(values[1])
        if rows.valid[1]:
            asked(name, **{given: bad})
        else:
            # What follows from several arguments names one of them.
            by = given if given in rows.problems()[0][1] else r"\w+"
            with pytest.raises(ConfigError, match=rf"^{by} = \S+: \w.*"):
                asked(name, **{given: bad})


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "kind" in EXAMPLES[name].good])
def test_a_kind_that_is_none_is_named(name: str) -> None:
    kinds: tuple[Any, ...] = ("calls", "", None, 0.5, math.nan, True, 2)
    for kind in kinds:
        with pytest.raises(ConfigError, match="kind"):
            asked(name, kind=kind)
    for column in (["call", "calls"], np.array([1.0, 0.0]), pl.Series(["C", None])):
        answer = asked(name, kind=column)
        assert rows_of(answer).problems() == [(1, "kind is neither call nor put")]
    good: tuple[Any, ...] = (["call", "put"], [1, -1], np.array([1, -1], dtype=np.int8))
    for column in (*good, pl.Series(["C", "P"], dtype=pl.Categorical)):
        assert not [why for _, why in rows_of(asked(name, kind=column)).problems() if "kind" in why]


@every
def test_what_is_no_number_is_refused(name: str) -> None:
    given = EXAMPLES[name].numbers[0]
    nothing: tuple[Any, ...] = (
        "100",
        None,
        True,
        1 + 2j,
        10**400,
        ["100", "x"],
        [[1.0], [1.0, 2.0]],
        np.array([True, False]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([1 + 2j]),
        {"a": 1.0},
        pl.Series(["100"]),
        pl.Series([date(2020, 1, 1)]),
        pl.DataFrame({"a": [1.0]}),
        pl.col("a"),
    )
    for bad in nothing:
        with pytest.raises(ConfigError, match=f"^{given} "):
            asked(name, **{given: bad})


@every
def test_numbers_of_every_sort_are_the_same_numbers(name: str) -> None:
    example = EXAMPLES[name]
    given = example.numbers[0]
    whole = 1.0 if name == "implied_volatility_from_coin" else None
    good = example.good[given]
    assert isinstance(good, float)
    if whole is None and good == int(good):
        count = int(good)
        sorts: list[Any] = [
            np.array([count, count]),
            np.array([count, count], dtype=np.int32),
            [Decimal(count), count],
            pl.Series([count, count], dtype=pl.Int32),
        ]
    else:
        sorts = []
    reference = np.array([good, good])
    wide = np.full((2, 3), good)
    frozen = reference.copy()
    frozen.flags.writeable = False
    masked = np.ma.masked_array(reference, [False, False])
    sorts += [
        reference.astype(">f8"),
        reference.astype("<f8"),
        wide[:, 1],
        np.broadcast_to(good, 2),
        frozen,
        masked,
        [good, good],
        (good, good),
    ]
    expected = quantities(asked(name))
    for sort in sorts:
        answer = asked(name, **{given: sort})
        for quantity, values in quantities(answer).items():
            assert np.asarray(values).tolist() == [expected[quantity]] * 2, type(sort)
    hidden = np.ma.masked_array(reference, [False, True])
    answer = asked(name, **{given: hidden})
    assert rows_of(answer).problems() == [(1, f"{given} is missing")]
    assert frozen.tolist() == [good, good]
    of_no_dimension = quantities(asked(name, **{given: np.array(good)}))
    assert of_no_dimension == expected
    assert quantities(asked(name, **{given: np.float64(good)})) == expected


@every
def test_no_rows_give_no_rows(name: str) -> None:
    given = EXAMPLES[name].numbers[0]
    empties: tuple[Any, ...] = (np.empty(0), [], np.empty((0, 3)), pl.Series([], dtype=pl.Float64))
    for empty in empties:
        answer = asked(name, **{given: empty})
        assert rows_of(answer).problems() == []
        for values in quantities(answer).values():
            assert np.asarray(values).shape == np.asarray(empty).shape


@every
def test_shapes_that_do_not_fit_are_named(name: str) -> None:
    first, *_, last = EXAMPLES[name].numbers
    low, high = EXAMPLES[name].good[first], EXAMPLES[name].good[last]
    with pytest.raises(ConfigError, match=rf"{first} \(2,\).*; give|{last} \(3,\).*; give"):
        asked(name, **{first: [low] * 2, last: [high] * 3})
    with pytest.raises(ConfigError, match=r"polars column beside a table of shape \(3, 2\)"):
        asked(name, **{first: pl.Series([low] * 2), last: np.full((3, 1), high)})


NASTY = (
    *(-math.inf, -1e300, -1.0, -0.0, 0.0, 5e-324, 1e-300, 1e-100, 1e-16, 1e-5, 0.3, 1.0, 2.0),
    *(50.0, 1e4, 1e8, 1e20, 1e50, 1e154, 1e300, 1.7e308, math.inf, math.nan),
)


def nasty_rows(name: str, count: int) -> dict[str, Any]:
    """Return columns in which good numbers are mixed with the worst ones."""
    random = np.random.default_rng(len(name))
    columns: dict[str, Any] = {}
    for given, good in EXAMPLES[name].good.items():
        if isinstance(good, str):
            columns[given] = random.choice(["call", "put"], count)
            continue
        near = good * random.choice([0.5, 0.99, 1.0, 1.01, 2.0], count)
        worst = random.choice(NASTY, count)
        columns[given] = np.where(random.random(count) < 0.4, worst, near)
    return columns


def held(values: npt.NDArray[np.float64], *, infinite: bool) -> npt.NDArray[np.bool_]:
    return ~np.isnan(values) if infinite else np.isfinite(values)


@every
def test_nothing_is_silently_nan_or_infinite(name: str) -> None:
    example = EXAMPLES[name]
    columns = nasty_rows(name, 3_000)
    answer = example.function(**columns)
    rows = rows_of(answer)
    assert rows.count_bad > 0
    assert np.count_nonzero(rows.valid) > 20
    assert ((rows.reasons == "") == rows.valid).all()
    found = {quantity: np.asarray(values) for quantity, values in quantities(answer).items()}
    for quantity, values in found.items():
        infinite = quantity in example.infinite
        lost = rows.valid & ~held(values, infinite=infinite)
        assert not lost.any(), {key: column[lost][0] for key, column in columns.items()}
        if not infinite:
            assert np.isnan(values[~rows.valid]).all()
    for place in range(150):
        alone = {
            key: str(column[place]) if column.dtype.kind == "U" else float(column[place])
            for key, column in columns.items()
        }
        if rows.valid[place]:
            numbers = quantities(example.function(**alone))
            assert all(numbers[key] == found[key][place] for key in found), alone
        elif "bound" not in rows.reasons[place]:
            with pytest.raises(ConfigError):
                example.function(**alone)
