"""Who of support ended a connection for somebody tells them: by whom, and why in the words that were typed."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from dashboard import mail
from dashboard.data import clock, support_accesses, transaction
from dashboard.support import acting
from dashboard.support.gate import ClosedToSupport
from dashboard.who import Origin, Role, Who
from tests import factories
from tests.mail.conftest import Post
from tests.mail.reading import html, text, written
from tests.support.looking import run_out

WHY = "asked for it on the phone <b>today</b>"


@pytest.fixture
def by(ada: Any) -> Who:
    """Dora, while she looks through Ada's eyes."""
    dora = factories.User(name="Dora Lind", granted_role=int(Role.SUPPORT))
    with transaction():
        started = support_accesses.start(
            actor_id=dora.id, subject_id=ada.id, login_session_id=1, reason="to find out", ticket=None, minutes=30
        )
    assert started is not None
    return Who(dora.id, ada.id, Origin("AAAA-BBBB"), started[0])


def due_now() -> list[int]:
    return mail.due(now=clock.now(), limit=9)


def sent(post: Post) -> Any:
    """The one mail that is due, sent."""
    [mail_id] = due_now()
    assert mail.send(mail_id)
    return written(post.files()[0])


def test_it_names_who_and_why(post: Post, ada: Any, by: Who) -> None:
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)

    found = sent(post)

    assert found["Subject"] == "Support has disconnected Withings for you"
    assert found["To"] == "Ada Brandt <user@demo.test>"
    assert "Dora Lind of support disconnected Withings (ada@posteo.example) for you on" in text(found)
    assert f"The reason given: “{WHY}”" in text(found)
    assert "&lt;b&gt;today&lt;/b&gt;" in html(found)
    assert "http://localhost:8000/activity/" in text(found)


def test_nobody_is_named_where_that_is_not_told(app: Flask, post: Post, ada: Any, by: Who) -> None:
    post.use(SUPPORT_SHOWS_NAMES=False)
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)

    found = sent(post)

    assert "Support disconnected Withings (ada@posteo.example) for you on" in text(found)
    assert "Dora" not in post.files()[0].read_text()


def test_it_cannot_be_stopped(post: Post, ada: Any, by: Who) -> None:
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)

    found = sent(post)

    assert found["List-Unsubscribe"] is None
    assert "/mails/stop/" not in text(found)


def test_a_second_try_and_one_after_the_look_send_nothing_more(ada: Any, by: Who) -> None:
    scale = factories.Connection(user=ada)
    acting.disconnect(scale.id, by=by, reason=WHY)
    acting.disconnect(scale.id, by=by, reason=WHY)
    run_out()
    with pytest.raises(ClosedToSupport):
        acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)

    assert len(due_now()) == 1


def test_the_time_is_that_of_the_act(post: Post, ada: Any, by: Who, now: datetime) -> None:
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)

    assert f"on {now.day} {now:%B} {now.year}" in text(sent(post))
