"""Names of secrets become secrets when a desk starts, and each that is missing is told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hedgerow.adapters.secrets.vault import Vault
from hedgerow.config.live import LiveConfig, live_setup
from hedgerow.config.live_keys import alert_urls, api_token, journal_url, keys_of, open_vault
from hedgerow.config.live_parts import JournalPlace
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.errors import ConfigError

TABLES = """
[live]
live = true
[api]
token = "TOKEN"
[alerts]
urls = ["ALERTS"]
[[venue]]
name = "binance"
"""


def desk(folder: Path, keys: str) -> LiveConfig:
    path = folder / "desk.toml"
    path.write_text(sample("treasury") + TABLES + keys, encoding="utf-8")
    return live_setup(load(path), live=True, opening=date(2024, 6, 1))


def vault(config: LiveConfig, **environment: str) -> Vault:
    return Vault(config.secrets, environment)


def test_a_key_and_its_secret_sign(tmp_path: Path) -> None:
    config = desk(tmp_path, 'api_key = "K"\napi_secret = "S"\npassphrase = "P"')
    found = keys_of(config.venues[0], vault(config, K="the key", S="the secret", P="the phrase"))
    assert found is not None
    assert found.key.reveal() == "the key"
    assert found.secret.reveal() == "the secret"
    assert found.passphrase.reveal() == "the phrase"
    assert "the secret" not in repr(found)


def test_a_wallet_signs_with_its_private_key(tmp_path: Path) -> None:
    config = desk(tmp_path, 'wallet = "W"\nprivate_key = "S"')
    found = keys_of(config.venues[0], vault(config, W="0xabc", S="0xdef"))
    assert found is not None
    assert (found.wallet, found.secret.reveal()) == ("0xabc", "0xdef")


def test_a_key_that_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    config = desk(tmp_path, 'api_key = "K"\napi_secret = "S"')
    with pytest.raises(ConfigError, match=r"\[\[venue\]\] binance api_secret: the secret 'S' is"):
        keys_of(config.venues[0], vault(config, K="the key"))
    config = desk(tmp_path, 'api_key = "K"')
    with pytest.raises(ConfigError, match="has no api_secret and no private_key"):
        keys_of(config.venues[0], vault(config, K="the key"))


def test_addresses_token_and_journal_are_read(tmp_path: Path) -> None:
    config = desk(tmp_path, 'api_key = "K"')
    values = {"ALERTS": "json://one\n\n json://two \n", "TOKEN": "t0ken", "URL": "postgresql://x"}
    opened = vault(config, **values)
    assert [url.reveal() for url in alert_urls(config, opened)] == ["json://one", "json://two"]
    token = api_token(config, opened)
    assert token is not None
    assert token.reveal() == "t0ken"
    assert journal_url(config, opened).endswith("journal.sqlite")
    elsewhere = replace(config, journal=JournalPlace(url=None, secret="URL"))  # noqa: S106 - a name
    assert journal_url(elsewhere, opened) == "postgresql://x"


def test_paper_needs_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(sample("treasury"), encoding="utf-8")
    config = live_setup(load(path), live=False, opening=date(2024, 6, 1))
    opened = open_vault(config)
    assert keys_of(config.venues[0], opened) is None
    assert alert_urls(config, opened) == ()
    assert api_token(config, opened) is None
