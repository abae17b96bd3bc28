"""A mail that cannot be written, and one whose sender was too slow: neither harms another."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboard import mail
from dashboard.mail.claiming import Held, claim
from dashboard.mail.sending import BACK_OFF
from tests import factories
from tests.mail.conftest import Post
from tests.mail.reading import connection, needed, row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_mail_of_a_newer_version_waits_longer_each_time_and_is_given_up(post: Post, ada: Any, now: datetime) -> None:
    """As after a rollback: what that version queued stays, and must not be tried each second."""
    mail_id, at, tries = factories.Mail(user=ada, name="of_a_newer_version", queued_at=now, due_at=now).id, now, 0

    while at is not None:
        last = at
        with pytest.raises(KeyError):
            mail.send(mail_id, now=at)
        at, tries = row(mail_id).due_at, tries + 1

    assert (tries, row(mail_id).failure_code) == (len(BACK_OFF) + 1, "broken")
    assert 1.5 * DAY < last - now < 2.5 * DAY


def test_who_fails_after_losing_it_gives_up_nothing_that_its_successor_holds(
    post: Post, scale: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = needed(scale, now=now)

    def hang_until_another_has_it(*_: Any, **__: Any) -> None:
        monkeypatch.undo()
        held = claim(first, now=now + HOUR)
        assert held is not None
        successors.append(held)
        raise mail.Undelivered("recipient_refused", for_good=True)

    successors: list[Held] = []
    monkeypatch.setattr(mail.office, "hand_over", hang_until_another_has_it)
    assert not mail.send(first, now=now)

    assert connection(scale.id).mailed_at == now, "it is still the turn of the successor"
    assert row(first)[:4] == (now, None, 0, None)
    assert row(first).lease_key == successors[0].key
