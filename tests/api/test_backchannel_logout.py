"""The identity provider says that a login is over, and it is: OpenID Connect Back-Channel Logout 1.0."""

import contextvars
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from dashboard.data import db, login_sessions, transaction
from dashboard.identity.logout_token import EVENT
from tests import factories
from tests.api.conftest import Issuer, trust
from tests.conftest import Browser, signed_in
from tests.servers.openid_provider import OpenIDProvider

PATH = "/login/backchannel-logout/"


@pytest.fixture
def ada(app: Flask, issuer: Issuer) -> Browser:
    """Ada, signed in on a laptop, in the provider's session "laptop"."""
    return at("laptop", signed_in(app, factories.User(issuer=issuer.url, subject="ada")))


def at(sid: str, browser: Browser) -> Browser:
    """Note the provider's own session id at the login session without one."""
    with transaction():
        db.session.execute(
            update(login_sessions.LoginSession)
            .where(login_sessions.LoginSession.oidc_sid.is_(None))
            .values(oidc_sid=sid)
        )
    return browser


def logout_token(issuer: Issuer, *, typ: str | None = "logout+jwt", **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer.url, "aud": "remote-connections", "iat": now, "exp": now + 120, "jti": "once",
        "events": {EVENT: {}}, "sub": "ada", "sid": "laptop",
    }  # fmt: skip
    header = {name: changed.pop(name) for name in ("alg", "kid") if name in changed}
    return issuer.sign(claims | changed, typ=typ, **header)


def tell(app: Flask, token: str) -> TestResponse:
    client = app.test_client(use_cookies=False)
    form, headers = {"logout_token": token}, {"Host": "localhost", "Sec-Fetch-Site": "cross-site"}
    return contextvars.Context().run(client.post, PATH, data=form, headers=headers)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/connections/").status_int == 200


def test_a_logout_token_ends_the_session_that_it_names(app: Flask, issuer: Issuer, ada: Browser) -> None:
    phone = at("phone", signed_in(app, ada.user))
    assert is_signed_in(ada)

    answer = tell(app, logout_token(issuer))

    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (200, b"", "no-store")
    assert not is_signed_in(ada)
    assert is_signed_in(phone)
    assert tell(app, logout_token(issuer)).status_code == 200


@pytest.mark.parametrize("changed", [{"sid": None}, {"sid": None, "typ": "JWT"}, {"sid": None, "typ": None}])
def test_a_subject_alone_ends_all_of_its_sessions(
    app: Flask, issuer: Issuer, ada: Browser, changed: dict[str, Any]
) -> None:
    phone = at("phone", signed_in(app, ada.user))
    ben = signed_in(app, factories.User(issuer=issuer.url, subject="ben"))

    assert tell(app, logout_token(issuer, **changed)).status_code == 200

    assert (is_signed_in(ada), is_signed_in(phone), is_signed_in(ben)) == (False, False, True)


def test_a_session_alone_is_enough(app: Flask, issuer: Issuer, ada: Browser) -> None:
    assert tell(app, logout_token(issuer, sub=None)).status_code == 200

    assert not is_signed_in(ada)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": None},
        {"iat": None},
        {"iat": int(time.time()) + 3600},
        {"exp": None},
        {"exp": int(time.time()) - 120},
        {"events": None},
        {"events": {}},
        {"events": {EVENT: "yes"}},
        {"events": [EVENT]},
        {"nonce": "n"},
        {"sub": None, "sid": None},
        {"sid": 7},
        {"sub": 7},
        {"typ": "at+jwt"},
        {"kid": "unknown"},
    ],
)
def test_a_token_that_proves_no_logout_ends_nothing(
    app: Flask, issuer: Issuer, ada: Browser, changed: dict[str, Any]
) -> None:
    answer = tell(app, logout_token(issuer, **changed))

    assert (answer.status_code, answer.json["error"], answer.headers["Cache-Control"]) == (
        400, "invalid_request", "no-store",
    )  # fmt: skip
    assert is_signed_in(ada)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_what_is_no_token_is_refused_in_json(app: Flask, issuer: Issuer, token: str) -> None:
    answer = tell(app, token)

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_while_the_keys_cannot_be_had_the_provider_may_try_again(app: Flask, issuer: Issuer, ada: Browser) -> None:
    issuer.up = False

    assert tell(app, logout_token(issuer)).status_code == 503
    assert is_signed_in(ada)


def test_a_logout_at_a_real_provider_ends_the_login_here(
    app: Flask, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", live)
    with OpenIDProvider(backchannel_logout_uri=live + PATH) as provider:
        monkeypatch.setitem(app.config, "OIDC_CLIENT_SECRET", provider.client_secret)
        trust(app, monkeypatch, provider.issuer)
        ours, theirs = requests.Session(), requests.Session()
        start = ours.get(f"{live}/login/", allow_redirects=False, timeout=10)
        callback = provider.sign_in(theirs, start.headers["Location"], "ada")
        assert ours.get(callback, timeout=10).status_code == 200
        assert _signed_in_count() == 1

        end = provider.metadata()["end_session_endpoint"]
        after = {"client_id": provider.client_id, "post_logout_redirect_uri": "http://localhost/signed-out/"}
        provider.sign_out(theirs, f"{end}?{urlencode(after)}")

        assert _signed_in_count() == 0
        assert (
            ours.get(f"{live}/connections/", allow_redirects=False, timeout=10)
            .headers["Location"]
            .startswith("/?next=")
        )


def _signed_in_count() -> int:
    statement = select(func.count()).select_from(login_sessions.LoginSession)
    return int(db.session.execute(statement.where(login_sessions.LoginSession.user_id.is_not(None))).scalar_one())
