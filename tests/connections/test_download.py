"""The zip of everything: complete, readable, and without a secret."""

import io
import json
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from dashboard import events
from dashboard.connections import download, revocation
from dashboard.data import db, history, support_accesses, transaction, users
from dashboard.events import Event, record
from dashboard.identity import api_tokens
from dashboard.who import Origin, Who
from tests import factories
from tests.conftest import signed_in

DAYS = range(739_000, 739_600)


def who(user: Any) -> Who:
    return Who(user.id, user.id, Origin("AAAA-BBBB", "192.0.2.7", "Firefox"))


def written(user: Any) -> bytes:
    file = io.BytesIO()
    download.write(file, by=who(user), read_me="Lies mich", names_staff=True)
    return file.getvalue()


def files(user: Any) -> dict[str, Any]:
    """The documents of a person's zip by name."""
    archive = zipfile.ZipFile(io.BytesIO(written(user)))
    assert archive.testzip() is None
    return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def person(app: Flask) -> Any:
    """Somebody of whom everything is held."""
    user = factories.User(email="ada@demo.test", language="de", mails_wanted=False)
    signed_in(app, user)
    kept, ended = factories.Connection(user=user), factories.Connection(user=user, type="polar")
    factories.SyncRun(connection=kept)
    factories.Record(connection=kept, details='{"device": "scale"}')
    with transaction():
        history.add_days(
            [{"connection_id": kept.id, "day": datetime(2026, 11, 20, tzinfo=UTC).toordinal(), "run_count": 3}]
        )
    api_tokens.make(who(user), name="cron", scopes=[api_tokens.READ], days=None)
    revocation.disconnect(ended.id, by=who(user), keep_records=True)
    factories.AuthorizationRequest(user=user, waits=True, connection_id=kept.id)
    factories.Mail(user=user, connection_id=kept.id)
    return user


def test_it_holds_everything(app: Flask) -> None:
    told = files(person(app))

    assert told["profile.json"][0]["email"] == "ada@demo.test"
    assert told["profile.json"][0]["language"] == "de"
    assert told["profile.json"][0]["mails_wanted"] is False
    assert [each["type"] for each in told["connections.json"]] == ["withings"]
    assert [each["type"] for each in told["ended-connections.json"]] == ["polar"]
    assert told["syncs.json"][0]["record_count"] == 2
    assert told["sync-days.json"][0]["day"] == "2026-11-20"
    assert told["records.json"][0]["details"] == {"device": "scale"}
    assert told["records.json"][0]["measured_at"].endswith("+00:00")
    assert told["records.json"][0]["day"] == told["records.json"][0]["measured_at"][:10]
    [way] = told["ways-to-providers.json"]
    assert (way["type"], way["reconnects"], way["account"]) == ("withings", True, "other@posteo.example")
    assert [each["name"] for each in told["mails.json"]] == ["reconnect"]
    assert told["login-sessions.json"][0]["address"] == "192.0.2.7"
    assert told["api-tokens.json"][0]["name"] == "cron"
    assert {each["action"] for each in told["activity.json"]} == {"token.made", "connection.ended"}


def test_every_table_that_names_people_has_its_file(app: Flask) -> None:
    """A new table about people must get its file here, or say why not."""
    file_of = {
        "api_tokens": "api-tokens.json",
        "authorization_requests": "ways-to-providers.json",
        "connections": "connections.json",
        "event_heads": "activity.json",
        "event_personal": "activity.json",
        "events": "activity.json",
        "login_sessions": "login-sessions.json",
        "mails": "mails.json",
        "parties": "activity.json",
        "person_keys": "profile.json",
        "records": "records.json",
        "revocations": "ended-connections.json",
        "support_accesses": "support-accesses.json",
        "sync_days": "sync-days.json",
        "sync_runs": "syncs.json",
        "users": "profile.json",
    }

    about_nobody = {"chores", "event_proofs", "provider_windows"}
    assert set(file_of) | about_nobody == {table.name for table in db.metadata.sorted_tables}
    assert set(file_of.values()) == set(files(person(app)))


