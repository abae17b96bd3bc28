"""Everything held on a person, as JSON files in one zip. No token, no secret and no hash is among it."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import IO, Any

import orjson

from dashboard.data import (
    api_tokens,
    authorization_requests,
    connections,
    history,
    login_sessions,
    mails,
    records,
    revocations,
    support_accesses,
    transaction,
    users,
)
from dashboard.events import Event, everything_on, record
from dashboard.who import Who

CHUNK = 500


def write(file: IO[bytes], *, by: Who, read_me: str, names_staff: bool) -> None:
    """Write a person's zip, a few hundred rows in memory at a time, and note in their log that it was made.

    :param read_me: what the files are, in the person's language; it goes along as ``README.txt``.
    :param names_staff: whether people are told which member of the team looked.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", read_me)
        for name, rows in _files(by.subject_id, names_staff):
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.writelines(_json(rows))
    with transaction():
        record(Event.DATA_DOWNLOADED, by)


def _files(owner_id: int, names_staff: bool) -> Iterator[tuple[str, Iterable[Mapping[Any, Any]]]]:
    yield "profile.json", [users.everything_on(owner_id)]
    yield "connections.json", connections.everything_on(owner_id)
    yield "ended-connections.json", revocations.everything_on(owner_id)
    yield "ways-to-providers.json", authorization_requests.everything_on(owner_id)
    yield "syncs.json", history.everything_on(owner_id)
    yield "sync-days.json", map(_dated, history.days_on(owner_id))
    yield "records.json", map(_opened, records.everything_on(owner_id))
    yield "login-sessions.json", login_sessions.everything_on(owner_id)
    yield "api-tokens.json", api_tokens.everything_on(owner_id)
    yield "support-accesses.json", support_accesses.everything_on(owner_id, names=names_staff)
    yield "mails.json", mails.everything_on(owner_id)
    yield "activity.json", everything_on(owner_id)


def _dated(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "day": date.fromordinal(row["day"])}


def _opened(row: Mapping[Any, Any]) -> dict[str, Any]:
    """``details`` is JSON in the table; in a file it is part of the document."""
    return _dated(row) | {"details": orjson.loads(row["details"])}


def _json(rows: Iterable[Mapping[Any, Any]]) -> Iterator[bytes]:
    """A JSON array, one row a line. Bytes among the values are an error of ours: a secret is not to leave so."""
    left, lead = iter(rows), b"[\n"
    while chunk := list(islice(left, CHUNK)):
        yield lead + b",\n".join(orjson.dumps(dict(row)) for row in chunk)
        lead = b",\n"
    yield b"\n]\n" if lead == b",\n" else b"[]\n"
