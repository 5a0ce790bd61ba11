"""One table of a person's file of a book: its keys are known, its values of the right kind."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hedgerow.errors import ConfigError, UnknownName


class Section:
    """A table that refuses keys nobody knows, and those its rule has no use for.

    Parameters
    ----------
    raw, where
        What was read, and what to call it in a message.
    keys
        Every key of such a table, with the rules that have a use for it.
    rule
        The rule of the file.
    """

    def __init__(
        self, raw: object, where: str, keys: Mapping[str, Sequence[str]], rule: str
    ) -> None:
        if not isinstance(raw, dict):
            raise ConfigError(f"{where} must be a table of keys and values")
        of_rule = [key for key, rules in keys.items() if rule in rules]
        for key in raw:
            if key not in keys:
                raise UnknownName("key", str(key), of_rule, where=where)
            if key not in of_rule:
                raise ConfigError(
                    f"{where}: the rule {rule!r} has no use for {key}; leave it out, or choose a "
                    f"rule that has: {', '.join(keys[key])}"
                )
        self._raw: dict[str, Any] = raw
        self.where = where

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number; without `default` it has to be there."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{self.where} {key} = {value!r}: it must be a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise ConfigError(f"{self.where} {key} = {value}: it must be a finite number")
        return number

    def at_least(self, least: float, key: str, default: float | None = None) -> float:
        """Return a number that is not below `least`."""
        number = self.number(key, default)
        if number < least:
            raise ConfigError(f"{self.where} {key} = {number:g}: it must be {least:g} or more")
        return number

    def maybe(self, key: str) -> float | None:
        """Return a number, or None where there is none."""
        return self.number(key) if key in self._raw else None

    def text(self, key: str, default: str | None = None, allowed: Sequence[str] = ()) -> str:
        """Return a text, one of `allowed` if there are any; without `default` it must be there."""
        value = self._value(key, default)
        if not isinstance(value, str):
            wanted = f"one of {', '.join(allowed)}" if allowed else "a text in quotes"
            raise ConfigError(f"{self.where} {key} = {value!r}: it must be {wanted}")
        if allowed and value not in allowed:
            raise UnknownName("value", value, allowed, where=f"{self.where} {key}")
        return value

    def _value(self, key: str, default: object) -> object:
        value = self._raw.get(key, default)
        if value is None:
            raise ConfigError(f"{self.where}: {key} is missing; add it")
        return value
