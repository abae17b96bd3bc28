"""What tests read of mails: their rows, and their words."""

from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from dashboard.connections import telling
from dashboard.data import db, transaction
from dashboard.data.connections import Connection
from dashboard.data.mails import Mail


def needed(connection: Any, *, now: datetime) -> int:
    """Queue the mail that says that a connection needs its person; its id."""
    with transaction():
        mail_id = telling.needs_you(connection.id, now=now)
    assert mail_id is not None
    return mail_id


def row(mail_id: int) -> Any:
    """The row of a mail as it stands."""
    columns = (Mail.due_at, Mail.sent_at, Mail.failure_count, Mail.failure_code, Mail.lease_key)
    return db.session.execute(select(*columns).where(Mail.id == mail_id)).one()


def connection(connection_id: int) -> Any:
    """What a connection knows of its mails."""
    columns = (Connection.mailed_at, Connection.mail_stopped_at)
    return db.session.execute(select(*columns).where(Connection.id == connection_id)).one()


def change(connection: Any, **values: Any) -> None:
    """Change a connection behind the mail's back, as a sync or the person does."""
    with transaction():
        db.session.execute(update(Connection).where(Connection.id == connection.id).values(**values))


def written(path: Path) -> EmailMessage:
    """A mail in a file."""
    found = BytesParser(policy=SMTP).parsebytes(path.read_bytes())
    assert isinstance(found, EmailMessage)
    return found


def text(mail: EmailMessage) -> str:
    """The plain text, whatever the lines."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html(mail: EmailMessage) -> str:
    """The HTML."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
