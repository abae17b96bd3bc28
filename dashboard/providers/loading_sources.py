"""Read the sources of records of a type file, and how their items become facts."""

from __future__ import annotations

from dashboard.providers import table
from dashboard.providers.source import Paging, Recording, Since, Source
from dashboard.providers.table import Table
from dashboard.records.kinds import KINDS

_TIMES = table.one_of("iso", "iso_local", "iso_utc", "epoch", "epoch_ms", "date")
_PATHS = table.tuple_of(table.path)


def sources(keys: Table) -> tuple[Source, ...]:
    """All sources of a file.

    :raises InvalidType: one is wrong, or two have one name.
    """
    found: list[Source] = []
    for entry in keys.tables("sources"):
        source = _source(entry)
        if any(source.name == other.name for other in found):
            raise entry.wrong("name", f"{source.name!r} is there twice; keep one.")
        found.append(source)
    return tuple(found)


def _source(keys: Table) -> Source:
    source = Source(
        name=keys.take("name", table.type_key),
        url=keys.take_or("url", table.template("start", "end"), None),
        method=keys.take_or("method", table.one_of("GET", "POST"), "GET"),
        scopes=keys.take_or("scopes", table.tuple_of(table.text), ()),
        parameters=keys.take_or("parameters", table.text_pairs, ()),
        list=keys.take_or("list", table.path, ""),
        since=_since(keys.table("since")),
        paging=_paging(keys.table("paging")),
        records=tuple(_recording(entry) for entry in keys.tables("records")),
    )
    keys.close()
    if source.url is None and not source.list:
        raise keys.wrong("url", "is missing; add it, or the path `list` where the records are pushed to us.")
    if not source.records:
        raise keys.wrong("records", "is empty; say what its items become.")
    if source.paging and source.paging.style != "token" and not (source.paging.size or source.paging.more):
        raise keys.wrong("paging.size", "is missing; without it, nobody knows which page is the last.")
    return source


def _since(keys: Table | None) -> Since | None:
    if keys is None:
        return None
    since = Since(
        parameter=keys.take_or("parameter", table.text, None),
        until=keys.take_or("until", table.text, None),
        format=keys.take("format", table.one_of("epoch", "epoch_ms", "iso", "iso_local", "date")),
        template=keys.take_or("template", table.text, None),
        first_days=keys.take("first_days", table.count),
        overlap_hours=keys.take("overlap_hours", table.count),
        window_days=keys.take_or("window_days", table.count, None),
        ahead_hours=keys.take_or("ahead_hours", table.whole, 0),
        newest_first=keys.take_or("newest_first", table.flag, False),
    )
    keys.close()
    return since


def _paging(keys: Table | None) -> Paging | None:
    if keys is None:
        return None
    paging = Paging(
        style=keys.take("style", table.one_of("offset", "page", "token")),
        parameter=keys.take("parameter", table.text),
        size=keys.take_or("size", table.count, None),
        more=keys.take_or("more", table.path, None),
        token=keys.take_or("token", table.path, None),
    )
    keys.close()
    if paging.style == "token" and paging.token is None:
        raise keys.wrong("token", "is missing; add the path of the next page's mark.")
    return paging


def _recording(keys: Table) -> Recording:
    recording = Recording(
        kind=keys.take("kind", table.one_of(*KINDS)),
        at=keys.take("at", table.path),
        format=keys.take_or("format", _TIMES, "iso"),
        id=keys.take_or("id", table.path, None),
        offset=keys.take_or("offset", table.path, None),
        offset_format=keys.take_or("offset_format", table.one_of("seconds", "minutes", "iso"), "seconds"),
        zone=keys.take_or("zone", table.path, None),
        ended=keys.take_or("ended", table.path, None),
        lasts=keys.take_or("lasts", table.path, None),
        lasts_format=keys.take_or("lasts_format", table.one_of("seconds", "ms", "minutes", "iso"), "seconds"),
        day=keys.take_or("day", table.path, None),
        day_of=keys.take_or("day_of", table.one_of("start", "end"), "start"),
        value=keys.take_or("value", _PATHS, ()),
        divide_by=keys.take_or("divide_by", table.number, 1.0),
        when=keys.take_or("when", table.conditions, ()),
        details=keys.take_or("details", table.path_pairs, ()),
        numbers=keys.take_or("numbers", table.path_pairs, ()),
    )
    keys.close()
    return recording
