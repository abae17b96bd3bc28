"""Being told what is new: asked for as a sync ends, never in the way, and asked for again where it was lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import revocation, revoking, subscribing, syncing
from dashboard.data import clock
from dashboard.jobs import chores
from dashboard.providers import agreements, get
from dashboard.providers import subscribing as asking
from dashboard.web import webhooks
from tests import factories
from tests.conftest import Served
from tests.connections import road
from tests.servers.third_parties import ThirdParties

WEEK = timedelta(days=7)


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def connected(served: Served, simulated: ThirdParties, ada: Any) -> int:
    """A Withings connection that has synced once."""
    made = road.connect(simulated, "withings", ada).connection_id
    syncing.sync(made)
    return made


@pytest.fixture
def unreachable(app: Flask) -> Any:
    """Nobody can call us; the address stands all the same."""
    subscribing.addresses.use(lambda _: "http://localhost:9/hook/")
    yield
    subscribing.addresses.use(webhooks.reachable)


def wanted(simulated: ThirdParties) -> set[str]:
    return {event for each in simulated.subscriptions("withings") for event in each["events"]}


def asked(simulated: ThirdParties) -> int:
    return simulated.log("withings")["kinds"].get("subscribe", 0)


def test_after_the_first_sync_the_provider_tells_what_the_person_permitted(
    simulated: ThirdParties, connected: int
) -> None:
    assert wanted(simulated) == {"weight", "pressure", "activity", "sleep", "unlink"}
    assert {each["url"] for each in simulated.subscriptions("withings")} == {webhooks.address("withings")}
    assert clock.now() - road.row(connected).subscribed_at < timedelta(minutes=1)


def test_nothing_else_is_asked_for(served: Served, simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    road.change(made, scopes="user.metrics")
    syncing.sync(made)

    assert wanted(simulated) == {"weight", "pressure"}


@pytest.mark.parametrize("what", ["weight", "night", "pressure"])
def test_what_is_new_there_causes_a_sync_here(
    served: Served, simulated: ThirdParties, connected: int, what: str
) -> None:
    simulated.control("withings", happen={"account": "ada", "what": what})

    assert served.next_notice() == webhooks.path("withings")
    row = road.row(connected)
    assert (row.due_why, row.next_sync_at) == ("webhook", row.last_sync_at + timedelta(minutes=10))


def test_what_is_new_by_the_clock_is_told_as_well(served: Served, simulated: ThirdParties, connected: int) -> None:
    simulated.forward(2 * 86400)

    assert served.next_notice() == webhooks.path("withings")
    assert road.row(connected).due_why == "webhook"


def test_a_provider_that_will_not_tell_is_in_nobodys_way(
    unreachable: None, served: Served, simulated: ThirdParties, connected: int
) -> None:
    row = road.row(connected)
    assert [run[0] for run in road.runs(connected)] == ["records"]
    assert (row.failure_count, row.failure_code, row.lease_key, row.subscribed_at) == (0, None, None, None)
    assert row.next_sync_at > clock.now() + timedelta(hours=2)

    subscribing.addresses.use(webhooks.reachable)
    road.due_now(connected)
    syncing.sync(connected)

    assert road.row(connected).subscribed_at is not None
    assert "weight" in wanted(simulated)


@pytest.mark.parametrize(
    "fault", ["error", "drop", "truncate", "limit", "wrong_type", "expired", "not_approved", "said"]
)
def test_however_it_fails_the_connection_is_as_good_as_before(
    served: Served, simulated: ThirdParties, ada: Any, fault: str
) -> None:
    simulated.control("withings", misbehave={fault: {"on": ["subscribe"]}})
    made = road.connect(simulated, "withings", ada).connection_id
    syncing.sync(made)

    row = road.row(made)
    assert (row.failure_count, row.refusal_seen_at, row.paused_at, row.subscribed_at) == (0, None, None, None)
    assert [run[0] for run in road.runs(made)] == ["records"]
    assert asked(simulated) == 1, "the rest is not asked for in vain"


def test_it_is_asked_for_once_a_week(simulated: ThirdParties, connected: int) -> None:
    before = asked(simulated)
    for age, more in ((WEEK - timedelta(hours=1), 0), (WEEK + timedelta(hours=1), 5)):
        road.due_now(connected, subscribed_at=clock.now() - age)
        syncing.sync(connected)
        assert asked(simulated) == before + more

    assert len(simulated.subscriptions("withings")) == 5
    assert clock.now() - road.row(connected).subscribed_at < timedelta(minutes=1)


def test_a_new_grant_is_subscribed_anew(simulated: ThirdParties, ada: Any, connected: int) -> None:
    simulated.control("withings", revoke=True)
    assert simulated.subscriptions("withings") == []

    road.connect(simulated, "withings", ada, connection_id=connected)
    syncing.sync(connected)

    assert "weight" in wanted(simulated)


def test_who_is_cut_meanwhile_is_asked_about_no_more(
    served: Served, simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    ask: Callable[..., None] = asking.subscribe_grant

    def cut(*args: Any, **kwargs: Any) -> None:
        ask(*args, **kwargs)
        revocation.disconnect(made, by=road.who(ada), keep_records=True)

    with monkeypatch.context() as patch:
        patch.setattr(asking, "subscribe_grant", cut)
        syncing.sync(made)

    assert asked(simulated) == 1
    assert road.row(made) is None


def test_what_was_asked_for_with_the_old_grant_is_not_noted_for_the_new_one(
    served: Served, simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    wanted = len(asking.topics(get("withings"), road.row(made).scopes.split()))
    ask: Callable[..., None] = asking.subscribe_grant

    def reconnect(*args: Any, **kwargs: Any) -> None:
        ask(*args, **kwargs)
        if asked(simulated) == wanted:
            road.connect(simulated, "withings", ada, connection_id=made)

    with monkeypatch.context() as patch:
        patch.setattr(asking, "subscribe_grant", reconnect)
        syncing.sync(made)

    assert asked(simulated) == wanted
    assert road.row(made).subscribed_at is None
    syncing.sync(made)
    assert road.row(made).subscribed_at is not None


def test_a_disconnect_ends_it(simulated: ThirdParties, ada: Any, connected: int) -> None:
    revocation.disconnect(connected, by=road.who(ada), keep_records=True)
    revoking.revoke(road.end(connected).id)

    assert simulated.subscriptions("withings") == []


def test_no_provider_is_asked_to_call_where_none_can(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    syncing.sync(made)

    assert asked(simulated) == 0
    assert road.row(made).subscribed_at is None


def test_a_provider_that_tells_of_all_at_once_is_not_asked_by_a_sync(
    served: Served, simulated: ThirdParties, ada: Any
) -> None:
    syncing.sync(road.connect(simulated, "strava", ada).connection_id)

    assert "subscribe" not in simulated.log("strava")["kinds"]


def test_what_ends_by_itself_is_renewed_by_the_clock(served: Served, simulated: ThirdParties) -> None:
    oura, address = get("oura"), webhooks.address("oura")
    asking.subscribe(oura, address=address)
    first = {each["id"]: each["ends_at"] for each in simulated.subscriptions("oura")}

    simulated.forward(85 * 86400)
    subscribing.renew(now=clock.now())
    assert {each["id"]: each["ends_at"] for each in simulated.subscriptions("oura")} == first, "it is early yet"
    subscribing.renew(now=clock.now() + timedelta(days=85))

    again = {each["id"]: each["ends_at"] for each in simulated.subscriptions("oura")}
    assert again.keys() == first.keys()
    assert all(again[id] > first[id] + 80 * 86400 for id in first)
    assert "notices" in chores.CHORES


def test_a_provider_that_is_down_leaves_the_renewal_for_another_day(served: Served, simulated: ThirdParties) -> None:
    simulated.control("oura", misbehave={"error": {"on": ["subscribe"]}})

    subscribing.renew(now=clock.now())

    assert simulated.log("oura")["kinds"]["subscribe"] == 1
    assert agreements.client("oura") is not None
