"""Where a running desk answers, and the token it asks for: a file that only its owner reads."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret

FILE: Final = "api.json"
OWNER_ONLY: Final = 0o600
FOLDER_ONLY: Final = 0o700
_KEYS: Final = ("name", "url", "pid", "token", "mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one desk answers.

    Attributes
    ----------
    url
        Such as ``http://127.0.0.1:8321``, without a slash at its end.
    pid
        Of the process that serves it.
    mode
        ``"paper"``, ``"live"`` or ``"simulated"``.
    certificate
        Path of the certificate to trust where the desk speaks TLS, else "".
    """

    name: str
    url: str
    pid: int
    token: Secret
    mode: str
    certificate: str = ""

    @property
    def alive(self) -> bool:
        """Whether the process that wrote it still runs."""
        return _runs(self.pid)


def new_token() -> Secret:
    """Return a token that nobody guesses: 256 random bits."""
    return Secret(secrets.token_urlsafe(32))


def write_address(folder: Path, address: Address) -> Path:
    """Write the file whole, readable by its owner alone, and return its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_ONLY)
    path = folder / FILE
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    text = json.dumps(
        {
            "name": address.name,
            "url": address.url,
            "pid": address.pid,
            "token": address.token.reveal(),
            "mode": address.mode,
            "certificate": address.certificate,
        },
        indent=2,
    )
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    draft.replace(path)
    return path


def read_address(path: Path) -> Address:
    """Return what a file says.

    Raises
    ------
    ConfigError
        If it cannot be read, is no address, or others may read the token in it.
    """
    try:
        rights = path.stat().st_mode & 0o777
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; is the desk running?") from None
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; run this command as the user that runs the desk"
        ) from None
    except UnicodeDecodeError:
        raise _no_address(path) from None
    if rights & 0o077 and os.name == "posix":
        raise ConfigError(
            f"{path}: others may read it (rights {rights:o}), and it holds the desk's token; stop "
            f"the desk, run `chmod 600 {path}` and start it again for a new token"
        )
    return _address(path, text)


def remove_address(folder: Path, pid: int) -> None:
    """Remove the file of a desk that ends, unless another process has taken its place."""
    path = folder / FILE
    try:
        mine = read_address(path).pid == pid
    except ConfigError:
        return
    if mine:
        path.unlink(missing_ok=True)


def addresses(home: Path) -> dict[str, Path]:
    """Return the address files under `home`, the folder of all desks, by the folder's name."""
    return {path.parent.name: path for path in sorted(home.glob(f"*/{FILE}"))}


def _address(path: Path, text: str) -> Address:
    # The file's text holds the token: no error may quote it.
    try:
        found = json.loads(text)
    except ValueError:
        raise _no_address(path) from None
    if not isinstance(found, dict) or not all(key in found for key in _KEYS):
        raise _no_address(path)
    pid = found["pid"]
    if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 0:
        raise _no_address(path)
    return Address(
        name=str(found["name"]),
        url=str(found["url"]).rstrip("/"),
        pid=pid,
        token=Secret(str(found["token"])),
        mode=str(found["mode"]),
        certificate=str(found.get("certificate", "")),
    )


def _no_address(path: Path) -> ConfigError:
    return ConfigError(f"{path}: is not the address of a desk; remove it and restart the desk")


def _runs(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is no question
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it runs, and belongs to somebody else
        return True
    return True
