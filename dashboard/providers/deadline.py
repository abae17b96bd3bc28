"""A deadline for a whole request: however slowly the other side drips, it ends.

The timeouts of ``requests`` hold for each read from the socket, so that a byte every few seconds would keep a worker
for ever. Here each read gets no more time than the whole request has left, headers included.
"""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_current = threading.local()


@contextmanager
def ending_in(seconds: float) -> Iterator[None]:
    """Requests of this thread within the block end after so many seconds, by a ``TimeoutError`` at the latest."""
    _current.ends = monotonic() + seconds
    try:
        yield
    finally:
        _current.ends = None


def _left() -> float | None:
    """Seconds until the deadline of this thread. None: it has none.

    :raises TimeoutError: it has passed.
    """
    ends = getattr(_current, "ends", None)
    if ends is None:
        return None
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("the deadline of the request has passed")
    return float(left)


class _TimedReader(io.RawIOBase):
    """A socket's reader that asks the deadline before each read."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._seconds = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what comes within the time that is left."""
        left = _left()
        if left is not None:
            self._sock.settimeout(left if self._seconds is None else min(left, self._seconds))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        raw: Any = sock.makefile("rb", buffering=0)
        self.fp = io.BufferedReader(_TimedReader(raw, sock))


class _HTTPConnection(HTTPConnection):
    response_class = _TimedResponse


class _HTTPSConnection(HTTPSConnection):
    response_class = _TimedResponse


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """An adapter of ``requests`` whose connections keep to :func:`ending_in`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of our connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
