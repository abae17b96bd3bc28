"""An account that is connected again while, or after, its old grant is ended: that says nothing of the new one."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import attaching, connecting, due, noticing, revocation, revoking, syncing
from dashboard.connections.connecting import EndsNow, How, OtherAccount
from dashboard.data import clock, db, leases, syncs, transaction
from dashboard.data.mails import Mail
from dashboard.data.revocations import Revocation
from dashboard.providers import Answered, Notice
from tests import factories
from tests.connections import road
from tests.connections.test_revoking import change
from tests.servers.third_parties import ThirdParties

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def cut(simulated: ThirdParties, ada: Any) -> Callable[..., int]:
    """``cut(type)``: connect and disconnect; the id of what is to be told."""

    def connected_and_cut(type: str = "strava", **chosen: Any) -> int:
        made = road.connect(simulated, type, ada, **chosen).connection_id
        revocation.disconnect(made, by=road.who(ada), keep_records=False)
        return int(road.end(made).id)

    return connected_and_cut


def told(revocation_id: int) -> Any:
    columns = (Revocation.done_at, Revocation.failure_code)
    return db.session.execute(db.select(*columns).where(Revocation.id == revocation_id)).one()


def given_back() -> int:
    """The grant that never became a connection."""
    return int(db.session.execute(db.select(Revocation.id).where(Revocation.connection_id.is_(None))).scalar_one())


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Do something as the word is on its way to the provider."""
    revoke = revoking.providers.revoke

    def slow(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(revoking.providers, "revoke", revoke)
        act()
        revoke(*args, **kwargs)

    monkeypatch.setattr(revoking.providers, "revoke", slow)


def test_an_account_is_not_connected_while_its_end_is_on_its_way(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = cut()

    def connect() -> None:
        with pytest.raises(EndsNow):
            road.connect(simulated, "strava", ada)

    meanwhile(monkeypatch, connect)
    revoking.revoke(old)
    assert told(old).done_at is not None, "nobody took its lease away"
    assert all(each["revoked"] for each in simulated.grants("strava"))
    assert due.due(clock.now()) == [], "giving that grant back would be in the way of the next try"

    again = road.connect(simulated, "strava", ada)
    syncing.sync(again.connection_id)
    assert [run.outcome for run in road.runs(again.connection_id)] == ["records"]
    assert told(given_back()) == (None, attaching.SUPERSEDED)


def test_a_grant_that_came_at_a_bad_moment_is_given_back_where_nobody_tries_again(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect() -> None:
        with pytest.raises(EndsNow):
            road.connect(simulated, "strava", ada)

    meanwhile(monkeypatch, connect)
    revoking.revoke(cut())

    assert due.due(clock.now() + attaching.NEXT_TRY) == [due.Due(due.REVOCATION, given_back())]
    change(given_back(), due_at=clock.now())
    revoking.revoke(given_back())
    assert told(given_back()).done_at is not None


@pytest.mark.parametrize(("code", "ago", "ends"), [
    ("timeout", 60, True), ("unreachable", 60, True), ("timeout", 180, False), ("server_error", 60, False),
])  # fmt: skip
def test_nor_is_one_whose_end_got_no_answer_a_moment_ago_for_it_may_be_carried_out_yet(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int], code: str, ago: int, ends: bool
) -> None:
    change(cut(), tried_at=clock.now() - timedelta(seconds=ago), failure_code=code)

    with pytest.raises(EndsNow) if ends else nullcontext():
        road.connect(simulated, "strava", ada)


@pytest.mark.parametrize("seen", [{"tried_at": LONG_AGO}, {"done_at": None}], ids=["begun before", "not confirmed"])
def test_nor_is_one_whose_end_was_told_while_its_new_grant_was_fetched(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int], monkeypatch: pytest.MonkeyPatch, seen: dict[str, Any]
) -> None:
    old, exchange = cut(), connecting.exchange

    def slow(*args: Any, **kwargs: Any) -> Any:
        grant = exchange(*args, **kwargs)
        revoking.revoke(old)
        change(old, **seen)
        return grant

    with monkeypatch.context() as patch:
        patch.setattr(connecting, "exchange", slow)
        with pytest.raises(EndsNow):
            road.connect(simulated, "strava", ada)

    assert road.connect(simulated, "strava", ada).how is How.MADE


def test_nor_is_one_that_was_ended_while_it_waited_for_its_persons_word(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int]
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    with pytest.raises(OtherAccount) as asked:
        road.connect(simulated, "strava", ada, connection_id=made, account="second")
    revoking.revoke(cut("strava", account="second"))

    with pytest.raises(EndsNow):
        connecting.keep_other(asked.value.request_id, by=road.who(ada))


def test_nobody_begins_to_tell_of_an_end_once_the_account_is_being_connected(
    app: Flask, simulated: ThirdParties, ada: Any, cut: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tells either came before, and is seen, or finds the account connected."""
    old, make = cut(), attaching.grants.make

    def tell() -> None:
        with app.app_context():
            revoking.revoke(old)

    teller = Thread(target=tell)

    def slow(**values: Any) -> int | None:
        teller.start()
        teller.join(timeout=0.3)
        assert teller.is_alive(), "it waits until the account is connected"
        return make(**values)

    monkeypatch.setattr(attaching.grants, "make", slow)
    made = road.connect(simulated, "strava", ada).connection_id
    teller.join()

    assert (told(old).done_at, told(old).failure_code) == (None, attaching.SUPERSEDED)
    assert simulated.log("strava")["revocations"] == []
    syncing.sync(made)
    assert [run.outcome for run in road.runs(made)] == ["records"]


def test_the_lease_of_a_sync_that_was_cut_keeps_nobody_from_connecting_again(simulated: ThirdParties, ada: Any) -> None:
    made, now = road.connect(simulated, "strava", ada).connection_id, clock.now()
    with transaction():
        assert syncs.take(made, lease=leases.new(now), now=now) is not None
    revocation.disconnect(made, by=road.who(ada), keep_records=False)

    assert road.connect(simulated, "strava", ada).how is How.MADE


@pytest.mark.parametrize("type", ["strava", "garmin"])
def test_a_late_notice_of_the_end_that_we_asked_for_leaves_the_new_grant_alone(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int], type: str
) -> None:
    revoking.revoke(cut(type))
    again = road.connect(simulated, type, ada).connection_id
    syncing.sync(again)

    noticing.notice(type, Answered(notices=(Notice(road.row(again).remote_account_id, True, ended=True),)))

    assert (road.row(again).refused_at, road.count(Mail)) == (None, 0)
    road.due_now(again)
    syncing.sync(again)
    assert road.row(again).failure_code is None


def test_an_end_that_is_true_is_found_out_all_the_same(
    simulated: ThirdParties, ada: Any, cut: Callable[..., int]
) -> None:
    revoking.revoke(cut())
    again = road.connect(simulated, "strava", ada).connection_id
    simulated.control("strava", revoke=True)

    noticing.notice("strava", Answered(notices=(Notice(road.row(again).remote_account_id, True, ended=True),)))
    for _ in range(2):
        syncing.sync(again)
        road.due_now(again, refusal_seen_at=clock.now() - timedelta(minutes=3))

    assert road.row(again).refused_at is not None


def test_a_day_later_a_notice_is_believed_again(simulated: ThirdParties, ada: Any, cut: Callable[..., int]) -> None:
    old = cut()
    revoking.revoke(old)
    again = road.connect(simulated, "strava", ada).connection_id
    change(old, **dict.fromkeys(("tried_at", "done_at"), clock.now() - timedelta(hours=25)))

    noticing.notice("strava", Answered(notices=(Notice(road.row(again).remote_account_id, True, ended=True),)))

    assert road.row(again).refused_at is not None
