"""Read one page of a source of records, and say where the next one begins.

A cursor is ours: JSON with the window that is being read (``start``, ``end``), the place in it (``at``), how many
pages it took (``page``), when the last one came (``read``), and the moment this reading began (``began``), from which
the next one goes back a little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dashboard.providers import dialects, paths
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.facts import facts_of
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Client, Fact, Grant, Page
from dashboard.providers.http import Answer, call
from dashboard.providers.judging import judge
from dashboard.providers.source import Paging, Since, Source

MOST_PAGES = 2000
"""Of one reading. A provider that has more goes round in circles."""
PATIENCE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Mark:
    """A cursor, read."""

    start: float
    end: float
    began: float
    at: str | None = None
    page: int = 0
    read: float = 0


def read_page(
    type: ConnectionType, client: Client, grant: Grant, source: Source, *, cursor: str | None, now: datetime
) -> Page:
    """One page of a source. See :func:`dashboard.providers.talking.page`.

    :raises Failure: the provider did not answer as it should.
    """
    mark = _mark(source.since or Since(), cursor, now)
    dialect = dialects.of(type)
    answer = _ask(type, client, grant, source, mark)
    judge(type, "data", answer, now=now)
    document = dialect.unwrap(answer)
    items = _items(source, answer, document)
    apart = [each for item in items for each in dialect.items(source, document, item)]
    facts = tuple(facts_of(source.records, apart, what=f"{type.type} {source.name}"))
    at = _next_place(source, mark, document, len(items), facts)
    return Page(facts, *_further(source, mark, at))


def _mark(since: Since, cursor: str | None, now: datetime) -> Mark:
    """Where to go on. A reading whose last page is an hour old begins its window anew: marks of pages do not last."""
    try:
        mark = Mark(**orjson.loads(cursor)) if cursor else None
    except (orjson.JSONDecodeError, TypeError):  # written by another version of ours
        mark = None
    if mark and mark.read >= now.timestamp() - PATIENCE_SECONDS:
        return replace(mark, read=now.timestamp())
    start = mark.start if mark else (now - timedelta(days=since.first_days)).timestamp()
    return _window(since, Mark(start, 0, began=now.timestamp(), read=now.timestamp()))


def _window(since: Since, mark: Mark) -> Mark:
    """The window that begins at the mark's start."""
    end = mark.began + since.ahead_hours * 3600
    if since.window_days:
        end = min(end, mark.start + since.window_days * 86_400)
    return replace(mark, end=end, at=None)


def _ask(type: ConnectionType, client: Client, grant: Grant, source: Source, mark: Mark) -> Answer:
    parameters = dict(source.parameters) | dict(_since_parameters(source.since, mark))
    parameters |= dict(_paging_parameters(source.paging, mark))
    names = {"start": _moment(mark.start, _format(source)), "end": _moment(mark.end, _format(source))}
    url = (source.url or "").format(**names)
    posts = source.method == "POST"
    return call(
        type,
        source.method,
        url,
        access_token=grant.access_token,
        parameters=None if posts else parameters,
        form=parameters if posts else None,
        headers={name: value.format(subscription_key=client.subscription_key) for name, value in type.data_headers},
        secrets=[client.secret, client.subscription_key],
    )


def _since_parameters(since: Since | None, mark: Mark) -> Iterator[tuple[str, str]]:
    if since is None or since.parameter is None:
        return
    start, end = _moment(mark.start, since.format), _moment(mark.end, since.format)
    yield since.parameter, since.template.format(start=start, end=end) if since.template else start
    if since.until:
        yield since.until, end


def _paging_parameters(paging: Paging | None, mark: Mark) -> Iterator[tuple[str, str]]:
    if paging is None:
        return
    if paging.style == "page":
        yield paging.parameter, mark.at or "1"
    elif mark.at is not None:
        yield paging.parameter, mark.at


def _format(source: Source) -> str:
    return source.since.format if source.since else "date"


def _moment(timestamp: float, format: str) -> str:
    at = datetime.fromtimestamp(timestamp, UTC)
    if format == "date":
        return at.date().isoformat()
    if format in {"iso", "iso_local"}:
        return at.strftime("%Y-%m-%dT%H:%M:%S" + ("Z" if format == "iso" else ""))
    return str(int(timestamp * (1000 if format == "epoch_ms" else 1)))


def _items(source: Source, answer: Answer, document: Any) -> list[Any]:
    """The list of a source. An answer without a body (204) has none.

    :raises Unavailable: ``odd_answer``, if there is no list where it should be.
    """
    if answer.status == 204 and not answer.body:
        return []
    found = paths.find(document, source.list) if source.list else document
    if not isinstance(found, list):
        raise Unavailable(f"no list of {source.name}", code="odd_answer")
    return found


def _next_place(source: Source, mark: Mark, document: Any, count: int, facts: tuple[Fact, ...]) -> str | None:
    """The place of the next page in this window. None: this was the last.

    :raises Unavailable: ``odd_answer``, if the pages go round in circles.
    """
    paging = source.paging
    if paging is None or (source.since and source.since.newest_first and _reached(mark, facts)):
        return None
    if paging.more and not paths.find(document, paging.more):
        return None
    place = _told_place(paging, document) if paging.token else _counted_place(paging, mark, count)
    if place is not None and (place == mark.at or mark.page >= MOST_PAGES):
        raise Unavailable(f"the pages of {source.name} have no end", code="odd_answer")
    return place


def _told_place(paging: Paging, document: Any) -> str | None:
    found = paths.find(document, paging.token or "")
    if found in (None, "", 0):
        return None
    if isinstance(found, str | int) and not isinstance(found, bool) and len(str(found)) <= 2000:
        return str(found)
    raise Unavailable("the mark of the next page is none", code="odd_answer")


def _counted_place(paging: Paging, mark: Mark, count: int) -> str | None:
    if count < (paging.size or 1):
        return None
    return str(int(mark.at or 1) + 1) if paging.style == "page" else str(int(mark.at or 0) + count)


def _reached(mark: Mark, facts: tuple[Fact, ...]) -> bool:
    """Whether pages that go back in time have come to where we were."""
    return any(fact.measured_at.timestamp() < mark.start for fact in facts)


def _further(source: Source, mark: Mark, at: str | None) -> tuple[str, bool]:
    """The cursor after a page, and whether more is there now."""
    since = source.since or Since()
    if at is not None:
        return _written(replace(mark, at=at, page=mark.page + 1)), True
    if since.window_days and mark.end < mark.began:
        return _written(_window(since, replace(mark, start=mark.end, page=mark.page + 1))), True
    start = datetime.fromtimestamp(mark.began, UTC) - timedelta(hours=since.overlap_hours)
    return _written(Mark(start.timestamp(), 0, began=0)), False


def _written(mark: Mark) -> str:
    return orjson.dumps(asdict(mark)).decode()
