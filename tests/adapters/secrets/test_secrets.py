"""A secret is found where it lies, shown nowhere, and refused where others can read it."""

import copy
import json
import pickle
from pathlib import Path

import pyrage
import pytest

from hedgerow.adapters.secrets.places import SecretPlaces
from hedgerow.adapters.secrets.secrets_text import parse_secrets
from hedgerow.adapters.secrets.vault import Vault
from hedgerow.errors import ConfigError
from hedgerow.execution.redaction import Redactor
from hedgerow.execution.secret import Secret

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
BOT = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
TELEGRAM = f"tgram://{BOT}/12315544"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "secrets.toml"
    path.write_text(f'BINANCE_KEY = "{KEY}"\nEMPTY = ""\n', encoding="utf-8")
    path.chmod(0o600)
    return path


def refused(places: SecretPlaces, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Vault(places, environment)
    assert KEY not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("shown", [str, repr, "{0}".format, "{0!r:>9}".format, "%s".__mod__])
def test_a_secret_shows_itself_as_stars(shown: object) -> None:
    assert callable(shown)
    assert shown(Secret(KEY)).strip() == "***"


def test_a_secret_is_neither_pickled_nor_dumped_as_json() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(KEY))
    with pytest.raises(TypeError) as caught:
        json.dumps({"key": Secret(KEY)})
    assert KEY not in str(caught.value)
    assert KEY not in repr({"nested": [Secret(KEY)]})


def test_secrets_compare_by_what_they_hide() -> None:
    assert Secret(KEY) == Secret(KEY) != Secret("other")
    assert Secret(KEY).matches(KEY)
    assert not Secret(KEY).matches(KEY[:-1])
    assert not Secret(KEY).matches("\udcff")  # what a client sent need not be text
    assert {Secret(KEY): 1}[Secret(KEY)] == 1
    assert copy.deepcopy([Secret(KEY)]) == [Secret(KEY)]
    assert not Secret("")


def test_the_environment_comes_first_then_a_credential_then_the_file(
    written: Path, tmp_path: Path
) -> None:
    places = SecretPlaces(file=written)
    assert Vault(places, {}).get("BINANCE_KEY").reveal() == KEY
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "BINANCE_KEY").write_text("from the service\n", encoding="utf-8")
    environment = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert Vault(places, environment).get("BINANCE_KEY").reveal() == "from the service"
    (folder / "secrets.toml").write_text('BINANCE_KEY = "x"\nOTHER = "of many"', encoding="utf-8")
    assert Vault(places, environment).get("BINANCE_KEY").reveal() == "from the service"
    assert Vault(SecretPlaces(), environment).get("OTHER").reveal() == "of many"
    environment["BINANCE_KEY"] = "from the environment"
    assert Vault(places, environment).get("BINANCE_KEY").reveal() == "from the environment"


