"""How long records stay: by the provider's terms, or by an agreement of the operator's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.connections import keeping, revocation
from dashboard.data import clock
from dashboard.data.records import Record
from dashboard.providers import Agreement, agreements
from tests import factories
from tests.connections import road


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


def record(connection: Any, *, days: float, **more: Any) -> Any:
    """A record that was last sent so many days ago."""
    return factories.Record(connection=connection, stored_at=clock.now() - timedelta(days=days), **more)


def test_what_may_stay_for_seven_days_is_deleted_then(ada: Any) -> None:
    strava, withings = factories.Connection(user=ada, type="strava"), factories.Connection(user=ada, type="withings")
    for days in (0, 6.9, 7.1, 300):
        record(strava, days=days)
        record(withings, days=days)

    assert keeping.prune() == 2
    assert (road.records_of(strava.id), road.records_of(withings.id)) == (2, 4)
    assert keeping.prune() == 0


def test_it_counts_from_when_the_provider_last_sent_it(ada: Any) -> None:
    strava = factories.Connection(user=ada, type="strava")
    record(strava, days=1, measured_at=clock.now() - timedelta(days=300))

    assert keeping.prune() == 0


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
