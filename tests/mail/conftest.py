"""Mail tests: a connection that needs its person, and where its mail goes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashboard import mail
from tests import factories
from tests.servers.smtp import MailServer, make_certificate

SECONDS = 30
"""LEASE_SECONDS of these tests: the mail server gets two seconds for each answer."""


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(email="user@demo.test", name="Ada Brandt")


@pytest.fixture
def scale(ada: Any) -> Any:
    """Ada's scale, whose provider refuses the grant for three days."""
    return factories.Connection(user=ada, refused=True)


class Post:
    """Settings of mails for one test."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._settings = {**app.config, "MAIL_FOLDER": str(folder), "LEASE_SECONDS": SECONDS}
        self.folder = folder
        self.use()

    def use(self, **changed: Any) -> None:
        """Send mails by these settings from now on."""
        mail.office.use(self._settings | changed)

    def files(self) -> list[Path]:
        """The mails that were written, the oldest first."""
        return sorted(self.folder.glob("*"))


@pytest.fixture
def post(app: Flask, tmp_path: Path) -> Iterator[Post]:
    """Mails go to a folder of this test, unless it says otherwise."""
    before = dict(app.config)
    yield Post(app, tmp_path / "mails")
    mail.office.use(before)


@pytest.fixture
def server(post: Post) -> Iterator[MailServer]:
    """A mail server, to which mails go."""
    with MailServer() as server:
        post.use(SMTP_URL=server.url())
        yield server


ELSEWHERE = "127.0.0.2"
"""An address that is not known as this computer's own, so that nothing is said to it before TLS."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that nobody trusts."""
    return make_certificate(tmp_path / "certificate.pem", host=ELSEWHERE)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


WEEK = timedelta(days=7)
