"""What all commands share: failures in one sentence, and plain aligned tables."""

import errno
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError, SQLAlchemyError

from dashboard.errors import Refused

MEASURED = 1000
"""So many rows decide how wide a column is; what is longer after them stands out, and a million rows stream."""
MISSING = re.compile(r"no such (table|column)|(relation|column) .* does not exist")
"""How SQLite and PostgreSQL say that the migrations have not run."""


class Group(AppGroup):
    """A group of commands that end in one clear sentence and exit code 1, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with failing_plainly():
            return super().invoke(ctx)


@contextmanager
def failing_plainly() -> Iterator[None]:
    """Turn what a rule refuses, and what the machine can't do, into a sentence for the operator."""
    try:
        yield
    except Refused as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise click.ClickException(database_words(error)) from None
    except sqlite3.Error as error:
        raise click.ClickException(f"The temporary file can't be used ({error}). TMPDIR names another place.") from None
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}.") from None


def database_words(error: SQLAlchemyError) -> str:
    """What is wrong with the database and what to do. Without the statement, whose values are nobody's business."""
    reason = str(error.orig if isinstance(error, DatabaseError) else error).strip().splitlines()[0].strip()
    if isinstance(error, ProgrammingError | OperationalError) and MISSING.search(reason):
        return "The database lacks tables or columns of this version. Run: flask --app wsgi db upgrade"
    if "locked" in reason:
        return "The database is busy with another writer. Try again in a moment."
    return f"The database can't be used: {reason}. Check DATABASE_URL, and that the server runs."


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, the headings first, in columns two blanks apart."""
    rest = iter(rows)
    first = [headings, *([_clean(cell) for cell in row] for row in islice(rest, MEASURED))]
    widths = [max(len(row[place]) for row in first) for place in range(len(headings))]
    for row in chain(first, ([_clean(cell) for cell in row] for row in rest)):
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def moment(at: datetime | None) -> str:
    """A moment for the operator, in UTC; a dash for none."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "-"


def _clean(cell: str) -> str:
    """Nothing that moves a terminal's cursor or breaks a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in cell)
