"""Read a TOML table strictly: each key is asked for once, by the kind of value it must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
D = TypeVar("D")


class InvalidType(ValueError):
    """A type file is wrong. The text names the file, the key, and what to do; it is for the operator."""

    def __init__(self, file: str, key: str, remedy: str) -> None:
        self.file = file
        self.key = key
        super().__init__(f"{file}: {key}: {remedy}")


class Table:
    """One table of a file. After the last key was taken, ``close`` refuses what nobody asked for."""

    def __init__(self, file: str, values: Mapping[str, object], *, path: str = "") -> None:
        self._file = file
        self._values = values
        self._path = path
        self._asked: list[str] = []

    def take(self, key: str, read: Callable[[object], T]) -> T:
        """The value of a key that must be there.

        :raises InvalidType: it is missing, or ``read`` refuses it.
        """
        self._asked.append(key)
        if key not in self._values:
            raise self.wrong(key, f"is missing; add it.{self._misspelt(key)}")
        return self._read(key, read)

    def take_or(self, key: str, read: Callable[[object], T], default: D) -> T | D:
        """The value of a key that may be left out.

        :raises InvalidType: it is there and ``read`` refuses it.
        """
        self._asked.append(key)
        return self._read(key, read) if key in self._values else default

    def table(self, key: str) -> Table | None:
        """A table within this one, if it is there.

        :raises InvalidType: it is no table.
        """
        values = self.take_or(key, _mapping, None)
        return None if values is None else Table(self._file, values, path=f"{self._path}{key}.")

    def tables(self, key: str) -> list[Table]:
        """An array of tables, in the order of the file; empty if it is not there.

        :raises InvalidType: it is no array of tables.
        """
        array = self.take_or(key, tuple_of(_mapping), ())
        return [Table(self._file, values, path=f"{self._path}{key}[{place}].") for place, values in enumerate(array, 1)]

    def close(self) -> None:
        """Call after the last key.

        :raises InvalidType: the table has a key that was not asked for.
        """
        for key in self._values:
            if key not in self._asked:
                raise self.wrong(key, f"is not known; correct or remove it. Known here: {', '.join(self._asked)}.")

    def _misspelt(self, key: str) -> str:
        """A word on the key that stands there instead, if one looks like it."""
        like = get_close_matches(key, self._values.keys() - set(self._asked), n=1, cutoff=0.9)
        return f" Or is it {like[0]!r} that is there?" if like else ""

    def wrong(self, key: str, remedy: str) -> InvalidType:
        """The error to raise about one of this table's keys."""
        return InvalidType(self._file, f"{self._path}{key}", remedy)

    def _read(self, key: str, read: Callable[[object], T]) -> T:
        try:
            return read(self._values[key])
        except ValueError as refusal:
            raise self.wrong(key, str(refusal)) from None


def text(value: object) -> str:
    """One line of text."""
    if isinstance(value, str) and value and value == " ".join(value.split()):
        return value
    raise ValueError("write one line of text in quotes, with no space around it.")


def type_key(value: object) -> str:
    """The key of a connection type."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]*", value):
        return value
    raise ValueError("write a key of small letters, digits and underscores in quotes.")


def count(value: object) -> int:
    """A whole number from 1."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise ValueError("write a whole number of 1 or more.")


def flag(value: object) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    raise ValueError("write true or false.")


def day(value: object) -> date:
    """A date without a time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("write a date such as 2026-11-02, without quotes and time.")


def url(value: object) -> str:
    """An absolute https address without user information or fragment."""
    if isinstance(value, str) and re.fullmatch(r"[!-z~]+", value) and _absolute_https(value):
        return value
    raise ValueError("write a full https:// address in quotes, with a host, and without user name or fragment.")


def template(*names: str) -> Callable[[object], str]:
    """A reader for an https address with some ``{name}`` to fill in, none of them in its host."""

    def read(value: object) -> str:
        if isinstance(value, str):
            filled = value
            for name in names:
                filled = filled.replace(f"{{{name}}}", "x")
            if url(filled) and "{" not in "".join(urlsplit(value)[:2]):
                return value
        raise ValueError(
            f"write a full https:// address in quotes; it may hold {', '.join(f'{{{n}}}' for n in names)}."
        )

    return read


def path(value: object) -> str:
    """A path in a JSON document."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value):
        return value
    raise ValueError("write a path of names with dots between them in quotes, such as 'body.scope'.")


def number(value: object) -> float:
    """A number above zero."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise ValueError("write a number above 0.")


def whole(value: object) -> int:
    """A whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("write a whole number of 0 or more.")


def conditions(value: object) -> tuple[tuple[str, str | bool | tuple[int, ...]], ...]:
    """A table of paths, and what must be there: a text, true, false, a whole number, or an array of such."""
    return tuple((path(name), _wanted(wanted)) for name, wanted in _mapping(value).items())


def _wanted(value: object) -> str | bool | tuple[int, ...]:
    if isinstance(value, str | bool) and value != "":
        return value
    return tuple_of(whole)(value if isinstance(value, list) else [value])


def one_of(*choices: str) -> Callable[[object], str]:
    """A reader for one of a few words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ValueError(f"write one of: {', '.join(map(repr, choices))}.")

    return read


def tuple_of(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A reader for an array, each member of which ``read`` accepts."""

    def read_all(value: object) -> tuple[T, ...]:
        if isinstance(value, list):
            return tuple(read(member) for member in value)
        raise ValueError("write an array.")

    return read_all


def text_pairs(value: object) -> tuple[tuple[str, str], ...]:
    """A table that holds nothing but texts, as pairs."""
    return tuple((name, text(member)) for name, member in _mapping(value).items())


def document(*names: str) -> Callable[[object], dict[str, object]]:
    """A reader for a table of any depth, whose texts may hold some ``{name}`` to fill in."""

    def read(value: object) -> dict[str, object]:
        for each in _texts(_mapping(value)):
            unknown = set(re.findall(r"\{([^}]*)\}", each)) - set(names)
            if unknown:
                known = ", ".join(f"{{{name}}}" for name in names)
                raise ValueError(f"{{{unknown.pop()}}} is not known here; its texts may hold {known}.")
        return _mapping(value)

    return read


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def path_pairs(value: object) -> tuple[tuple[str, str], ...]:
    """A table that holds nothing but paths, as pairs."""
    return tuple((name, path(member)) for name, member in _mapping(value).items())


def _mapping(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError("write a table.")


def _absolute_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return (
            parts.scheme == "https"
            and bool(parts.hostname)
            and parts.username is None
            and "#" not in address
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:  # a port that is no number, a bracket left open
        return False
