"""In-house servers: whose certificates are trusted, and what is said of one that is not."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import Misconfigured
from core.providers.http import HttpClient, HttpReply, Limits
from core.providers.protocol import Unavailable
from core.settings import load_settings
from core.vault import fresh_key

PATIENT = Limits(connect=20, read=20, total=30)


def reason(answer: object) -> str:
    assert isinstance(answer, Unavailable), answer
    return answer.reason


def certificate(folder: Path, *, days: int = 30, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "in-house")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{host}-{days}.pem", folder / f"{host}-{days}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[object]:
    """`await served(public, private)`: the address of a server with that certificate."""
    runners = []

    async def serve(public: Path, private: Path) -> str:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(public, private)

        async def handle(_: web.BaseRequest) -> web.Response:
            return web.json_response({"here": True})

        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return f"https://127.0.0.1:{runner.addresses[0][1]}/"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def test_an_in_house_certificate_is_named_and_then_trusted(served, tmp_path, monkeypatch):
    public, private = certificate(tmp_path)
    url = await served(public, private)
    async with HttpClient(PATIENT) as client:
        answer = await client.call("GET", url)
    assert isinstance(answer, Unavailable)
    assert answer.reason == "untrusted"
    assert answer.detail.startswith("its certificate is not trusted by this machine: ")
    async with HttpClient(PATIENT, ca_file=str(public)) as client:
        assert isinstance(await client.call("GET", url), HttpReply)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    async with HttpClient(PATIENT) as client:
        assert isinstance(await client.call("GET", url), HttpReply)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    async with HttpClient(PATIENT) as client:
        assert reason(await client.call("GET", url)) == "untrusted"
    async with HttpClient(PATIENT, ca_file=str(tmp_path / "nothing.pem")) as client:
        assert reason(await client.call("GET", url)) == "untrusted", "it vanished while Usher ran"


async def test_a_certificate_that_ended_or_is_another_hosts_is_named_too(served, tmp_path):
    for public, private in (certificate(tmp_path, days=-1), certificate(tmp_path, host="127.0.0.2")):
        url = await served(public, private)
        async with HttpClient(PATIENT, ca_file=str(public)) as client:
            answer = await client.call("GET", url)
        assert isinstance(answer, Unavailable)
        assert answer.reason == "untrusted"


async def test_a_server_that_is_not_there_is_still_unreachable():
    async with HttpClient(PATIENT) as client:
        assert reason(await client.call("GET", "https://127.0.0.1:1/")) == "unreachable"


def config(folder: Path, line: str) -> Path:
    file = folder / "config.toml"
    file.write_text(
        f'[vault]\nactive = "k1"\nkeys = {{ k1 = "{fresh_key()}" }}\n[upstream]\n{line}\n', encoding="utf-8"
    )
    return file


def test_the_file_is_found_beside_the_configuration(tmp_path: Path):
    public, _ = certificate(tmp_path)
    settings = load_settings(config(tmp_path, f'ca_file = "{public.name}"'))
    assert settings.upstream.ca_file == str(public)


@pytest.mark.parametrize(
    ("content", "why"), [(None, "cannot be read"), (b"nothing of the kind", "holds no certificates"), (b"", "holds no")]
)
def test_a_file_without_certificates_stops_the_start(tmp_path: Path, content, why):
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(Misconfigured) as stopped:
        load_settings(config(tmp_path, 'ca_file = "ca.pem"'))
    [fault] = stopped.value.facts["faults"]
    assert fault.startswith("upstream.ca_file: ")
    assert why in fault
