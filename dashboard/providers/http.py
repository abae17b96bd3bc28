"""The HTTP client that all talk with third parties goes through: kept connections, and limits on everything.

No request leaves for a host that the type's file does not name, none follows a redirect, none takes longer than
``limits.total_seconds`` or reads more than ``limits.body_bytes``; and no cookie of one person's call goes along with
the next one's.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from requests.auth import AuthBase

from dashboard.providers.clients import agreements
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.deadline import DeadlineAdapter, ending_in
from dashboard.providers.failures import Unavailable
from dashboard.providers.redact import said

AGENT = "RemoteConnections/1"
CHUNK_BYTES = 65_536


@dataclass(slots=True)
class Limits:
    """How long and how large an answer may be. A test may lower them."""

    connect_seconds: float = 5
    read_seconds: float = 15
    """Silence on the line."""
    total_seconds: float = 30
    """The whole request, from connecting to the last byte."""
    body_bytes: int = 8 * 1024 * 1024
    """Of the answer, unpacked."""


limits = Limits()


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    secrets: Collection[str] = field(default=(), repr=False)
    """What was sent that nobody may read, in case the answer repeats it."""

    @cached_property
    def json(self) -> Any:
        """The body as JSON (RFC 8259: no NaN, no endless depth); None if it is none, or empty."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @cached_property
    def said(self) -> str:
        """What the provider said, for people to read, free of secrets."""
        return said(self.json, self.body[:2000].decode("utf-8", "replace"), secrets=self.secrets)


class CarefulSession(requests.Session):
    """A session of ``requests`` that shares the process's connections and keeps to the limits.

    One lasts for one call, so that it carries no cookie on; only the connections are kept. It is never closed, which
    would close them for everybody.
    """

    type: ConnectionType
    """Whose hosts it may talk to."""

    def careful(self, type: ConnectionType) -> None:
        """Bind it to a type's hosts. Call before the first request."""
        self.type = type
        self.headers.update({"User-Agent": AGENT, "Accept": "application/json"})
        self.mount("https://", _adapter())
        self.mount("http://", _adapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is followed: an answer that sends us elsewhere is an odd one."""
        return

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send within the limits, to a host of the type.

        :raises Unavailable: it can't be reached, takes too long, or answers more than the limit.
        """
        self._pinned(str(request.url))
        kwargs |= {"stream": True, "timeout": (limits.connect_seconds, limits.read_seconds)}
        with _as_unavailable(), ending_in(limits.total_seconds):
            response = super().send(request, **kwargs)
            try:
                response._content = _read(response)  # what `requests` itself sets for one that was not streamed
            except BaseException:
                response.close()
                raise
        return response

    def _pinned(self, url: str) -> None:
        """Refuse a host that the type's file does not name: a slip of ours, never of the network's."""
        if not any(url.startswith(f"{agreements.address(f'https://{host}')}/") for host in self.type.hosts):
            raise ValueError(f"{urlsplit(url).netloc} is no host of {self.type.type}")


class Bearer(AuthBase):
    """Sends an access token in the header (RFC 6750 section 2.1), and keeps ``.netrc`` out of it."""

    def __init__(self, access_token: str | None) -> None:
        self._access_token = access_token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        if self._access_token:
            request.headers["Authorization"] = f"Bearer {self._access_token}"
        return request


def call(
    type: ConnectionType,
    method: str,
    url: str,
    *,
    access_token: str | None = None,
    parameters: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    secrets: Collection[str] = (),
) -> Answer:
    """Ask a third party, whatever it answers.

    :param url: as the type's file names it; a simulated third party is asked instead where one stands in.
    :param secrets: what else the answer may repeat and nobody may read.
    :raises Unavailable: there is no whole answer within the limits.
    """
    session = CarefulSession()
    session.careful(type)
    response = session.request(
        method,
        agreements.address(url),
        params=parameters,
        data=form,
        json=json,
        headers=headers,
        auth=Bearer(access_token),
    )
    return answer(response, secrets=[*secrets, *([access_token] if access_token else [])])


def answer(response: requests.Response, *, secrets: Collection[str]) -> Answer:
    """An answer that a :class:`CarefulSession` read, as ours."""
    return Answer(response.status_code, response.headers, response.content, secrets)


def _read(response: requests.Response) -> bytes:
    """The whole body.

    :raises Unavailable: it is longer than the limit.
    """
    body = bytearray()
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > limits.body_bytes:
            raise Unavailable(f"more than {limits.body_bytes} bytes", code="too_large")
    return bytes(body)


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Turn what the network can do to a request into a failure with a code."""
    try:
        yield
    except (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError):
        raise Unavailable(code="timeout") from None
    except requests.ConnectionError:
        raise Unavailable(code="unreachable") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        raise Unavailable("the answer breaks off", code="odd_answer") from None


_kept: dict[int, DeadlineAdapter] = {}


def _adapter() -> DeadlineAdapter:
    """The connections of this process, kept between requests; a fork gets its own."""
    return _kept.setdefault(os.getpid(), DeadlineAdapter(pool_connections=32, pool_maxsize=16))
