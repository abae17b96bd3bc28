"""The login against a real OpenID Provider that we did not write, over HTTP, from discovery to logout."""

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import flask_migrate
import pytest
import requests
from flask import Flask

from dashboard import create_app
from dashboard.data import db, login_sessions, transaction, users
from tests.conftest import Browser, empty_tables, settings
from tests.servers.openid_provider import OpenIDProvider
from tests.servers.postgresql import PostgreSQL


@pytest.fixture(scope="module")
def real(
    database: str,
    openid_provider: OpenIDProvider,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """The app with the real provider, on this database."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('login') / 'login.db'}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create(f"login_{secrets.token_hex(6)}")
    app = create_app(
        settings(
            DATABASE_URL=url,
            PUBLIC_URL="http://localhost",
            OIDC_ISSUER=openid_provider.issuer,
            OIDC_CLIENT_ID=openid_provider.client_id,
            OIDC_CLIENT_SECRET=openid_provider.client_secret,
        )
    )
    with app.app_context():
        flask_migrate.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def browser(real: Flask) -> Iterator[Browser]:
    """A browser that is not signed in, on an empty database."""
    yield Browser(real, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})
    with real.app_context():
        empty_tables()


def path(url: str) -> str:
    """The part of our own address that a WebTest browser opens."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def sign_in(browser: Browser, provider: OpenIDProvider, login: str = "ada", next_path: str | None = None) -> object:
    """Walk through the login as a person does; the answer to the callback."""
    begun = browser.get("/login/", {"next": next_path} if next_path else {}, status=303)
    with requests.Session() as http:
        callback = provider.sign_in(http, begun.location, login)
    return browser.get(path(callback), status="*")


def test_a_person_signs_in_and_lands_where_they_wanted(browser: Browser, openid_provider: OpenIDProvider) -> None:
    landed = sign_in(browser, openid_provider, next_path="/account/")

    assert landed.location.endswith("/account/")  # type: ignore[attr-defined]
    page = browser.get("/connections/")
    assert page.html.select_one(".who span").text == "Ada Lovelace"


def test_the_request_has_state_nonce_and_pkce_s256(browser: Browser) -> None:
    asked = parse_qs(urlsplit(browser.get("/login/").location).query)

    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["redirect_uri"] == ["http://localhost/login/callback/"]


def test_nothing_of_the_login_can_be_read_in_the_cookie(browser: Browser) -> None:
    asked = parse_qs(urlsplit(browser.get("/login/").location).query)

    cookie = browser.cookies["session"]

    assert len(cookie) == 43
    assert asked["state"][0] not in cookie


def test_the_claims_of_each_login_bring_the_person_up_to_date(
    browser: Browser, real: Flask, openid_provider: OpenIDProvider
) -> None:
    sign_in(browser, openid_provider)
    with real.app_context():
        [person] = users.people_by_email("user@demo.test")
        with transaction():
            users.change_person(person.id, name="Old Name")
    sign_in(browser, openid_provider)

    with real.app_context():
        [again] = users.people_by_email("user@demo.test")
    assert (again.id, again.name) == (person.id, "Ada Lovelace")
    assert again.issuer == openid_provider.issuer


@pytest.mark.parametrize(("login", "role"), [("ada", 0), ("dora", 1), ("emil", 2)])
def test_the_role_follows_the_claim(
    browser: Browser, real: Flask, openid_provider: OpenIDProvider, login: str, role: int
) -> None:
    sign_in(browser, openid_provider, login)

    with real.app_context():
        assert [person.claimed_role for person in users.people()] == [role]


def test_the_session_gets_a_new_id_at_login(browser: Browser, openid_provider: OpenIDProvider) -> None:
    browser.get("/login/")
    before = browser.cookies["session"]

    sign_in(browser, openid_provider)

    assert browser.cookies["session"] != before
    browser.set_cookie("session", before)
    assert browser.get("/connections/", status=303)


def test_refusing_at_the_provider_says_so(browser: Browser, openid_provider: OpenIDProvider) -> None:
    begun = browser.get("/login/")
    with requests.Session() as http:
        callback = openid_provider.refuse(http, begun.location)

    page = browser.get(path(callback), status=403)

    assert page.html.h1.text == "You did not sign in"


def test_a_callback_works_once(browser: Browser, openid_provider: OpenIDProvider) -> None:
    begun = browser.get("/login/")
    with requests.Session() as http:
        callback = openid_provider.sign_in(http, begun.location, "ada")
    browser.get(path(callback), status=303)

    again = browser.get(path(callback), status=303)
    assert again.location.endswith("/connections/"), "signed in already: the back button just goes on"

    browser.reset()
    browser.get("/login/")
    assert browser.get(path(callback), status=400).html.h1.text == "This sign-in is over"


def test_a_forged_state_is_refused(browser: Browser) -> None:
    browser.get("/login/")

    page = browser.get("/login/callback/?code=stolen&state=forged&iss=", status=400)

    assert page.html.h1.text in {"This sign-in is over", "This sign-in can’t be trusted"}
    assert "session" not in page.headers.get("Set-Cookie", "")


def test_an_answer_of_another_issuer_is_refused(browser: Browser, openid_provider: OpenIDProvider) -> None:
    begun = browser.get("/login/")
    with requests.Session() as http:
        callback = openid_provider.sign_in(http, begun.location, "ada")
    mixed_up = callback.replace("iss=http", "iss=https")

    page = browser.get(path(mixed_up), status=400)

    assert page.html.h1.text == "This sign-in can’t be trusted"


def test_without_cookies_the_page_says_what_to_allow(browser: Browser, openid_provider: OpenIDProvider) -> None:
    begun = browser.get("/login/")
    with requests.Session() as http:
        callback = openid_provider.sign_in(http, begun.location, "ada")
    browser.reset()

    page = browser.get(path(callback), status=400)

    assert page.html.h1.text == "Your browser kept no cookie"


def test_a_person_without_a_mail_address_is_told_to_add_one(browser: Browser, openid_provider: OpenIDProvider) -> None:
    page = sign_in(browser, openid_provider, "nomail")

    assert page.html.h1.text == "Your account has no mail address"  # type: ignore[attr-defined]


def test_two_tabs_can_sign_in_at_once(browser: Browser, openid_provider: OpenIDProvider) -> None:
    first, second = browser.get("/login/"), browser.get("/login/", {"next": "/account/"})
    with requests.Session() as http:
        callbacks = [openid_provider.sign_in(http, begun.location, "ada") for begun in (first, second)]

    assert browser.get(path(callbacks[1]), status=303).location.endswith("/account/")
    assert browser.get(path(callbacks[0]), status=303).location.endswith("/connections/")


def test_logging_out_ends_it_here_and_at_the_provider(
    browser: Browser, real: Flask, openid_provider: OpenIDProvider
) -> None:
    begun = browser.get("/login/")
    with requests.Session() as http:
        browser.get(path(openid_provider.sign_in(http, begun.location, "ada")))
        cookie = browser.cookies["session"]
        out = browser.get("/connections/").forms[0].submit(status=303)
        after = openid_provider.sign_out(http, out.location)

    assert urlsplit(out.location).netloc == urlsplit(openid_provider.issuer).netloc
    assert browser.get(path(after)).html.h1.text == "You are signed out"
    browser.set_cookie("session", cookie)
    assert browser.get("/connections/", status=303), "the old cookie opens nothing"
    with real.app_context():
        assert login_sessions.remove_expired(now=_far_future()) == 0, "no session is left"


def _far_future() -> object:
    from datetime import UTC, datetime

    return datetime(2200, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
def test_next_never_leaves_the_site(browser: Browser, openid_provider: OpenIDProvider, evil: str) -> None:
    landed = sign_in(browser, openid_provider, next_path=evil)

    assert urlsplit(landed.location).path == "/connections/"  # type: ignore[attr-defined]
    assert urlsplit(landed.location).netloc in {"", "localhost"}  # type: ignore[attr-defined]
