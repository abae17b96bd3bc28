"""A real browser at a served app, with the local identity provider beside it."""

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from playwright.sync_api import Browser as Chrome
from playwright.sync_api import BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from dashboard import create_app
from dashboard.data import db
from demo.identity_provider import create_app as create_provider
from demo.identity_provider import listen, server_for
from tests.conftest import empty_tables, settings
from tests.servers.chromium import find_chromium


class Site:
    """A served app: its address, and the app for factories."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.url = url


def whole(app: Flask) -> Any:
    """The app with answers in one piece: of a browser that hangs up, Werkzeug leaves open what it read from."""

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as pieces:
            return [b"".join(pieces)]

    return answer


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app and the local identity provider, each on a free port, as ``make run`` starts them."""
    folder = tmp_path_factory.mktemp("site")
    sockets = [listen("localhost", 0) for _ in range(2)]
    own, provider = (f"http://localhost:{each.getsockname()[1]}" for each in sockets)
    app = create_app(settings(DATABASE_URL=f"sqlite:///{folder / 'site.db'}", PUBLIC_URL=own, OIDC_ISSUER=provider))
    identity = create_provider(issuer=provider, client_redirects=[f"{own}/login/callback/"], state=folder)
    with app.app_context():
        flask_migrate.upgrade()
    host, port = sockets[0].getsockname()[:2]
    servers = [
        make_server(host, port, whole(app), threaded=True, fd=sockets[0].fileno()),
        server_for(identity, sockets[1]),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(app, own)
    for server in servers:
        server.shutdown()
        server.server_close()
    for opened in sockets:
        opened.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The served app with empty tables."""
    with site.app.app_context():
        yield site.app
        db.session.rollback()
        empty_tables()
        db.session.remove()


@pytest.fixture
def engine(app: Flask) -> Iterator[None]:
    """What is due is done, as where the app is served by gunicorn."""
    running = app.extensions["engine"]
    running.start()
    yield
    running.stop()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Chrome]:
    """One Chromium for the run."""
    chromium = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.executable_path, args=chromium.args)
        yield browser
        browser.close()


class Visitor:
    """Opens pages of the site in a browser of their own: signed in, with a width, a colour scheme, script or none."""

    def __init__(self, chrome: Chrome, site: Site, cookie: str | None) -> None:
        self.site = site
        self._chrome = chrome
        self._cookie = cookie
        self._contexts: list[BrowserContext] = []

    def page(self, path: str = "/connections/", *, width: int = 1280, **options: Any) -> Page:
        """A page at this path. What the policy blocks or a script throws fails the test."""
        options = {"viewport": {"width": width, "height": 800}, "locale": "en-GB"} | options
        context = self._chrome.new_context(**options)
        self._contexts.append(context)
        if self._cookie:
            context.add_cookies([{"name": "session", "value": self._cookie, "url": self.site.url}])
        page = context.new_page()
        page.on(
            "console", lambda said: _fail(said.text) if said.type == "error" and "status of" not in said.text else None
        )
        page.on("pageerror", lambda error: _fail(str(error)))
        page.goto(self.site.url + path)
        return page

    def close(self) -> None:
        """Close what was opened."""
        for context in self._contexts:
            context.close()


def _fail(text: str) -> None:
    pytest.fail(f"the browser complains: {text}")


@pytest.fixture
def stranger(chrome: Chrome, site: Site, app: Flask) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = Visitor(chrome, site, None)
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(chrome: Chrome, site: Site, ada: Any) -> Iterator[Visitor]:
    """Ada, signed in; ``ada.user`` is whose connections a test makes."""
    made = Visitor(chrome, site, ada.cookies["session"])
    yield made
    made.close()
