"""The queue on PostgreSQL: a wake-up is written with its row or not at all, and losing it loses nothing."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.connections import due, revocation, syncing
from dashboard.data import db, transaction
from dashboard.jobs import chores, queue
from dashboard.jobs.workers import Workers
from dashboard.who import Who
from tests import factories
from tests.jobs.conftest import rows, scalar

DATABASES = ["postgresql"]


class ChangedMind(Exception):
    """An act that comes to nothing."""


@pytest.fixture
def schema(app: Flask, engine: Workers) -> str:
    """The queue's tables, made anew; where they are, as the driver spells it."""
    conninfo: str = app.config["DATABASE_URL"].replace("+psycopg", "")
    db.session.execute(text("DROP SCHEMA IF EXISTS jobs CASCADE"))
    queue.make_schema(conninfo)
    return conninfo


def jobs() -> list[Any]:
    return [
        tuple(row) for row in rows("SELECT task_name, args, queueing_lock FROM jobs.procrastinate_jobs ORDER BY id")
    ]


def say(id: int, *, seconds: int = 0) -> None:
    due.say(due.SYNC, id, at=due.now() + timedelta(seconds=seconds))


def test_who_asks_for_a_sync_wakes_a_worker(user: Any, schema: str) -> None:
    asked = factories.Connection(user=user)

    assert syncing.sync_now(asked.id, by=Who(user.id, user.id))

    assert jobs() == [("sync", {"id": asked.id}, f"sync {asked.id}")]


def test_who_disconnects_wakes_one_to_tell_the_provider(user: Any, schema: str) -> None:
    cut = factories.Connection(user=user)

    revocation.disconnect(cut.id, by=Who(user.id, user.id), keep_records=True)

    assert jobs()[0] == ("revocation", {"id": scalar("SELECT id FROM revocations")}, jobs()[0][2])


def test_what_is_rolled_back_wakes_nobody(user: Any, schema: str) -> None:
    def change_ones_mind() -> None:
        with transaction():
            say(7)
            raise ChangedMind

    with pytest.raises(ChangedMind):
        change_ones_mind()

    assert jobs() == []


def test_however_often_it_is_said_one_wake_up_waits_and_the_act_goes_on(user: Any, schema: str) -> None:
    for _time in range(2):
        with transaction():
            say(7)
            say(7)
            db.session.execute(text("UPDATE users SET theme = 'dark'"))

    assert len(jobs()) == 1
    assert scalar("SELECT theme FROM users") == "dark"


def test_of_many_wake_ups_in_one_unit_of_work_none_makes_the_next_one_dearer(user: Any, schema: str) -> None:
    with transaction():
        before = scalar("SHOW search_path")
        for id in (7, 8, 9):
            say(id)
        after = scalar("SHOW search_path")

    assert after == f"{before}, jobs"
    assert len(jobs()) == 3


def test_what_is_due_later_is_left_to_the_sweep(user: Any, schema: str) -> None:
    with transaction():
        say(7, seconds=60)

    assert jobs() == []


def test_without_a_queue_the_act_is_done_and_the_log_says_that_nobody_was_woken(
    user: Any, schema: str, caplog: pytest.LogCaptureFixture
) -> None:
    db.session.execute(text("DROP SCHEMA jobs CASCADE"))
    asked = factories.Connection(user=user)

    with caplog.at_level(logging.WARNING, logger="dashboard.jobs"):
        assert syncing.sync_now(asked.id, by=Who(user.id, user.id))

    assert [each.id for each in due.due(due.now())] == [asked.id]
    assert caplog.messages == [
        f"No worker was woken for the sync {asked.id}: no worker has run on this database yet "
        "(flask --app wsgi worker); the sweep will find it."
    ]


def test_of_many_workers_that_start_at_once_one_makes_the_tables(schema: str) -> None:
    db.session.execute(text("DROP SCHEMA jobs CASCADE"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(queue.make_schema, [schema] * 8))

    assert jobs() == []
    assert queue.workers_alive(schema) == 0


def test_tables_of_this_version_stay_and_those_of_another_are_made_anew(user: Any, schema: str) -> None:
    with transaction():
        say(7)
    queue.make_schema(schema)
    assert len(jobs()) == 1

    db.session.execute(text(f"COMMENT ON SCHEMA jobs IS '{queue.OURS}1234'"))
    queue.make_schema(schema)
    assert jobs() == []


def test_somebody_elses_schema_is_left_alone(schema: str) -> None:
    db.session.execute(text("COMMENT ON SCHEMA jobs IS 'vacancies'"))

    with pytest.raises(queue.NoQueue, match="is not ours"):
        queue.make_schema(schema)

    db.session.execute(text("DROP SCHEMA jobs CASCADE"))


def test_a_role_that_may_not_make_it_is_told_what_it_lacks(schema: str) -> None:
    db.session.execute(text("DROP SCHEMA jobs CASCADE"))
    db.session.execute(text("DROP ROLE IF EXISTS poor"))
    db.session.execute(text("CREATE ROLE poor LOGIN"))
    poor = psycopg.conninfo.make_conninfo(schema, user="poor")

    with pytest.raises(queue.NoQueue, match="GRANT CREATE ON DATABASE"):
        queue.make_schema(poor)

    db.session.execute(text("DROP ROLE poor"))


def test_alembic_does_not_look_at_it(app: Flask, schema: str) -> None:
    flask_migrate.check()

    assert "jobs" not in {table.schema for table in db.metadata.tables.values()}


def test_the_doctor_misses_workers_that_should_be_there(
    app: Flask, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ENGINE", "workers")
    chores.plan()

    said = app.test_cli_runner().invoke(args=["doctor"]).stdout
    assert "engine: no worker gives a sign of life. Start one: flask --app wsgi worker." in said

    db.session.execute(text("INSERT INTO jobs.procrastinate_workers DEFAULT VALUES"))
    assert "engine: 1 worker at work" in app.test_cli_runner().invoke(args=["doctor"]).stdout
