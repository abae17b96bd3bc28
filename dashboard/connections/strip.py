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
    """What a day was: brought records, nothing new, failed, or not yet connected."""

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
    letters, had = [NONE] * LENGTH, [row for row in days if last - LENGTH < row.day <= last]
    best = max((row.record_count for row in had), default=0)
    for row in had:
        place = row.day - last - 1
        if row.record_count:
            letters[place] = LEVELS[-(-len(LEVELS) * row.record_count // best) - 1]
        elif row.failure_count:
            letters[place] = FAIL
    return "".join(letters)


def read(letters: str | None, day: int | None, *, first: date, created_at: datetime) -> Strip:
    """The strip that begins on ``first``, from the letters that were kept up to a day. None: there was no run yet."""
    begins = first.toordinal()
    shown = letters or ""
    gone = begins + LENGTH - 1 - day if day is not None else LENGTH
    if gone > 0:
        shown = (shown + NONE * LENGTH)[min(gone, len(shown)) :][:LENGTH]
    connected = created_at.toordinal() - begins
    if connected > 0:
        shown = shown[:connected].replace(NONE, OFF) + shown[connected:]
    return Strip(first, shown)
