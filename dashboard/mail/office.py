"""How mails are written out and travel here: what the settings and the upper floors decide, once, at the start."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard.mail.letters import Letter
from dashboard.mail.message import Envelope, Written, address, compose
from dashboard.mail.transport import Folder, Smtp, Transport

ANSWERS = 15
"""More answers than one mail takes of a server: with that share of the lease for each, no mail outlives its lease."""
LONGEST_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail speaks to."""

    name: str
    language: str | None
    """As a language tag. None: not known."""
    time_zone: str | None


Writer = Callable[[Letter, Reader], Written]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is the same for all mails of this site."""

    sender: Address
    host: str
    """What stands behind the @ of a Message-ID."""
    secret_key: bytes
    transport: Transport
    names_staff: bool


class Office:
    """All of it. Empty until :meth:`use`; it can write nothing until :meth:`write_with`."""

    def __init__(self) -> None:
        self._rules: Rules | None = None
        self._writer: Writer | None = None

    def use(self, settings: Mapping[str, Any]) -> None:
        """Take settings into use: SMTP_URL or MAIL_FOLDER, MAIL_FROM, PUBLIC_URL, LEASE_SECONDS and others."""
        host = urlsplit(settings["PUBLIC_URL"]).hostname or ""
        self._rules = Rules(
            sender=_sender(settings["MAIL_FROM"], host),
            host=host,
            secret_key=settings["SECRET_KEY"].encode(),
            transport=_transport(settings),
            names_staff=settings["SUPPORT_SHOWS_NAMES"],
        )

    def write_with(self, writer: Writer) -> None:
        """Let this function write letters out. It comes from an upper floor, which knows languages and templates."""
        self._writer = writer

    @property
    def rules(self) -> Rules:
        """What is the same for all mails. :raises RuntimeError: nobody said."""
        if self._rules is None:
            raise RuntimeError("no settings for mails yet")
        return self._rules

    def hand_over(self, letter: Letter, reader: Reader, *, to: Address, number: str, at: datetime) -> None:
        """Write a letter out and let it travel.

        :param number: what tells this mail from all others, of all times; of it comes its Message-ID.
        :raises Undelivered: it was not taken.
        """
        if self._writer is None:
            raise RuntimeError("nobody to write mails yet")
        envelope = Envelope(self.rules.sender, to, self._message_id(number), at)
        self.rules.transport.deliver(compose(envelope, self._writer(letter, reader)))

    def check(self) -> None:
        """Try the way that mails take, without one.

        :raises Undelivered: none would leave now.
        """
        self.rules.transport.check()

    def _message_id(self, number: str) -> str:
        """Always the same for a mail, so that one that was sent twice is shown once; guessed by nobody."""
        digest = hmac.digest(self.rules.secret_key, f"mail {number}".encode(), hashlib.sha256).hex()
        return f"<{number}-{digest[:32]}@{self.rules.host}>"


def _sender(mail_from: str, host: str) -> Address:
    """The sender of MAIL_FROM; without it, which only a folder allows, one that nobody can answer."""
    name, email = parseaddr(mail_from)
    return address(email, name) or Address(username="no-reply", domain=host)


def _transport(settings: Mapping[str, Any]) -> Transport:
    if not settings["SMTP_URL"]:
        return Folder(Path(settings["MAIL_FOLDER"]))
    return Smtp(settings["SMTP_URL"], timeout=min(LONGEST_ANSWER_SECONDS, settings["LEASE_SECONDS"] / ANSWERS))


office = Office()
