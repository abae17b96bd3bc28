"""What failed goes on by itself once it can, what is refused rests until its person comes; no process remembers any."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from dashboard import providers
from dashboard.connections import due, noticing, syncing
from dashboard.data import clock
from dashboard.errors import NoSuchConnection
from dashboard.providers import Agreement, Answered, Client, Fact, Notice, agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

TYPE = "whoop"


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> Iterator[ThirdParties]:
    """Third parties of this test alone, which may be stopped: what they granted outlives it."""
    running = ThirdParties()
    running.start("--state", str(tmp_path))
    agreements.use({TYPE: Agreement(Client(f"demo-{TYPE}", f"demo-secret-{TYPE}"))}, simulated=running.url)
    yield running
    running.stop()
    providers.init_app(app)


def start_again(running: ThirdParties, folder: Path, url: str) -> None:
    """The same third parties, at the address where they were."""
    running.start("--state", str(folder), "--port", str(urlsplit(url).port), reset=False)


def test_a_provider_that_was_gone_is_noticed_when_it_is_back_without_a_restart_of_ours(
    own: ThirdParties, ada: Any, tmp_path: Path
) -> None:
    """The connections to it that this process had kept are dead by then; so may be what it had refused before."""
    made, url = road.connect(own, TYPE, ada).connection_id, own.url
    syncing.sync(made)
    own.stop()
    for _ in range(3):
        road.due_now(made)
        syncing.sync(made)
    assert (road.row(made).failure_code, road.row(made).failure_count) == ("unreachable", 3)

    start_again(own, tmp_path, url)
    road.due_now(made)
    syncing.sync(made)

    row = road.row(made)
    assert (row.failure_code, row.failure_count, row.refused_at) == (None, 0, None)
    assert [run.outcome for run in road.runs(made)] == ["records", "failed", "failed", "failed", "nothing"]


def test_a_provider_that_restarts_between_two_syncs_is_not_even_missed(
    own: ThirdParties, ada: Any, tmp_path: Path
) -> None:
    made, url = road.connect(own, TYPE, ada).connection_id, own.url
    syncing.sync(made)
    own.stop()
    start_again(own, tmp_path, url)
    road.due_now(made)

    syncing.sync(made)

    assert [run.failure_code for run in road.runs(made)] == [None, None]


@pytest.mark.parametrize("proved", [True, False])
def test_nothing_makes_a_refused_grant_due_again(simulated: ThirdParties, ada: Any, proved: bool) -> None:
    """A clock, a notice, a person: none of them leads to another try before the grant is renewed."""
    made = road.connect(simulated, "strava", ada).connection_id
    syncing.sync(made)
    now = clock.now()
    road.change(made, refused_at=now, failed_at=now, failure_code="refused", next_sync_at=None)
    account, before = road.row(made).remote_account_id, simulated.log("strava")
    fact = Fact("weight", "w-1", now, now.date(), 70.0)

    for said in ({}, {"facts": (fact,)}, {"permissions": ("read",)}):
        noticing.notice("strava", Answered(notices=(Notice(account, proved, **said),)))
    with pytest.raises(NoSuchConnection):
        syncing.sync_now(made, by=road.who(ada))
    for _ in range(3):
        syncing.sync(made)

    assert due.due(clock.now() + timedelta(days=30)) == []
    assert simulated.log("strava") == before
    assert len(road.runs(made)) == 1
