"""All policies by name: ours, then those that installed packages declare."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

from hedgerow.errors import ConfigError
from hedgerow.policies.band import Band
from hedgerow.policies.base import Policy, Recipe
from hedgerow.policies.hold import Hold
from hedgerow.policies.interval import Interval

GROUP: Final = "hedgerow.policies"
BUILT_IN: Final[tuple[Any, ...]] = (Hold, Interval, Band)

Maker = Callable[..., Policy]


def catalogue() -> dict[str, Maker]:
    """Return what makes each policy, by name.

    An entry point of the group ``hedgerow.policies`` names a policy class or something that
    `policy` decorated.

    Raises
    ------
    ConfigError
        If two policies have one name, or an entry point is neither.
    """
    found: dict[str, Maker] = {}
    loaded = [(maker.name, maker) for maker in BUILT_IN]
    for point in entry_points(group=GROUP):
        maker = point.load()
        if not isinstance(maker, Recipe) and not hasattr(maker, "rule"):
            raise ConfigError(
                f"entry point {point.name!r} of {GROUP} is no policy: decorate a function with "
                "@hedgerow.policy or give a class with `rule` and `numbers`"
            )
        loaded.append((point.name, maker))
    for name, maker in loaded:
        if name in found:
            raise ConfigError(f"two policies are called {name!r}; rename one")
        found[name] = maker
    return found
