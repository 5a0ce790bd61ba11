"""A small set of choices in which every two values of two options meet at least once."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

Choice = dict[str, Any]
_Value = tuple[str, int]  # an option and the place of one of its values
_Pair = frozenset[_Value]


def all_pairs(options: Mapping[str, Sequence[Any]]) -> set[_Pair]:
    """Return every pair of values of two different options."""
    return {
        frozenset(((one, i), (two, j)))
        for one, two in combinations(options, 2)
        for i, j in product(range(len(options[one])), range(len(options[two])))
    }


def covering_set(options: Mapping[str, Sequence[Any]]) -> list[Choice]:
    """Return choices that together hold every pair, found greedily and always the same.

    Each choice begins with a pair not yet met, and gives every other option the value that meets
    the most new pairs with those already given.
    """
    missing = all_pairs(options)
    choices: list[Choice] = []
    while missing:
        first = min(missing, key=sorted)
        given = dict(first)
        for name in options:
            if name not in given:
                given[name] = _best(name, len(options[name]), given, missing)
        missing -= {frozenset(pair) for pair in combinations(given.items(), 2)}
        choices.append({name: options[name][given[name]] for name in options})
    return choices


def _best(name: str, values: int, given: Mapping[str, int], missing: set[_Pair]) -> int:
    def met(value: int) -> int:
        return sum(frozenset(((name, value), other)) in missing for other in given.items())

    offset = len(missing)  # so that ties do not always fall to the first value
    return max(range(values), key=lambda value: (met(value), (value + offset) % values))
