"""What the mail says that asks for a reconnect: in plain words, in the person's language, with a way to stop it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask

from dashboard import mail
from dashboard.connections import due
from dashboard.data import transaction
from dashboard.mail import stopping
from tests import factories
from tests.mail.conftest import Post
from tests.mail.reading import change, html, needed, text, written
from tests.servers.smtp import MailServer

SINCE = datetime(2026, 1, 14, 22, 30, tzinfo=UTC)


def sent(post: Post, connection: Any, now: datetime) -> Any:
    """The mail about a connection that needs its person."""
    assert mail.send(needed(connection, now=now), now=now)
    [path] = post.files()
    return written(path)


def test_it_says_what_is_so_since_when_and_what_to_do(post: Post, scale: Any, now: datetime) -> None:
    change(scale, refused_at=SINCE, last_sync_at=SINCE)

    said = text(sent(post, scale, now))

    assert "Hello Ada Brandt," in said
    assert "Withings (ada@posteo.example) has refused our access since 14 January 2026, 22:30." in said
    assert "The last sync was on 14 January 2026, 22:30." in said
    here = f"http://localhost:8000/connections/{scale.id}/"
    assert f"Reconnect to go on; nothing is lost:\n{here}reconnect/\n" in said
    assert f"If you ended it on purpose, disconnect it here too:\n{here}disconnect/\n" in said
    assert "at most one a week" in said


def test_since_is_the_first_refusal_and_not_the_one_that_was_believed(post: Post, scale: Any, now: datetime) -> None:
    change(scale, refused_at=SINCE, refusal_seen_at=SINCE - timedelta(minutes=2))

    assert "has refused our access since 14 January 2026, 22:28." in text(sent(post, scale, now))


def test_an_imported_connection_is_not_said_to_be_refused(post: Post, scale: Any, now: datetime) -> None:
    change(scale, failure_code="not_imported", account=None, remote_account_id=None)

    assert "Withings has stopped: its permission was not part of the import." in text(sent(post, scale, now))


def test_a_permission_that_was_withdrawn_at_the_provider_is_told_as_that(post: Post, scale: Any, now: datetime) -> None:
    doubted = SINCE - timedelta(hours=1)
    change(scale, failure_code="withdrawn", account=None, remote_account_id="12345123")
    change(scale, refused_at=SINCE, refusal_seen_at=doubted)

    said = text(sent(post, scale, now))

    assert "Withings (account …5123) told us on 14 January 2026, 22:30 that its permission was withdrawn there." in said


def test_the_html_says_the_same(post: Post, scale: Any, now: datetime) -> None:
    mail_sent = sent(post, scale, now)
    page = BeautifulSoup(html(mail_sent), "html.parser")

    assert page.h1.text == mail_sent["Subject"] == "Withings needs you to reconnect"
    assert page.html["lang"] == "en"
    links = {each["href"] for each in page.select("a[href]")}
    for link in re.findall(r"https?://\S+/\S+", text(mail_sent)):
        assert link in links
    assert not page.select("img, script, link, [src]"), "a mail loads nothing from anywhere"


def test_it_speaks_german_by_the_clock_of_berlin(post: Post, now: datetime) -> None:
    maya = factories.User(name="Maya Größer", email="maya@demo.test", language="de", time_zone="Europe/Berlin")
    scale = factories.Connection(user=maya, refused=True)
    change(scale, refused_at=SINCE)

    mail_sent = sent(post, scale, now)

    assert mail_sent["To"] == "Maya Größer <maya@demo.test>"
    assert 'lang="de"' in html(mail_sent)
    assert "14. Januar 2026, 23:30" in text(mail_sent)
    assert "Hallo Maya Größer," in text(mail_sent)
    assert mail_sent["Subject"] != "Withings needs you to reconnect"


def test_the_choice_counts_more_than_the_claim_and_an_unknown_language_is_english(post: Post, now: datetime) -> None:
    lin = factories.User(claimed_language="ja", claimed_time_zone="Asia/Tokyo")
    scale = factories.Connection(user=lin, refused=True)
    change(scale, refused_at=SINCE)

    assert "since 15 January 2026, 07:30" in text(sent(post, scale, now))


def test_a_request_of_somebody_else_has_no_say_in_the_language(
    app: Flask, post: Post, scale: Any, now: datetime
) -> None:
    mail_id = needed(scale, now=now)

    with app.test_request_context("/", headers={"Accept-Language": "de"}):
        mail.send(mail_id, now=now)

    assert "Hello Ada Brandt," in text(written(post.files()[0]))


def test_its_headers_tell_programs_what_it_is(post: Post, server: MailServer, scale: Any, now: datetime) -> None:
    post.use(SMTP_URL=server.url(), MAIL_FROM="Northlake <no-reply@demo.test>", PUBLIC_URL="https://rc.example.org")
    assert mail.send(needed(scale, now=now), now=now)

    [taken] = server.taken

    assert (taken.sender, taken.to) == ("no-reply@demo.test", ["user@demo.test"])
    found = taken.mail
    assert (found["From"], found["To"]) == ("Northlake <no-reply@demo.test>", "Ada Brandt <user@demo.test>")
    assert found["Date"].datetime == now.replace(microsecond=0)
    assert re.fullmatch(r"<\d{14}-\d+-[0-9a-f]{32}@rc\.example\.org>", found["Message-ID"])
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert max(len(line) for line in taken.raw.splitlines()) <= 998


def test_the_link_that_stops_it_stands_whole_in_one_line(server: MailServer, scale: Any, now: datetime) -> None:
    assert mail.send(needed(scale, now=now), now=now)
    token = stopping.signer.token(scale.id)

    head = server.taken[0].raw.partition(b"\r\n\r\n")[0].decode()

    assert f"\r\nList-Unsubscribe: <http://localhost:8000/mails/stop/{token}/>\r\n" in head
    assert f"http://localhost:8000/mails/stop/{token}/" in text(server.taken[0].mail)


def test_it_says_where_all_such_mails_are_stopped(post: Post, scale: Any, now: datetime) -> None:
    assert "in your account:\nhttp://localhost:8000/account/\n" in text(sent(post, scale, now))


def test_nothing_secret_is_in_it(post: Post, scale: Any, now: datetime) -> None:
    sent(post, scale, now)

    raw = post.files()[0].read_text()

    assert "access-secret" not in raw
    assert "refresh-secret" not in raw


def test_a_name_cannot_begin_a_header_or_markup(post: Post, now: datetime) -> None:
    odd = factories.User(name='Eve"\r\nBcc: all@demo.test <b>', email="eve@demo.test")
    scale = factories.Connection(user=odd, refused=True, account="<script>alert(1)</script>")

    found = sent(post, scale, now)

    assert found["Bcc"] is None
    assert [each.addr_spec for each in found["To"].addresses] == ["eve@demo.test"]
    assert not BeautifulSoup(html(found), "html.parser").select("script, b")


def test_queueing_says_that_work_is_due_in_the_same_transaction(scale: Any, now: datetime) -> None:
    heard = []

    def listen(kind: str, **what: Any) -> None:
        heard.append((kind, what["id"], what["at"]))

    with due.work_due.connected_to(listen), transaction():
        mail_id = needed(scale, now=now)
        assert heard == [("mail", mail_id, now)]
