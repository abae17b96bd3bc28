"""``audit``: the proof, the checkpoints and the pruning, as an operator runs them."""

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.connections import leaving
from dashboard.data import chain, db, support_accesses, transaction
from dashboard.events import Event, record
from dashboard.who import Who
from tests import factories
from tests.commands.conftest import Command


def do(user: Any, *, count: int = 1) -> None:
    for _number in range(count):
        with transaction():
            record(Event.LOGIN_STARTED, Who(user.id, user.id))


@pytest.fixture
def user(app: Flask) -> Any:
    """Somebody who did two things, after the log began."""
    user = factories.User()
    do(user, count=2)
    return user


def cut_the_tail() -> None:
    """As the owner of the database can: move the base, remove, and put the head where the rest ends."""
    with transaction():
        db.session.execute(text("UPDATE event_heads SET base_seq = 100"))
        for table in ("event_personal", "events"):
            db.session.execute(text(f"DELETE FROM {table} WHERE seq > 2"))
        last = "(SELECT hash FROM events WHERE seq = 2)"
        db.session.execute(text(f"UPDATE event_heads SET base_seq = 0, seq = 2, hash = {last}"))


def test_a_whole_log_is_proved_in_words(user: Any, flask: Command) -> None:
    result = flask("audit", "verify")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"Proved from event 1 to 3: 3 events, none missing, none changed.\nLast hash: {chain.head().hash.hex()}\n"
    )


def test_an_empty_log_says_so(flask: Command) -> None:
    assert flask("audit", "verify").stdout.startswith("Nothing is in the chain yet.\n")


def test_a_broken_log_is_named_and_ends_with_one(user: Any, flask: Command) -> None:
    with transaction():
        db.session.execute(text("UPDATE event_heads SET seq = 4"))

    result = flask("audit", "verify")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "BROKEN at event 4, check head: the head says 4, and the last event is 3 or another one.",
        "Until then 3 events were checked, from event 1 on.",
    ]


def test_the_apps_own_log_is_the_anchor(user: Any, flask: Command, tmp_path: Path) -> None:
    anchor = tmp_path / "app.log"
    line = flask("audit", "checkpoint").stdout
    anchor.write_text(f"2026-11-24 12:00:00 INFO something: else\n2026-11-24 INFO dashboard.events.checkpoint: {line}")

    result = flask("audit", "verify", "--anchor", str(anchor))
    assert "Checkpoints kept elsewhere confirm it up to event 3.\n" in result.stdout

    cut_the_tail()
    assert flask("audit", "verify").exit_code == 0
    result = flask("audit", "verify", "--anchor", str(anchor))
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        1, "BROKEN at event 3, check anchor: a checkpoint kept outside knows 3 events: the tail was cut.",
    )  # fmt: skip


def test_a_file_without_checkpoints_is_no_anchor(user: Any, flask: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("nothing\n")

    result = flask("audit", "verify", "--anchor", str(tmp_path / "empty"))

    assert (result.exit_code, result.stderr) == (1, "Error: The file holds no checkpoint.\n")


def test_a_checkpoint_is_one_line_on_stdout_and_in_the_log(
    user: Any, flask: Command, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="dashboard"):
        result = flask("audit", "checkpoint")

    said = json.loads(result.stdout)
    assert (said["type"], said["chain"], said["seq"], said["count"]) == ("audit.checkpoint", 1, 3, 3)
    assert result.stdout.strip() in [each.getMessage() for each in caplog.records]


def test_a_webhook_that_fails_is_said_in_one_sentence(
    app: Flask, flask: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "AUDIT_WEBHOOK", "http://127.0.0.1:9/?key=secret")

    result = flask("audit", "checkpoint")

    assert result.exit_code == 1
    assert "Error: The webhook can't be reached (ConnectionError).\n" in result.stderr
    assert "secret" not in result.output


def test_without_a_retention_nothing_is_pruned(user: Any, flask: Command) -> None:
    result = flask("audit", "prune")

    assert (result.exit_code, result.stdout) == (0, "AUDIT_RETENTION_DAYS is 0: everything is kept.\n")
    assert chain.head().base_seq == 0


def test_what_is_old_is_pruned_and_the_proof_says_from_where(
    app: Flask, user: Any, flask: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "AUDIT_RETENTION_DAYS", 30)
    now = chain.head
    monkeypatch.setattr(chain, "head", lambda: now()._replace(now=now().now + timedelta(days=60)))

    result = flask("audit", "prune")

    first, last = result.stdout.splitlines()
    assert json.loads(first)["seq"] == 3
    assert last == "Removed 3 events older than 30 days."
    assert flask("audit", "verify").stdout.startswith(
        "Proved from event 4 to 4: 1 event, none missing, none changed.\n"
        "What is older, up to event 3, was pruned on the record.\n"
    )


def test_what_is_young_stays(app: Flask, user: Any, flask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "AUDIT_RETENTION_DAYS", 30)

    assert flask("audit", "prune").stdout == "Nothing is old enough.\n"


def test_nothing_above_an_anchor_is_pruned(
    app: Flask, user: Any, flask: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "anchor").write_text(flask("audit", "checkpoint").stdout)
    do(user, count=2)
    monkeypatch.setitem(app.config, "AUDIT_RETENTION_DAYS", 30)
    now = chain.head
    monkeypatch.setattr(chain, "head", lambda: now()._replace(now=now().now + timedelta(days=60)))

    result = flask("audit", "prune", "--anchored", str(tmp_path / "anchor"))

    assert result.stdout.endswith("Removed 3 events older than 30 days.\n")


def test_an_erased_person_is_counted_and_breaks_nothing(user: Any, flask: Command) -> None:
    leaving.delete_account(Who(user.id, user.id), typed=user.email)

    result = flask("audit", "verify")

    assert result.exit_code == 0
    assert "Of 3 events the personal part was erased, on the record.\n" in result.stdout


def test_a_checkpoint_ends_looks_that_are_over_though_nobody_noticed(user: Any, flask: Command) -> None:
    actor = factories.User()
    with transaction():
        support_accesses.start(
            actor_id=actor.id, subject_id=user.id, login_session_id=10**9, reason="to find out", ticket=None, minutes=30
        )

    said = json.loads(flask("audit", "checkpoint").stdout)

    assert db.session.execute(text("SELECT action, why FROM events ORDER BY seq DESC LIMIT 1")).one() == (
        "access.ended", "session_gone",
    )  # fmt: skip
    assert said["seq"] == chain.head().seq
