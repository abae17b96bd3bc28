"""What every test may ask for: an app on a real database, and browsers that hold each page to the house's rules."""

import gc
import re
import secrets
import smtplib
import threading
from collections.abc import Iterator
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import Any

import flask_migrate
import pytest
import requests
from flask import Flask, has_app_context
from sqlalchemy import event
from webtest import TestApp
from werkzeug.serving import make_server

import config
from dashboard import create_app, providers
from dashboard.data import db, in_transaction, login_sessions, transaction
from dashboard.data.events import EventHead
from dashboard.identity.login_session import hash_id
from dashboard.providers import Agreement, Client, agreements
from dashboard.who import Role
from tests import factories
from tests.servers.postgresql import PostgreSQL
from tests.servers.third_parties import ThirdParties

pytest_plugins = ["tests.servers.plugin"]

ON_BOTH = {"data", "connections", "identity", "events", "api", "commands", "support", "jobs", "mail", "records"}
"""The folders whose tests run on SQLite and on PostgreSQL."""
SUPPORT_PAGES = re.compile(r"\.pages\.test_(support_|activity_support|account_support|disconnect_for)")
"""So do the pages of a look: its rules hold on both, wherever their tests stand."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Spare the garbage collector what lives to the end of the run: thousands of tests, and all that was loaded."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(5_000, 10, 10)  # a page that was parsed is thousands of objects, and soon let go
        gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches the data layer on both databases. A module's ``DATABASES`` names those it is about."""
    if "database" in metafunc.fixturenames:
        folder = metafunc.module.__name__.split(".")[1]
        on_both = folder in ON_BOTH or SUPPORT_PAGES.search(metafunc.module.__name__)
        usual = ["sqlite", "postgresql"] if on_both else ["sqlite"]
        metafunc.parametrize("database", getattr(metafunc.module, "DATABASES", usual), scope="session")


@pytest.fixture(scope="session")
def database() -> str:
    """``sqlite`` or ``postgresql``; see :func:`pytest_generate_tests`."""
    raise AssertionError("parametrized")


