"""Telling a provider that a grant is over: with retries over days, and the tokens erased however it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.connections import due, leaving, revocation, revoking
from dashboard.connections.due import Due
from dashboard.data import clock, db, leases, transaction, untold, vault
from dashboard.data.revocations import Revocation
from dashboard.events import Event, activity
from dashboard.providers import agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada", email="ada@demo.test")


def cut(simulated: ThirdParties, user: Any, type: str = "withings", **chosen: Any) -> int:
    """Connect and disconnect; the id of what is to be told."""
    made = road.connect(simulated, type, user, **chosen)
    revocation.disconnect(made.connection_id, by=road.who(user), keep_records=True)
    return int(road.end(made.connection_id).id)


def row(revocation_id: int) -> Any:
    """A revocation as it is now."""
    return db.session.execute(
        db.select(*Revocation.__table__.columns).where(Revocation.id == revocation_id)
    ).one_or_none()


def change(revocation_id: int, **values: Any) -> None:
    with transaction():
        db.session.execute(db.update(Revocation).where(Revocation.id == revocation_id).values(**values))


def alive(simulated: ThirdParties, type: str) -> list[str]:
    """The accounts whose grants are alive at the provider."""
    return [each["account"] for each in simulated.grants(type) if not each["revoked"]]


def is_erased(told: Any) -> bool:
    return told.access_token is None and told.refresh_token is None and told.due_at is None


@pytest.mark.parametrize("type", ["withings", "strava", "polar", "whoop", "google_health", "garmin", "wahoo", "oura"])
def test_each_provider_is_told_and_the_tokens_are_erased(simulated: ThirdParties, ada: Any, type: str) -> None:
    id = cut(simulated, ada, type)
    assert alive(simulated, type) == ["ada"]

    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert (told.failure_code, told.given_up_at) == (None, None)
    assert told.done_at is not None
    assert alive(simulated, type) == []
    assert road.events(ada)[-1] is Event.REVOCATION_CONFIRMED


def test_it_is_confirmed_once_and_repeats_are_harmless(app: Flask, simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada)

    def work(_: int) -> None:
        with app.app_context():
            revoking.revoke(id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert len(simulated.log("withings")["revocations"]) == 1
    assert road.events(ada).count(Event.REVOCATION_CONFIRMED) == 1


def test_the_waits_grow_and_after_five_days_the_person_is_told_to_do_it(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada)
    simulated.control("withings", misbehave={"error": {"on": ["revoke"]}})
    waits = []
    for _ in range(7):
        change(id, due_at=clock.now())
        revoking.revoke(id)
        waits.append((row(id).due_at - row(id).tried_at) / timedelta(minutes=1))
        assert row(id).access_token is not None

    assert all(
        wanted * 0.85 < wait < wanted * 1.15 for wait, wanted in zip(waits, [1, 5, 30, 120, 360, 720, 720], strict=True)
    ), waits
    assert (row(id).failure_code, row(id).failure_count) == ("server_error", 7)
    change(id, due_at=clock.now(), queued_at=clock.now() - timedelta(days=5))
    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert (told.done_at, told.failure_code) == (None, "server_error")
    assert told.given_up_at is not None
    [happened] = activity(ada.id, limit=1)[0]
    assert (happened.event, happened.details["code"]) == (Event.REVOCATION_GIVEN_UP, "server_error")


def test_a_provider_that_comes_back_is_told_then(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada)
    simulated.control("withings", misbehave={"error": {"on": ["revoke"], "times": 9}})
    revoking.revoke(id)
    assert Due("revocation", id) not in due.due(clock.now())
    simulated.control("withings", misbehave=None)
    change(id, due_at=clock.now())

    assert Due("revocation", id) in due.due(clock.now())
    revoking.revoke(id)

    assert row(id).done_at is not None


def test_a_grant_that_was_dead_already_is_as_good_as_confirmed(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada, "whoop")
    simulated.control("whoop", revoke=True)

    revoking.revoke(id)

    assert row(id).done_at is not None
    assert is_erased(row(id))


def test_an_access_token_that_has_ended_is_renewed_first(simulated: ThirdParties, ada: Any) -> None:
    """Else the provider takes our word for nobody's, and the grant stays alive there for months."""
    id = cut(simulated, ada, "whoop")
    simulated.control("whoop", expire=True)

    revoking.revoke(id)

    assert row(id).done_at is not None
    assert len(simulated.log("whoop")["revocations"]) == 1
    assert sum(simulated.log("whoop")["refreshed"].values()) == 1


