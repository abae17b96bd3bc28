"""Logins that a provider spoils: it is down, speaks for another, or its clock is off. Each over HTTP."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from dashboard import create_app
from dashboard.data import db, vault
from tests.conftest import Browser, settings

KEY = RSAKey.generate_key(2048, {"kid": "test"})
Answers = dict[str, Callable[[], tuple[int, Any]]]


class SpoiledProvider:
    """A provider on loopback whose every answer a test can change. ``claims`` go into the ID token."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.answers: Answers = {}
        self.nonce = ""
        self.userinfo_sub: Any = "ada"
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send what the test asked for, else what a good provider would say."""
        where = urlsplit(handler.path).path
        status, body = self.answers.get(where, lambda: (200, self.good(where)))()
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(sent)))
        handler.end_headers()
        handler.wfile.write(sent)

    def good(self, where: str) -> Any:
        """The good answer of each endpoint."""
        if where == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if where == "/jwks":
            return {"keys": [KEY.as_dict(private=False, use="sig", alg="RS256")]}
        if where == "/userinfo":
            return {"sub": self.userinfo_sub}
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token()}

    def id_token(self) -> str:
        """A signed ID token with the test's claims over good ones. A claim that is None is left out."""
        now = int(datetime.now(UTC).timestamp())
        good = {"iss": self.issuer, "sub": "ada", "aud": "remote-connections", "iat": now, "exp": now + 300}
        claims = good | {"nonce": self.nonce, "email": "user@demo.test", "name": "Ada"} | self.claims
        return jwt.encode({"alg": "RS256", "kid": "test"}, {k: v for k, v in claims.items() if v is not None}, KEY)


@pytest.fixture
def provider() -> Iterator[SpoiledProvider]:
    """A provider to spoil."""
    made = SpoiledProvider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def browser(provider: SpoiledProvider, app: Flask) -> Iterator[Browser]:
    """A browser at an app that trusts this provider."""
    url = app.config["DATABASE_URL"]
    trusting = create_app(settings(DATABASE_URL=url, PUBLIC_URL="http://localhost", OIDC_ISSUER=provider.issuer))
    yield Browser(trusting, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})
    with trusting.app_context():
        db.engine.dispose()


def come_back(browser: Browser, provider: SpoiledProvider) -> Any:
    """Begin a login and return from the provider with a code."""
    asked = parse_qs(urlsplit(browser.get("/login/", status=303).location).query)
    provider.nonce = asked["nonce"][0]
    return browser.get("/login/callback/", {"code": "code", "state": asked["state"][0]}, status="*")


def test_a_good_answer_signs_in(browser: Browser, provider: SpoiledProvider) -> None:
    assert come_back(browser, provider).status_int == 303


@pytest.mark.parametrize(
    ("claims", "heading"),
    [
        ({"iss": "https://evil.example"}, "This sign-in can’t be trusted"),
        ({"aud": "another-client"}, "This sign-in can’t be trusted"),
        ({"nonce": "another"}, "This sign-in can’t be trusted"),
        ({"nonce": None}, "This sign-in can’t be trusted"),
        ({"sub": None}, "This sign-in can’t be trusted"),
        ({"sub": "a\0b"}, "This sign-in can’t be trusted"),
        ({"sub": "x" * 256}, "This sign-in can’t be trusted"),
        ({"act": {"sub": "an-admin-of-the-provider"}}, "This sign-in can’t be trusted"),
        ({"exp": 1_000_000_000}, "The clocks disagree"),
        ({"iat": 4_000_000_000}, "The clocks disagree"),
        ({"email": None}, "Your account has no mail address"),
    ],
)
def test_an_id_token_that_proves_nothing_is_refused(
    browser: Browser, provider: SpoiledProvider, claims: dict[str, Any], heading: str
) -> None:
    provider.claims = claims
    provider.userinfo_sub = claims.get("sub", "ada")

    page = come_back(browser, provider)

    assert page.status_int == 400
    assert page.html.h1.text == heading
    assert browser.get("/connections/", status=303)


@pytest.mark.parametrize(
    ("where", "answer", "status", "heading"),
    [
        ("/.well-known/openid-configuration", (500, {}), 503, "Northlake does not answer"),
        ("/.well-known/openid-configuration", (200, b"<html>"), 503, "Northlake does not answer"),
        (
            "/.well-known/openid-configuration",
            (200, {"issuer": "https://evil.example"}),
            400,
            "This sign-in can’t be trusted",
        ),
    ],
)
def test_a_spoiled_discovery_leads_nowhere(
    browser: Browser, provider: SpoiledProvider, where: str, answer: tuple[int, Any], status: int, heading: str
) -> None:
    provider.answers[where] = lambda: answer

    page = browser.get("/login/", status=status)

    assert page.html.h1.text == heading
    del provider.answers[where]
    assert browser.get("/login/", status=303), "the trouble is not remembered"


