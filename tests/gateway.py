"""A gateway for text messages that stands in this process, speaks https and remembers what it delivered."""

from __future__ import annotations

import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Gateway:
    """What it was asked, and to whom it sent. `knows_keys`: it sends nothing twice for the same key."""

    def __init__(self, port: int, certificate: Path, *, knows_keys: bool = False) -> None:
        self.url = f"https://{HOST}:{port}/send"
        self.certificate = certificate
        self.asked: list[dict[str, Any]] = []
        self.delivered: list[str] = []
        self.status = 202
        self.headers: dict[str, str] = {}
        self.while_at_it: Callable[[], None] = lambda: None
        self.knows_keys = knows_keys
        self._seen: set[str] = set()
        self._at_it = 0
        self.most_at_once = 0
        self._one_at_a_time = threading.Lock()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        told = {**json.loads(body), "path": path, "headers": headers}
        with self._one_at_a_time:
            self.asked.append(told)
            self._at_it += 1
            self.most_at_once = max(self.most_at_once, self._at_it)
            is_new = headers["Idempotency-Key"] not in self._seen
            self._seen.add(headers["Idempotency-Key"])
            if 200 <= self.status < 300 and (is_new or not self.knows_keys):
                self.delivered.append(told["to"])
        self.while_at_it()
        with self._one_at_a_time:
            self._at_it -= 1


@contextmanager
def open_gateway(folder: Path, *, knows_keys: bool = False) -> Iterator[Gateway]:
    """Open a gateway; whoever wants to speak with it must trust its `certificate`."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.take(self.path, dict(self.headers), body)
            self.send_response(gateway.status)
            for name, value in gateway.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_told: object) -> None:
            """A sender that was killed in the middle is what is tested."""

    certificate, key = _certificate(folder)
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.load_cert_chain(certificate, key)
    server = Server((HOST, 0), Door)
    server.socket = trusted.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    gateway = Gateway(server.server_address[1], certificate, knows_keys=knows_keys)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(certificate)
    try:
        yield gateway
    finally:
        os.environ.pop("SSL_CERT_FILE")
        if before is not None:
            os.environ["SSL_CERT_FILE"] = before
        server.shutdown()
        server.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this computer, good for as long as these tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway of the tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "gateway.pem", folder / "gateway.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, secret