def test_no_token_no_secret_and_no_hash_is_in_it(app: Flask) -> None:
    user = person(app)
    token = api_tokens.make(who(user), name="other", scopes=[api_tokens.READ], days=None)

    archive = zipfile.ZipFile(io.BytesIO(written(user)))
    text = "".join(archive.read(name).decode() for name in archive.namelist())

    assert token not in text
    assert api_tokens.hash_token(token).hex() not in text
    for word in (
        "access-secret",
        "refresh-secret",
        "access_token",
        "refresh_token",
        "code_verifier",
        "state_hash",
        "lease_key",
        "token_hash",
        "id_hash",
        "csrf",
        "id_token",
    ):
        assert word not in text, word
    assert "gAAAA" not in text, "not even sealed"


def test_nobody_elses_rows_are_in_it(app: Flask) -> None:
    other = person(app)
    told = files(factories.User())

    assert [len(rows) for name, rows in sorted(told.items()) if name != "profile.json"] == [0] * 11
    assert users.person(other.id) is not None


def test_more_rows_than_are_read_at_once_all_arrive(app: Flask) -> None:
    user = factories.User()
    connection, other = factories.Connection(user=user), factories.Connection(user=user, type="polar")
    with transaction():
        download.records.add(
            {"user_id": user.id, "connection_id": connection.id, "type": "withings", "kind": "steps",
             "provider_id": str(number), "measured_at": factories.now(),
             "day": factories.now().toordinal(), "stored_at": factories.now(), "value": number, "details": "{}"}
            for number in range(2345)
        )  # fmt: skip
        history.add_runs(
            {"connection_id": connection.id, "started_at": factories.now(), "finished_at": factories.now(),
             "outcome": "records", "record_count": number}
            for number in range(2345)
        )  # fmt: skip
        history.add_days(
            {"connection_id": each.id, "day": day, "run_count": 1} for each in (other, connection) for day in DAYS
        )
        for number in range(1234):
            record(Event.ACCESS_VIEWED, who(user), number=number)

    told = files(user)

    assert [each["value"] for each in told["records.json"]] == list(range(2345))
    assert [each["record_count"] for each in told["syncs.json"]] == list(range(2345))
    days = [(each["connection_id"], date.fromisoformat(each["day"]).toordinal()) for each in told["sync-days.json"]]
    assert days == [(each.id, day) for each in (connection, other) for day in DAYS]
    assert [each["details"] for each in told["activity.json"]] == [{"number": number} for number in range(1234)]


def test_a_thousand_rows_are_in_memory_at_a_time(app: Flask) -> None:
    user = factories.User()
    connection = factories.Connection(user=user)
    with transaction():
        history.add_runs(
            {"connection_id": connection.id, "started_at": factories.now(), "finished_at": factories.now(),
             "outcome": "nothing"}
            for _ in range(20_000)
        )  # fmt: skip
    files(user)

    tracemalloc.start()
    written(user)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 5_000_000, "a run takes half a kilobyte"


def test_the_log_notes_it(app: Flask) -> None:
    user = factories.User()

    files(user)

    assert [each.event for each in events.activity(user.id, limit=9)[0]] == [Event.DATA_DOWNLOADED]


def test_the_words_of_the_page_go_along(app: Flask) -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(factories.User())))

    assert archive.read("README.txt").decode() == "Lies mich"


@pytest.mark.parametrize(("names", "said"), [(True, "Dora Lind"), (False, "Support")])
def test_looks_by_support_are_told_as_on_the_pages(app: Flask, names: bool, said: str) -> None:
    ada, dora = factories.User(), factories.User(name="Dora Lind")
    with transaction():
        started = support_accesses.start(
            actor_id=dora.id, subject_id=ada.id, login_session_id=1, reason="to find out", ticket="NF-1", minutes=30
        )
        assert started is not None
        by = Who(dora.id, ada.id, Origin("AAAA-BBBB", "198.51.100.9", "Support browser"), started[0])
        record(Event.ACCESS_VIEWED, by, route="connections.index", key="")

    file = io.BytesIO()
    download.write(file, by=who(ada), read_me="", names_staff=names)
    archive = zipfile.ZipFile(file)

    [look] = json.loads(archive.read("support-accesses.json"))
    assert (look["actor_name"], look["reason"], look["ticket"]) == (said, "to find out", "NF-1")
    assert "actor_id" not in look
    assert json.loads(archive.read("activity.json"))[0]["by"] == "support"
    text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "198.51.100.9" not in text, "where staff sits is theirs"
    assert ("Dora Lind" in text) is names
