"""Who gets in where: each route of support as nobody, user, support and administrator (edge case 58)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from dashboard.errors import NotStaff
from dashboard.events import Event
from dashboard.support import case, policy, search, starting
from dashboard.who import Origin, Role, Who
from tests import factories
from tests.conftest import Browser, signed_in
from tests.support.looking import happened, token_of
from tests.support.test_policy import path, rules

FOR_ADMINISTRATORS = {"support.log", "support.export"}
LEAKS = ("Ada Brandt", "user@demo.test")
"""What tells of the person whose case it would be."""


@pytest.fixture
def emil(app: Flask) -> Browser:
    """Emil, an administrator."""
    return signed_in(app, factories.User(name="Emil Falk", granted_role=int(Role.ADMIN)))


def doors(app: Flask, user: Any) -> list[tuple[str, str, str]]:
    """The routes of support: endpoint, method and an address about this person. Ways out need no right."""
    found = []
    for rule in rules(app):
        if rule.endpoint.startswith("support.") and rule.endpoint not in policy.WAYS_OUT:
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(rule.endpoint, method, path(rule, 1, user.id)) for method in methods]
    return found


def knock(browser: Browser, method: str, address: str, token: str) -> Any:
    """Ask for a route with all that the browser could send along."""
    sent = {"csrf_token": token, "reason": "short"} if method == "POST" else None
    return browser.request(address, method=method, POST=sent, status="*")


def test_58_each_door_lets_in_whom_it_is_for(
    app: Flask, anybody: Browser, ben: Browser, dora: Browser, emil: Browser, ada: Browser
) -> None:
    tokens = {each: token_of(each.get("/connections/")) for each in (ben, dora, emil)}
    found = doors(app, ada.user)
    assert len(found) > 5

    for endpoint, method, address in found:
        assert "/?next=" in knock(anybody, method, address, "").location, address
        as_user = knock(ben, method, address, tokens[ben])
        assert as_user.status_code == 403, f"{method} {address} for a user"
        assert not any(each in as_user.text for each in LEAKS), address
        as_support = knock(dora, method, address, tokens[dora]).status_code
        assert (as_support == 403) is (endpoint in FOR_ADMINISTRATORS), f"{method} {address} for support"
        assert knock(emil, method, address, tokens[emil]).status_code in {200, 422}, f"{method} {address} for an admin"


SETTINGS = {
    "SUPPORT_ACCESS_MINUTES": 30, "SUPPORT_CONSENT": "always", "SUPPORT_FRESH_LOGIN_MINUTES": 0,
    "SUPPORT_ACCESSES_PER_HOUR": 30,
}  # fmt: skip
ACTS: dict[str, Callable[[Who, int], object]] = {
    "search": lambda by, user_id: search.find(str(user_id), by=by),
    "case": lambda by, user_id: case.read(user_id, by=by, proved_at=None, settings=SETTINGS),
    "subject": lambda by, user_id: case.subject(user_id, by=by, proved_at=None, settings=SETTINGS),
    "own_accesses": lambda by, _: case.own_accesses(by),
    "start": lambda by, user_id: starting.start(
        starting.Asked(user_id, "long enough to be one"), by=by, session_id=1, proved_at=None, settings=SETTINGS
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_58_the_rule_is_in_the_domain_and_not_on_the_button(app: Flask, name: str) -> None:
    person, subject = factories.User(), factories.User()

    for by in (Who(person.id, person.id, Origin("AAAA-BBBB")), Who(None, subject.id), Who(10**9, subject.id)):
        with pytest.raises(NotStaff):
            ACTS[name](by, subject.id)

    assert happened(Event.CASE_READ) == happened(Event.USER_SEARCHED) == happened(Event.ACCESS_STARTED) == []
