"""Programs that ask the API, and an issuer of JWTs whose keys are served over HTTP."""

import contextvars
import json
import secrets
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from dashboard.identity import api_tokens, issuer_keys, oidc
from dashboard.identity.api_tokens import READ, WRITE
from dashboard.who import Who
from tests import factories


class Program:
    """A client of the API with a token of one person. No answer of the API is ever HTML, or without its headers."""

    def __init__(self, app: Flask, user: Any = None, token: str | None = None) -> None:
        self.app, self.user, self.token = app, user, token

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """Send one request. It runs in a context of its own, as it would in a server."""
        sent = {"Host": "localhost"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        client, sent = self.app.test_client(use_cookies=False), sent | (headers or {})
        answer: TestResponse = contextvars.Context().run(client.open, path, method=method, headers=sent, **more)
        assert answer.mimetype in {"application/json", "application/hal+json"} or not answer.data, path
        assert answer.headers["Cache-Control"] == "private, no-cache", path
        return answer

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET; header names with underscores."""
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def delete(self, path: str) -> TestResponse:
        """DELETE."""
        return self.ask("DELETE", path)


def token_of(user: Any, *scopes: str, days: int | None = 30) -> str:
    """A new API token of a person."""
    return api_tokens.make(Who(user.id, user.id), name="A test's", scopes=scopes or (READ, WRITE), days=days)


@pytest.fixture
def ada_s(app: Flask) -> Program:
    """Ada's program; her token may read and write."""
    user = factories.User(email="user@demo.test", name="Ada Brandt")
    return Program(app, user, token_of(user))


@pytest.fixture
def ben_s(app: Flask) -> Program:
    """Ben's program."""
    user = factories.User(email="empty@demo.test", name="Ben Okoye")
    return Program(app, user, token_of(user))


@pytest.fixture
def stranger(app: Flask) -> Program:
    """A program without a token."""
    return Program(app)


@cache
def first_key() -> RSAKey:
    """The key of every issuer here; making one takes a tenth of a second."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


class Issuer:
    """An OpenID Provider as far as keys go: discovery and a key set over HTTP, and tokens signed with any key."""

    def __init__(self) -> None:
        self.key = first_key()
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.key_requests = 0
        self.up = True
        self.url = ""

    def answer(self, path: str) -> dict[str, Any]:
        """What it says at a path."""
        if path == "/jwks":
            self.key_requests += 1
            return {"keys": self.published}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}

    def sign(self, claims: dict[str, Any], *, typ: str, key: Any = None, **header: str) -> str:
        """A JWT. A claim or header of None is left out."""
        key = key or self.key
        head = {"alg": "RS256", "kid": key.kid, "typ": typ} | header
        body = {name: value for name, value in claims.items() if value is not None}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, body, key, algorithms=[head["alg"]], default_type=None)

    def access_token(self, user: Any, *, typ: str = "at+jwt", key: Any = None, **changed: Any) -> str:
        """A good access token for the API, but for what is changed."""
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": "http://localhost:8000/v7.1/", "sub": user.subject, "client_id": "a-program",
            "scope": f"openid {READ} {WRITE}", "iat": now, "exp": now + 600, "jti": secrets.token_urlsafe(8),
        }  # fmt: skip
        header = {name: changed.pop(name) for name in ("alg", "kid") if name in changed}
        return self.sign(claims | changed, typ=typ, key=key, **header)


@pytest.fixture
def issuer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """A running issuer that the app trusts; nothing of its keys is known to the app yet."""
    made = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(made.answer(self.path)).encode() if made.up else b""
            self.send_response(200 if made.up else 500)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        trust(app, monkeypatch, made.url)
        yield made
        server.shutdown()
        thread.join()


def trust(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let the app believe another issuer, as if it had been started with it."""
    monkeypatch.setitem(app.config, "OIDC_ISSUER", url)
    for name in ("authlib.integrations.flask_client", issuer_keys.EXTENSION):
        monkeypatch.setitem(app.extensions, name, app.extensions[name])
    oidc.init_app(app)
    issuer_keys.init_app(app)


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The app, served over HTTP; its address."""
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()
