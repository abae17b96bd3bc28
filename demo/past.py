"""What the third parties had at some moment of the past, read with the dashboard's own reading of their answers."""

import json
from collections.abc import Mapping
from datetime import datetime
from threading import Thread
from typing import Any, NamedTuple

from flask import current_app

from dashboard import providers
from dashboard.providers import Agreement, Client, Fact, Failure, Grant, agreements
from demo.identity_provider import listen, server_for
from demo.providers.app import create_app
from demo.providers.oauth import OAuthParty
from demo.providers.parties.garmin import PUSHES, Garmin
from demo.providers.world import World

MOST_PAGES = 60


class Read(NamedTuple):
    """What was read of one account: the facts, and how far each source was read."""

    facts: list[Fact]
    cursors: dict[str, str]


class Past:
    """Third parties in this process, whose clock stands where it is put. ``with Past() as past: past.read(…)``."""

    def __enter__(self) -> "Past":
        self._listening = listen("127.0.0.1", 0)
        app = create_app()
        self._world: World = app.extensions["world"]
        self._parties: Mapping[str, OAuthParty] = app.extensions["parties"]
        self._server = server_for(app, self._listening)
        self._thread = Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()
        ours = {type: Agreement(_client(party)) for type, party in self._parties.items()}
        agreements.use(ours, simulated=f"http://127.0.0.1:{self._listening.getsockname()[1]}")
        return self

    def __exit__(self, *_: object) -> None:
        providers.init_app(current_app)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()

    def read(self, type: str, account: str, *, at: datetime, now: datetime) -> Read:
        """What the third party knew of an account at that moment, as far as a first sync reaches back."""
        with self._world.lock:
            self._world.forward_seconds = (at - now).total_seconds()
        described = providers.get(type)
        facts: list[Fact] = []
        cursors: dict[str, str] = {}
        for source in providers.sources(described, [scope.name for scope in described.scopes]):
            try:
                facts += self._source(type, account, source, cursors, at)
            except Failure:
                continue  # what it does not tell then, nobody misses in a demo
        return Read(facts + self._pushed(type, account, at), cursors)

    def _source(self, type: str, account: str, source: str, cursors: dict[str, str], at: datetime) -> list[Fact]:
        grant = Grant(f"demo-ok-{account}")
        found: list[Fact] = []
        for _ in range(MOST_PAGES):
            page = providers.page(providers.get(type), grant, source=source, cursor=cursors.get(source), now=at)
            found += page.facts
            if page.cursor is not None:
                cursors[source] = page.cursor
            if not page.more:
                break
        return found

    def _pushed(self, type: str, account: str, at: datetime) -> list[Fact]:
        """What a third party sends by itself."""
        party = self._parties.get(type)
        if not isinstance(party, Garmin):
            return []
        facts: list[Fact] = []
        for event in PUSHES:
            with self._world.lock:
                notice = party.pushed(account, event, count=40)
            call: dict[str, Any] = {"method": "POST", "headers": notice.headers, "query": {}, "body": notice.body}
            answered = providers.read_notice(providers.get(type), now=at, **call)
            facts += [fact for told in answered.notices for fact in told.facts]
        return facts


def _client(party: OAuthParty) -> Client:
    return Client(party.client_id, party.client_secret, party.webhook_secret, "demo-subscription-key-suunto")


def as_text(cursors: Mapping[str, str]) -> str:
    """Cursors as the table keeps them."""
    return json.dumps(dict(cursors))