@pytest.fixture(scope="session")
def migrated(
    database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One app a database, with all migrations run."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create(f"test_{secrets.token_hex(6)}")
    app = create_app(settings(DATABASE_URL=url))
    with app.app_context():
        flask_migrate.upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


def settings(**changed: str) -> dict[str, Any]:
    """Settings of a test: the demo's, no limits on requests, and what the test changes."""
    environ = {"DEMO": "1", "LOGIN_RATE_LIMIT": "10000 per minute", "API_RATE_LIMIT": "100000 per minute"}
    return config.load(environ | changed)


@pytest.fixture
def app(migrated: Flask) -> Iterator[Flask]:
    """An app with empty tables; its context is open, so that factories and domain functions can be called."""
    with migrated.app_context():
        yield migrated
        db.session.rollback()
        empty_tables()
        db.session.remove()


def empty_tables() -> None:
    """Delete all rows. The log lets go only of what is below its base, so that is moved past the end meanwhile."""
    heads, nothing = EventHead.__table__, bytes(32)
    tables = [table.name for table in reversed(db.metadata.sorted_tables) if table is not heads]
    statements = [f"UPDATE {heads.name} SET base_seq = {2**63 - 1}", *(f"DELETE FROM {name}" for name in tables)]
    with transaction():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":  # one way there and back, not one a table
            statements = [f"DO $$ BEGIN {'; '.join(statements)}; END $$"]
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.execute(heads.update().values(seq=0, hash=nothing, base_seq=0, base_hash=nothing))


@pytest.fixture(autouse=True)
def no_third_party_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow provider must not hold a lock: no request leaves while a unit of work is open."""
    send, connect = requests.Session.send, smtplib.SMTP.connect

    def checked(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        assert not (has_app_context() and in_transaction()), "a third party was called inside a transaction"
        return send(self, *args, **kwargs)

    def connected(self: smtplib.SMTP, *args: Any, **kwargs: Any) -> Any:
        assert not (has_app_context() and in_transaction()), "a mail server was called inside a transaction"
        return connect(self, *args, **kwargs)

    monkeypatch.setattr(requests.Session, "send", checked)
    monkeypatch.setattr(smtplib.SMTP, "connect", connected)


class Browser(TestApp):
    """A browser without JavaScript. Every page that any test sees is held to the rules of the house."""

    user: Any = None

    def do_request(self, req: Any, status: Any = None, expect_errors: Any = None) -> Any:
        """Send a request; check the page that comes back."""
        # Without the test's own app context, so that nothing in ``g`` or the database session leaks between requests.
        response = Context().run(super().do_request, req, status, expect_errors)
        if response.content_type == "text/html" and response.body:
            check_page(req.path, response)
        return response


def check_page(path: str, response: Any) -> None:
    """One h1, a title, no inline code, no id twice, no form without its token, no name without its field."""
    page = response.html
    tags = page.find_all(True)  # one walk through the page: a selector for each rule would be one walk each
    assert len(named(tags, "h1")) == 1, f"{path}: one h1 a page"
    assert page.title.text.strip(), f"{path}: a page has a title"
    inline = [tag for tag in tags if tag.name == "style" or tag.attrs.keys() & {"style", "onclick"}]
    inline += [tag for tag in named(tags, "script") if not tag.has_attr("src")]
    assert not inline, f"{path}: the CSP forbids inline code"
    ids = [tag["id"] for tag in tags if tag.has_attr("id")]
    assert len(ids) == len(set(ids)), f"{path}: an id stands twice"
    for form in named(tags, "form"):
        if form.get("method", "").lower() == "post":
            assert form.find("input", {"name": "csrf_token"}), f"{path}: a form without its CSRF token"
    for label in named(tags, "label"):
        assert label.get("for") in {None, *ids}, f"{path}: the label {label.text!r} names no field"
    assert response.headers["Content-Security-Policy"], path
    assert "no-store" in response.headers["Cache-Control"], path


def named(tags: list[Any], name: str) -> list[Any]:
    """Those tags that are called so."""
    return [tag for tag in tags if tag.name == name]


@pytest.fixture
def anybody(app: Flask) -> Browser:
    """A browser that is not signed in."""
    return Browser(app, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})


def signed_in(app: Flask, user: Any) -> Browser:
    """A browser in which this person is signed in."""
    cookie, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with transaction():
        login_sessions.add_session(
            id_hash=hash_id(app, cookie), user_id=user.id, address="192.0.2.7", user_agent="Test browser",
            signed_in_at=now, created_at=now, last_seen_at=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
    browser = Browser(app, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})
    browser.set_cookie("session", cookie)
    browser.user = user
    return browser


@pytest.fixture
def ada(app: Flask) -> Browser:
    """Ada, a person with whatever her test gives her."""
    return signed_in(app, factories.User(email="user@demo.test", name="Ada Brandt"))


@pytest.fixture
def ben(app: Flask) -> Browser:
    """Ben, somebody else."""
    return signed_in(app, factories.User(email="empty@demo.test", name="Ben Okoye"))


@pytest.fixture
def dora(app: Flask) -> Browser:
    """Dora, support staff."""
    return signed_in(app, factories.User(email="support@demo.test", name="Dora Lind", granted_role=int(Role.SUPPORT)))


@pytest.fixture
def simulated(app: Flask, third_parties: ThirdParties) -> Iterator[ThirdParties]:
    """The simulated third parties stand in for the real ones, and each knows us as a client."""
    known = {
        each.type: Agreement(Client(f"demo-{each.type}", f"demo-secret-{each.type}")) for each in providers.all_types()
    }
    agreements.use(known, simulated=third_parties.url)
    yield third_parties
    providers.init_app(app)


class Served:
    """The app at an address that the simulated third parties can call, and what it was called for."""

    def __init__(self, app: Flask) -> None:
        self.calls: Queue[tuple[str, str]] = Queue()
        """Method and path of each call, once it was answered."""
        self._app = app
        self._server = make_server("localhost", 0, self._answer, threaded=True)
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> "Served":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_notice(self) -> str:
        """The path of the next notice that came by POST."""
        while True:
            method, path = self.calls.get(timeout=20)
            if method == "POST":
                return path

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        answer = self._app.wsgi_app(environ, start_response)
        self.calls.put((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return answer


@pytest.fixture
def served(app: Flask, simulated: ThirdParties, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The app, where the simulated third parties can call it; they share a secret with it."""
    words = {type: f"demo-webhook-secret-{type}" for type in ("strava", "polar", "oura")}
    words["google_health"] = "Bearer demo-webhook-secret-google_health"
    known = {
        each.type: Agreement(Client(f"demo-{each.type}", f"demo-secret-{each.type}", words.get(each.type, "")))
        for each in providers.all_types()
    }
    agreements.use(known, simulated=simulated.url)
    with Served(app) as running:
        monkeypatch.setitem(app.config, "PUBLIC_URL", running.url)
        monkeypatch.setitem(app.config, "SIMULATED_PROVIDERS", simulated.url)
        yield running


class Queries(list[str]):
    """The SQL statements that ran while it listened."""

    def __enter__(self) -> "Queries":
        event.listen(db.engine, "before_cursor_execute", self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._heard)

    def _heard(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.append(statement)


@pytest.fixture
def queries(app: Flask) -> Queries:
    """``with queries: …`` lists the SQL that ran meanwhile."""
    return Queries()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return config.ROOT
