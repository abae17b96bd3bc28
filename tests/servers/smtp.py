"""A mail server on this computer that takes mails, and misbehaves as a test asks it to."""

import base64
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CUT, HANG = "cut", "hang"
"""Instead of a reply: the connection is closed, or nothing comes until the client has enough of it."""
ANSWERS = {
    "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken", "RSET": "250 ok", "NOOP": "250 ok",
    "QUIT": "221 bye", "AUTH": "235 welcome", "HELO": "250 smtp.test",
}  # fmt: skip


@dataclass
class Taken:
    """A mail as it came in: the envelope, the mail, and over which connection."""

    sender: str
    to: list[str]
    raw: bytes
    encrypted: bool
    login: str = ""
    """What AUTH PLAIN said, as ``user:password``. Empty: nobody logged in."""

    @property
    def mail(self) -> EmailMessage:
        """The mail, read as a mail program reads it."""
        found = BytesParser(policy=SMTP).parsebytes(self.raw)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class MailServer:
    """Listens on a free port of an address until the ``with`` ends.

    ``answers`` overrides replies by verb (``CONNECT``, ``EHLO``, ``RCPT`` …, ``.`` for the end of the mail), with
    :data:`CUT` and :data:`HANG`. ``certificate`` is a PEM file with its key; ``tls`` is ``none``, ``always``, or
    ``offered`` (STARTTLS).
    """

    host: str = "127.0.0.1"
    tls: str = "none"
    certificate: Path | None = None
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    """Who began a mail."""
    logins: list[str] = field(default_factory=list)
    """Every login that was tried, as ``user:password``."""
    encrypted_logins: int = 0

    def __enter__(self) -> Self:
        self._server = _Server((self.host, 0), _Talk)
        self._server.owner = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, *, login: str = "") -> str:
        """As SMTP_URL has it."""
        scheme = "smtps" if self.tls == "always" else "smtp"
        return f"{scheme}://{login + '@' if login else ''}{self.host}:{self._server.server_address[1]}"

    def encrypt(self, connection: Any) -> Any:
        """A connection under TLS. OSError: the client does not trust us."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate is not None
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    owner: MailServer


class _Closed(Exception):
    """The conversation is over."""


class _Talk(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """One conversation."""
        self.owner, self.encrypted, self.login = self.server.owner, False, ""
        self.sender, self.to = "", []
        with suppress(_Closed, OSError):
            if self.owner.tls == "always":
                self._encrypt()
            self.file = self.request.makefile("rb")
            self._say("CONNECT", "220 smtp.test")
            while line := self.file.readline():
                self._obey(line.decode().strip())
        if self.encrypted:
            self.file.close()
            self.request.close()

    def _obey(self, line: str) -> None:
        verb = line.split(" ")[0].upper()
        if verb == "EHLO":
            offers = ["STARTTLS"] if self.owner.tls == "offered" and not self.encrypted else []
            extensions = ["smtp.test", "8BITMIME", "AUTH PLAIN", *offers]
            lines = [f"250-{each}\r\n" for each in extensions[:-1]] + [f"250 {extensions[-1]}"]
            self._say(verb, "".join(lines))
        elif verb == "STARTTLS":
            self._say(verb, "220 go on")
            self._encrypt()
            self.file = self.request.makefile("rb")
        else:
            self._take(verb, line)
            self._say(verb, ANSWERS.get(verb, "500 what"))
            if verb == "DATA" and self.owner.answers.get(verb) is None:
                self._receive()

    def _take(self, verb: str, line: str) -> None:
        if verb == "MAIL":
            self.sender = line.partition("<")[2].partition(">")[0]
            self.owner.senders.append(self.sender)
        elif verb == "RCPT":
            self.to.append(line.partition("<")[2].partition(">")[0])
        elif verb == "AUTH":
            self.login = ":".join(base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:])
            self.owner.logins.append(self.login)
            self.owner.encrypted_logins += self.encrypted

    def _receive(self) -> None:
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.owner.answers.get(".", "2").startswith("2"):
            self.owner.taken.append(Taken(self.sender, self.to, b"".join(lines), self.encrypted, self.login))
        self._say(".", ANSWERS["."])

    def _say(self, verb: str, usual: str) -> None:
        answer = self.owner.answers.get(verb, usual)
        if answer == HANG:
            self.request.recv(1)  # comes back when the client closes
        if answer in {CUT, HANG}:
            raise _Closed
        self.request.sendall(answer.encode() + b"\r\n")

    def _encrypt(self) -> None:
        self.request, self.encrypted = self.owner.encrypt(self.request), True


def make_certificate(path: Path, *, host: str) -> Path:
    """A certificate for an address that signed itself, with its key: trusted by whom SSL_CERT_FILE tells to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smtp.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
