"""What a running desk is told beside its setup: places, people and how venues are reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hedgerow.live.alerting import AlertRules


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccess:
    """How one account of a venue is reached.

    Attributes
    ----------
    account
        The desk's name for it.
    credentials
        Names of secrets by what they are: ``api_key``, ``api_secret``, ``passphrase``,
        ``wallet``, ``private_key``; none in paper.
    margin_mode, leverage
        What the account must be set to, the leverage at least; None for any.
    url
        A stand-in for the venue on this machine, None for the venue itself.
    """

    venue: str
    account: str
    symbols: tuple[str, ...]
    margin_mode: str
    testnet: bool = False
    leverage: float | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPlace:
    """Where the API listens; `token` is the name of a secret, None for a new one."""

    host: str
    port: int
    allow_remote: bool
    token: str | None
    certificate: Path | None = None
    certificate_key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """Names of the secrets that hold addresses, and what is sent to them when."""

    urls: tuple[str, ...]
    rules: AlertRules


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """What is logged where; `file` None for standard error, `json_lines` None to go by that."""

    level: str
    file: Path | None
    json_lines: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPlace:
    """The journal's URL, or the name of the secret that holds it."""

    url: str | None
    secret: str | None = None
