"""A delivery goes to the address that was checked, and only to whom the certificate says it is."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_boost.webhooks import sender
from crm_boost.webhooks.sender import Sent, send
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.pure
NAME = "hooks.example.test"


@pytest.fixture
async def other_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A server with a certificate for one name, which is trusted here, and every name leads to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    both = tmp_path / "both.pem"
    both.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    its = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    its.load_cert_chain(both)
    trusted = ssl.create_default_context(cafile=str(both))
    monkeypatch.setattr(sender, "_trust", lambda: trusted)

    async def addresses_of(_host: str, _port: int) -> list[Any]:
        return [IPv4Address("127.0.0.1")]

    monkeypatch.setattr(sender, "addresses_of", addresses_of)
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=its)
    found.url = f"https://{NAME}:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield found


async def test_the_name_is_that_of_the_certificate(other_side: Receiver) -> None:
    assert await send(other_side.url, {"webhook-id": "one"}, b"{}", loopback=True) == Sent(status=204)
    received = other_side.received[0]
    assert received.headers["host"] == other_side.url.split("/")[2]
    assert (received.path, received.headers["webhook-id"]) == ("/hook", "one")


async def test_somebody_else_at_the_same_address_is_told_nothing(other_side: Receiver) -> None:
    url = other_side.url.replace(NAME, "other.example.test")
    assert await send(url, {}, b"{}", loopback=True) == Sent("unreachable")
    assert other_side.received == []
