"""The last thirty days of a connection, one mark each. Kept with the connection as a word of thirty letters."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from string import ascii_lowercase
from typing import NamedTuple

from dashboard.data import history
from dashboard.data.history import DayRow

LENGTH = 30
LEVELS = ascii_lowercase
"""The letters of days with records: "z" is the best of the thirty days, and the others stand for their share of it."""
NONE, FAIL, OFF = ".", "!", " "


class Mark(StrEnum):
    """What a day was: brought records, nothing new, failed, or nobody asked: not connected yet, ended, resting."""

    GOT = "got"
    NONE = "none"
    FAIL = "fail"
    OFF = "off"


_MARKS = {NONE: Mark.NONE, FAIL: Mark.FAIL, OFF: Mark.OFF}


class Strip(NamedTuple):
    """Thirty UTC days, the last one today."""

    first: date
    letters: str
    """One a day: of :data:`LEVELS` if it brought records, else :data:`NONE`, :data:`FAIL` or :data:`OFF`."""

    def day(self, place: int) -> date:
        """The day at a place, from 0."""
        return self.first + timedelta(days=place)

    def days_since(self, moment: datetime) -> int:
        """How many of the thirty days there were since a moment, its own among them."""
        return LENGTH - max(0, moment.toordinal() - self.first.toordinal())

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the thirty days."""
        return tuple(_MARKS.get(letter, Mark.GOT) for letter in self.letters)


def first_day(now: datetime) -> date:
    """The first day of a strip that ends today."""
    return now.date() - timedelta(days=LENGTH - 1)


def keep(connection_id: int, *, day: int) -> None:
    """Write down the strip that ends on a day, whose ordinal it is; the caller has just counted a run in that day."""
    days = history.days(connection_id, since=day - LENGTH + 1)
    history.keep_strip(connection_id, written(days, last=day), day=day)


def written(days: Iterable[DayRow], *, last: int) -> str:
    """The letters of the thirty days up to one. Days that it lacks had no run."""
    letters, had = [OFF] * LENGTH, [row for row in days if last - LENGTH < row.day <= last]
    best = max((row.record_count for row in had), default=0)
    for row in had:
        place = row.day - last - 1
        if row.record_count:
            letters[place] = LEVELS[-(-len(LEVELS) * row.record_count // best) - 1]
        else:
            letters[place] = FAIL if row.failure_count else NONE
    return "".join(letters)


def read(letters: str | None, day: int | None, *, first: date) -> Strip:
    """The strip that begins on ``first``, from the letters that were kept up to a day. None: there was no run yet."""
    if letters is None or day is None:
        return Strip(first, OFF * LENGTH)
    gone = max(0, first.toordinal() + LENGTH - 1 - day)
    return Strip(first, letters[gone:] + OFF * min(gone, LENGTH))
