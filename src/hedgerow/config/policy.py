"""From a policy's table to the policy, whoever wrote it."""

import inspect
import math
from dataclasses import dataclass
from typing import Any

from hedgerow.errors import ConfigError, HedgeError, UnknownName
from hedgerow.policies.base import Policy, Recipe
from hedgerow.policies.catalogue import Maker, catalogue


@dataclass(frozen=True, slots=True)
class Named:
    """A policy with all its numbers, those left out of the file as well."""

    policy: Policy
    numbers: dict[str, float | str]


def named_policy(name: str, given: dict[str, Any], where: str) -> Named:
    """Return the policy called `name` with the numbers `given` and its defaults for the rest.

    Raises
    ------
    ConfigError
        If there is no such policy or number, or a number is refused.
    """
    shelf = catalogue()
    if name not in shelf:
        raise UnknownName("policy", name[:60], sorted(shelf), where=f"{where} name")
    try:
        maker = shelf[name]()
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    known = _numbers(maker)
    for key in given:
        if key not in known:
            raise UnknownName("number", key[:60], list(known), where=f"{where} (policy {name!r})")
    for key, default in known.items():
        if key not in given and default is inspect.Parameter.empty:
            raise ConfigError(f"{where}: {key} is missing; policy {name!r} needs it")
    numbers = {
        key: _number(key, given.get(key, default), default, where) for key, default in known.items()
    }
    try:
        return Named(policy=maker(**numbers), numbers=numbers)
    except HedgeError as error:
        raise ConfigError(f"{where}: {error}") from error
    except Exception as error:
        raise ConfigError(
            f"{where}: policy {name!r} refuses its numbers ({type(error).__name__}: {error})"
        ) from error


def _numbers(maker: Maker) -> dict[str, Any]:
    """Return the numbers of a policy with their defaults, in order."""
    if isinstance(maker, Recipe):
        defaults = maker.rule.defaults
        return {name: defaults.get(name, inspect.Parameter.empty) for name in maker.rule.parameters}
    return {
        name: parameter.default
        for name, parameter in inspect.signature(maker).parameters.items()
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    }


def _number(key: str, value: object, default: object, where: str) -> float | str:
    if isinstance(default, str) and isinstance(value, str):
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        if number and not isinstance(default, str) and math.isfinite(float(value)):  # type: ignore[arg-type]
            return float(value)  # type: ignore[arg-type]
    except OverflowError:
        pass
    kind = f"a text such as {default!r}" if isinstance(default, str) else "a number"
    raise ConfigError(f"{where}: {key} = {str(value)[:60]!r}: it must be {kind}")
