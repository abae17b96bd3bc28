"""What an import read, kept on disk until all of it is known to be good."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Self

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
CREATE TABLE records (id INTEGER PRIMARY KEY, line INTEGER, type TEXT, created_at TEXT, last_sync_at TEXT);
CREATE TABLE problems (line INTEGER, reason TEXT);
BEGIN;
"""


class Record(NamedTuple):
    """A connection to take over, checked as far as it can be without the database."""

    id: int
    line: int
    type: str
    created_at: datetime
    last_sync_at: datetime | None


class Problem(NamedTuple):
    """Why a record can't be taken over."""

    line: int
    reason: str


class Staging:
    """A heap of records and problems in a temporary file, in which an id stands once. Gone when it is closed.

    Its memory stays the same for ten records and for ten million.
    """

    def __enter__(self) -> Self:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(_TABLES)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, record: Record) -> int | None:
        """Keep a record. If its id stands here already, it is not kept, and the line of the first one comes back."""
        last_sync_at = record.last_sync_at.isoformat() if record.last_sync_at else None
        row = (record.id, record.line, record.type, record.created_at.isoformat(), last_sync_at)
        if self._file.execute("INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?)", row).rowcount:
            return None
        return int(self._file.execute("SELECT line FROM records WHERE id = ?", (record.id,)).fetchone()[0])

    def discard(self, record: Record) -> None:
        """Forget a record."""
        self._file.execute("DELETE FROM records WHERE id = ?", (record.id,))

    def add_problem(self, line: int, reason: str) -> None:
        """Note why what stands on this line can't be taken over."""
        self._file.execute("INSERT INTO problems VALUES (?, ?)", (line, reason))

    def batches(self, size: int) -> Iterator[list[Record]]:
        """The records by id, so many at once. Discarding what was handed out is allowed meanwhile."""
        statement = "SELECT id, line, type, created_at, last_sync_at FROM records WHERE id > ? ORDER BY id LIMIT ?"
        last_id = 0
        while rows := self._file.execute(statement, (last_id, size)).fetchall():
            yield [_record(*row) for row in rows]
            last_id = rows[-1][0]

    def problems(self) -> Iterator[Problem]:
        """All problems in the order of the file."""
        for row in self._file.execute("SELECT line, reason FROM problems ORDER BY line, rowid"):
            yield Problem(*row)

    @property
    def record_count(self) -> int:
        """How many records are kept."""
        return int(self._file.execute("SELECT count(*) FROM records").fetchone()[0])

    @property
    def problem_count(self) -> int:
        """How many problems were noted."""
        return int(self._file.execute("SELECT count(*) FROM problems").fetchone()[0])

    @property
    def largest_id(self) -> int:
        """The largest id that is kept; 0: none is."""
        return int(self._file.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])


def _record(id: int, line: int, type: str, created_at: str, last_sync_at: str | None) -> Record:
    synced = datetime.fromisoformat(last_sync_at) if last_sync_at else None
    return Record(id, line, type, datetime.fromisoformat(created_at), synced)
