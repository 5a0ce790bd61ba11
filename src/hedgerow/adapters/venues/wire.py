"""The addresses of an exchange, and how they are turned to a server of one's own."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from hedgerow.errors import ConfigError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def turned(leaf: Any, base: str) -> Any:  # noqa: ANN401  addresses, nested as ccxt has them
    """Return addresses with every leaf at `base`, paths kept; sockets stay sockets.

    Raises
    ------
    ConfigError
        If `base` is not on loopback: requests are signed with real keys.
    """
    there = urlsplit(base)
    if there.hostname not in LOOPBACK:
        raise ConfigError(
            f"{base} is not on this machine; a venue is only ever replaced by one on 127.0.0.1"
        )
    if isinstance(leaf, str):
        scheme = "ws" if urlsplit(leaf).scheme.startswith("ws") else "http"
        return f"{scheme}://{there.netloc}{urlsplit(leaf).path}"
    if isinstance(leaf, Mapping):
        return {name: turned(each, base) for name, each in leaf.items()}
    return leaf


def leaves(leaf: object) -> Iterator[str]:
    """Yield all addresses, in their order."""
    if isinstance(leaf, str):
        yield leaf
    elif isinstance(leaf, Mapping):
        for each in leaf.values():
            yield from leaves(each)


class Homes:
    """The real address behind one on loopback; some exchanges read error codes by the address."""

    def __init__(self, real: object, here: object) -> None:
        pairs = dict(zip(leaves(here), leaves(real), strict=True))
        self._pairs = sorted(pairs.items(), key=lambda pair: len(pair[0]), reverse=True)

    def __call__(self, url: str) -> str:
        """Return the real address of a request."""
        for here, real in self._pairs:
            if url.startswith(here):
                return real + url[len(here) :]
        return url