def test_a_secret_that_is_nowhere_is_named_with_what_it_is_for(written: Path) -> None:
    vault = Vault(SecretPlaces(file=written), {})
    with pytest.raises(ConfigError) as caught:
        vault.get("BINANCE_SECRET", "[[venue]] binance api_secret")
    text = str(caught.value)
    assert text.startswith("[[venue]] binance api_secret: the secret 'BINANCE_SECRET' is nowhere")
    assert str(written) in text
    with pytest.raises(ConfigError, match="'EMPTY' is empty"):
        vault.get("EMPTY")
    assert vault.find("OTHER") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_touch_is_refused_with_the_command(written: Path, mode: int) -> None:
    written.chmod(mode)
    text = refused(SecretPlaces(file=written))
    assert f"its mode is {mode:04o}" in text
    assert f"chmod 600 {written}" in text


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file; create it with `install -m 600" in refused(
        SecretPlaces(file=tmp_path / "x")
    )
    assert "cannot be read" in refused(SecretPlaces(file=tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[keys]\nA = '{KEY}'", "keys is no text"),
        (f"A = 1\nB = '{KEY}'", "A is no text"),
        (f"A=1\n{KEY}", "line 2 is not NAME"),
        (f"A=1\nA={KEY}", "line 2: A was there already"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_without_its_contents(
    written: Path, text: str, said: str
) -> None:
    written.write_text(text, encoding="utf-8")
    assert said in refused(SecretPlaces(file=written))


def test_lines_of_an_env_file_are_read_as_a_shell_would() -> None:
    text = "# mine\n\nexport A=one\nB='two words'\nC=\"x=y\"\nD=\n"
    found = {name: secret.reveal() for name, secret in parse_secrets(text, "x").items()}
    assert found == {"A": "one", "B": "two words", "C": "x=y", "D": ""}


@pytest.mark.parametrize("armored", [False, True])
def test_an_age_file_opens_with_its_identity_only(
    written: Path, tmp_path: Path, armored: bool
) -> None:
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = tmp_path / "secrets.age"
    sealed.write_bytes(pyrage.encrypt(written.read_bytes(), [mine.to_public()], armored=armored))
    sealed.chmod(0o600)
    identity = tmp_path / "identity.txt"
    identity.write_text(f"# created by age-keygen\n{mine}\n", encoding="utf-8")
    places = SecretPlaces(file=sealed, identity=identity)
    identity.chmod(0o644)
    assert f"chmod 600 {identity}" in refused(places)
    identity.chmod(0o600)
    assert Vault(places, {}).get("BINANCE_KEY").reveal() == KEY
    identity.write_text(f"{other}\n", encoding="utf-8")
    assert "does not open with the identity" in refused(places)
    identity.write_text("AGE-SECRET-KEY-nonsense\n", encoding="utf-8")
    assert "holds no age identity" in refused(places)
    assert "name identity (a file) or passphrase" in refused(SecretPlaces(file=sealed))


def test_an_age_file_opens_with_its_passphrase(written: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "secrets.age"
    sealed.write_bytes(pyrage.passphrase.encrypt(written.read_bytes(), "correct horse"))
    sealed.chmod(0o600)
    places = SecretPlaces(file=sealed, passphrase="DESK_PASSPHRASE")  # noqa: S106 - a name
    vault = Vault(places, {"DESK_PASSPHRASE": "correct horse"})
    assert vault.get("BINANCE_KEY").reveal() == KEY
    assert vault.redact("opened with correct horse") == "opened with ***"
    message = refused(places, DESK_PASSPHRASE="battery staple")  # noqa: S106 - made up
    assert "does not open with the passphrase" in message
    assert "battery staple" not in message


def test_what_a_vault_knows_is_taken_out_of_every_text(written: Path) -> None:
    vault = Vault(SecretPlaces(file=written), {"ALERTS": f"{TELEGRAM}\nmailto://me:pw1234@mx.org"})
    vault.get("ALERTS")
    for text in (
        f"header X-MBX-APIKEY={KEY} refused",
        f"POST https://api.telegram.org/bot{BOT}/sendMessage failed",
        f"could not parse {TELEGRAM!r}",
        "could not reach mailto://me:pw1234@mx.org",
        repr({"key": KEY}),
    ):
        shown = vault.redact(text)
        assert "***" in shown
        for part in (KEY, "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "pw1234"):
            assert part not in shown


def test_what_looks_like_a_secret_is_taken_out_unknown() -> None:
    hide = Redactor()
    assert hide("https://x.org/order?symbol=BTC&signature=deadbeef&side=BUY") == (
        "https://x.org/order?symbol=BTC&signature=***&side=BUY"
    )
    assert hide('{"apiKey": "abc", "size": 1}') == '{"apiKey": "***", "size": 1}'
    assert hide("Authorization: Bearer abc.def") == "Authorization: Bearer ***"
    assert hide("postgresql://desk:hunter2@db/ledger is down") == (
        "postgresql://***@db/ledger is down"
    )
    assert hide("price 61000.5 at 127.0.0.1:8080, token of the desk") == (
        "price 61000.5 at 127.0.0.1:8080, token of the desk"
    )
