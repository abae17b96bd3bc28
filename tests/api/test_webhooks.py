"""Where providers tell what is new: an address that nobody guesses, plain answers at once, and nothing on trust."""

import hmac
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

from dashboard import create_app, providers
from dashboard.data import db
from dashboard.data.connections import Connection
from dashboard.data.events import EventEntry
from dashboard.data.login_sessions import LoginSession
from dashboard.providers import Agreement, Client, agreements
from dashboard.web import webhooks
from dashboard.web.limits import limiter
from tests import factories
from tests.conftest import Browser

SECRET = "whoop-secret"
ACCOUNT = "10129"


@pytest.fixture(autouse=True)
def known(app: Flask) -> Iterator[None]:
    """Credentials at a few providers."""
    agreements.use({
        "whoop": Agreement(Client("us", SECRET)),
        "strava": Agreement(Client("us", "secret", webhook_secret="our-word")),
        "withings": Agreement(Client("us", "secret")),
        "garmin": Agreement(Client("us", "secret")),
    })  # fmt: skip
    limiter.reset()
    yield
    limiter.reset()
    providers.init_app(app)


def address(app: Flask, type: str) -> str:
    """The path of a type's address."""
    with app.app_context():
        return webhooks.path(type)


def signed(body: bytes, *, secret: str = SECRET) -> dict[str, str]:
    """The headers that WHOOP sends along."""
    sent_at = str(round(time.time() * 1000))
    signature = b64encode(hmac.new(secret.encode(), sent_at.encode() + body, sha256).digest()).decode()
    return {"X-WHOOP-Signature": signature, "X-WHOOP-Signature-Timestamp": sent_at, "Content-Type": "application/json"}


def note(user_id: str = ACCOUNT, **told: Any) -> bytes:
    """A notice of WHOOP's."""
    return orjson.dumps({"user_id": user_id, "id": "1", "type": "sleep.updated", **told})


def made(ada: Browser, type: str = "whoop") -> Any:
    """A connection that last synced hours ago, and is not due for long."""
    later = factories.now() + timedelta(hours=3)
    synced = factories.now() - timedelta(hours=1)
    return factories.Connection(
        user=ada.user, type=type, remote_account_id=ACCOUNT, next_sync_at=later, last_sync_at=synced
    )


def again(connection: Any) -> Connection:
    """The connection as it is now."""
    found = select(Connection).where(Connection.id == connection.id).execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one()


def test_a_genuine_notice_makes_a_sync_due_and_is_answered_plainly(app: Flask, ada: Browser, anybody: Browser) -> None:
    connection, body = made(ada), note()

    answer = anybody.post(address(app, "whoop"), body, signed(body), status=200)

    assert answer.content_type != "text/html"
    due = again(connection)
    assert due.next_sync_at is not None
    assert due.next_sync_at <= factories.now() + timedelta(seconds=2)
    assert due.due_why == "webhook"


def test_nobody_is_signed_in_by_it_and_no_session_is_made(app: Flask, ada: Browser, anybody: Browser) -> None:
    body = note()
    before = len(db.session.execute(select(LoginSession.id)).all())

    answer = anybody.post(address(app, "whoop"), body, signed(body), status=200)

    assert "Set-Cookie" not in answer.headers
    assert len(db.session.execute(select(LoginSession.id)).all()) == before


@pytest.mark.parametrize("secret", ["another-secret", ""])
def test_a_forged_notice_is_refused_and_changes_nothing(
    app: Flask, ada: Browser, anybody: Browser, secret: str
) -> None:
    connection, body = made(ada), note()

    answer = anybody.post(address(app, "whoop"), body, signed(body, secret=secret), status=401)

    assert answer.content_type == "text/plain"
    assert answer.text == "Unauthorized.\n"
    assert again(connection).next_sync_at == connection.next_sync_at


def test_a_notice_about_an_account_that_nobody_here_has_is_answered_alike(app: Flask, anybody: Browser) -> None:
    body = note("99999")

    anybody.post(address(app, "whoop"), body, signed(body), status=200)

    assert db.session.execute(select(EventEntry.seq)).all() == []


def test_the_address_can_not_be_guessed(app: Flask, ada: Browser, anybody: Browser) -> None:
    connection, body = made(ada), note()
    right = address(app, "whoop")
    keys = ["x", right.split("/")[3][:-1], address(app, "strava").split("/")[3], "%C3%A9" * 40]

    for key in keys:
        answer = anybody.post(f"/webhooks/whoop/{key}/", body, signed(body), status=404)
        assert answer.text == "Not Found.\n"

    assert again(connection).next_sync_at == connection.next_sync_at
    anybody.get("/webhooks/nobody/x/", status=404)
    anybody.get("/webhooks/", status=404)
    assert len(right.split("/")[3]) == 40


