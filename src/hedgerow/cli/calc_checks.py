"""Numbers of the command line, refused by the name of their option."""

import math

from hedgerow.errors import ConfigError

MOST_PATHS = 20_000_000  # as `hedgerow.margin.odds.paths` has it, which is not imported here


def number(option: str, value: float | None) -> None:
    """Raise `ConfigError` if `value` is given and is not a finite number.

    >>> number("--drift", -0.1)
    """
    if value is not None and not math.isfinite(value):
        raise ConfigError(f"{option} {value:g}: write a finite number")


def at_least_zero(option: str, value: float | None) -> None:
    """Raise `ConfigError` if `value` is given and is not a number of zero or more."""
    if value is not None and not (math.isfinite(value) and value >= 0.0):
        raise ConfigError(f"{option} {value:g}: write a number of 0 or more")


def fraction(option: str, value: float | None) -> None:
    """Raise `ConfigError` if `value` is given and does not lie between 0 and 1."""
    if value is not None and not 0.0 <= value <= 1.0:
        raise ConfigError(f"{option} {value:g}: it is a fraction between 0 and 1")


def alone(option: str, given: object, needs: str, other: object) -> None:
    """Raise `ConfigError` if an option is given that says nothing without another one."""
    if given and not other:
        raise ConfigError(f"{option} {given} says nothing without {needs}: add it, or leave it out")
