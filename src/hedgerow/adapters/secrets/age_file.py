"""A file of secrets that is encrypted with age."""

from pathlib import Path

from hedgerow.adapters.secrets.private_file import read_private
from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret


def decrypted(path: Path, identity: Path | None, passphrase: Secret | None) -> bytes:
    """Return what is in the encrypted file at `path`.

    Parameters
    ----------
    identity
        File of age identities, as `age-keygen` writes it.
    passphrase
        What opens it where there is no identity.

    Raises
    ------
    ConfigError
        If it does not open, or the package that opens it is not installed.
    """
    try:
        import pyrage  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{path}: is encrypted, which needs the package pyrage; run `pip install "
            f'"hedgerow[secrets]"`'
        ) from error
    content = read_private(path)
    try:
        if identity is not None:
            return bytes(pyrage.decrypt(content, _identities(identity)))
        if passphrase is not None:
            return bytes(pyrage.passphrase.decrypt(content, passphrase.reveal()))
    except pyrage.DecryptError as error:
        with_what = f"the identity in {identity}" if identity is not None else "the passphrase"
        raise ConfigError(
            f"{path}: does not open with {with_what} ({error}); give the one it was encrypted for"
        ) from None
    raise ConfigError(
        f"{path}: is encrypted; name identity (a file) or passphrase (a secret) under [secrets]"
    )


def _identities(path: Path) -> list[object]:
    from pyrage import IdentityError, x25519  # noqa: PLC0415 - an extra

    lines = read_private(path).decode("utf-8", "replace").splitlines()
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        found: list[object] = [x25519.Identity.from_str(line) for line in keys]
    except IdentityError:
        found = []
    if not found:
        raise ConfigError(
            f"{path}: holds no age identity; make one with `age-keygen -o {path}` and encrypt the "
            "secrets for its public key"
        ) from None
    return found
