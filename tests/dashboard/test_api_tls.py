"""The API over TLS: the client takes the desk's own certificate and no other."""

import asyncio
import datetime as dt
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hedgerow.cli.desk_client import DeskAway, DeskClient
from hedgerow.dashboard.listening import Listening
from hedgerow.dashboard.opening import open_api
from hedgerow.errors import ConfigError
from sample_desk import SampleDesk


def signed(folder: Path, name: str) -> tuple[str, str]:
    """Write a certificate for `name`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(paths[0]), str(paths[1])


def test_the_client_trusts_the_desks_certificate_under_any_name_and_no_other(
    tmp_path: Path,
) -> None:
    certificate, key = signed(tmp_path, "desk.example")
    other, _ = signed(tmp_path, "other.example")

    async def asked() -> tuple[bytes, str]:
        listening = Listening(certificate=certificate, key=key)
        api = await open_api(SampleDesk(), listening, tmp_path)
        assert ip_address(api.address.url.removeprefix("https://").partition(":")[0]).is_loopback
        client = DeskClient(api.address)
        shown = await asyncio.to_thread(client.get, "/status")
        client.close()
        fooled = DeskClient(replace(api.address, certificate=other))
        with pytest.raises(DeskAway) as refused:
            await asyncio.to_thread(fooled.get, "/status")
        fooled.close()
        await api.close()
        return shown, str(refused.value)

    shown, said = asyncio.run(asked())
    assert b'"treasury"' in shown
    assert "CERTIFICATE_VERIFY_FAILED" in said


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    certificate, _ = signed(tmp_path, "desk.example")
    _, stranger = signed(tmp_path, "other.example")
    for name, key in ((certificate, stranger), (str(tmp_path / "none.pem"), stranger)):
        with pytest.raises(ConfigError, match="cannot be used"):
            asyncio.run(open_api(SampleDesk(), Listening(certificate=name, key=key), tmp_path))


def test_a_client_without_the_certificate_says_where_to_run(tmp_path: Path) -> None:
    certificate, key = signed(tmp_path, "desk.example")

    async def asked() -> None:
        api = await open_api(SampleDesk(), Listening(certificate=certificate, key=key), tmp_path)
        await asyncio.to_thread(Path(certificate).unlink)
        client = DeskClient(api.address)
        try:
            await asyncio.to_thread(client.get, "/status")
        finally:
            client.close()
            await api.close()

    with pytest.raises(ConfigError, match="run this command where the desk runs"):
        asyncio.run(asked())