def test_a_provider_makes_sure_of_the_address(app: Flask, anybody: Browser) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "15f7d1a91c1f40f8", "hub.verify_token": "our-word"}

    answer = anybody.get(address(app, "strava"), asked, status=200)

    assert answer.json == {"hub.challenge": "15f7d1a91c1f40f8"}
    anybody.get(address(app, "strava"), asked | {"hub.verify_token": "guess"}, status=401)
    anybody.head(address(app, "withings"), status=200)


def test_a_body_that_is_a_form_reaches_its_reader(app: Flask, ada: Browser, anybody: Browser) -> None:
    connection = made(ada, "withings")

    anybody.post(address(app, "withings"), {"userid": ACCOUNT, "appli": "1"}, status=200)

    assert again(connection).due_why == "webhook"


def test_a_withdrawn_permission_turns_the_card_to_reconnect(app: Flask, ada: Browser, anybody: Browser) -> None:
    connection = made(ada, "garmin")
    body = orjson.dumps({"deregistrations": [{"userId": ACCOUNT}]})
    headers = {"Content-Type": "application/json", "garmin-client-id": "us"}

    anybody.post(address(app, "garmin"), body, headers, status=200)

    assert again(connection).refused_at is not None
    card = ada.get("/connections/").html.select_one(".card")
    assert card["data-state"] == "reconnect"
    assert "You withdrew its permission at Garmin." in card.text


def test_such_a_word_without_proof_changes_no_grant(app: Flask, ada: Browser, anybody: Browser) -> None:
    connection = made(ada, "strava")
    told = {"object_type": "athlete", "object_id": 1, "aspect_type": "update", "updates": {"authorized": "false"}}
    body = orjson.dumps(told | {"owner_id": int(ACCOUNT)})

    anybody.post(address(app, "strava"), body, {"Content-Type": "application/json"}, status=200)

    assert again(connection).refused_at is None
    assert again(connection).due_why == "webhook"


def test_what_is_too_large_is_not_read(app: Flask, anybody: Browser) -> None:
    body = b"x" * (webhooks.HINT_BYTES + 1)

    answer = anybody.post(address(app, "whoop"), body, signed(body), status=413)

    assert answer.content_type == "text/plain"


def test_nor_where_it_comes_in_chunks_and_does_not_say_how_long_it_is(app: Flask, anybody: Browser) -> None:
    body = b"x" * (webhooks.HINT_BYTES + 1)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = anybody.post(address(app, "whoop"), body, signed(body), extra_environ=chunked, status=413)

    assert answer.content_type == "text/plain"


def test_other_methods_are_refused_plainly(app: Flask, anybody: Browser) -> None:
    answer = anybody.put(address(app, "whoop"), b"", status=405)

    assert answer.text == "Method Not Allowed.\n"


def test_who_guesses_too_often_is_stopped_and_who_is_right_never(app: Flask, ada: Browser, anybody: Browser) -> None:
    body = note()
    for _ in range(70):
        anybody.post(address(app, "whoop"), body, signed(body), status=200)
    answers = [anybody.get(f"/webhooks/whoop/{number}/", status="*").status_int for number in range(62)]

    assert answers[:60] == [404] * 60
    assert answers[60:] == [429] * 2
    other = Browser(app, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.99"})
    other.post(address(app, "whoop"), body, signed(body), status=200)


def test_without_credentials_no_notice_is_expected(app: Flask, anybody: Browser) -> None:
    body = note()
    agreements.use({})

    anybody.post(address(app, "whoop"), body, signed(body), status=401)


def test_a_database_that_does_not_answer_is_a_503_so_that_the_provider_sends_it_again(app: Flask) -> None:
    lost = create_app({**app.config, "DATABASE_URL": "x", "SQLALCHEMY_DATABASE_URI": "sqlite:////nowhere/lost.db"})
    agreements.use({"whoop": Agreement(Client("us", SECRET))})
    browser, body = Browser(lost, extra_environ={"HTTP_HOST": "localhost"}), note()

    answer = browser.post(address(app, "whoop"), body, signed(body), status=503)

    assert answer.text == "Service Unavailable.\n"
