"""Workers in processes of their own: they share the work, do each piece once, and leave nothing behind."""

import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import text

from dashboard.connections import keys, revocation
from dashboard.data import db, vault
from dashboard.who import Who
from tests import factories
from tests.jobs.conftest import Herd, connect, make_due, rows, scalar, until
from tests.servers.third_parties import ThirdParties

Ready = Callable[..., Herd]


def run_count() -> int:
    return int(scalar("SELECT count(*) FROM sync_runs WHERE outcome IN ('records', 'nothing')"))


def test_two_processes_share_the_work_and_do_each_row_once(user: Any, third_parties: ThirdParties, herd: Ready) -> None:
    many = [connect(third_parties, user, next_sync_at=factories.now()) for _ in range(30)]
    workers = herd(ENGINE_THREADS="3")
    both = workers.start(), workers.start()
    make_due(*[each.id for each in many])

    until(lambda: run_count() >= 30, "all are synced")
    for pid in both:
        workers.kill(pid, signal.SIGTERM)

    assert rows("SELECT connection_id FROM sync_runs GROUP BY connection_id HAVING count(*) > 1") == []
    log = third_parties.log("whoop")
    assert (log["spent_twice"], set(log["refreshed"].values()), len(log["refreshed"])) == ({}, {1}, 30)
    assert set(log["most_at_once"].values()) == {1}


def test_a_row_whose_wake_up_was_lost_is_found(user: Any, third_parties: ThirdParties, herd: Ready) -> None:
    workers = herd()
    workers.start()
    make_due(connect(third_parties, user).id)
    until(lambda: run_count() == 1, "it works")

    connect(third_parties, user, next_sync_at=factories.now())

    until(lambda: run_count() == 2, "the one that nobody was told of is synced")


def test_one_that_is_told_to_end_hands_back_what_hangs_and_another_goes_on(
    user: Any, third_parties: ThirdParties, herd: Ready
) -> None:
    third_parties.control("whoop", misbehave={"hang": {"on": ["data"], "times": 1}})
    workers = herd(LEASE_SECONDS="3600")
    first = workers.start()
    make_due(connect(third_parties, user).id)
    until(lambda: third_parties.log("whoop")["kinds"].get("data"), "the provider is asked")

    workers.kill(first, signal.SIGTERM)

    assert scalar("SELECT lease_key FROM connections") is None, workers.log()
    workers.start()
    until(lambda: run_count() == 1, "the next one does it")
    assert "of which 1 was handed back" in workers.log()


def test_what_a_killed_one_held_is_done_when_its_lease_has_run_out(
    user: Any, third_parties: ThirdParties, herd: Ready, app: Flask
) -> None:
    third_parties.control("whoop", misbehave={"hang": {"on": ["data"], "times": 1}})
    workers = herd(LEASE_SECONDS="2")
    first = workers.start()
    make_due(connect(third_parties, user).id)
    until(lambda: third_parties.log("whoop")["kinds"].get("data"), "the provider is asked")

    workers.kill(first)
    assert scalar("SELECT lease_key FROM connections") is not None
    workers.start()

    until(lambda: run_count() == 1, "another one does it")
    if app.config["DATABASE_URL"].startswith("postgresql"):
        left = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'doing' AND task_name = 'sync'"
        until(lambda: not scalar(left), "its job is gone too")


def test_a_disconnect_is_told_to_the_provider_by_whoever_works(
    user: Any, third_parties: ThirdParties, herd: Ready
) -> None:
    cut = connect(third_parties, user, account="lin-cut", access_expires_at=factories.now().replace(year=2100))
    herd().start()

    revocation.disconnect(cut.id, by=Who(user.id, user.id), keep_records=True)

    until(lambda: scalar("SELECT done_at FROM revocations"), "the provider has confirmed")
    [told] = third_parties.log("whoop")["revocations"]
    assert (told["account"], told["by"]) == ("lin-cut", "app")
    assert scalar("SELECT access_token FROM revocations") is None


def test_the_clock_is_kept_once_whatever_the_number_of_processes(
    user: Any, third_parties: ThirdParties, herd: Ready
) -> None:
    workers = herd()
    pids = [workers.start() for _ in range(3)]
    until(lambda: scalar("SELECT count(*) FROM chores"), "the chores are planned")
    db.session.execute(text("UPDATE chores SET due_at = '2026-01-01 00:00:00'"))

    until(lambda: not scalar("SELECT count(*) FROM chores WHERE done_at IS NULL"), "all are done")
    for pid in pids:
        workers.kill(pid, signal.SIGTERM)

    assert workers.log().count('"type":"audit.checkpoint"') == 1
    assert scalar("SELECT count(*) FROM chores WHERE failed_at IS NOT NULL") == 0


def test_a_key_is_rotated_out_while_they_work(user: Any, third_parties: ThirdParties, herd: Ready, app: Flask) -> None:
    [old], new = app.config["TOKEN_ENCRYPTION_KEYS"], keys.make()
    many = [connect(third_parties, user) for _ in range(12)]
    ids = [each.id for each in many]
    both_keys = herd(TOKEN_ENCRYPTION_KEYS=f"{new},{old}")
    first = both_keys.start()
    try:
        vault.use((new, old))
        make_due(*ids)
        until(lambda: run_count() >= 3, "they are at work")
        assert keys.rotate().unreadable == []
        until(lambda: run_count() >= 12, "all are synced")
        both_keys.kill(first, signal.SIGTERM)

        vault.use((new,))
        assert keys.unreadable()[0] == []
        herd(TOKEN_ENCRYPTION_KEYS=new).start()
        make_due(*ids)
        until(lambda: run_count() >= 24, "all are synced again, without the old key")
    finally:
        vault.use(app.config["TOKEN_ENCRYPTION_KEYS"])
    assert scalar("SELECT count(*) FROM connections WHERE failure_code IS NOT NULL") == 0
    assert third_parties.log("whoop")["spent_twice"] == {}
