"""Reading list by list and page by page: no list waits for another, and what was stored is counted by a run, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import holding, importing, noticing, refusing, revocation, syncing
from dashboard.data import clock, history, leases, syncs, transaction
from dashboard.data.history import SyncDay
from dashboard.providers import Failure, NotShared, Unavailable
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

TYPE = "withings"
"""It has four lists."""


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def connected(simulated: ThirdParties, ada: Any) -> int:
    """A connection whose first sync is due."""
    return road.connect(simulated, TYPE, ada).connection_id


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """``failing(*failures)``: the lists fail in their order, those that get None don't; which were asked for."""
    page = importing.providers.page

    def fail(*failures: Failure | None) -> list[str]:
        asked: list[str] = []

        def ask(*args: Any, source: str, **more: Any) -> Any:
            if source not in asked:
                asked.append(source)
            if failure := dict(enumerate(failures)).get(asked.index(source)):
                raise failure
            return page(*args, source=source, **more)

        monkeypatch.setattr(importing.providers, "page", ask)
        return asked

    return fail


@pytest.fixture
def at_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], Any]], None]:
    """``at_page(3, act)``: something happens as the third page is asked for."""
    page, count = importing.providers.page, 0

    def when(number: int, act: Callable[[], Any]) -> None:
        def ask(*args: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                act()
            return page(*args, **more)

        monkeypatch.setattr(importing.providers, "page", ask)

    return when


def counted(connection_id: int) -> int:
    """How many records its runs count; its days count as many."""
    count = sum(run.record_count for run in road.runs(connection_id))
    assert road.count(SyncDay, SyncDay.record_count == count) == 1
    return count


@pytest.mark.parametrize("code", ["odd_answer", "server_error", "too_large", "timeout"])
def test_a_list_that_fails_keeps_no_other_from_being_read(
    connected: int, failing: Callable[..., list[str]], code: str
) -> None:
    asked = failing(Unavailable(code=code))

    syncing.sync(connected)

    [run] = road.runs(connected)
    assert len(asked) == 4
    assert (run.outcome, run.failure_code) == ("failed", code)
    assert run.record_count == road.records_of(connected) > 0
    assert road.row(connected).last_record_at is not None


def test_and_is_read_with_the_next_sync(
    simulated: ThirdParties, ada: Any, connected: int, monkeypatch: pytest.MonkeyPatch,
    failing: Callable[..., list[str]],
) -> None:  # fmt: skip
    failing(Unavailable(code="odd_answer"))
    syncing.sync(connected)
    monkeypatch.undo()
    road.due_now(connected)
    syncing.sync(connected)
    stored = road.records_of(connected)
    revocation.disconnect(connected, by=road.who(ada), keep_records=False)

    undisturbed = road.connect(simulated, TYPE, ada).connection_id
    syncing.sync(undisturbed)

    assert stored == road.records_of(undisturbed)


def test_a_provider_that_is_away_is_not_waited_for_list_by_list(
    connected: int, failing: Callable[..., list[str]]
) -> None:
    asked = failing(*[Unavailable(code="timeout")] * 4)

    syncing.sync(connected)

    assert len(asked) == 2


@pytest.mark.parametrize("failure", [Unavailable(code="odd_answer"), NotShared()], ids=["fails", "not shared"])
def test_while_lists_fail_slowly_nobody_else_gets_the_connection(
    connected: int, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    now, slept, taken = clock.now, [], []

    def slow(*_: Any, **__: Any) -> Any:
        with transaction():
            taken.append(syncs.take(connected, lease=leases.new(clock.now()), now=clock.now()))
        slept.append(timedelta(minutes=4))
        raise failure

    monkeypatch.setattr(clock, "now", lambda: now() + sum(slept, timedelta()))
    monkeypatch.setattr(importing.providers, "page", slow)
    syncing.sync(connected)

    assert taken == [None] * 4


def test_of_several_lists_that_fail_the_longest_wait_that_is_asked_for_counts(
    connected: int, failing: Callable[..., list[str]]
) -> None:
    failing(Unavailable(code="odd_answer"), Unavailable(wait=timedelta(hours=5)), Unavailable(wait=timedelta(hours=1)))

    syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.next_sync_at) == ("server_error", row.failed_at + timedelta(hours=5))


def test_a_failure_is_told_rather_than_what_is_not_shared(connected: int, failing: Callable[..., list[str]]) -> None:
    failing(NotShared(), Unavailable(code="odd_answer"), NotShared(), NotShared())

    syncing.sync(connected)

    assert road.row(connected).failure_code == "odd_answer"


def test_what_was_stored_before_a_process_stopped_is_counted_by_the_run_of_the_next_one(
    connected: int, at_page: Callable[..., None]
) -> None:
    at_page(3, lambda: holding.hand_back("sync", connected))

    syncing.sync(connected)
    assert (road.records_of(connected) > 0, road.runs(connected)) == (True, [])
    syncing.sync(connected)

    assert counted(connected) == road.records_of(connected)
    assert [run.outcome for run in road.runs(connected)] == ["records"]
    assert road.row(connected).progress_count == 0


def test_and_by_that_run_though_it_brings_nothing_itself(connected: int, failing: Callable[..., list[str]]) -> None:
    syncing.sync(connected)
    count = road.records_of(connected)
    road.due_now(connected, progress_count=7, last_record_at=None)

    syncing.sync(connected)

    assert [run[:2] for run in road.runs(connected)] == [("records", count), ("records", 7)]
    assert road.row(connected).last_record_at is not None


def test_what_was_stored_before_a_process_was_killed_is_counted_too(
    connected: int, at_page: Callable[..., None]
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    at_page(3, killed)
    with pytest.raises(KeyboardInterrupt):
        syncing.sync(connected)
    road.change(connected, lease_until=clock.now() - timedelta(seconds=1))

    syncing.sync(connected)

    assert counted(connected) == road.records_of(connected)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_what_was_stored_before_another_grant_came_is_counted_too(
    simulated: ThirdParties, ada: Any, connected: int, at_page: Callable[..., None], withdrawn: bool
) -> None:
    def renew() -> None:
        if withdrawn:
            with transaction():
                refusing.refuse(connected, owner_id=ada.id, type=TYPE, code=noticing.WITHDRAWN, now=clock.now())
        road.connect(simulated, TYPE, ada, connection_id=connected)

    at_page(3, renew)

    syncing.sync(connected)
    assert (road.records_of(connected) > 0, road.runs(connected)) == (True, [])
    syncing.sync(connected)

    assert counted(connected) == road.records_of(connected)


def test_what_was_stored_before_a_mistake_of_ours_is_counted(connected: int, at_page: Callable[..., None]) -> None:
    at_page(3, lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        syncing.sync(connected)

    assert counted(connected) == road.records_of(connected) > 0
    assert [(run.outcome, run.failure_code) for run in road.runs(connected)] == [("failed", "broken")]


def test_a_mistake_in_writing_how_it_went_is_told_and_not_repeated_at_once(
    connected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_runs, tried = history.add_runs, []

    def fail_once(rows: Any) -> None:
        tried.append(rows)
        if len(tried) == 1:
            raise ZeroDivisionError
        add_runs(rows)

    monkeypatch.setattr(history, "add_runs", fail_once)
    with pytest.raises(ZeroDivisionError):
        syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.lease_key) == ("broken", None)
    assert row.next_sync_at > clock.now() + timedelta(minutes=1)
    assert counted(connected) == road.records_of(connected)
