"""Finds secrets by name, and remembers each that it gave out so that no text repeats it.

A service of systemd is handed a folder of credentials: a file for each secret, or one called
``secrets.toml`` with all of them.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hedgerow.adapters.secrets.age_file import decrypted
from hedgerow.adapters.secrets.places import SecretPlaces
from hedgerow.adapters.secrets.private_file import read_private
from hedgerow.adapters.secrets.secrets_text import parse_secrets
from hedgerow.errors import ConfigError
from hedgerow.execution.redaction import Redactor
from hedgerow.execution.secret import Secret

CREDENTIAL_FILE: Final = "secrets.toml"
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


class Vault:
    """Secrets of the environment, of the service's credentials and of one file, in that order.

    Attributes
    ----------
    redact
        Takes every secret of the file, and every other that was asked for, out of a text.
    """

    def __init__(self, places: SecretPlaces, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._places = places
        self.redact = Redactor()
        self._file: dict[str, Secret] = {}
        if places.file is not None:
            self._file = self._opened(places.file)
        handed = self._credential(CREDENTIAL_FILE)
        if handed is not None:
            self._file |= parse_secrets(handed, f"credential {CREDENTIAL_FILE}")
        for secret in self._file.values():
            self.redact.learn(secret)

    def get(self, name: str, use: str = "") -> Secret:
        """Return the secret called `name`; `use` says in a message what it is for.

        Raises
        ------
        ConfigError
            If it is nowhere, or empty; the message says where it was looked for.
        """
        found = self.find(name)
        if found is not None and found:
            return found
        what = f"{use}: " if use else ""
        state = "is empty" if found is not None else "is nowhere"
        places = "the environment"
        if self._credentials is not None:
            places += f", the service's credentials in {self._credentials}"
        if self._places.file is not None:
            places += f", {self._places.file}"
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"{what}what is written there is no name of a secret (letters, digits and _, at "
                "most 40); a config holds names only: put the secret itself into the environment "
                "or a private file, and write its name"
            )
        raise ConfigError(
            f"{what}the secret {name!r} {state} (looked for in {places}); set the variable {name}, "
            "or write it into the file that [secrets] file names"
        )

    def find(self, name: str) -> Secret | None:
        """Return the secret called `name`, None where there is none."""
        found = self._environment_or_credential(name) or self._file.get(name)
        if found is not None:
            self.redact.learn(found)
        return found

    @property
    def _credentials(self) -> Path | None:
        """Folder in which systemd hands credentials to a service."""
        folder = self._environment.get("CREDENTIALS_DIRECTORY", "")
        return Path(folder) if folder else None

    def _environment_or_credential(self, name: str) -> Secret | None:
        if self._environment.get(name):
            return Secret(self._environment[name])
        text = self._credential(name)
        return None if text is None else Secret(text.strip())

    def _credential(self, name: str) -> str | None:
        """Return what systemd handed over under `name`; it keeps others away from it."""
        if self._credentials is None:
            return None
        try:
            return (self._credentials / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the credential {name} in {self._credentials} cannot be read "
                f"({type(error).__name__}); look at LoadCredential= of the service"
            ) from None

    def _opened(self, path: Path) -> dict[str, Secret]:
        if path.suffix == ".age":
            name = self._places.passphrase
            passphrase = None if name is None else self._environment_or_credential(name)
            if passphrase is not None:
                self.redact.learn(passphrase)
            content = decrypted(path, self._places.identity, passphrase)
        else:
            content = read_private(path)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from None
        return parse_secrets(text, str(path))
