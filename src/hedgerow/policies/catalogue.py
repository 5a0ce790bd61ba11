"""All policies by name: ours, then those that installed packages declare."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from hedgerow.errors import ConfigError
from hedgerow.policies.band import Band
from hedgerow.policies.base import Policy, Recipe
from hedgerow.policies.hold import Hold
from hedgerow.policies.interval import Interval

GROUP: Final = "hedgerow.policies"
BUILT_IN: Final[tuple[Any, ...]] = (Hold, Interval, Band)

Maker = Callable[..., Policy]


Shelf = dict[str, Callable[[], Maker]]


def catalogue() -> Shelf:
    """Return a loader of what makes each policy, by name; nothing is imported until it is called.

    An entry point of the group ``hedgerow.policies`` names a policy class or something that
    `policy` decorated. One that cannot be loaded disturbs nobody who does not ask for it.

    Raises
    ------
    ConfigError
        If two policies have one name; from a loader, if the entry point is no policy or its
        package fails to load.
    """
    found: Shelf = {maker.name: partial(_given, maker) for maker in BUILT_IN}
    for point in entry_points(group=GROUP):
        if point.name in found:
            raise ConfigError(f"two policies are called {point.name!r}; rename one")
        found[point.name] = partial(_load, point)
    return found


def _given(maker: Maker) -> Maker:
    return maker


def _load(point: EntryPoint) -> Maker:
    try:
        maker = point.load()
    except Exception as error:
        raise ConfigError(
            f"policy {point.name!r} of the installed package at {point.value!r} cannot be loaded: "
            f"{type(error).__name__}: {error}; repair or uninstall that package"
        ) from error
    if not isinstance(maker, Recipe) and not hasattr(maker, "rule"):
        raise ConfigError(
            f"entry point {point.name!r} of {GROUP} is no policy: decorate a function with "
            "@hedgerow.policy or give a class with `rule` and `numbers`"
        )
    loaded: Maker = maker
    return loaded
