"""What providers tell while a sync runs, has failed or waits: it undoes no wait, and no sync undoes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import due, importing, noticing, revocation, syncing
from dashboard.data import clock
from dashboard.data.records import Record
from tests import factories
from tests.conftest import Queries
from tests.connections import road
from tests.connections.test_noticing import tell
from tests.servers.third_parties import ThirdParties

__all__ = ["tell"]


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


def failing(simulated: ThirdParties, ada: Any, type: str, fault: dict[str, Any]) -> int:
    """A connection that synced two hours ago, and whose next sync has just failed."""
    made = road.connect(simulated, type, ada).connection_id
    syncing.sync(made)
    road.due_now(made, last_sync_at=clock.now() - timedelta(hours=2))
    simulated.control(type, misbehave=fault)
    syncing.sync(made)
    assert road.row(made).failure_count == 1
    return int(made)


@pytest.mark.parametrize(
    ("proved", "apart"), [(True, noticing.BETWEEN_SYNCS), (False, noticing.BETWEEN_HINTS)], ids=["proved", "a hint"]
)
def test_a_flood_of_news_makes_no_flood_of_syncs_that_fail(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None], proved: bool, apart: timedelta
) -> None:
    made = failing(simulated, ada, "whoop", {"error": {"on": ["data"]}})
    road.change(made, next_sync_at=clock.now() + timedelta(hours=1))

    for _ in range(20):
        tell(road.row(made), proved=proved)
        syncing.sync(made)

    row = road.row(made)
    assert row.failure_count == 1
    assert row.next_sync_at == row.failed_at + apart, "but the first try after that may be the one that works again"


@pytest.mark.parametrize(
    ("fault", "at_once", "at_last"),
    [
        ({"error": {}}, timedelta(seconds=30), timedelta(minutes=4)),
        ({"not_shared": {}}, timedelta(minutes=9), timedelta(minutes=11)),
        ({"limit": {"retry_after": 3000}}, timedelta(minutes=49), timedelta(minutes=55)),
    ],
)
def test_news_during_a_sync_that_fails_bring_another_soon_but_not_at_once(
    simulated: ThirdParties,
    ada: Any,
    tell: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, dict[str, Any]],
    at_once: timedelta,
    at_last: timedelta,
) -> None:
    made = road.connect(simulated, "whoop", ada).connection_id
    simulated.control("whoop", misbehave={name: {"on": ["data"], **rest} for name, rest in fault.items()})
    ask = importing.providers.page

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        tell(road.row(made))
        return ask(*args, **kwargs)

    monkeypatch.setattr(importing.providers, "page", meanwhile)
    syncing.sync(made)

    row = road.row(made)
    assert row.failure_count == 1
    assert at_once < row.next_sync_at - clock.now() < at_last


def test_no_news_end_the_wait_that_a_provider_asked_for(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None]
) -> None:
    made = failing(simulated, ada, "google_health", {"limit": {"on": ["data"], "retry_after": 3000}})
    opens_at = road.row(made).next_sync_at
    road.change(made, failed_at=clock.now() - timedelta(hours=1))

    tell(road.row(made))

    assert road.row(made).next_sync_at == opens_at > clock.now()


def test_what_is_gone_does_not_come_back_with_a_page_that_was_on_its_way(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    ask, gone = importing.providers.page, []

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        page = ask(*args, **kwargs)
        gone.append(page.facts[0].provider_id)
        tell(road.row(made), gone=(("workout", gone[0]),))
        assert due.due(clock.now()) == [], "this sync may be spending the refresh token: nobody else begins"
        return page

    with monkeypatch.context() as patch:
        patch.setattr(importing.providers, "page", meanwhile)
        syncing.sync(made)

    assert len(gone) == 1
    assert road.count(Record, Record.provider_id == gone[0]) == 0
    assert due.due(clock.now()) == [due.Due(due.SYNC, made)], "it has let go, and begins anew"
    syncing.sync(made)
    assert [run.outcome for run in road.runs(made)] == ["records"]


def test_a_sync_that_was_interrupted_and_then_cut_lets_go_for_whoever_tells_the_provider(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    ask = importing.providers.page

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        page = ask(*args, **kwargs)
        tell(road.row(made), gone=(("workout", page.facts[0].provider_id),))
        revocation.disconnect(made, by=road.who(ada), keep_records=True)
        return page

    monkeypatch.setattr(importing.providers, "page", meanwhile)
    syncing.sync(made)

    assert due.due(clock.now()) == [due.Due(due.REVOCATION, road.end(made).id)]


@pytest.mark.parametrize("refused", [False, True])
def test_what_is_gone_is_deleted_with_the_connection_held_as_what_is_new_is_stored(
    tell: Callable[..., None], ada: Any, queries: Queries, refused: bool
) -> None:
    """Else a sync and a notice could wait for each other's records for ever."""
    connection = factories.Connection(user=ada, type="strava", refused=refused)
    factories.Record(connection=connection, kind="workout", provider_id="7")

    with queries:
        tell(connection, gone=(("workout", "7"),))

    changes = [query for query in queries if query.startswith(("UPDATE", "DELETE"))]
    assert [query.split(" SET")[0].split(" WHERE")[0].replace("\n", "") for query in changes] == [
        "UPDATE connections", "DELETE FROM records",
    ]  # fmt: skip
    assert road.records_of(connection.id) == 0
