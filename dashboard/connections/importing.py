"""Reading what is new at a provider, page by page; each page is stored with its cursor in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from dashboard import providers
from dashboard.connections import budget, refreshing, storing
from dashboard.connections.refreshing import LeaseLost
from dashboard.connections.tokens import opened
from dashboard.data import clock, leases, syncs, transaction
from dashboard.data.history import Trigger
from dashboard.data.syncs import Held
from dashboard.providers import ConnectionType, Grant, Page
from dashboard.providers.failures import UNANSWERED, AccessExpired, NotShared, Unavailable

MOST_PAGES = 100
"""So many pages one sync reads at most, so that nobody waits behind a whole history; the next one goes on."""


@dataclass(slots=True)
class Work:
    """A sync that is under way."""

    held: Held
    type: ConnectionType
    record_count: int
    """Records that are new and stored by now, those of a sync before that came to no run included."""
    grant: Grant = field(init=False)
    cursors: dict[str, str] = field(init=False)
    page_count: int = 0
    refreshed: bool = False
    more: bool = False
    """There is more to read than one sync may."""


def read_new(work: Work) -> None:
    """Ask for all that is new and store it. What was stored stays, however it ends.

    A source that fails keeps no other from being read. One that the person does not share is left out, unless no
    other is there.

    :raises Unreadable: no configured key opens the tokens.
    :raises Failure: the provider failed.
    :raises Spent: its rate limit is used up.
    :raises LeaseLost: the rest is somebody else's.
    """
    held = work.held
    work.grant = opened(held, scopes=held.scopes, account_id=held.remote_account_id)
    work.cursors = orjson.loads(held.cursors)
    if not providers.may_ask(work.type):
        _renew_only(work)
        return
    if refreshing.is_due(work.grant, now=clock.now()):
        _refresh(work)
    _read_sources(work, providers.sources(work.type, held.scopes.split()))


def _read_sources(work: Work, sources: Sequence[str]) -> None:
    failed: list[Unavailable] = []
    unshared: list[NotShared] = []
    for source in sources:
        try:
            _read_source(work, source)
        except NotShared as failure:
            unshared.append(failure)
        except Unavailable as failure:
            if failed and failure.code in UNANSWERED:  # it is away, and each source would wait for it in vain
                raise
            failed.append(failure)
        else:
            continue
        refreshing.hold_on(work.held.id, key=work.held.lease_key)
    if failed:
        raise max(failed, key=lambda failure: failure.wait or timedelta())
    if unshared and len(unshared) == len(sources):
        raise unshared[-1]


def _renew_only(work: Work) -> None:
    """A provider that only sends is asked for nothing; its grant is renewed, which also proves that it is good."""
    if work.grant.refresh_token and work.held.due_why != Trigger.CONNECT:
        _refresh(work)


def _read_source(work: Work, source: str) -> None:
    while not work.more:
        before = work.cursors.get(source)
        page = _page(work, source, before)
        _store(work, source, page)
        if not page.more:
            return
        if page.cursor is None or page.cursor == before:
            raise Unavailable("a page names itself as the next one", code="odd_answer")
        work.page_count += 1
        work.more = work.page_count >= MOST_PAGES


def _page(work: Work, source: str, cursor: str | None) -> Page:
    """A page; once in a sync, a grant that the provider finds expired is renewed."""
    try:
        return _ask(work, source, cursor)
    except AccessExpired:
        if work.refreshed or not work.grant.refresh_token:
            raise
        _refresh(work)
        return _ask(work, source, cursor)


def _ask(work: Work, source: str, cursor: str | None) -> Page:
    budget.spend(work.type)
    return providers.page(work.type, work.grant, source=source, cursor=cursor, now=clock.now())


def _refresh(work: Work) -> None:
    budget.spend(work.type)
    work.grant = refreshing.renew(work.type, work.grant, connection_id=work.held.id, key=work.held.lease_key)
    work.refreshed = True


def _store(work: Work, source: str, page: Page) -> None:
    """Store a page with its cursor, and hold the lease on; all of it, or nothing."""
    cursors = work.cursors if page.cursor is None else work.cursors | {source: page.cursor}
    now = clock.now()
    with transaction():
        if not syncs.hold(work.held.id, key=work.held.lease_key, until=leases.until(now), cursors=cursors):
            raise LeaseLost
        new = _store_facts(work, page, now)
    work.cursors, work.record_count = cursors, work.record_count + new


def _store_facts(work: Work, page: Page, now: datetime) -> int:
    held = work.held
    new = storing.store(held.id, owner_id=held.user_id, type=held.type, facts=page.facts, now=now)
    if new:
        syncs.add_progress(held.id, new)
    return new
