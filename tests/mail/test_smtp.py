"""Handing mails to a mail server: encrypted, patient with one that is down, and done with one that refuses for good."""

import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import mail
from dashboard.mail.sending import BACK_OFF
from tests import factories
from tests.mail.conftest import ELSEWHERE, Post
from tests.mail.reading import connection, needed, row
from tests.servers.smtp import CUT, HANG, MailServer

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SOME_ADDRESS = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 587))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"CONNECT": "421 busy"}, "server_refused"),
        ({"CONNECT": CUT}, "unreachable"),
        ({"CONNECT": HANG}, "timeout"),
        ({"EHLO": CUT}, "unreachable"),
        ({"MAIL": "451 later"}, "sender_refused"),
        ({"MAIL": "550 not you"}, "sender_refused"),
        ({"RCPT": "450 greylisted"}, "recipient_refused"),
        ({"DATA": "451 later"}, "message_refused"),
        ({"DATA": HANG}, "timeout"),
        ({".": "452 full"}, "message_refused"),
        ({".": CUT}, "unreachable"),
    ],
    ids=str,
)
def test_a_hiccup_is_tried_again(
    server: MailServer, post: Post, scale: Any, answers: dict[str, str], code: str, now: datetime
) -> None:
    post.use(SMTP_URL=server.url(), LEASE_SECONDS=3)
    server.answers = answers
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    due_at, sent_at, failure_count, failure_code, lease_key = row(mail_id)
    assert (sent_at, failure_count, failure_code, lease_key) == (None, 1, code, None)
    assert timedelta(seconds=50) < due_at - now < timedelta(seconds=70)
    server.answers, server.taken = {}, []
    assert mail.send(mail_id, now=due_at)
    assert len(server.taken) == 1
    assert row(mail_id)[:4] == (None, due_at, 1, None)
    assert connection(scale.id).mailed_at == due_at


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, "recipient_refused"),
        ({"DATA": "554 no"}, "message_refused"),
        ({".": "554 5.7.1 spam"}, "message_refused"),
    ],
    ids=str,
)
def test_a_refusal_for_good_ends_it_at_once(
    server: MailServer, scale: Any, answers: dict[str, str], code: str, now: datetime
) -> None:
    server.answers = answers
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id)[:4] == (None, None, 1, code)
    assert connection(scale.id).mailed_at is None, "nothing was sent, so another mail may be"


def test_after_two_days_it_is_given_up(server: MailServer, scale: Any, now: datetime) -> None:
    server.answers = {"RCPT": "450 later"}
    mail_id, at, tries = needed(scale, now=now), now, 0

    while at is not None:
        last = at
        assert not mail.send(mail_id, now=at)
        at, tries = row(mail_id).due_at, tries + 1

    assert tries == len(BACK_OFF) + 1
    assert 1.5 * DAY < last - now < 2.5 * DAY
    assert row(mail_id).failure_code == "recipient_refused"
    assert connection(scale.id).mailed_at is None


def test_what_was_given_up_does_not_hide_when_the_last_one_was_sent(
    server: MailServer, scale: Any, now: datetime
) -> None:
    assert mail.send(needed(scale, now=now), now=now)
    server.answers = {"RCPT": "550 moved"}
    much_later = now + 10 * DAY
    mail.send(needed(scale, now=much_later), now=much_later)

    assert connection(scale.id).mailed_at == now


@pytest.mark.parametrize("goodbye", ["500 what", CUT, HANG])
def test_a_rude_goodbye_does_not_send_it_twice(
    post: Post, server: MailServer, scale: Any, goodbye: str, now: datetime
) -> None:
    post.use(SMTP_URL=server.url(), LEASE_SECONDS=3)
    server.answers = {"QUIT": goodbye}
    mail_id = needed(scale, now=now)

    assert mail.send(mail_id, now=now)
    assert not mail.send(mail_id, now=now + DAY)

    assert len(server.taken) == 1


