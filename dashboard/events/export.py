"""The log as files: lines of JSON for machines, and a table for a spreadsheet. One event is one line in both."""

import csv
import io
from collections.abc import Iterable, Iterator

from dashboard.events.payload import canonical
from dashboard.events.reading import Logged, Party

COLUMNS = (
    "seq", "id", "at", "action", "outcome", "why", "sub", "sub_name", "act", "act_name", "access", "object", "request",
    "session", "address", "user_agent", "details", "erased", "hash",
)  # fmt: skip
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def json_lines(events: Iterable[Logged]) -> Iterator[str]:
    """A line an event. Control characters and what is not ASCII are escaped, so that no text can break out of its line.

    ``prev``, ``payload`` and ``hash`` go along: SHA-256 of the bytes of the first two is the third.
    """
    return (json_line(each) + "\n" for each in events)


def json_line(event: Logged) -> str:
    """One event as JSON, people as RFC 9493 names them. ``act`` stands there only if somebody else acted."""
    document: dict[str, object] = {
        "seq": event.seq,
        "id": event.id,
        "at": event.at.isoformat(),
        "action": event.action,
        "outcome": event.outcome,
        "why": event.why,
        "sub": _identifier(event.sub),
        "access": event.access,
        "object": {"kind": event.on[0], "id": event.on[1]} if event.on else None,
        "request": event.request,
        "session": event.session,
        "address": event.address,
        "user_agent": event.user_agent,
        "details": event.details,
        "erased": event.erased,
        "prev": event.prev,
        "payload": event.payload,
        "hash": event.hash,
    }
    if event.act != event.sub:
        document["act"] = {"sub": _identifier(event.act)}
    return canonical(document)


def _identifier(party: Party | None) -> dict[str, str] | None:
    """A subject identifier of RFC 9493: the issuer's while there is an account, else the log's own reference."""
    if party is None:
        return None
    if party.issuer is None or party.subject is None:
        return {"format": "opaque", "id": party.ref}
    return {"format": "iss_sub", "iss": party.issuer, "sub": party.subject}


def csv_lines(events: Iterable[Logged]) -> Iterator[str]:
    """The headings, and a line an event (RFC 4180). What a spreadsheet would compute begins with an apostrophe."""
    yield _csv_line(COLUMNS)
    for event in events:
        yield _csv_line(_cells(event))


def _cells(event: Logged) -> Iterator[str]:
    sub, act = event.sub or Party(""), event.act or Party("")
    values: dict[str, object] = {
        "at": event.at.isoformat(),
        "sub": sub.ref,
        "sub_name": sub.name or "",
        "act": act.ref,
        "act_name": act.name or "",
        "object": ":".join(event.on) if event.on else "",
        "details": canonical(event.details),
        "erased": "yes" if event.erased else "no",
    }
    for name in COLUMNS:
        value = values[name] if name in values else getattr(event, name)
        yield "" if value is None else str(value)


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(guarded(cell) for cell in cells)
    return line.getvalue()


def guarded(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell
