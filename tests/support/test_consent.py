"""Consent on both databases: what counts, and that two clicks at once are one."""

from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask

from dashboard.data import support_accesses, transaction
from dashboard.errors import NoSuchThing, NotOffered
from dashboard.events import Event
from dashboard.support import consent
from dashboard.support.consent import Consent
from dashboard.who import Role, Who
from tests import factories
from tests.support.looking import accesses, change, happened


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada Brandt")


@pytest.fixture
def by(ada: Any) -> Who:
    return Who(ada.id, ada.id)


def looked_at(user: Any) -> None:
    """Somebody of support looks through a person's eyes."""
    dora = factories.User(granted_role=int(Role.SUPPORT))
    with transaction():
        support_accesses.start(
            actor_id=dora.id, subject_id=user.id, login_session_id=1, reason="to find out", ticket=None, minutes=30
        )


def at_once(app: Flask, act: Callable[[], object], times: int = 4) -> list[object]:
    """Do something several times at the same moment; what each came to."""
    together, found = Barrier(times), []

    def run() -> None:
        with app.app_context():
            together.wait()
            found.append(act())

    threads = [Thread(target=Context().run, args=(run,)) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("default", list(Consent))
def test_unset_is_the_operators_default_and_follows_it(ada: Any, default: Consent) -> None:
    found = consent.chosen(ada.id, default=default)

    assert (found.setting, found.by_person, found.pass_until) == (default, False, None)
    assert found.allows is (default is Consent.ALWAYS)


def test_a_choice_outlasts_the_default(ada: Any, by: Who) -> None:
    assert consent.choose("always", by=by)

    found = consent.chosen(ada.id, default="never")

    assert (found.setting, found.by_person, found.allows) == (Consent.ALWAYS, True, True)


def test_what_there_is_not_is_refused(ada: Any, by: Who) -> None:
    with pytest.raises(NotOffered):
        consent.choose("sometimes", by=by)


def test_of_somebody_who_is_gone_nothing_counts(app: Flask) -> None:
    with pytest.raises(NoSuchThing):
        consent.chosen(10**9, default="always")


def test_a_pass_that_ran_out_is_none(ada: Any, by: Who) -> None:
    change(ada, support_setting="ask", support_pass_until=datetime.now(UTC) - timedelta(seconds=1))

    assert consent.chosen(ada.id, default="always").pass_until is None
    assert consent.withdraw_pass(by) is False
    assert happened(Event.SUPPORT_PASS_WITHDRAWN) == []


@pytest.mark.parametrize("setting", ["never", "ask"])
def test_a_choice_against_it_ends_what_runs(ada: Any, by: Who, setting: str) -> None:
    looked_at(ada)

    consent.choose(setting, by=by)

    assert [each.end_why for each in accesses()] == ["by_person"]
    [ended] = happened(Event.ACCESS_ENDED)
    assert (ended.why, ended.access, ended.sub == ended.act) == ("by_person", accesses()[0].id, True)


def test_a_look_at_somebody_else_goes_on(ada: Any, by: Who) -> None:
    looked_at(factories.User())

    consent.choose("never", by=by)

    assert [each.end_why for each in accesses()] == [None]


def test_of_choices_at_once_one_is_an_event(app: Flask, ada: Any, by: Who) -> None:
    found = at_once(app, lambda: consent.choose("never", by=by))

    assert sorted(found) == [False, False, False, True]
    assert len(happened(Event.SUPPORT_SETTING_CHANGED)) == 1


def test_of_passes_given_at_once_there_is_one(app: Flask, ada: Any, by: Who) -> None:
    consent.choose("ask", by=by)

    assert len(set(at_once(app, lambda: consent.give_pass(by)))) == 1
    assert len(happened(Event.SUPPORT_PASS_GIVEN)) == 1


def test_of_passes_taken_back_at_once_one_is_an_event(app: Flask, ada: Any, by: Who) -> None:
    consent.choose("ask", by=by)
    consent.give_pass(by)
    looked_at(ada)

    found = at_once(app, lambda: consent.withdraw_pass(by))

    assert sorted(found) == [False, False, False, True]
    assert len(happened(Event.SUPPORT_PASS_WITHDRAWN)) == 1
    assert len(happened(Event.ACCESS_ENDED)) == 1
