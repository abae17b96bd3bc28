"""The embedded engine: it does what is due, at once, and nothing that goes wrong ends it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.connections import due, syncing
from dashboard.data import db
from dashboard.jobs import embedded
from dashboard.jobs.embedded import Loop
from dashboard.who import Who
from tests import factories
from tests.jobs.conftest import connect, make_due, rows, scalar, until
from tests.servers.third_parties import ThirdParties

pytestmark = pytest.mark.usefixtures("simulated")


@pytest.fixture
def loop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    """An engine that runs in this process; it must be woken, for it never looks by itself."""
    monkeypatch.setattr(embedded, "POLL_SECONDS", 3600)
    loop: Loop = app.extensions["engine"]
    loop.start()
    until(lambda: scalar("SELECT count(*) FROM chores"), "the engine looked for the first time")
    yield loop
    monkeypatch.setattr(embedded, "STOP_SECONDS", 30)
    loop.stop()


def synced(connection: Any) -> bool:
    """Whether a connection has a finished sync."""
    return bool(scalar("SELECT count(*) FROM sync_runs WHERE connection_id = :id", id=connection.id))


def test_a_sync_that_is_asked_for_begins_at_once(user: Any, third_parties: ThirdParties, loop: Loop) -> None:
    asked = connect(third_parties, user)

    assert syncing.sync_now(asked.id, by=Who(user.id, user.id))

    until(lambda: synced(asked), "the sync is done")
    assert scalar("SELECT why FROM sync_runs") == "person"


def test_what_becomes_due_without_a_word_is_found(
    user: Any, third_parties: ThirdParties, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "POLL_SECONDS", 0.05)
    loop: Loop = app.extensions["engine"]
    loop.start()
    found = connect(third_parties, user, next_sync_at=factories.now())

    until(lambda: synced(found), "the sync is done")
    loop.stop()


def test_many_are_done_each_once(user: Any, third_parties: ThirdParties, loop: Loop) -> None:
    many = [connect(third_parties, user) for _ in range(25)]
    make_due(*[each.id for each in many])

    until(lambda: all(synced(each) for each in many), "all are done")
    assert rows("SELECT connection_id FROM sync_runs GROUP BY connection_id HAVING count(*) > 1") == []


def test_what_raises_is_logged_with_its_row_and_the_others_are_done(
    user: Any,
    third_parties: ThirdParties,
    app: Flask,
    loop: Loop,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "AUDIT_WEBHOOK", "http://127.0.0.1:9/nobody-listens")
    db.session.execute(text("UPDATE chores SET due_at = '2026-01-01 00:00:00' WHERE name = 'checkpoint'"))
    good = connect(third_parties, user)

    with caplog.at_level(logging.ERROR, logger="dashboard.jobs"):
        make_due(good.id)
        until(lambda: synced(good), "the good one is done")
        until(lambda: "The chore checkpoint failed" in caplog.text, "the broken one is told")

    assert scalar("SELECT failed_at IS NOT NULL FROM chores WHERE name = 'checkpoint'")
    make_due(good.id)
    until(lambda: scalar("SELECT count(*) FROM sync_runs") == 2, "the engine goes on")


def test_it_stops_within_seconds_and_hands_back_what_hangs(
    user: Any, third_parties: ThirdParties, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    third_parties.control("whoop", misbehave={"hang": {"on": ["data"]}})
    hanging = connect(third_parties, user)
    make_due(hanging.id)
    until(lambda: third_parties.log("whoop")["kinds"].get("data"), "the provider is asked")

    monkeypatch.setattr(embedded, "STOP_SECONDS", 0.2)
    loop.stop()

    assert scalar("SELECT lease_key FROM connections") is None
    assert [each.id for each in due.due(due.now())] == [hanging.id], "the next one finds it"
    assert not synced(hanging)


def test_a_stopped_one_takes_nothing_new(user: Any, third_parties: ThirdParties, loop: Loop) -> None:
    loop.stop()
    late = connect(third_parties, user)
    make_due(late.id)

    assert not third_parties.log("whoop")["kinds"]
    loop.start()
    until(lambda: synced(late), "the next one does it")
