"""Where to look for secrets."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPlaces:
    """The places of secrets beside the environment and the credentials of the service.

    Attributes
    ----------
    file
        ``NAME = "value"`` lines, plain or encrypted with age (``.age``); None for none.
    identity
        File of the age identity that opens it.
    passphrase
        Name of the secret that opens it instead.
    """

    file: Path | None = None
    identity: Path | None = None
    passphrase: str | None = None
