"""Seeds by what kind of desk they are, and odds with which only some things happen."""

from itertools import count, islice
from random import Random

from hedgerow.live.chaos.desks import Trait
from hedgerow.live.chaos.faults import Fault, Odds
from hedgerow.live.chaos.scenario import scenario
from hedgerow.live.chaos.world import Life


def quiet(**odds: float | frozenset[Fault]) -> Odds:
    """Return odds of a world in which nothing happens but what is given."""
    nothing = dict.fromkeys(
        ("call", "message", "quote", "step", "transfer", "windows", "moments", "orders", "amid"),
        0.0,
    )
    return Odds(**{**nothing, **odds})  # type: ignore[arg-type]


def seeds(trait: Trait, number: int = 1, *, without: frozenset[Trait] = frozenset()) -> list[int]:
    """Return the first seeds whose desk has a trait, and none of some others."""
    found = (seed for seed in count(1) if _fits(seed, trait, without))
    return list(islice(found, number))


def names(life: Life) -> set[str]:
    """Return which invariants a life broke."""
    return {broken.name for broken in life.broken}


def _fits(seed: int, trait: Trait, without: frozenset[Trait]) -> bool:
    traits = scenario(Random(f"scenario {seed}")).traits  # noqa: S311 - reproducible, not secret
    return trait in traits and not traits & without
