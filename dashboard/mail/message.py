"""The mail as it travels: its headers, the text, and the same as HTML (RFC 5322, RFC 2046 §5.1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Any, cast


class _Unfolded:
    """A header that stays in one line: Python would encode a long URL in pieces, which mail programs don't decode."""

    max_count = 1
    parse = UnstructuredHeader.parse
    value_parser = UnstructuredHeader.value_parser

    def fold(self: Any, *, policy: Policy) -> str:
        """The header with its line end."""
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
for _name in ("list-unsubscribe", "message-id"):
    _headers.map_to_type(_name, cast(type[BaseHeader], _Unfolded))  # the registry makes it one
POLICY = SMTP.clone(header_factory=_headers)


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, and by which name the mail is known."""

    sender: Address
    to: Address
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in its reader's language."""

    subject: str
    text: str
    html: str
    stop_url: str | None = None
    """Where a click, or the mail program by itself, stops more of them. None: they can't be stopped."""


def compose(envelope: Envelope, written: Written) -> EmailMessage:
    """The mail, ready to travel. What a header holds can't begin another one: line breaks become blanks."""
    message = EmailMessage(policy=POLICY)
    for name, value in _headers_of(envelope, written).items():
        message[name] = value
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    return message


def _headers_of(envelope: Envelope, written: Written) -> Mapping[str, Any]:
    headers = {
        "From": envelope.sender,
        "To": envelope.to,
        "Subject": " ".join(written.subject.split()),
        "Date": envelope.at,
        "Message-ID": envelope.message_id,
        # RFC 3834 §5: no vacation notice is to answer it.
        "Auto-Submitted": "auto-generated",
    }
    if written.stop_url:
        # RFC 8058: the mail program stops it by one POST, without a cookie and without a question.
        headers["List-Unsubscribe"] = f"<{written.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def address(email: str, name: str = "") -> Address | None:
    """Where a mail can go. None: that is no address, whatever the identity provider calls it."""
    try:
        return Address(display_name=" ".join(name.split()), addr_spec=email)
    except (MessageError, ValueError, IndexError, AttributeError):  # the last two where Python's parser stumbles
        return None
