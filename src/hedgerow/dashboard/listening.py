"""Where an API listens, and by which names it may be called."""

from dataclasses import dataclass
from ipaddress import ip_address

from hedgerow.dashboard.gate import LOOPBACK
from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen.

    Attributes
    ----------
    port
        0 takes a free one.
    allow_remote
        Listen beyond the loopback. The token then crosses a network: give `certificate` and
        `key`, paths of PEM files, or put a proxy that speaks TLS before it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allow_remote: bool = False
    certificate: str = ""
    key: str = ""

    def check(self) -> None:
        """Raise `ConfigError` if others could reach it unasked."""
        if not 0 <= self.port <= 65_535:
            raise ConfigError(f"[api] port {self.port}: write a port from 0 to 65535")
        if bool(self.certificate) != bool(self.key):
            raise ConfigError("[api]: certificate and key belong together; give both or neither")
        if not is_loopback(self.host) and not self.allow_remote:
            raise ConfigError(
                f"[api] host {self.host!r} is reached from other machines, and whoever holds the "
                'token may trade; write host = "127.0.0.1" and use an SSH tunnel, or set '
                "allow_remote = true and put TLS before it"
            )

    @property
    def names(self) -> frozenset[str]:
        """Names, without port, that requests may call us by; none where any will do."""
        return LOOPBACK if is_loopback(self.host) else frozenset()


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost")
    (True, True, True)
    >>> is_loopback("0.0.0.0"), is_loopback("desk.example")
    (False, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
