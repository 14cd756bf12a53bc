"""A server with a certificate that nobody vouches for."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class TlsServer:
    url: str
    # what came through TLS: nothing, where the certificate was looked at
    received: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def self_signed_server(folder: Path) -> AsyncIterator[TlsServer]:
    found = TlsServer("")

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if data := await reader.read(100):
            found.received.append(data)
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder / "self-signed.pem"))
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    found.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found


def _certificate(pem: Path) -> Path:
    """Made anew each time; by `openssl` where there is no library for it."""
    try:
        pem.write_bytes(_made_here())
    except ImportError:
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        made += ["ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=127.0.0.1"]
        subprocess.run([*made, "-keyout", pem, "-out", pem], check=True, capture_output=True)
    return pem


def _made_here() -> bytes:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return certificate.public_bytes(pem) + key.private_bytes(pem, form, plain)
