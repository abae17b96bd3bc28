"""Who may ask: API tokens, their scopes, and what never counts as proof."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from dashboard.data import api_tokens as table
from dashboard.data import db, transaction
from dashboard.identity import api_tokens
from dashboard.identity.api_tokens import READ, WRITE
from dashboard.who import Who
from tests import factories
from tests.api.conftest import Program, token_of
from tests.conftest import Browser

PROTECTED = ["remoteconnection", "remoteconnection/1", "remoteconnectiontype", "remoteconnectiontype/1", "user/self"]


@pytest.mark.parametrize("path", PROTECTED)
def test_without_a_token_the_answer_is_a_plain_challenge(stranger: Program, path: str) -> None:
    answer = stranger.get(f"/v7.1/{path}/")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Remote Connections"'
    assert answer.json["errors"]


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Bearer", "Bearer ", "rc_without_a_scheme"])
def test_what_is_no_bearer_token_is_as_good_as_none(stranger: Program, header: str) -> None:
    answer = stranger.get("/v7.1/user/self/", Authorization=header)

    assert answer.status_code == 401
    assert "error" not in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["x", "rc_unknown", "a.b.c", "..", "é", "rc_" + "x" * 3000])
def test_a_bad_token_is_called_so(stranger: Program, token: str) -> None:
    answer = stranger.get("/v7.1/user/self/", Authorization=f"Bearer {token}")

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert token not in answer.text.split()


def test_the_scheme_may_be_spelled_in_any_case(ada_s: Program) -> None:
    assert ada_s.get("/v7.1/user/self/", Authorization=f"bearer {ada_s.token}").status_code == 200


def test_a_token_in_the_address_is_not_looked_at(stranger: Program, ada_s: Program) -> None:
    assert stranger.get(f"/v7.1/user/self/?access_token={ada_s.token}").status_code == 401


def test_a_login_in_the_browser_is_no_token(ada: Browser) -> None:
    answer = ada.get("/v7.1/remoteconnection/", expect_errors=True)

    assert answer.status_int == 401
    assert "Set-Cookie" not in answer.headers


def test_a_revoked_token_opens_nothing_at_once(ada_s: Program) -> None:
    assert ada_s.get("/v7.1/user/self/").status_code == 200
    (row,) = api_tokens.tokens(ada_s.user.id)

    api_tokens.revoke(row.id, by=Who(ada_s.user.id, ada_s.user.id))

    assert ada_s.get("/v7.1/user/self/").status_code == 401


def test_an_expired_token_opens_nothing(ada_s: Program) -> None:
    with transaction():
        db.session.execute(update(table.ApiToken).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    assert ada_s.get("/v7.1/user/self/").status_code == 401


def test_a_token_without_an_end_works(app: Flask) -> None:
    user = factories.User()

    assert Program(app, user, token_of(user, days=None)).get("/v7.1/user/self/").status_code == 200


def test_reading_does_not_allow_ending(app: Flask) -> None:
    row = factories.Connection(user=(user := factories.User()))
    reader = Program(app, user, token_of(user, READ))

    answer = reader.delete(f"/v7.1/remoteconnection/{row.id}/")

    assert answer.status_code == 403
    expected = 'Bearer realm="Remote Connections", error="insufficient_scope", scope="remoteconnection:write"'
    assert answer.headers["WWW-Authenticate"] == expected
    assert reader.get(f"/v7.1/remoteconnection/{row.id}/").status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_ending_does_not_allow_reading(app: Flask, path: str) -> None:
    user = factories.User()
    writer = Program(app, user, token_of(user, WRITE))

    answer = writer.get(f"/v7.1/{path}/")

    assert answer.status_code == 403
    assert 'scope="remoteconnection:read"' in answer.headers["WWW-Authenticate"]


def test_the_last_use_of_a_token_is_noted(ada_s: Program) -> None:
    assert api_tokens.tokens(ada_s.user.id)[0].last_used_at is None

    ada_s.get("/v7.1/user/self/")

    assert datetime.now(UTC) - api_tokens.tokens(ada_s.user.id)[0].last_used_at < timedelta(minutes=1)
