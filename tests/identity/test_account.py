"""Settings, login sessions and tokens as the domain keeps them, whatever door they come through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, session

from dashboard import events
from dashboard.data import login_sessions, transaction
from dashboard.errors import NoSuchThing, NotOffered
from dashboard.events import Event
from dashboard.identity import account, api_tokens, devices, receipts, shown_once
from dashboard.who import Who
from tests import factories


@pytest.fixture
def ada(app: Flask) -> Any:
    """Ada, without a browser."""
    return factories.User()


def who(user: Any) -> Who:
    return Who(user.id, user.id)


def names(user: Any) -> list[Event | None]:
    """What the log says happened to a person, newest first."""
    return [each.event for each in events.activity(user.id, limit=50)[0]]


def add_session(user: Any, *, ends_in: timedelta = timedelta(days=1)) -> int:
    now = datetime.now(UTC)
    with transaction():
        return login_sessions.add_session(
            id_hash=str(now.timestamp()).encode(), user_id=user.id, user_agent="curl/8.0", address="198.51.100.2",
            signed_in_at=now, created_at=now, last_seen_at=now, expires_at=now + ends_in,
        )  # fmt: skip


def test_a_choice_is_kept_and_can_be_dropped_again(ada: Any) -> None:
    assert account.change_settings(who(ada), time_zone="Asia/Tokyo", language="de", theme="dark", mails_wanted=True)
    chosen = account.profile(ada.id)
    assert (chosen.time_zone, chosen.language, chosen.theme) == ("Asia/Tokyo", "de", "dark")

    assert account.change_settings(who(ada), time_zone=None, language=None, theme=None, mails_wanted=True)

    dropped = account.profile(ada.id)
    assert (dropped.time_zone, dropped.language, dropped.theme) == (None, None, None)


def test_the_log_names_what_changed_and_nothing_else(ada: Any) -> None:
    account.change_settings(who(ada), time_zone="Asia/Tokyo", language=None, theme="dark", mails_wanted=True)

    happened = events.activity(ada.id, limit=1)[0][0]

    assert happened.event is Event.SETTINGS_CHANGED
    assert happened.details == {"changed": "time_zone theme"}


def test_saving_the_same_settings_again_is_not_an_event(ada: Any) -> None:
    account.change_settings(who(ada), time_zone="UTC", language="en", theme=None, mails_wanted=True)

    assert not account.change_settings(who(ada), time_zone="UTC", language="en", theme=None, mails_wanted=True)

    assert names(ada) == [Event.SETTINGS_CHANGED]


def test_no_mails_is_a_setting_like_the_others(ada: Any) -> None:
    assert account.profile(ada.id).mails_wanted
    chosen: dict[str, Any] = {"time_zone": None, "language": None, "theme": None}

    assert account.change_settings(who(ada), **chosen, mails_wanted=False)
    assert not account.change_settings(who(ada), **chosen, mails_wanted=False)

    assert not account.profile(ada.id).mails_wanted
    [happened] = events.activity(ada.id, limit=9)[0]
    assert happened.details == {"changed": "mails_wanted"}


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"time_zone": "../../etc/passwd"}, {"language": "tlh"}, {"theme": "pink"}]
)
def test_what_is_not_offered_is_refused_and_changes_nothing(ada: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(NotOffered) as refused:
        account.change_settings(
            who(ada), **{"time_zone": "UTC", "language": "en", "theme": "dark", **wrong}, mails_wanted=False
        )

    assert refused.value.status == 422
    assert (account.profile(ada.id).theme, account.profile(ada.id).mails_wanted) == (None, True)
    assert names(ada) == []


def test_ending_a_session_ends_it_and_says_which(ada: Any) -> None:
    gone, stays = add_session(ada), add_session(ada)

    account.end_session(gone, by=who(ada))

    assert [each.id for each in account.sessions(ada.id)] == [stays]
    happened = events.activity(ada.id, limit=1)[0][0]
    assert (happened.event, happened.details["browser"]) == (Event.LOGIN_ENDED, "curl/8.0")


def test_a_session_that_is_gone_foreign_or_expired_is_no_session_of_yours(ada: Any) -> None:
    foreign = add_session(factories.User())
    expired = add_session(ada, ends_in=timedelta(seconds=-1))

    for session_id in (10**9, foreign, expired):
        with pytest.raises(NoSuchThing):
            account.end_session(session_id, by=who(ada))

    assert names(ada) == []


def test_ending_the_others_leaves_the_one_and_everybody_elses(ada: Any) -> None:
    ben = factories.User()
    this, his = add_session(ada), add_session(ben)
    add_session(ada), add_session(ada)

    assert account.end_other_sessions(who(ada), but=this) == 2

    assert [each.id for each in account.sessions(ada.id)] == [this]
    assert [each.id for each in account.sessions(ben.id)] == [his]
    assert account.end_other_sessions(who(ada), but=this) == 0
    assert names(ada) == [Event.LOGINS_ENDED]


def test_a_new_token_can_be_taken_once(app: Flask, ada: Any) -> None:
    with app.test_request_context():
        assert shown_once.make_token(who(ada), name="cron", scopes=[api_tokens.READ], days=30)
        assert "rc_" not in repr(dict(session)), "in the session it is sealed"
        token = shown_once.take_token()
        assert shown_once.take_token() is None

    assert token is not None
    bearer = api_tokens.bearer(token)
    assert bearer is not None
    assert bearer.user_id == ada.id


def test_a_token_that_nobody_looked_at_in_time_is_not_shown(app: Flask, ada: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(shown_once, "WAITS_FOR", timedelta(0))
    with app.test_request_context():
        shown_once.make_token(who(ada), name="cron", scopes=[api_tokens.READ], days=30)

        assert shown_once.take_token() is None


def test_forms_sent_by_five_clicks_at_once_make_one_token_each(app: Flask, ada: Any) -> None:
    together = Barrier(5)

    def click(_number: int) -> int:
        made = 0
        for form in range(8):
            together.wait(timeout=30)
            with app.test_request_context():
                made += shown_once.make_token(who(ada), name=f"form {form}", scopes=[api_tokens.READ], days=30)
        return made

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(click, range(5))) == 8

    assert len(api_tokens.tokens(ada.id)) == 8


@pytest.mark.parametrize(
    ("name", "scopes"), [("", [api_tokens.READ]), ("x" * 101, [api_tokens.READ]), ("x", ["admin"])]
)
def test_a_token_needs_a_name_and_a_scope_of_ours(app: Flask, ada: Any, name: str, scopes: list[str]) -> None:
    with app.test_request_context(), pytest.raises(NotOffered):
        shown_once.make_token(who(ada), name=name, scopes=scopes, days=30)

    assert api_tokens.tokens(ada.id) == []


def test_a_receipt_proves_one_thing_to_one_owner(app: Flask) -> None:
    given = receipts.receipt("session", 7, owner_id=1)

    assert receipts.is_receipt(given, "session", 7, owner_id=1)
    assert not receipts.is_receipt(given, "session", 8, owner_id=1)
    assert not receipts.is_receipt(given, "session", 7, owner_id=2)
    assert not receipts.is_receipt(given, "token", 7, owner_id=1)
    assert not receipts.is_receipt("", "session", 7, owner_id=1)
    assert not receipts.is_receipt("é", "session", 7, owner_id=1)


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox", "Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari",
            "iOS",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Safari/605.1.15",
            "Safari",
            "macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/128.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "Android",
        ),
        ("curl/8.0", "curl", None),
        ("", None, None),
    ],
)
def test_a_device_is_called_as_people_call_it(user_agent: str, browser: str | None, system: str | None) -> None:
    assert devices.read(user_agent) == devices.Device(browser, system)
