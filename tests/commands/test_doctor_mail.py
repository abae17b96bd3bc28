"""``doctor`` on mails: it goes the sender's way up to the mail itself, sends nothing, and says what to do."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from dashboard import mail
from tests import factories
from tests.commands.conftest import Command
from tests.mail.conftest import ELSEWHERE, Post, certificate, post, trusted
from tests.mail.reading import needed
from tests.servers.smtp import CUT, HANG, MailServer

__all__ = ["certificate", "post", "trusted"]
LOGIN = "rc%40demo.test:p%3Aass-hidden"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server of this computer."""
    with MailServer() as running:
        yield running


@pytest.fixture
def set_up(app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of mails, as the app and its sender have them."""

    def change(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(app.config, name, value)
        post.use(**settings)

    return change


def said(flask: Command) -> str:
    """The line about mails."""
    result = flask("doctor")
    [line] = [" ".join(line.split()) for line in result.stdout.splitlines() if line[9:].startswith("mail:")]
    assert "hidden" not in result.output
    assert not line.startswith("TROUBLE") or result.exit_code == 1
    return line


def test_a_server_that_takes_the_login_is_fine_and_gets_no_mail(
    flask: Command, set_up: Callable[..., None], server: MailServer
) -> None:
    set_up(SMTP_URL=server.url(login=LOGIN))

    assert said(flask) == f"ok mail: {server.url().removeprefix('smtp://')} answers and takes the login"
    assert server.logins == ["rc@demo.test:p:ass-hidden"]
    assert (server.taken, server.senders) == ([], [])


def test_a_server_without_a_login_is_asked_for_none(
    flask: Command, set_up: Callable[..., None], server: MailServer
) -> None:
    set_up(SMTP_URL=server.url())

    assert said(flask) == f"ok mail: {server.url().removeprefix('smtp://')} answers"
    assert server.logins == []


@pytest.mark.parametrize("tls", ["offered", "always"])
def test_elsewhere_the_login_is_told_under_tls_only(
    flask: Command, set_up: Callable[..., None], trusted: Path, tls: str
) -> None:
    with MailServer(host=ELSEWHERE, tls=tls, certificate=trusted) as server:
        set_up(SMTP_URL=server.url(login=LOGIN))

        assert said(flask).endswith("answers and takes the login")

    assert server.encrypted_logins == 1


def test_a_wrong_password_is_trouble(flask: Command, set_up: Callable[..., None], server: MailServer) -> None:
    server.answers = {"AUTH": "535 5.7.8 not you"}
    set_up(SMTP_URL=server.url(login=LOGIN))

    line = said(flask)

    assert line.startswith(f"TROUBLE mail: {server.url().removeprefix('smtp://')} refuses the login; check name and")
    assert line.endswith("It said: 535 5.7.8 not you")


def test_a_password_that_smtp_can_not_say_is_trouble(
    flask: Command, set_up: Callable[..., None], server: MailServer
) -> None:
    set_up(SMTP_URL=server.url(login="rc:gr%C3%BC%C3%9Fe-hidden"))

    assert said(flask).endswith("name and password may have ASCII letters only")


def test_a_login_by_ways_that_we_do_not_know_is_trouble(
    flask: Command, set_up: Callable[..., None], server: MailServer
) -> None:
    server.answers = {"EHLO": "250-smtp.test\r\n250 AUTH XOAUTH2"}
    set_up(SMTP_URL=server.url(login=LOGIN))

    assert said(flask).endswith("it offers no way to log in that we know")


def test_a_closed_port_is_trouble(flask: Command, set_up: Callable[..., None]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
        set_up(SMTP_URL=f"smtp://{LOGIN}@{place}")

        line = said(flask)

    assert line.startswith(f"TROUBLE mail: {place} can't be reached, or hangs up; does it run, and are host and port")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"CONNECT": HANG}, "does not answer in time;"),
        ({"EHLO": HANG}, "does not answer in time;"),
        ({"CONNECT": CUT}, "can't be reached, or hangs up;"),
        ({"CONNECT": "421 4.3.2 busy"}, "does not want to talk; ask its operator. It said: 421 4.3.2 busy"),
    ],
    ids=str,
)
def test_a_server_that_does_not_talk_is_trouble(
    flask: Command, set_up: Callable[..., None], server: MailServer, answers: dict[str, str], words: str
) -> None:
    server.answers = answers
    set_up(SMTP_URL=server.url(), LEASE_SECONDS=3)

    assert words in said(flask)


def test_elsewhere_a_server_without_tls_is_trouble_and_hears_no_password(
    flask: Command, set_up: Callable[..., None]
) -> None:
    with MailServer(host=ELSEWHERE) as server:
        set_up(SMTP_URL=server.url(login=LOGIN))

        line = said(flask)

    assert "offers no STARTTLS; take its port for that, mostly 587, or smtps:// with" in line
    assert server.logins == []


@pytest.mark.parametrize("tls", ["offered", "always"])
def test_a_certificate_that_nobody_vouches_for_is_trouble(
    flask: Command, set_up: Callable[..., None], certificate: Path, tls: str
) -> None:
    with MailServer(host=ELSEWHERE, tls=tls, certificate=certificate) as server:
        set_up(SMTP_URL=server.url(login=LOGIN))

        assert "has no certificate that is trusted here" in said(flask)

    assert server.logins == []


def test_a_folder_that_can_be_made_is_fine_and_is_not_made(
    flask: Command, set_up: Callable[..., None], tmp_path: Path
) -> None:
    set_up(MAIL_FOLDER=str(tmp_path / "instance" / "mails"))

    assert said(flask) == f"ok mail: each becomes a file in {tmp_path}/instance/mails"
    assert list(tmp_path.iterdir()) == []


def test_outside_the_demo_a_folder_is_no_way_to_reach_people(
    flask: Command, set_up: Callable[..., None], tmp_path: Path
) -> None:
    set_up(MAIL_FOLDER=str(tmp_path), DEMO=False)

    assert said(flask) == f"hint mail: each becomes a file in {tmp_path}, so nobody gets one; set SMTP_URL."


@pytest.fixture
def unwritten(set_up: Callable[..., None], tmp_path: Path) -> None:
    """A mail waits that its sender could not write into the folder."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    set_up(MAIL_FOLDER=str(in_the_way))
    now = datetime.now(UTC)
    connection = factories.Connection(user=factories.User(), refused=True)
    mail.send(needed(connection, now=now), now=now)


@pytest.mark.usefixtures("unwritten")
def test_a_folder_that_only_the_sender_cannot_write_to_is_trouble(
    flask: Command, set_up: Callable[..., None], tmp_path: Path
) -> None:
    """A unit's sandbox forbids its worker what the operator's shell may do."""
    set_up(MAIL_FOLDER=str(tmp_path))

    result = flask("doctor")

    assert f"mail: 1 mail waits: at its last try, {tmp_path} could not be written to by the process" in result.stdout
    assert "set MAIL_FOLDER to a folder that its unit lets it write" in result.stdout
    assert result.exit_code == 1


@pytest.mark.usefixtures("unwritten")
def test_what_the_sender_met_in_a_folder_is_not_said_of_a_server(
    flask: Command, set_up: Callable[..., None], server: MailServer
) -> None:
    set_up(SMTP_URL=server.url())

    assert said(flask) == f"ok mail: {server.url().removeprefix('smtp://')} answers"


@pytest.mark.parametrize("below", ["", "mails"])
def test_a_folder_that_can_not_be_written_to_is_trouble(
    flask: Command, set_up: Callable[..., None], tmp_path: Path, below: str
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    in_the_way.chmod(0o700)
    set_up(MAIL_FOLDER=str(in_the_way / below))

    assert said(flask).startswith(f"TROUBLE mail: {in_the_way / below} can't be written to; give it to the user")
