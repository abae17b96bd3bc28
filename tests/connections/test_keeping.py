"""How long records stay: by the provider's terms, or by an agreement of the operator's own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.connections import keeping, noticing, revocation, syncing
from dashboard.data import clock
from dashboard.data.records import Record
from dashboard.providers import Agreement, Answered, Fact, Notice, agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def agreed(app: Flask) -> Iterator[Any]:
    """``agreed("strava", keep_days=…)``: the operator has an agreement of their own."""

    def agree(type: str, **terms: Any) -> None:
        agreements.use({type: replace(Agreement(), **terms)})

    yield agree
    providers.init_app(app)


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Callable[[float], None]:
    """``after(days=…)``: so many days from the start of the test."""
    start = clock.now()

    def go(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days))

    return go


def record(connection: Any, *, days: float, **more: Any) -> Any:
    """A record that was first stored so many days ago."""
    return factories.Record(connection=connection, stored_at=clock.now() - timedelta(days=days), **more)


def test_what_may_stay_for_seven_days_is_deleted_then(ada: Any) -> None:
    strava, withings = factories.Connection(user=ada, type="strava"), factories.Connection(user=ada, type="withings")
    for days in (0, 6.9, 7.1, 300):
        record(strava, days=days)
        record(withings, days=days)

    assert keeping.prune() == 2
    assert (road.records_of(strava.id), road.records_of(withings.id)) == (2, 4)
    assert keeping.prune() == 0


def test_it_counts_from_when_it_was_first_stored_here(
    simulated: ThirdParties, ada: Any, after: Callable[[float], None]
) -> None:
    strava = road.connect(simulated, "strava", ada).connection_id
    syncing.sync(strava)
    count = road.records_of(strava)
    after(3)
    road.due_now(strava)
    road.change_records(strava, value=0.5)
    syncing.sync(strava)
    assert road.count(Record, Record.value == 0.5) < road.records_of(strava) == count, "some were sent again"

    after(7.01)

    assert keeping.prune() == count


def test_what_was_deleted_does_not_come_back_and_is_nothing_new(
    simulated: ThirdParties, ada: Any, after: Callable[[float], None]
) -> None:
    strava = road.connect(simulated, "strava", ada).connection_id
    syncing.sync(strava)
    last_record_at, count = road.row(strava).last_record_at, road.records_of(strava)
    after(7.01)
    keeping.prune()
    road.due_now(strava)

    syncing.sync(strava)

    assert road.records_of(strava) == 0
    assert [(run.outcome, run.record_count) for run in road.runs(strava)] == [("records", count), ("nothing", 0)]
    assert road.row(strava).last_record_at == last_record_at


def send(connection: Any, *, began: datetime, ended: datetime | None = None) -> None:
    """Its provider sends one record by itself."""
    fact = Fact("sleep", "night-1", began, began.date(), 7.5, ended)
    noticing.notice(connection.type, Answered(notices=(Notice(connection.remote_account_id, True, facts=(fact,)),)))


@pytest.mark.parametrize(
    ("type", "began", "ended", "stored"),
    [
        ("strava", 6.9, None, 1),
        ("strava", 7.1, None, 0),
        ("strava", 7.1, 6.9, 1),
        ("strava", 7.2, 7.1, 0),
        ("oura", 1.1, None, 0),
        ("withings", 300, None, 1),
    ],
)
def test_what_is_older_than_it_may_stay_is_not_stored(
    ada: Any, type: str, began: float, ended: float | None, stored: int
) -> None:
    connection, now = factories.Connection(user=ada, type=type), clock.now()

    send(
        connection,
        began=now - timedelta(days=began),
        ended=None if ended is None else now - timedelta(days=ended),
    )

    assert road.records_of(connection.id) == stored
    assert [run.record_count for run in road.runs(connection.id)] == [stored]


@pytest.mark.parametrize(("days", "stored"), [(0, 1), (2, 0), (90, 1)])
def test_an_agreement_of_the_operators_own_says_what_is_too_old(ada: Any, agreed: Any, days: int, stored: int) -> None:
    strava = factories.Connection(user=ada, type="strava")
    agreed("strava", keep_days=days)

    send(strava, began=clock.now() - timedelta(days=20))

    assert road.records_of(strava.id) == stored


def test_more_than_are_deleted_at_once_all_go(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 3)
    strava = factories.Connection(user=ada, type="strava")
    for _ in range(7):
        record(strava, days=8)

    assert keeping.prune() == 7


@pytest.mark.parametrize(("days", "left"), [(0, 3), (2, 1), (90, 2)])
def test_an_agreement_of_the_operators_own_counts_instead(ada: Any, agreed: Any, days: int, left: int) -> None:
    strava = factories.Connection(user=ada, type="strava")
    for age in (1, 20, 200):
        record(strava, days=age)
    agreed("strava", keep_days=days)

    keeping.prune()

    assert road.records_of(strava.id) == left


def test_after_a_disconnect_nothing_stays_where_the_terms_say_so(ada: Any) -> None:
    strava = factories.Connection(user=ada, type="strava")
    record(strava, days=1)

    ended = revocation.disconnect(strava.id, by=road.who(ada), keep_records=True)

    assert (ended.deleted_records, road.count(Record)) == (1, 0)


def test_an_agreement_lets_them_stay_and_its_end_lets_them_go(app: Flask, ada: Any, agreed: Any) -> None:
    strava = factories.Connection(user=ada, type="strava")
    record(strava, days=1)
    agreed("strava", may_keep_records=True)
    assert revocation.would_delete(strava.id, owner_id=ada.id) == 0

    assert revocation.disconnect(strava.id, by=road.who(ada), keep_records=True).deleted_records == 0
    keeping.prune()
    assert road.count(Record) == 1
    providers.init_app(app)
    keeping.prune()

    assert road.count(Record) == 0


def test_an_agreement_can_be_stricter_than_the_terms(ada: Any, agreed: Any) -> None:
    withings = factories.Connection(user=ada, type="withings")
    record(withings, days=1)
    agreed("withings", may_keep_records=False)

    assert revocation.disconnect(withings.id, by=road.who(ada), keep_records=True).deleted_records == 1


def test_thirty_days_after_the_permission_was_withdrawn_nothing_stays(ada: Any, agreed: Any) -> None:
    agreed("strava", keep_days=0)
    now = clock.now()
    for days in (29, 31):
        refused = factories.Connection(user=ada, type="strava", refused=True, refused_at=now - timedelta(days=days))
        record(refused, days=1)
    kept = factories.Connection(user=ada, type="withings", refused=True, refused_at=now - timedelta(days=400))
    record(kept, days=1)

    assert keeping.prune() == 1
    assert road.records_of(kept.id) == 1


def test_kept_records_name_the_account_they_came_from(ada: Any) -> None:
    withings = factories.Connection(user=ada, type="withings", remote_account_id="account-7")
    record(withings, days=1)

    revocation.disconnect(withings.id, by=road.who(ada), keep_records=True)

    assert road.count(Record, Record.connection_id.is_(None), Record.remote_account_id == "account-7") == 1