def test_nobody_listening_is_a_hiccup(post: Post, scale: Any, now: datetime) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        post.use(SMTP_URL=f"smtp://127.0.0.1:{free.getsockname()[1]}")
        mail_id = needed(scale, now=now)

        assert not mail.send(mail_id, now=now)

    assert row(mail_id).failure_code == "unreachable"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_of_many_addresses_gets_no_more_time_than_one_of_a_single_address(
    post: Post, scale: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    timeouts: list[float] = []

    def unreachable(_address: object, timeout: float, *_: Any) -> Any:
        timeouts.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [SOME_ADDRESS] * 16)
    monkeypatch.setattr(socket, "create_connection", unreachable)
    post.use(SMTP_URL=f"{scheme}://smtp.test", LEASE_SECONDS=150)
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert timeouts == [10 / 16], "it is for each address"
    assert row(mail_id).failure_code == "timeout"


def test_once_it_is_reached_each_answer_has_the_whole_time(
    post: Post, scale: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()

    def reached(_address: object, timeout: float, *_: Any) -> Any:
        ours.settimeout(timeout)
        return ours

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [SOME_ADDRESS] * 16)
    monkeypatch.setattr(socket, "create_connection", reached)
    post.use(SMTP_URL="smtp://smtp.test", LEASE_SECONDS=150)

    assert not mail.send(needed(scale, now=now), now=now)

    assert ours.gettimeout() == 10


def test_the_log_has_the_servers_word_but_not_the_address(
    server: MailServer, scale: Any, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = {"RCPT": "550 5.1.1 <user@demo.test>: no such user"}
    mail_id = needed(scale, now=now)

    mail.send(mail_id, now=now)

    assert f"mail {mail_id} was not sent: recipient_refused (550 5.1.1 <…>: no such user)" in caplog.text
    assert "user@demo.test" not in caplog.text


def test_the_login_is_what_the_settings_say(post: Post, server: MailServer, scale: Any, now: datetime) -> None:
    post.use(SMTP_URL=server.url(login="rc%40demo.test:p%3Aass%2Fword"))

    assert mail.send(needed(scale, now=now), now=now)

    assert server.taken[0].login == "rc@demo.test:p:ass/word"


def test_a_wrong_password_can_be_mended_before_the_mail_is_too_old(
    post: Post, server: MailServer, scale: Any, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = {"AUTH": "535 no"}
    post.use(SMTP_URL=server.url(login="rc:secret-password"))
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id).failure_code == "login_refused"
    assert row(mail_id).due_at is not None
    assert "secret-password" not in caplog.text


def test_elsewhere_the_conversation_is_encrypted(post: Post, trusted: Path, scale: Any, now: datetime) -> None:
    with MailServer(host=ELSEWHERE, tls="offered", certificate=trusted) as server:
        post.use(SMTP_URL=server.url(login="rc:secret"))

        assert mail.send(needed(scale, now=now), now=now)

    assert (server.taken[0].encrypted, server.taken[0].login) == (True, "rc:secret")


def test_smtps_is_encrypted_from_the_start(post: Post, trusted: Path, scale: Any, now: datetime) -> None:
    with MailServer(host=ELSEWHERE, tls="always", certificate=trusted) as server:
        post.use(SMTP_URL=server.url())

        assert mail.send(needed(scale, now=now), now=now)

    assert server.taken[0].encrypted


def test_elsewhere_nothing_is_said_to_a_server_without_tls(post: Post, scale: Any, now: datetime) -> None:
    with MailServer(host=ELSEWHERE) as server:
        post.use(SMTP_URL=server.url(login="rc:secret"))
        mail_id = needed(scale, now=now)

        assert not mail.send(mail_id, now=now)

    assert row(mail_id).failure_code == "no_tls"
    assert server.taken == []


@pytest.mark.parametrize("tls", ["offered", "always"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    post: Post, certificate: Path, scale: Any, tls: str, now: datetime
) -> None:
    with MailServer(host=ELSEWHERE, tls=tls, certificate=certificate) as server:
        post.use(SMTP_URL=server.url())
        mail_id = needed(scale, now=now)

        assert not mail.send(mail_id, now=now)

    assert row(mail_id).failure_code == "tls_failed"
    assert server.taken == []


def test_an_address_beyond_ascii_that_the_server_does_not_take_is_over(server: MailServer, now: datetime) -> None:
    scale = factories.Connection(user=factories.User(email="ada@größe.example"), refused=True)
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id)[:4] == (None, None, 1, "recipient_refused")
