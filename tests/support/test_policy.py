"""What a look may touch: every route is named, and behaves as it is named (edge cases 23 to 31, 45, 56, 57)."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from dashboard.data import State
from dashboard.data.connections import type_of
from dashboard.events import Event
from dashboard.identity import account, api_tokens
from dashboard.support import policy
from dashboard.support.policy import Ground
from tests import factories, sessions
from tests.conftest import Browser
from tests.support.looking import accesses, banner, form_to, form_with, h1, happened, look, look_form, token_of

WITHOUT_BANNER = ("/v7.1/", "/health/", "/metrics/", "/docs/openapi.json")
"""What programs ask for: no session reaches it, or it is no page."""


def rules(app: Flask) -> list[Rule]:
    """All routes."""
    return list(app.url_map.iter_rules())


def path(rule: Rule, connection_id: int, user_id: int) -> str:
    """An address of a route, with ids that the subject has."""
    values: dict[str, Any] = {"connection_id": connection_id, "user_id": user_id, "type": "withings"}
    values |= {"form": "csv", "kind": "weight"}
    with_values = {name: values.get(name, 1) for name in rule.arguments}
    built = rule.build(with_values)
    assert built is not None
    return str(built[1])


def keep_pending_login(session_id: int) -> None:
    """Put into a session what a login keeps that was begun and not finished."""
    before = sessions.kept(session_id)
    sessions.change(session_id, data='{"_state_oidc_x": {"data": {"nonce": "n"}, "exp": 9}, ' + before[1:])


def test_23_every_route_is_named_so_that_a_new_one_cannot_be_forgotten(app: Flask) -> None:
    for rule in rules(app):
        family = rule.endpoint.partition(".")[0]
        assert rule.endpoint in policy.POLICY or family in policy.FAMILIES, f"say in policy.py what {rule} is"


def test_23_nothing_is_named_that_is_no_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in rules(app)}

    assert set(policy.POLICY) <= endpoints
    assert set(policy.FAMILIES) <= {each.partition(".")[0] for each in endpoints}


def test_23_what_is_not_named_is_closed() -> None:
    assert policy.ground("tomorrow.index") is Ground.CLOSED


def test_23_every_route_behaves_as_it_is_named(app: Flask, dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user)
    token = token_of(look(dora, ada.user))
    for rule in rules(app):
        ground = policy.ground(rule.endpoint)
        if rule.endpoint in policy.WAYS_OUT or rule.rule.startswith("/v7.1/"):
            continue
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            sent = {"csrf_token": token} if method == "POST" else ()
            answer = dora.request(path(rule, connection.id, ada.user.id), method=method, POST=sent or None, status="*")
            closed = answer.status_code == 403 and b"This is closed to support" in answer.body
            must = ground is Ground.CLOSED or (ground is Ground.LOOK and method != "GET")
            assert closed == must, f"{method} {rule.rule} is {ground}, and answered {answer.status}"
            assert answer.status_code < 500, rule.rule
            if rule.endpoint == "connections.disconnect":
                connection = factories.Connection(user=ada.user)
    assert accesses()[0].end_why is None


def test_45_and_30_no_page_lacks_the_banner(app: Flask, dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user)
    look(dora, ada.user)
    paths = [path(rule, connection.id, ada.user.id) for rule in rules(app) if "GET" in (rule.methods or ())]
    for each in [*paths, "/nowhere/", "/connections/99999999/", "/support/users/99999999/"]:
        if each.startswith(WITHOUT_BANNER):
            continue
        answer = dora.get(each, status="*")
        if answer.content_type == "text/html" and answer.status_code != 303:
            assert "eyes of Ada Brandt" in banner(answer), each
            assert form_to(answer, "/support/end/"), each
            on_own_ground = each.startswith("/support/")
            assert ("– Ada Brandt –" in answer.html.title.text) is not on_own_ground, each


def test_45_a_page_of_an_error_of_ours_has_the_banner_too(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(dora, ada.user)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("dashboard.pages.connections.reading.card_page", lambda *_: 1 / 0)

    page = dora.get("/connections/", status=500)

    assert "eyes of Ada Brandt" in banner(page)
    assert "our fault" in h1(page)


def test_45_nobody_else_sees_a_banner(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)

    assert banner(ada.get("/connections/")) == ""


@pytest.mark.parametrize(
    ("address", "method"),
    [
        ("/account/", "GET"), ("/account/sessions/", "GET"), ("/account/sessions/end-others/", "POST"),
        ("/account/tokens/", "GET"), ("/account/tokens/", "POST"), ("/account/delete/", "POST"),
        ("/account/data/", "GET"), ("/login/", "GET"), ("/login/callback/?state=x&code=y", "GET"),
    ],
)  # fmt: skip
def test_24_to_29_tokens_sessions_account_and_logins_are_closed_by_the_server(
    dora: Browser, ada: Browser, address: str, method: str
) -> None:
    page = look(dora, ada.user)

    sent = {"csrf_token": token_of(page)} if method == "POST" else None
    answer = dora.request(address, method=method, POST=sent, status=403)

    assert h1(answer) == "This is closed to support"
    assert "eyes of Ada Brandt" in banner(answer)
    assert answer.html.main.select_one("a[href='/connections/']")
    [refused] = happened(Event.ACCESS_REFUSED)
    assert (refused.why, refused.outcome, refused.access) == ("closed", "refused", accesses()[0].id)
    assert len(account.sessions(ada.user.id)) == 1
    assert account.profile(ada.user.id)


def test_24_no_token_is_made_for_either(dora: Browser, ada: Browser) -> None:
    token = token_of(look(dora, ada.user))

    dora.post("/account/tokens/", {"csrf_token": token, "name": "x", "scope": "read"}, status=403)

    assert (api_tokens.tokens(ada.user.id), api_tokens.tokens(dora.user.id)) == ([], [])


def test_26_what_was_pending_in_the_session_is_wiped_at_start_and_end(dora: Browser, ada: Browser) -> None:
    [session] = account.sessions(dora.user.id)
    form = look_form(dora, ada.user)
    keep_pending_login(session.id)
    page = form.submit(status=303).follow()
    assert "_state_oidc" not in sessions.kept(session.id)

    keep_pending_login(session.id)
    form_to(page, "/support/end/").submit(status=303)

    assert "_state_oidc" not in sessions.kept(session.id)


def test_28_the_api_knows_no_cookie(dora: Browser, ada: Browser) -> None:
    factories.Connection(user=ada.user)
    look(dora, ada.user)

    dora.get("/v7.1/remoteconnection", status=401)


def test_sync_now_is_allowed_and_names_both(dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, fresh=True)
    page = look(dora, ada.user)

    form_to(page, f"/connections/{connection.id}/sync/").submit(status=303)

    [asked] = happened(Event.SYNC_REQUESTED)
    assert asked.access == accesses()[0].id
    assert asked.sub != asked.act


def test_56_what_the_subject_wrote_is_escaped_for_staff(dora: Browser) -> None:
    evil = factories.User(name="<script>alert(1)</script>", email="'><img src=x>@demo.test")
    factories.Connection(user=evil, account="<b onload=x>", failing=True, failure_code="<i>code</i>")

    for page in (
        dora.get(f"/support/users/{evil.id}/"),
        dora.get("/support/", {"q": "<script>"}),
        dora.get("/support/", {"q": str(evil.id)}),
        look(dora, evil, reason="<svg onload=alert(1)> ten"),
        dora.get("/nowhere/", status=404),
    ):
        assert not page.html.select("script:not([src]), b, i, svg[onload], img[src=x]")


def test_57_no_address_of_the_person_leaves_with_a_link(dora: Browser, ada: Browser) -> None:
    assert look(dora, ada.user).headers["Referrer-Policy"] == "no-referrer"


def test_what_is_closed_says_so_where_the_control_was(dora: Browser, ada: Browser) -> None:
    refused = factories.Connection(user=ada.user, refused=True)

    page = look(dora, ada.user)

    assert page.html.select_one(".nav a[href='/account/']") is None
    assert "Only Ada Brandt can reconnect" in page.html.main.text
    assert "Connecting is closed to support" in page.html.main.text
    assert not page.html.main.select("a[href^='/connect/']")
    assert "Only Ada Brandt can reconnect" in dora.get(f"/connections/{refused.id}/").html.main.text
    assert type_of(refused.id, owner_id=ada.user.id)
    assert State.RECONNECT in str(page.html.select_one(".card")["data-state"])
    assert form_with(page, "csrf_token")
