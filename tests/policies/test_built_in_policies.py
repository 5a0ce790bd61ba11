"""What the built-in policies ask for, and how a person's own becomes one."""

import math
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import Band, ConfigError, Hold, Interval, Policy, policy
from hedgerow.policies import catalogue as shelf
from hedgerow.policies.state import MEMORY_SLOTS, RULE_SIZE, STATE_FIELDS

EXPOSURE = 100.0
amounts = st.floats(-500.0, 500.0)


def ask(wanted: Policy, memory: np.ndarray | None = None, **seen: float) -> float:
    """Return the hedge that the compiled rule asks for, given the named state."""
    state = np.zeros((len(STATE_FIELDS), 1))
    for name, value in seen.items():
        state[STATE_FIELDS.index(name), 0] = value
    numbers = np.zeros((RULE_SIZE, 1))
    numbers[: len(wanted.numbers()), 0] = wanted.numbers()
    target = np.empty(1)
    slots = np.zeros((MEMORY_SLOTS, 1)) if memory is None else memory
    wanted.rule.block(state, slots, numbers, target)
    return float(target[0])


def test_hold_opens_once_and_leaves_it() -> None:
    assert ask(Hold(), goal=-100.0, held=0.0) == -100.0
    assert ask(Hold(), goal=-100.0, held=-60.0) == -60.0


def test_a_band_goes_to_the_edge_that_was_crossed_or_to_the_centre() -> None:
    def at(held: float, wanted: Band) -> float:
        return ask(wanted, held=held, exposure=EXPOSURE, goal=-100.0)

    assert at(-97.0, Band(half_width=0.05)) == -97.0
    assert at(-90.0, Band(half_width=0.05)) == -95.0
    assert at(-110.0, Band(half_width=0.05)) == -105.0
    assert at(-90.0, Band(half_width=0.05, to="centre")) == -100.0


@given(held=amounts, exposure=amounts, width=st.floats(0.0, 1.0))
def test_hedging_twice_is_hedging_once(held: float, exposure: float, width: float) -> None:
    wanted = Band(half_width=width)
    once = ask(wanted, held=held, exposure=exposure, goal=-exposure)
    again = ask(wanted, held=once, exposure=exposure, goal=-exposure)
    assert math.isclose(again, once, rel_tol=1e-12, abs_tol=1e-12)


def test_an_interval_acts_once_in_each() -> None:
    memory = np.zeros((MEMORY_SLOTS, 1))
    asked = [
        ask(Interval(hours=8.0), memory, time=float(hour), goal=-100.0, held=-90.0)
        for hour in range(1, 18)
    ]
    assert [hour for hour, target in enumerate(asked, start=1) if target == -100.0] == [1, 8, 16]


@policy
def calm(goal: float, held: float, volatility: float, *, limit: float = 0.5) -> float:
    return goal if volatility < limit else held


@policy
def ramp(goal: float, memory: float, *, steps: float) -> tuple[float, float]:
    done = min(memory + 1.0, steps)
    return goal * done / steps, done


def test_five_lines_make_a_policy() -> None:
    assert ask(calm(), goal=-100.0, held=-90.0, volatility=0.4) == -100.0
    assert ask(calm(limit=0.3), goal=-100.0, held=-90.0, volatility=0.4) == -90.0


def test_a_policy_may_remember() -> None:
    memory = np.zeros((MEMORY_SLOTS, 1))
    asked = [ask(ramp(steps=4.0), memory, goal=-100.0) for _ in range(6)]
    assert asked == [-25.0, -50.0, -75.0, -100.0, -100.0, -100.0]


def test_the_compiled_rule_is_the_function() -> None:
    assert ask(calm(), goal=-3.0, held=1.0, volatility=0.5) == calm.rule.function(-3.0, 1.0, 0.5)


def test_a_number_that_the_policy_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'limit'"):
        calm(limits=1.0)
    with pytest.raises(ConfigError, match="steps"):
        ramp()


def test_a_rule_that_asks_for_what_there_is_not_is_refused() -> None:
    def clairvoyant(tomorrow: float) -> float:
        return tomorrow

    with pytest.raises(ConfigError, match="'tomorrow', which is no state field"):
        policy(clairvoyant)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Band(half_width=-0.01),
        lambda: Band(half_width=math.nan),
        lambda: Band(to="middle"),  # type: ignore[arg-type]
        lambda: Interval(hours=0.0),
        lambda: Interval(hours=math.inf),
    ],
)
def test_numbers_out_of_their_domain_are_refused(make: object) -> None:
    with pytest.raises(ConfigError, match="must be"):
        make()  # type: ignore[operator]


def test_an_installed_package_adds_its_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("calm", f"{__name__}:calm", shelf.GROUP)
    monkeypatch.setattr(
        shelf, "entry_points", lambda group: [point] if group == shelf.GROUP else []
    )
    found = shelf.catalogue()
    assert set(found) == {"hold", "interval", "band", "calm"}
    assert found["calm"]()(limit=0.2).numbers() == (0.2,)


def test_two_policies_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("band", f"{__name__}:calm", shelf.GROUP)
    monkeypatch.setattr(shelf, "entry_points", lambda **_: [point])
    with pytest.raises(ConfigError, match="two policies are called 'band'"):
        shelf.catalogue()


def test_a_broken_package_disturbs_only_those_who_ask_for_its_policy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    point = EntryPoint("torn", "no_such_package_at_all:Torn", shelf.GROUP)
    monkeypatch.setattr(shelf, "entry_points", lambda **_: [point])
    found = shelf.catalogue()
    assert found["band"]() is Band
    with pytest.raises(ConfigError, match=r"'torn' .* cannot be loaded: ModuleNotFoundError"):
        found["torn"]()
