"""What a policy is: a name, one compiled rule and the numbers it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from hedgerow.errors import UnknownName
from hedgerow.policies.rule import Rule, Scalar


@runtime_checkable
class Policy(Protocol):
    """A value that says how much hedge to hold: usually a frozen dataclass."""

    @property
    def rule(self) -> Rule:
        """The rule, shared by all values of one policy."""
        ...

    def numbers(self) -> tuple[float, ...]:
        """Return the numbers, in the order of ``rule.parameters``."""
        ...


@dataclass(frozen=True, slots=True)
class Ruled:
    """A policy made by `policy`: a rule with values for its numbers."""

    rule: Rule
    values: tuple[float, ...]

    def numbers(self) -> tuple[float, ...]:
        """Return the numbers, in the order of ``rule.parameters``."""
        return self.values


@dataclass(frozen=True, slots=True)
class Recipe:
    """A rule waiting for its numbers; call it with them to get a policy."""

    rule: Rule

    @property
    def name(self) -> str:
        """What a config calls the policy."""
        return self.rule.name

    def __call__(self, **numbers: float) -> Ruled:
        """Return the policy with these numbers; those with a default may be left out."""
        return Ruled(self.rule, _complete(self.rule, numbers))


def _complete(rule: Rule, numbers: Mapping[str, Any]) -> tuple[float, ...]:
    for name in numbers:
        if name not in rule.parameters:
            raise UnknownName(f"number of policy {rule.name!r}", name, rule.parameters)
    known = {**rule.defaults, **numbers}
    for name in rule.parameters:
        if name not in known:
            raise UnknownName(f"value for policy {rule.name!r}: missing number", name, list(known))
    return tuple(float(known[name]) for name in rule.parameters)


def policy(function: Scalar) -> Recipe:
    """Turn a scalar function of named state fields into a policy; a decorator.

    Examples
    --------
    >>> @policy
    ... def half(goal, held, *, share=0.5):
    ...     return goal * share
    >>> half(share=0.25).numbers()
    (0.25,)
    """
    return Recipe(Rule(function.__name__.strip("_").replace("_", "-"), function))