@pytest.mark.parametrize(
    ("where", "answer", "heading"),
    [
        ("/token", (400, {"error": "invalid_grant"}), "This sign-in is over"),
        ("/token", (401, {"error": "invalid_client"}), "This sign-in can’t be trusted"),
        ("/token", (503, b"busy"), "Northlake does not answer"),
        ("/token", (200, {"access_token": "x", "token_type": "Bearer"}), "This sign-in can’t be trusted"),
        ("/token", (200, {"access_token": "x", "id_token": "a.b.c"}), "This sign-in can’t be trusted"),
        ("/jwks", (500, {}), "Northlake does not answer"),
        ("/jwks", (200, {"keys": []}), "This sign-in can’t be trusted"),
    ],
)
def test_a_spoiled_answer_has_its_page(
    browser: Browser, provider: SpoiledProvider, where: str, answer: tuple[int, Any], heading: str
) -> None:
    provider.answers[where] = lambda: answer

    assert come_back(browser, provider).html.h1.text == heading


def test_a_provider_that_is_down_is_named(provider: SpoiledProvider, browser: Browser) -> None:
    provider.server.shutdown()
    provider.server.server_close()

    page = browser.get("/login/", status=503)

    assert page.html.h1.text == "Northlake does not answer"


def test_mail_comes_from_userinfo_where_the_id_token_has_none(browser: Browser, provider: SpoiledProvider) -> None:
    provider.claims = {"email": None}
    provider.answers["/userinfo"] = lambda: (200, {"sub": "ada", "email": "ada@userinfo.test"})

    assert come_back(browser, provider).status_int == 303


def test_userinfo_about_somebody_else_is_refused(browser: Browser, provider: SpoiledProvider) -> None:
    provider.userinfo_sub = "mallory"

    assert come_back(browser, provider).html.h1.text == "This sign-in can’t be trusted"


@pytest.mark.parametrize(
    "odd", [{"name": 7}, {"email": "a" * 900}, {"zoneinfo": "Mars/Olympus"}, {"locale": ["de"]}, {"roles": {"a": 1}}]
)
def test_odd_claims_are_left_out_and_do_no_harm(
    browser: Browser, provider: SpoiledProvider, odd: dict[str, Any]
) -> None:
    provider.claims = odd

    assert come_back(browser, provider).status_int == 303
    assert browser.get("/connections/", status=200)


def test_an_endpoint_on_another_host_is_reached_by_a_page_that_goes_on(
    browser: Browser, provider: SpoiledProvider
) -> None:
    document = provider.good("/.well-known/openid-configuration")
    provider.answers["/.well-known/openid-configuration"] = lambda: (
        200, document | {"end_session_endpoint": "https://logout.example/end"},
    )  # fmt: skip
    come_back(browser, provider)

    page = browser.get("/connections/").forms[0].submit(status=200)

    refresh = page.html.select_one("meta[http-equiv=refresh]")["content"]
    assert refresh.startswith("0; url=https://logout.example/end?")
    assert page.html.select_one("main a")["href"] in refresh
    assert browser.get("/connections/", status=303)


def test_a_login_whose_id_token_no_key_opens_any_more_can_be_ended(
    browser: Browser, provider: SpoiledProvider, app: Flask
) -> None:
    document = provider.good("/.well-known/openid-configuration")
    end = f"{provider.issuer}/end"
    provider.answers["/.well-known/openid-configuration"] = lambda: (200, document | {"end_session_endpoint": end})
    come_back(browser, provider)
    page = browser.get("/connections/")
    vault.use([Fernet.generate_key().decode()])
    try:
        out = page.forms[0].submit(status=303).location
    finally:
        vault.use(app.config["TOKEN_ENCRYPTION_KEYS"])

    assert out.startswith(end)
    assert "id_token_hint" not in parse_qs(urlsplit(out).query)
    assert browser.get("/connections/", status=303)


def test_a_login_that_the_database_can_not_keep_says_so(provider: SpoiledProvider) -> None:
    made = create_app(
        settings(DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none", OIDC_ISSUER=provider.issuer)
    )
    browser = Browser(made, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})

    page = browser.get("/login/", status=503)

    assert page.html.h1.text == "This did not work, and it is our fault"
    with made.app_context():
        db.engine.dispose()
