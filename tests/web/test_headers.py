"""What every response carries, and the tricks it withstands."""

from collections.abc import Iterator

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.data import db, login_sessions, transaction
from dashboard.identity.login_session import hash_id
from tests import factories
from tests.conftest import Browser, settings


@pytest.fixture
def https(app: Flask) -> Iterator[Browser]:
    """A browser at an app that is served over https behind one proxy."""
    served = create_app(
        settings(
            DEMO="0",
            DATABASE_URL=app.config["DATABASE_URL"],
            PUBLIC_URL="https://rc.example",
            TRUSTED_PROXIES="1",
            SECRET_KEY="s" * 40,
            OIDC_ISSUER="https://id.example",
            OIDC_CLIENT_ID="c",
            OIDC_CLIENT_SECRET="x" * 9,
            TOKEN_ENCRYPTION_KEYS="b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE=",
        )
    )
    yield Browser(served, extra_environ={"HTTP_HOST": "rc.example", "HTTP_X_FORWARDED_PROTO": "https"})
    with served.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("path", ["/", "/connections/", "/missing", "/health/live/"])
def test_every_answer_carries_the_security_headers(ada: Browser, path: str) -> None:
    headers = ada.get(path, status="*").headers

    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-Id"]


def test_static_files_carry_them_too_and_are_kept_for_ever(ada: Browser) -> None:
    sheet = ada.get(ada.get("/connections/").html.select_one("link[rel=stylesheet]")["href"])

    assert "immutable" in sheet.headers["Cache-Control"]
    assert sheet.headers["X-Content-Type-Options"] == "nosniff"
    assert sheet.headers["Content-Security-Policy"]


def test_over_https_there_is_hsts_and_a_host_cookie(https: Browser) -> None:
    answer = https.get("/connections/", status=303)

    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_over_https_the_cookie_is_bound_to_the_host(https: Browser, app: Flask) -> None:
    user = factories.User()
    cookie, now = "c" * 43, factories.now()
    with transaction():
        login_sessions.add_session(
            id_hash=hash_id(https.app, cookie), user_id=user.id, created_at=now, last_seen_at=now,
            expires_at=now + factories.timedelta(days=1),
        )  # fmt: skip
    signed = {"Host": "rc.example", "X-Forwarded-Proto": "https"}

    bound = https.RequestClass.blank("/connections/", headers={**signed, "Cookie": f"__Host-session={cookie}"})
    plain = https.RequestClass.blank("/connections/", headers={**signed, "Cookie": f"session={cookie}"})

    assert bound.get_response(https.app).status_int == 200
    assert plain.get_response(https.app).status_int == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example"])
def test_a_foreign_host_header_is_refused(anybody: Browser, host: str) -> None:
    answer = anybody.get("/", extra_environ={"HTTP_HOST": host}, status=400)

    assert "evil" not in answer.text


def test_proxy_headers_count_only_behind_a_proxy(ada: Browser) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    answer = ada.get("/connections/", headers=forged)

    assert "evil.example" not in answer.text
    assert "Strict-Transport-Security" not in answer.headers


def test_an_anonymous_visitor_gets_no_cookie(anybody: Browser) -> None:
    assert "Set-Cookie" not in anybody.get("/").headers
    assert "Set-Cookie" not in anybody.get("/connections/", status=303).headers


def test_the_token_of_a_form_is_another_text_each_time_and_still_good(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    pages = [ada.get(f"/connections/{made.id}/disconnect/") for _ in range(2)]
    tokens = [page.forms[1]["csrf_token"].value for page in pages]

    assert tokens[0] != tokens[1]
    assert pages[0].forms[1].submit(status=303)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_pages_are_compressed_as_the_browser_can_read_them(ada: Browser, coding: str) -> None:
    request = ada.RequestClass.blank("/connections/", headers={"Accept-Encoding": coding, **_cookie(ada)})

    answer = request.get_response(ada.app)

    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/records/records.csv", "/records/records.json"])
def test_a_download_is_compressed_while_it_is_written(ada: Browser, path: str) -> None:
    watch = factories.Connection(user=ada.user, type="garmin")
    for steps in range(20):
        factories.Record(connection=watch, kind="steps", value=8000 + steps)
    request = ada.RequestClass.blank(path, headers={"Accept-Encoding": "br", **_cookie(ada)})

    answer = request.get_response(ada.app)

    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.body) < len(ada.get(path).body) / 3


def _cookie(browser: Browser) -> dict[str, str]:
    return {"Host": "localhost", "Cookie": f"session={browser.cookies['session']}"}
