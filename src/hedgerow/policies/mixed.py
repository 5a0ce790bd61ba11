"""Several policies in one run: one compiled rule that serves each leg by its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from numba import njit

from hedgerow.errors import ConfigError
from hedgerow.policies.rule import BLOCK_SIGNATURE, Rule
from hedgerow.policies.state import RULE_SIZE

WHICH: Final = RULE_SIZE - 1  # the number of a leg that says which rule is its own


@dataclass(frozen=True)
class Mixed:
    """Different rules for the legs of one run, behind the face of one rule.

    The last number of each leg, the same in all its lanes, picks its rule.
    """

    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """The names of all."""
        return " and ".join(rule.name for rule in self.rules)

    @cached_property
    def needs(self) -> int:
        """Bit f is set where any of the rules reads state field f."""
        wanted = 0
        for rule in self.rules:
            wanted |= rule.needs
        return wanted

    def numbers(self, rule: Rule, own: Sequence[float]) -> tuple[float, ...]:
        """Return a leg's numbers: its policy's `own`, then which rule is its.

        Raises
        ------
        ConfigError
            If the policy has so many numbers that none is left to say which.
        """
        if len(own) > WHICH:
            raise ConfigError(
                f"policy {rule.name!r} has {len(own)} numbers; beside other policies in one run it "
                f"may have {WHICH}"
            )
        return (*own, *[0.0] * (WHICH - len(own)), float(self.rules.index(rule)))

    @cached_property
    def block(self) -> Any:  # noqa: ANN401 - a numba dispatcher has no public type
        """The compiled loop, see `Rule.block`."""
        lines = ["def block(state, memory, numbers, target):", f"    which = numbers[{WHICH}, 0]"]
        for number in range(len(self.rules)):
            lines.append(f"    {'el' if number else ''}if which == {number}.0:")
            lines.append(f"        rule_{number}(state, memory, numbers, target)")
        scope: dict[str, Any] = {f"rule_{i}": rule.block for i, rule in enumerate(self.rules)}
        exec(compile("\n".join(lines), f"<policy {self.name}>", "exec"), scope)  # noqa: S102 - ours
        return njit(BLOCK_SIGNATURE, error_model="numpy", nogil=True)(scope["block"])


AnyRule = Rule | Mixed


def mixed(rules: Sequence[Rule]) -> AnyRule:
    """Return one rule for legs of these rules: the rule itself if they are all one."""
    distinct = tuple(dict.fromkeys(rules))
    return distinct[0] if len(distinct) == 1 else Mixed(distinct)
