"""All policies by name: ours, then those that installed packages declare."""

from collections.abc import Callable
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


def _broken(point: EntryPoint, error: Exception) -> Maker:
    """Return a maker that says why its policy cannot be had, when it is asked for."""

    def refuse(**_: float) -> Policy:
        raise ConfigError(
            f"policy {point.name!r} of the installed package at {point.value!r} cannot be loaded: "
            f"{type(error).__name__}: {error}; mend or remove that package"
        )

    return refuse


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
        try:
            maker = point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's import may raise anything
            loaded.append((point.name, _broken(point, error)))
            continue
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
