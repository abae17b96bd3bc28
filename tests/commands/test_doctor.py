"""``doctor``: each line is ok or says what to do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import text

from dashboard import create_app
from dashboard.data import db, transaction
from tests import factories
from tests.commands.conftest import Command, runner
from tests.conftest import settings
from tests.servers.openid_provider import OpenIDProvider


class Provider:
    """An OpenID Provider as its operator may have set it up wrongly: every word of it can be changed."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.status, self.clock = 200, timedelta()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
        }
        self.answers = {"/.well-known/openid-configuration": self.document, "/keys": {"keys": [{"kty": "RSA"}]}}

    def __enter__(self) -> "Provider":
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(json.dumps(provider.answers.get(self.path)).encode())

            def date_time_string(self, timestamp: float | None = None) -> str:
                return format_datetime(datetime.now(UTC) + provider.clock, usegmt=True)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def provider(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider of the app under test."""
    with Provider() as running:
        monkeypatch.setitem(app.config, "OIDC_ISSUER", running.issuer)
        yield running


def lines(flask: Command, about: str) -> list[str]:
    """What the doctor says about one thing; that it ends with 1 exactly when something is wrong."""
    result = flask("doctor")
    said = result.stdout.splitlines()
    assert result.exit_code == any(line.startswith("TROUBLE") for line in said)
    return [" ".join(line.split()) for line in said if line[9:].startswith(about + ":")]


def test_everything_is_fine_with_a_real_provider(
    app: Flask, flask: Command, openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "OIDC_ISSUER", openid_provider.issuer)
    factories.Connection(user=factories.User())

    result = flask("doctor")

    assert (result.exit_code, result.stderr) == (0, "")
    said = {line[9:].split(":")[0]: line for line in result.stdout.splitlines()}
    expected = {"settings", "connection types", "database", "migrations", "keys", "identity provider", "PKCE", "clock"}
    assert expected <= set(said)
    assert all(said[about].startswith("ok ") for about in expected)
    assert "2 stored secrets tried, all can be read" in said["keys"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"issuer": "https://other.example"},
            "it calls itself 'https://other.example'; set OIDC_ISSUER to exactly that.",
        ),
        ({"token_endpoint": None}, "its discovery document lacks token_endpoint; ask its operator."),
        (
            {"response_types_supported": ["id_token"]},
            "it does not offer the authorization code flow (response type code)",
        ),
    ],
)
def test_a_provider_set_up_wrongly_is_trouble(
    flask: Command, provider: Provider, change: dict[str, object], sentence: str
) -> None:
    provider.document.update(change)

    [line] = lines(flask, "identity provider")

    assert line.startswith(f"TROUBLE identity provider: {sentence}")


def test_a_provider_that_answers_with_an_error_is_trouble(flask: Command, provider: Provider) -> None:
    provider.status = 503

    [line] = lines(flask, "identity provider")

    assert line.endswith("/.well-known/openid-configuration answers with status 503; check OIDC_ISSUER.")


def test_a_provider_without_keys_or_json_is_trouble(flask: Command, provider: Provider) -> None:
    provider.answers["/keys"] = {"keys": []}
    assert "holds no key, so no ID token can be proved" in lines(flask, "identity provider")[0]
    provider.answers["/keys"] = "page"
    assert "something that is no JSON object" in lines(flask, "identity provider")[0]


def test_a_provider_that_is_down_is_trouble(app: Flask, flask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "OIDC_ISSUER", "http://127.0.0.1:9")

    [line] = lines(flask, "identity provider")

    assert "can't be reached; does the provider run, and is OIDC_ISSUER right?" in line


@pytest.mark.parametrize(
    ("methods", "start"),
    [
        (["S256", "plain"], "ok PKCE: S256 is supported"),
        (None, "ok PKCE: the provider does not say"),
        (["plain"], "TROUBLE PKCE: the provider supports PKCE, but not S256"),
    ],
)
def test_pkce_is_looked_up(flask: Command, provider: Provider, methods: object, start: str) -> None:
    provider.document["code_challenge_methods_supported"] = methods

    [line] = lines(flask, "PKCE")

    assert line.startswith(start)


def test_what_the_provider_lacks_is_a_hint_only(flask: Command, provider: Provider) -> None:
    del provider.document["end_session_endpoint"]
    provider.document["scopes_supported"] = ["openid", "email"]

    assert lines(flask, "logout")[0].startswith("hint logout: the provider offers no logout")
    assert lines(flask, "scopes") == ["hint scopes: the provider does not list profile of OIDC_SCOPES."]


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (20, "ok clock: agrees with the provider's"),
        (-20, "ok clock: agrees with the provider's"),
        (600, "TROUBLE clock: 600 seconds behind the provider's; set it by NTP, or logins fail."),
        (-600, "TROUBLE clock: 600 seconds ahead of the provider's; set it by NTP, or logins fail."),
    ],
)
def test_a_clock_that_is_off_is_trouble(flask: Command, provider: Provider, seconds: int, line: str) -> None:
    provider.clock = timedelta(seconds=seconds)

    [said] = lines(flask, "clock")

    assert said.replace("601", "600").replace("599", "600") == line


def test_a_lost_key_is_trouble_and_names_what_it_locked(app: Flask, flask: Command, provider: Provider) -> None:
    made = factories.Connection(user=factories.User(), refresh_token=Fernet(Fernet.generate_key()).encrypt(b"lost"))

    [line] = lines(flask, "keys")

    assert line.startswith(
        f"TROUBLE keys: 1 of 2 stored secrets can't be read, connections.refresh_token of {made.id} "
    )


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("of the future", "the database is at of the future, of a newer version of this app; run that version."),
        (None, "the database has no tables of ours. Run: flask --app wsgi db upgrade"),
    ],
)
def test_migrations_that_are_not_at_the_head_are_trouble(
    flask: Command, provider: Provider, revision: str | None, sentence: str
) -> None:
    head = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    with transaction():
        db.session.execute(text("DELETE FROM alembic_version"))
        if revision:
            db.session.execute(text("INSERT INTO alembic_version VALUES (:to)"), {"to": revision})
    try:
        assert lines(flask, "migrations") == [f"TROUBLE migrations: {sentence}"]
    finally:
        with transaction():
            db.session.execute(text("DELETE FROM alembic_version"))
            db.session.execute(text("INSERT INTO alembic_version VALUES (:to)"), {"to": head})


def test_counting_in_each_process_is_a_hint_where_there_are_several(
    app: Flask, flask: Command, provider: Provider
) -> None:
    several = app.config["DATABASE_URL"].startswith("postgresql")

    assert lines(flask, "limits")[0].startswith("hint limits: each process counts" if several else "ok limits: counted")


def test_a_store_of_limits_that_does_not_answer_is_trouble(
    app: Flask, flask: Command, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMIT_STORAGE", "redis://127.0.0.1:9/0")

    assert lines(flask, "limits") == [
        "TROUBLE limits: nothing answers at 127.0.0.1:9; start it, or change RATE_LIMIT_STORAGE."
    ]


def test_secrets_of_the_demo_outside_of_it_are_trouble(
    app: Flask, flask: Command, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO", False)
    monkeypatch.setitem(app.config, "SECRET_KEY", "x" * 40)

    said = lines(flask, "settings")

    assert [line.split()[2] for line in said] == ["OIDC_CLIENT_SECRET", "TOKEN_ENCRYPTION_KEYS"]
    assert all(line.startswith("TROUBLE") for line in said)


def test_behind_https_the_proxy_is_asked_about(
    app: Flask, flask: Command, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"DEMO": False, "SECRET_KEY": "x" * 40, "OIDC_CLIENT_SECRET": "y" * 40, "SECURE": True}.items():
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.config, "TOKEN_ENCRYPTION_KEYS", (Fernet.generate_key().decode(),))

    fine, asked = lines(flask, "settings")

    assert fine.startswith("ok settings: all ")
    assert asked.startswith("hint settings: if a proxy stands in front, set TRUSTED_PROXIES")


def test_a_database_that_is_not_there_is_trouble_and_is_not_made(tmp_path: Any) -> None:
    app = create_app(settings(DATABASE_URL=f"sqlite:///{tmp_path}/none.db", OIDC_ISSUER="http://127.0.0.1:9"))

    assert lines(runner(app), "database") == [
        f"TROUBLE database: there is no {tmp_path}/none.db. Run: flask --app wsgi db upgrade"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named_for_sqlite_makes_none(tmp_path: Any) -> None:
    app = create_app(settings(DATABASE_URL=f"sqlite:///{tmp_path}/none/rc.db", OIDC_ISSUER="http://127.0.0.1:9"))

    assert lines(runner(app), "database") == [
        f"TROUBLE database: there is no folder {tmp_path}/none; make it, for the user that runs the app."
    ]


def test_a_database_server_that_is_down_is_trouble() -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    app = create_app(settings(DATABASE_URL=url, OIDC_ISSUER="http://127.0.0.1:9"))

    [line] = lines(runner(app), "database")

    assert line.startswith("TROUBLE database: The database can't be used: ")
    assert line.endswith("Check DATABASE_URL, and that the server runs.")
