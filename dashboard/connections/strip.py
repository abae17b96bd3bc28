"""The last thirty days of a connection, one mark each."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import orjson

LENGTH = 30


class Mark(StrEnum):
    """What a day was: brought records, nothing new, failed, or not yet connected."""

    GOT = "got"
    NONE = "none"
    FAIL = "fail"
    OFF = "off"


class Strip(NamedTuple):
    """Thirty UTC days, the last one today. It lists the days that had a sync; the marks of the others follow."""

    first: date
    connected: int
    """The place of the day it was connected, from 0: 0 too if that is longer ago."""
    days: str
    """``place,records,failures`` of each day that had a sync, all separated by commas, as the database tells them."""

    @property
    def told(self) -> Sequence[int]:
        """Place, records and failures of each day that had a sync, one after another: a page reads hundreds of days."""
        return orjson.loads(f"[{self.days}]")

    def synced(self) -> Iterator[tuple[int, int, int]]:
        """The days that had a sync, in no order: place, records, failures."""
        told = self.told
        return zip(told[::3], told[1::3], told[2::3], strict=True)

    def day(self, place: int) -> date:
        """The day at a place, from 0."""
        return self.first + timedelta(days=place)

    @property
    def records(self) -> int:
        """The records of all days."""
        return sum(self.told[1::3])

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the thirty days."""
        marks = [Mark.OFF] * self.connected + [Mark.NONE] * (LENGTH - self.connected)
        for place, records, failures in self.synced():
            if records or failures:
                marks[place] = Mark.GOT if records else Mark.FAIL
        return tuple(marks)


def first_day(now: datetime) -> date:
    """The first day of a strip that ends today."""
    return now.date() - timedelta(days=LENGTH - 1)


def read(days: str | None, *, first: date, created_at: datetime) -> Strip:
    """The strip that begins on ``first``, from the row's ``place,records,failures`` entries. None: there are none."""
    connected = created_at.toordinal() - first.toordinal()
    return Strip(first, min(max(connected, 0), LENGTH), days or "")
