"""Reading Remote Connections from JSON as the API writes it: one after the other, each with the line it begins on.

A collection page, an item, or any number of them one after the other (also one a line). Nothing is kept but the one
record at hand, so a file may be of any size, on one line or on many.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import ijson

CHUNK_BYTES = 64 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PROPERTIES = frozenset({"created_datetime", "last_sync_time", "remote_id", "type"})
NOT_TEXT = object()
"""Stands for an object or a list where a plain value belongs."""
Events = Iterator[tuple[int, str, Any]]


class NotJson(Exception):
    """The text breaks off being JSON on this line; what came before was handed out already."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class Found:
    """What stands where a Remote Connection should: its line and properties, or why it is none."""

    line: int
    properties: dict[str, Any] = field(default_factory=dict)
    wrong: str | None = None


class Incoming:
    """The records of one source.

    ``total`` is, once all are read, the largest ``total_count`` that a collection named; None: none did.

    :param progress: told how many more bytes were read, from time to time.
    """

    def __init__(self, source: BinaryIO, progress: Callable[[int], object]) -> None:
        self.total: int | None = None
        self._events = _events(source, progress)

    def __iter__(self) -> Iterator[Found]:
        """Every record in its order. :raises NotJson: where the text stops being JSON, or holds none."""
        for line, event, _ in self._events:
            if event == "start_map":
                yield from self._document(line)
            else:
                _skip(self._events, event)
                yield Found(line, wrong="neither a Remote Connection nor a collection of them")

    def _document(self, line: int) -> Iterator[Found]:
        found, collection = Found(line), False
        for key, at, event, value in _members(self._events):
            if key == "_embedded":
                collection = True
                yield from self._embedded(at, event)
            elif key == "total_count" and event == "number" and isinstance(value, int):
                self.total = max(self.total or 0, value)
            else:
                _keep(found, key, self._events, event, value)
        if not collection:
            if not found.properties:
                found.wrong = "neither a Remote Connection nor a collection of them"
            yield found

    def _embedded(self, line: int, event: str) -> Iterator[Found]:
        held = False
        if event != "start_map":
            _skip(self._events, event)
        else:
            for key, at, inner, _ in _members(self._events):
                if key == "remoteconnection":
                    held = True
                    yield from self._list(at, inner)
                else:
                    _skip(self._events, inner)
        if not held:
            yield Found(line, wrong="a collection without _embedded.remoteconnection")

    def _list(self, line: int, event: str) -> Iterator[Found]:
        if event != "start_array":
            _skip(self._events, event)
            yield Found(line, wrong="_embedded.remoteconnection is not a list")
            return
        for at, inner, _ in self._events:
            if inner == "end_array":
                return
            if inner == "start_map":
                yield self._record(at)
            else:
                _skip(self._events, inner)
                yield Found(at, wrong="not an object")

    def _record(self, line: int) -> Found:
        found = Found(line)
        for key, _, event, value in _members(self._events):
            _keep(found, key, self._events, event, value)
        return found


def _members(events: Events) -> Iterator[tuple[str, int, str, Any]]:
    """The members of an object whose start was read: key, line, event and value. Who meets a nested one reads it."""
    for _, event, key in events:
        if event == "end_map":
            return
        line, event, value = next(events)
        yield key, line, event, value


def _keep(found: Found, key: str, events: Events, event: str, value: Any) -> None:
    nested = event in {"start_map", "start_array"}
    if nested:
        _skip(events, event)
    if key in PROPERTIES:
        found.properties[key] = NOT_TEXT if nested else value


def _skip(events: Events, event: str) -> None:
    """Read on to the end of a nested value."""
    depth = 1 if event in {"start_map", "start_array"} else 0
    while depth:
        _, event, _ = next(events)
        if event in {"start_map", "start_array"}:
            depth += 1
        elif event in {"end_map", "end_array"}:
            depth -= 1


def _events(source: BinaryIO, progress: Callable[[int], object]) -> Events:
    """ijson's events with the line of each. It is fed line by line, and no token of JSON goes beyond its line."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, multiple_values=True)
    line, unsaid, blank = 1, 0, True
    chunk = source.readline(CHUNK_BYTES).removeprefix(BYTE_ORDER_MARK)
    while chunk:
        _feed(parser, chunk, line)
        for event, value in events:
            yield line, event, value
        events.clear()
        blank = blank and not chunk.strip()
        line += chunk.endswith(b"\n")
        unsaid += len(chunk)
        if unsaid >= CHUNK_BYTES:
            progress(unsaid)
            unsaid = 0
        chunk = source.readline(CHUNK_BYTES)
    progress(unsaid)
    if blank:
        raise NotJson(line, "there is nothing in it")
    _feed(parser, None, line)
    for event, value in events:
        yield line, event, value


def _feed(parser: Any, chunk: bytes | None, line: int) -> None:
    """Parse the next bytes; None: there are no more.

    ijson's C parser raises SystemError, and the others ValueError, for a number of more digits than Python reads.
    """
    try:
        parser.close() if chunk is None else parser.send(chunk)
    except ijson.IncompleteJSONError as error:
        raise NotJson(line, _reason(error)) from None
    except (ijson.JSONError, ValueError, SystemError):
        raise NotJson(line, "not JSON") from None


def _reason(error: Exception) -> str:
    """The parser's own words without its picture of the place, which the line replaces."""
    words = str(error).removeprefix("b'").replace("\\n", "\n").splitlines()[0].strip(" .'")
    if "premature EOF" in words or "Incomplete" in words:
        return "not JSON: it breaks off in the middle"
    return f"not JSON: {words}"
