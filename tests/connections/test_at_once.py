"""Everything at once on one connection: nobody waits for each other in a circle, and no trace is left half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import keeping, leaving, noticing, revocation, revoking, syncing
from dashboard.data import clock
from dashboard.data.connections import Connection
from dashboard.data.history import SyncRun
from dashboard.data.records import Record
from dashboard.data.revocations import Revocation
from dashboard.data.users import User
from dashboard.errors import NoSuchConnection
from dashboard.events.proof import verify
from dashboard.providers import Answered, Fact, Notice
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

ROUNDS = 4


def together(app: Flask, *acts: Callable[[], object]) -> None:
    """Do all of it in the same moment; whoever comes too late may find the connection gone, and nothing else."""
    start = Barrier(len(acts))

    def do(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
            except NoSuchConnection:
                return

    with ThreadPoolExecutor(len(acts)) as pool:
        for each in [pool.submit(do, act) for act in acts]:
            each.result()


def pushed(connection: Any) -> Callable[[], None]:
    """The provider sends the same records again and again, in turning order."""
    at = clock.now()
    facts = [Fact("weight", f"w-{number}", at, at.date(), 70.0 + number) for number in range(30)]

    def push() -> None:
        for shift in range(3):
            turned = tuple(facts[shift * 10 :] + facts[: shift * 10])
            noticing.notice("strava", Answered(notices=(Notice(connection.remote_account_id, True, facts=turned),)))

    return push


@pytest.mark.parametrize("keep", [True, False])
def test_a_disconnect_in_the_middle_of_everything(app: Flask, simulated: ThirdParties, keep: bool) -> None:
    for _ in range(ROUNDS):
        ada = factories.User()
        made = road.row(road.connect(simulated, "strava", ada).connection_id)
        together(
            app,
            lambda made=made: syncing.sync(made.id),
            lambda made=made: syncing.sync(made.id),
            pushed(made),
            lambda made=made, ada=ada: syncing.sync_now(made.id, by=road.who(ada)),
            lambda made=made, ada=ada: revocation.disconnect(made.id, by=road.who(ada), keep_records=keep),
            keeping.prune,
        )

        assert road.row(made.id) is None
        assert road.count(Revocation, Revocation.connection_id == made.id) == 1
        assert road.count(Record, Record.user_id == ada.id) == 0, "Strava lets nothing stay, and nothing comes late"
        revoking.revoke(road.end(made.id).id)
        assert road.end(made.id).done_at is not None
    assert verify().broken is None


def test_a_deletion_of_the_account_in_the_middle_of_everything(app: Flask, simulated: ThirdParties) -> None:
    for number in range(ROUNDS):
        ada = factories.User(email=f"ada-{number}@demo.test")
        made = road.row(road.connect(simulated, "strava", ada).connection_id)
        other = road.row(road.connect(simulated, "strava", ada, account="second").connection_id)
        revocation.disconnect(other.id, by=road.who(ada), keep_records=False)
        told = road.end(other.id).id
        together(
            app,
            lambda made=made: syncing.sync(made.id),
            pushed(made),
            lambda made=made: noticing.notice(
                "strava", Answered(notices=(Notice(made.remote_account_id, True, ended=True),))
            ),
            lambda told=told: revoking.revoke(told),
            lambda ada=ada: leaving.delete_account(road.who(ada), typed=ada.email),
        )

        assert road.count(User, User.id == ada.id) == road.count(Connection) == road.count(Record) == 0
        assert road.count(SyncRun) == 0
        assert (road.end(made.id).user_id, road.end(made.id).access_token is not None) == (None, True)
        assert road.end(other.id).done_at is not None
    assert verify().broken is None


def test_records_that_are_pruned_while_they_are_sent_again_stop_nobody(app: Flask, simulated: ThirdParties) -> None:
    ada = factories.User()
    made = road.row(road.connect(simulated, "strava", ada).connection_id)
    push = pushed(made)
    for _ in range(ROUNDS):
        push()
        with_old = clock.now() - timedelta(days=8)
        road.change_records(made.id, stored_at=with_old)

        together(app, push, push, keeping.prune, keeping.prune)
        push()

        assert road.count(Record, Record.connection_id == made.id, Record.kind == "weight") == 30