def test_what_was_renewed_for_it_is_kept_if_the_word_fails(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada, "whoop")
    old = vault.open(row(id).refresh_token)
    simulated.control("whoop", expire=True)
    change(id, access_expires_at=clock.now())
    simulated.control("whoop", misbehave={"error": {"on": ["revoke"], "times": 9}})
    revoking.revoke(id)
    assert vault.open(row(id).refresh_token) != old
    simulated.control("whoop", misbehave=None)
    change(id, due_at=clock.now())

    revoking.revoke(id)

    assert row(id).done_at is not None
    assert sum(simulated.log("whoop")["spent_twice"].values()) == 0


def test_where_there_is_no_way_it_is_said_at_once(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada, "dexcom")

    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert (told.done_at, told.failure_code) == (None, "no_way")
    assert road.events(ada)[-1] is Event.REVOCATION_GIVEN_UP


def test_a_service_that_has_closed_is_told_as_long_as_it_answers(simulated: ThirdParties, ada: Any) -> None:
    told = factories.Connection(user=ada, type="fitbit")
    revocation.disconnect(told.id, by=road.who(ada), keep_records=True)
    assert providers.get("fitbit").retired(clock.now().date())

    revoking.revoke(road.end(told.id).id)

    assert road.end(told.id).done_at is not None
    assert simulated.log("fitbit")["kinds"] == {"revoke": 1}


def test_our_side_never_waits_for_theirs(simulated: ThirdParties, ada: Any) -> None:
    simulated.control("withings", misbehave={"hang": {"on": ["revoke"]}})
    before = clock.now()

    cut(simulated, ada)

    assert clock.now() - before < timedelta(seconds=10)
    assert simulated.log("withings")["revocations"] == []


def test_a_sibling_at_the_same_provider_lives_on(simulated: ThirdParties, ada: Any) -> None:
    sibling = road.connect(simulated, "whoop", ada, account="second").connection_id
    id = cut(simulated, ada, "whoop")

    revoking.revoke(id)

    assert alive(simulated, "whoop") == ["second"]
    assert road.row(sibling).refused_at is None


def test_nothing_is_told_that_would_end_a_grant_in_use(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada)
    tokens = {name: getattr(row(id), name) for name in ("access_token", "refresh_token")}
    road.connect(simulated, "withings", ada)
    change(id, due_at=clock.now(), given_up_at=None, failure_code=None, **tokens)

    revoking.revoke(id)

    assert simulated.log("withings")["revocations"] == []
    assert (row(id).failure_code, is_erased(row(id))) == ("connected_again", True)


def test_without_credentials_it_waits_for_the_operator(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada)
    agreements.use({}, simulated=simulated.url)

    revoking.revoke(id)

    assert (row(id).failure_code, row(id).given_up_at) == ("no_credentials", None)
    assert row(id).due_at is not None


def test_a_rate_limit_is_waited_for(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada, "whoop")
    simulated.control("whoop", misbehave={"limit": {"retry_after": 1200, "on": ["revoke"]}})

    revoking.revoke(id)

    assert row(id).failure_code == "rate_limited"
    assert row(id).due_at - row(id).tried_at >= timedelta(seconds=1190)


def test_of_somebody_who_left_the_provider_is_told_and_the_log_names_nobody(simulated: ThirdParties, ada: Any) -> None:
    road.connect(simulated, "withings", ada)
    leaving.delete_account(road.who(ada), typed="ada@demo.test")
    id = db.session.execute(db.select(Revocation.id)).scalar_one()

    revoking.revoke(id)

    assert row(id).done_at is not None
    assert len(simulated.log("withings")["revocations"]) == 1
    last = db.session.execute(db.text("SELECT action, sub FROM events ORDER BY seq DESC LIMIT 1")).one()
    assert tuple(last) == ("revocation.confirmed", None)


def test_a_worker_that_was_too_slow_writes_nothing(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = cut(simulated, ada, "whoop")
    revoke = revoking.providers.revoke

    def slow(*args: Any, **kwargs: Any) -> None:
        revoke(*args, **kwargs)
        change(id, lease_until=clock.now() - timedelta(seconds=1))
        with transaction():
            assert untold.take(id, lease=leases.new(clock.now()), now=clock.now()) is not None

    monkeypatch.setattr(revoking.providers, "revoke", slow)
    revoking.revoke(id)

    assert (row(id).done_at, row(id).lease_key is not None) == (None, True)
    monkeypatch.undo()
    change(id, lease_until=clock.now() - timedelta(seconds=1))
    revoking.revoke(id)
    assert row(id).done_at is not None


@pytest.mark.parametrize("what", ["providers.revoke", "record"])
def test_a_mistake_of_ours_forgets_no_revocation(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    id = cut(simulated, ada)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"dashboard.connections.revoking.{what}", broken)
    with pytest.raises(ZeroDivisionError):
        revoking.revoke(id)

    assert (row(id).failure_code, row(id).lease_key) == ("broken", None)
    assert row(id).due_at > clock.now()
