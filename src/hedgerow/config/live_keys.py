"""From names of secrets to the secrets: opened where a desk starts, and nowhere else."""

from hedgerow.adapters.secrets.vault import Vault
from hedgerow.adapters.venues.keys import Keys
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_parts import VenueAccess
from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret


def open_vault(config: LiveConfig) -> Vault:
    """Return the secrets of a desk; raises `ConfigError` where their file cannot be used."""
    return Vault(config.secrets)


def keys_of(access: VenueAccess, vault: Vault) -> Keys | None:
    """Return what signs the requests of an account; None in paper.

    Raises
    ------
    ConfigError
        If one of its secrets is nowhere.
    """
    if not access.credentials:
        return None
    found = {
        part: vault.get(name, f"[[venue]] {access.venue} {part}")
        for part, name in access.credentials.items()
    }
    secret = found.get("private_key") or found.get("api_secret")
    if secret is None:
        raise ConfigError(
            f"[[venue]] {access.venue}: has no api_secret and no private_key; name the secret that "
            "signs"
        )
    nothing = Secret("")
    return Keys(
        secret=secret,
        key=found.get("api_key", nothing),
        passphrase=found.get("passphrase", nothing),
        wallet=found.get("wallet", nothing).reveal(),
    )


def journal_url(config: LiveConfig, vault: Vault) -> str:
    """Return where the journal lies, with its password if it has one: never print it."""
    if config.journal.secret is not None:
        return vault.get(config.journal.secret, "[live] journal_secret").reveal()
    return str(config.journal.url)


def alert_urls(config: LiveConfig, vault: Vault) -> tuple[Secret, ...]:
    """Return each address that alerts go to."""
    lines = [
        line.strip()
        for name in config.alerts.urls
        for line in vault.get(name, "[alerts] urls").reveal().splitlines()
    ]
    return tuple(Secret(line) for line in lines if line)


def api_token(config: LiveConfig, vault: Vault) -> Secret | None:
    """Return the token of the API, None where a new one is made."""
    return None if config.api.token is None else vault.get(config.api.token, "[api] token")
