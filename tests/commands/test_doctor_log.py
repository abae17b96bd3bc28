"""``doctor`` on the log: whether it is whole, as far as it was checked, and what to do if not."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.data import db, transaction
from dashboard.events import Event, checking, record
from dashboard.who import Who
from tests import factories
from tests.commands.conftest import Command


def line(flask: Command) -> str:
    """What the doctor says of the log."""
    said = [each for each in flask("doctor").stdout.splitlines() if each[9:].startswith("log:")]
    assert len(said) == 1
    return " ".join(said[0].split())


@pytest.fixture
def user(app: Flask) -> Any:
    """Somebody who did one thing, after the log began."""
    user = factories.User()
    with transaction():
        record(Event.LOGIN_STARTED, Who(user.id, user.id))
    return user


def move_head(by: int) -> None:
    """As the owner of the database can: the head says that there is an event more than there is."""
    with transaction():
        db.session.execute(text("UPDATE event_heads SET seq = seq + :by"), {"by": by})


def test_one_that_was_never_proved_is_a_hint_how_to(user: Any, flask: Command) -> None:
    assert line(flask) == (
        "hint log: it was never proved here. The engine does it each hour; at once: flask --app wsgi audit verify"
    )


def test_a_whole_one_says_how_far_it_was_proved(user: Any, flask: Command) -> None:
    checking.check()

    assert line(flask).startswith("ok log: proved up to event 2 of 2, last at 20")


def test_one_that_nobody_checks_any_more_is_trouble(user: Any, flask: Command) -> None:
    checking.check()
    hours_ago = (factories.now() - timedelta(hours=4)).replace(tzinfo=None)
    db.session.execute(text("UPDATE event_proofs SET checked_at = :at"), {"at": hours_ago})

    assert line(flask).startswith("TROUBLE log: it was proved last at 20")


def test_a_broken_one_is_trouble_until_it_is_proved_by_command(user: Any, flask: Command) -> None:
    move_head(1)
    checking.check()
    assert line(flask).startswith("TROUBLE log: BROKEN at event 3, check head.")
    assert flask("doctor").exit_code == 1

    move_head(-1)
    assert line(flask).startswith("TROUBLE log: BROKEN at event 3"), "who takes it back is not forgotten"

    assert flask("audit", "verify").exit_code == 0
    assert line(flask).startswith("ok log: proved up to event 2 of 2")


def test_what_the_command_finds_is_told_as_well(user: Any, flask: Command) -> None:
    move_head(1)
    assert flask("audit", "verify").exit_code == 1
    move_head(-1)

    assert line(flask).startswith("TROUBLE log: BROKEN at event 3, check head.")


@pytest.mark.parametrize(
    ("level", "webhook", "said"),
    [("INFO", "", False), ("WARNING", "", True), ("ERROR", "", True), ("WARNING", "https://audit.example/", False)],
)
def test_checkpoints_that_nobody_keeps_are_a_hint(
    app: Flask, flask: Command, monkeypatch: pytest.MonkeyPatch, level: str, webhook: str, said: bool
) -> None:
    monkeypatch.setitem(app.config, "LOG_LEVEL", level)
    monkeypatch.setitem(app.config, "AUDIT_WEBHOOK", webhook)

    assert ("nobody keeps one" in flask("doctor").stdout) == said
