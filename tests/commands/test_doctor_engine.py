"""``doctor`` on the engine: whether it runs, keeps the clock, and gets done what is due."""

from datetime import timedelta

from sqlalchemy import text

from dashboard.data import db
from dashboard.jobs import chores
from tests import factories
from tests.commands.conftest import Command


def lines(flask: Command) -> list[str]:
    said = flask("doctor").stdout.splitlines()
    return [" ".join(line.split()) for line in said if line[9:].startswith("engine:")]


def paused(flask: Command, type: str) -> list[str]:
    said = flask("doctor").stdout.splitlines()
    return [" ".join(line.split()) for line in said if line[9:].startswith(f"{type}:") and "paused" in line]


def change_chore(column: str, **ago: int) -> None:
    moment = (factories.now() - timedelta(**ago)).replace(tzinfo=None)
    db.session.execute(text(f"UPDATE chores SET {column} = :at WHERE name = 'checkpoint'"), {"at": moment})


def test_before_its_first_start_it_is_a_hint_how_to_start_it(flask: Command) -> None:
    [line] = lines(flask)

    assert line.startswith("hint engine: it has never run here.")
    assert "flask --app wsgi worker" in line


def test_the_last_checkpoint_is_told(flask: Command) -> None:
    chores.plan()
    change_chore("done_at", minutes=20)

    [line] = lines(flask)

    assert line.startswith("ok engine: the clock is kept; last checkpoint of the log: 20")


def test_a_clock_that_nobody_keeps_is_trouble(flask: Command) -> None:
    chores.plan()
    change_chore("due_at", hours=2)

    [line] = lines(flask)

    assert line.startswith("TROUBLE engine: “checkpoint” was due at")
    assert "nobody keeps the clock" in line


def test_a_chore_that_failed_is_trouble_until_it_is_done(flask: Command) -> None:
    chores.plan()
    change_chore("failed_at", minutes=9)
    assert any("“checkpoint” failed at" in line for line in lines(flask))

    change_chore("done_at", minutes=4)
    assert not any("failed" in line for line in lines(flask))


def test_work_that_waits_too_long_is_trouble(flask: Command) -> None:
    chores.plan()
    late = factories.Connection(user=factories.User(), next_sync_at=factories.now() - timedelta(hours=1))
    factories.Connection(user=factories.User(), next_sync_at=factories.now() - timedelta(minutes=5))

    line = lines(flask)[-1]

    assert line.startswith(f"TROUBLE engine: 1 piece of work due for over 15 minutes, sync {late.id} first.")


def test_paused_connections_are_trouble_that_names_the_settings_to_look_at(flask: Command) -> None:
    for _ in range(2):
        factories.Connection(user=factories.User(), type="strava", paused=True)

    assert paused(flask, "strava") == [
        "TROUBLE strava: 2 connections are paused (client_refused). Strava refuses the app: "
        "check STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET. They go on by themselves within about an hour."
    ]
    assert paused(flask, "withings") == []


def test_settings_are_not_asked_for_where_they_would_not_help(flask: Command) -> None:
    factories.Connection(user=factories.User(), type="coros", paused=True, failure_code="no_credentials")

    [line] = paused(flask, "coros")

    assert line.startswith("hint coros: 1 connection is paused (no_credentials). Too little is known of COROS")
    assert line.endswith("flask --app wsgi providers check coros says what.")
