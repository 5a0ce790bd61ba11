"""From five lines of scalar Python to a rule that serves a whole block of lanes."""

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any, Final

from numba import njit, types

from hedgerow.errors import ConfigError
from hedgerow.kernels.jit import cache_folder, kept_on_disk
from hedgerow.policies.state import MEMORY_SLOTS, RULE_SIZE, STATE_FIELDS

Scalar = Callable[..., Any]
_MATRIX: Final = types.Array(types.float64, 2, "C")
_ROW: Final = types.Array(types.float64, 1, "C")
BLOCK_SIGNATURE: Final = types.void(_MATRIX, _MATRIX, _MATRIX, _ROW)

_BLOCK = """\
def block(state, memory, numbers, target):
    for lane in range(target.shape[0]):
        {assign} = rule({arguments})
"""


@dataclass(frozen=True)
class Rule:
    """A scalar function of named state fields, its memory and its numbers, compiled on demand.

    Positional parameters name fields of `STATE_FIELDS` or, beginning with ``memory``, slots that
    keep a number from bar to bar (0 at first); keyword-only parameters are the policy's own
    numbers. The function returns the hedge to hold in base coin, or with memory a tuple of that
    and the new contents of each slot. It must be pure: what it may not see, it cannot depend on.
    """

    name: str
    function: Scalar

    def __post_init__(self) -> None:
        strangers = [
            name for name in self._positional if name not in STATE_FIELDS and name not in self.slots
        ]
        if strangers:
            raise ConfigError(
                f"policy {self.name!r} asks for {strangers[0]!r}, which is no state field; "
                f"there are {', '.join(STATE_FIELDS)}, and memory slots beginning with 'memory'"
            )
        if len(self.slots) > MEMORY_SLOTS or len(self.parameters) > RULE_SIZE:
            raise ConfigError(
                f"policy {self.name!r} may keep {MEMORY_SLOTS} memory slots and have {RULE_SIZE} "
                f"numbers; it has {len(self.slots)} and {len(self.parameters)}"
            )

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def _positional(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, parameter in self._signature.parameters.items()
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        )

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """Names of the memory slots, in order."""
        return tuple(name for name in self._positional if name.startswith("memory"))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the policy's own numbers, in order."""
        return tuple(
            name
            for name, parameter in self._signature.parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        )

    @cached_property
    def defaults(self) -> dict[str, float]:
        """Numbers that have a default."""
        return {
            name: float(self._signature.parameters[name].default)
            for name in self.parameters
            if self._signature.parameters[name].default is not inspect.Parameter.empty
        }

    @cached_property
    def needs(self) -> int:
        """Bit f is set where the rule reads state field f."""
        return sum(1 << STATE_FIELDS.index(n) for n in self._positional if n not in self.slots)

    @cached_property
    def source(self) -> str:
        """The loop over a block of lanes, as Python."""
        arguments = [
            f"memory[{self.slots.index(name)}, lane]"
            if name in self.slots
            else f"state[{STATE_FIELDS.index(name)}, lane]"
            for name in self._positional
        ]
        arguments += [f"numbers[{i}, lane]" for i in range(len(self.parameters))]
        assign = ", ".join(
            ["target[lane]", *(f"memory[{slot}, lane]" for slot in range(len(self.slots)))]
        )
        return _BLOCK.format(assign=assign, arguments=", ".join(arguments))

    @cached_property
    def block(self) -> Any:  # noqa: ANN401 - a numba dispatcher has no public type
        """The compiled loop: ``(state, memory, numbers, target)``, see `BLOCK_SIGNATURE`."""
        scalar = njit(error_model="numpy", fastmath=False, forceinline=True)(_plain(self.function))
        module = _module_for(self)
        if module is None:
            scope: dict[str, Any] = {"rule": scalar}
            exec(compile(self.source, f"<policy {self.name}>", "exec"), scope)  # noqa: S102 - the text is ours: names checked above
            return njit(BLOCK_SIGNATURE, error_model="numpy", nogil=True)(scope["block"])
        module.rule = scalar  # type: ignore[attr-defined]
        with kept_on_disk():
            return njit(BLOCK_SIGNATURE, error_model="numpy", nogil=True, cache=True)(module.block)


def _plain(function: Scalar) -> Scalar:
    """Return `function` with its keyword-only parameters made positional, as compiled code wants.

    The code object is the same: only the split of its arguments changes.
    """
    code = function.__code__
    moved = code.replace(co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0)
    twin = FunctionType(moved, function.__globals__, function.__name__, None, function.__closure__)
    twin.__module__ = function.__module__
    return twin


def _module_for(rule: Rule) -> ModuleType | None:
    """Return a module file that holds the loop, so that compiled code can be kept on disk.

    Only for rules of this package, whose sources name the cache folder; a stranger's rule may
    change without our noticing and is compiled anew in each process.
    """
    folder = cache_folder()
    if folder is None or not str(rule.function.__module__).startswith("hedgerow."):
        return None
    mark = hashlib.sha256(f"{rule.function.__module__}.{rule.name}".encode()).hexdigest()[:8]
    path = folder / f"policy_{rule.name}_{mark}.py"
    if not path.exists():
        fresh = path.with_suffix(f".{id(rule)}.tmp")
        fresh.write_text(rule.source)
        fresh.replace(path)
    name = f"hedgerow.policies.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # compiled code that comes from the disk asks for its module by name
    spec.loader.exec_module(module)
    return module
