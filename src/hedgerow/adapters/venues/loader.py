"""A quick import of one exchange of ccxt, which by itself imports all hundred of them."""

import importlib
import importlib.metadata
import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any, Final, Literal

from hedgerow.errors import ConfigError

TRIED: Final = "4.5.90"  # the version that the tests of this room run against
PACKAGES: Final = ("ccxt", "ccxt.async_support", "ccxt.pro")
HOMES: Final = (  # where the package's own names live
    "ccxt.base.errors",
    "ccxt.base.decimal_to_precision",
    "ccxt.base.precise",
)
MISSING: Final = 'a live venue needs ccxt, which is not installed; pip install "hedgerow[live]"'

Kind = Literal["ccxt", "ccxt.async_support", "ccxt.pro"]


class SparsePackage(ModuleType):
    """A package of ccxt whose ``__init__`` was not run: each exchange is imported when asked for.

    A name that is neither an exchange nor of `HOMES` runs the real ``__init__``, so that whoever
    else imports ccxt in the same process finds the whole of it.
    """

    def __getattr__(self, name: str) -> object:
        """Return the exchange or the tool `name`, imported now."""
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = self._exchange(name) or self._tool(name)
        if found is None:
            self._run()
            if name not in self.__dict__:
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            return self.__dict__[name]
        super().__setattr__(name, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        """Bind the class of an exchange where the import system binds its module."""
        of_ours = isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}"
        kind = value.__dict__.get(name) if of_ours else None
        super().__setattr__(name, kind if isinstance(kind, type) else value)

    def _exchange(self, name: str) -> object:
        full = f"{self.__name__}.{name}"
        if name == "base" or importlib.util.find_spec(full) is None:
            return None
        module = importlib.import_module(full)
        return module.__dict__.get(name, module)

    def _tool(self, name: str) -> object:
        if name == "Exchange":
            room = "" if self.__name__ == "ccxt" else ".async_support"
            return getattr(importlib.import_module(f"ccxt{room}.base.exchange"), name)
        for home in HOMES:
            found = getattr(importlib.import_module(home), name, None)
            if found is not None:
                return found
        return None

    def _run(self) -> None:
        spec = self.__spec__
        if spec is None or spec.loader is None:
            return
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)


def version() -> str:
    """Return the version of ccxt that is installed.

    Raises
    ------
    ConfigError
        If there is none.
    """
    try:
        return importlib.metadata.version("ccxt")
    except importlib.metadata.PackageNotFoundError as error:
        raise ConfigError(MISSING) from error


def version_note() -> str:
    """Return what to know about the installed version, empty where it is the one tried."""
    found = version()
    if found == TRIED:
        return ""
    return (
        f"ccxt {found} is installed, and the desk was tried with {TRIED}; run the tests of "
        f'tests/venues before you trade live, or pip install "ccxt=={TRIED}"'
    )


@cache
def load_exchange(name: str, kind: Kind = "ccxt.pro") -> Any:  # noqa: ANN401  ccxt has no types
    """Return the class of the exchange `name`; only what it needs is imported.

    Another version of ccxt than the one tried is imported as its authors meant it, slowly.

    Raises
    ------
    ConfigError
        If ccxt is not installed.
    """
    if version() == TRIED and "ccxt" not in sys.modules:
        _install()
    try:
        return getattr(importlib.import_module(kind), name)
    except ImportError as error:
        raise ConfigError(MISSING) from error


def error_kind(name: str) -> type[Exception]:
    """Return the class of an error of ccxt."""
    kind: type[Exception] = getattr(importlib.import_module("ccxt.base.errors"), name)
    return kind


def _install() -> None:
    """Put the three packages in place without running them."""
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None:
            raise ConfigError(MISSING)
        module = SparsePackage(package)
        module.__spec__ = spec
        module.__path__ = list(spec.submodule_search_locations or ())
        module.__file__ = spec.origin
        module.__package__ = package
        module.__loader__ = spec.loader
        sys.modules[package] = module
        parent, _, child = package.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    sys.modules["ccxt"].__version__ = TRIED  # type: ignore[attr-defined]
