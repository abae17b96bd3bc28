"""One mail when a connection needs its person, at most one a week, and none that makes no sense any more."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import mail
from dashboard.connections import telling
from dashboard.data import connections, db, mails, transaction
from dashboard.events import Event
from dashboard.mail.claiming import claim
from dashboard.who import Who
from tests import factories
from tests.mail.conftest import WEEK, Post
from tests.mail.reading import change, connection, needed, row
from tests.servers.smtp import MailServer
from tests.support.looking import change as change_person
from tests.support.looking import happened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at_once(app: Flask, calls: list[Callable[[], Any]]) -> list[Any]:
    """Do these in threads of their own, all at the same moment; what each came to."""
    start, results = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait()
            results.append(call())

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def queued(connection: Any, *, now: datetime) -> int:
    """A second mail about a connection that waits besides the first, as no function of the domain would make it."""
    with transaction():
        return mails.add(
            user_id=connection.user_id,
            connection_id=connection.id,
            name="reconnect",
            details='{"provider": "Withings"}',
            queued_at=now,
            due_at=now,
        )


def test_ten_that_send_one_mail_at_once_send_it_once(app: Flask, server: MailServer, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)

    results = at_once(app, [lambda: mail.send(mail_id, now=now)] * 10)

    assert sorted(results) == [False] * 9 + [True]
    assert len(server.taken) == 1
    assert row(mail_id)[:4] == (None, now, 0, None)
    assert connection(scale.id).mailed_at == now


def test_of_ten_mails_about_one_connection_at_once_one_is_sent(
    app: Flask, server: MailServer, scale: Any, now: datetime
) -> None:
    ids = [queued(scale, now=now + timedelta(microseconds=number)) for number in range(10)]
    later = now + HOUR

    results = at_once(app, [lambda mail_id=each: mail.send(mail_id, now=later) for each in ids])  # type: ignore[misc]

    assert sorted(results) == [False] * 9 + [True]
    assert len(server.taken) == 1


def test_while_the_first_waits_no_second_one_is_queued(scale: Any, now: datetime) -> None:
    first = needed(scale, now=now)

    assert needed(scale, now=now + HOUR) == first
    assert mail.due(now=now + HOUR, limit=9) == [first]


def test_refused_again_within_a_week_waits_until_the_week_is_over(post: Post, scale: Any, now: datetime) -> None:
    assert mail.send(needed(scale, now=now), now=now)
    change(scale, refused_at=None)
    change(scale, refused_at=now + DAY)
    second = needed(scale, now=now + DAY)

    assert not mail.send(second, now=now + DAY)
    assert row(second)[:4] == (now + WEEK, None, 0, None)
    assert mail.due(now=now + WEEK - HOUR, limit=9) == []
    assert mail.due(now=now + WEEK, limit=9) == [second]

    assert mail.send(second, now=now + WEEK)
    assert len(post.files()) == 2
    assert connection(scale.id).mailed_at == now + WEEK


def test_reconnected_in_time_nothing_is_sent(post: Post, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)
    change(scale, refused_at=None, failure_code=None)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id)[:4] == (None, None, 0, "not_needed")
    assert post.files() == []
    assert connection(scale.id).mailed_at is None


def test_who_stopped_mails_gets_none_until_they_want_them_again(post: Post, scale: Any, now: datetime) -> None:
    wanted = telling.of_connection(scale.id, owner_id=scale.user_id)
    assert telling.stop(wanted, by=Who(scale.user_id, scale.user_id))
    first = needed(scale, now=now)

    assert not mail.send(first, now=now)
    assert row(first).failure_code == "stopped"

    assert telling.resume(wanted, by=Who(scale.user_id, scale.user_id))
    assert mail.send(needed(scale, now=now), now=now)


def test_who_wants_no_mails_at_all_gets_none_queued(ada: Any, scale: Any, now: datetime) -> None:
    change_person(ada, mails_wanted=False)

    with transaction():
        assert telling.needs_you(scale.id, now=now) is None

    assert mails.everything_on(ada.id) == []


def test_who_says_no_while_it_waits_gets_none_of_any_connection_and_may_change_their_mind(
    post: Post, ada: Any, scale: Any, now: datetime
) -> None:
    other = factories.Connection(user=ada, type="polar", refused=True)
    foreign = factories.Connection(user=factories.User(), refused=True)
    queued = [needed(each, now=now) for each in (scale, other, foreign)]
    change_person(ada, mails_wanted=False)

    assert [mail.send(each, now=now) for each in queued] == [False, False, True]
    assert [row(each).failure_code for each in queued] == ["unwanted", "unwanted", None]
    assert row(queued[0]).due_at is None
    assert connection(scale.id).mailed_at is None

    change_person(ada, mails_wanted=True)
    assert mail.send(needed(scale, now=now), now=now)


def test_what_support_did_is_told_whoever_wants_no_mails(post: Post, ada: Any, scale: Any, now: datetime) -> None:
    change_person(ada, mails_wanted=False)
    about = telling.before_the_end(scale.id, owner_id=ada.id)
    assert about is not None
    with transaction():
        mail_id = telling.ended_by_support(about, by=Who(factories.User().id, ada.id), reason="asked by phone", now=now)

    assert mail.send(mail_id, now=now)


def test_while_the_operator_is_at_fault_it_waits(post: Post, scale: Any, now: datetime) -> None:
    change(scale, paused_at=now)
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)
    assert row(mail_id).due_at == now + DAY
    change(scale, paused_at=None)

    assert mail.send(mail_id, now=now + DAY)


@pytest.mark.parametrize("email", ["", "Ada", "ada@", "ada@[", "ada@demo.test, eve@demo.test", "<ada@demo.test>"])
def test_without_an_address_that_a_mail_can_go_to_it_is_over(post: Post, email: str, now: datetime) -> None:
    scale = factories.Connection(user=factories.User(email=email, username="ada"), refused=True)
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now)

    assert row(mail_id)[:4] == (None, None, 0, "no_address")


def test_it_goes_to_the_address_of_the_moment(server: MailServer, ada: Any, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)
    change_person(ada, email="new@demo.test")

    mail.send(mail_id, now=now)

    assert server.taken[0].to == ["new@demo.test"]


def test_a_type_that_its_provider_closes_meanwhile_needs_nobody(post: Post, scale: Any, now: datetime) -> None:
    closes = (now + DAY).date().isoformat()
    with transaction():
        mail_id = mail.queue(
            "reconnect", user_id=scale.user_id, connection_id=scale.id, now=now, provider="W", pointless_from=closes
        )

    assert not mail.send(mail_id, now=now + DAY)

    assert row(mail_id).failure_code == "not_needed"


def test_a_type_that_is_closed_already_causes_none(ada: Any, now: datetime) -> None:
    old = factories.Connection(user=ada, type="jawboneup", refused=True)

    with transaction():
        assert telling.needs_you(old.id, now=now) is None


def test_with_its_connection_the_mail_goes(post: Post, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)
    with transaction():
        db.session.delete(db.session.get(connections.Connection, scale.id))

    assert not mail.send(mail_id, now=now)
    assert mail.due(now=now, limit=9) == []


def test_before_it_is_due_nothing_is_sent(post: Post, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)

    assert not mail.send(mail_id, now=now - HOUR)
    assert post.files() == []


def test_a_late_wake_up_for_a_mail_that_was_sent_changes_nothing(post: Post, scale: Any, now: datetime) -> None:
    mail_id = needed(scale, now=now)
    mail.send(mail_id, now=now + HOUR)

    assert not mail.send(mail_id, now=now + 2 * WEEK)

    assert connection(scale.id).mailed_at == now + HOUR
    assert len(post.files()) == 1


def test_who_died_while_sending_is_followed_by_another_with_the_same_mail(
    post: Post, scale: Any, now: datetime
) -> None:
    mail_id = needed(scale, now=now)
    assert claim(mail_id, now=now) is not None, "a worker takes it, and dies"

    assert not mail.send(mail_id, now=now + timedelta(seconds=1))
    assert mail.send(mail_id, now=now + HOUR)

    assert len(post.files()) == 1


def test_that_it_was_sent_is_on_the_record(post: Post, scale: Any, now: datetime) -> None:
    mail.send(needed(scale, now=now), now=now)

    [event] = happened(Event.MAIL_SENT)
    assert f'"connection":{scale.id}' in event.text
    assert '"mail":"reconnect"' in event.text
    assert '"type":"withings"' in event.text
    assert event.act == "system"


def test_those_that_are_over_for_long_are_deleted_and_those_that_wait_are_not(
    post: Post, scale: Any, now: datetime
) -> None:
    old = now - timedelta(days=91)
    sent, waiting = queued(scale, now=old), queued(scale, now=old)
    mail.send(sent, now=old)

    assert mail.prune(now=now) == 1
    assert mails.mail(sent) is None
    assert mails.mail(waiting) is not None


def test_the_download_has_what_was_sent_and_what_was_not(post: Post, scale: Any, now: datetime) -> None:
    sent = needed(scale, now=now)
    mail.send(sent, now=now)
    other = factories.Connection(user=factories.User(), refused=True)
    needed(other, now=now)

    [found] = mails.everything_on(scale.user_id)

    assert dict(found) == {
        "name": "reconnect", "connection_id": scale.id, "queued_at": now, "due_at": None, "sent_at": now,
        "failure_code": None,
    }  # fmt: skip
