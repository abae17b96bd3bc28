"""A third party of a few lines: a real server on this computer, whose every answer a test writes itself."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One request that came."""

    method: str
    host: str
    """The third party's host, which the first part of the path stands for."""
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer."""

    body: Any = b""
    """Bytes as they are; anything else as JSON."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """Answers each request with the next reply of its list, the last one for ever; or as a function says."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: list[Reply | Callable[[BaseHTTPRequestHandler], None]] = [Reply({})]
        self.ports: set[int] = set()
        """The other ends: one a connection."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, *replies: Reply | Callable[[BaseHTTPRequestHandler], None]) -> None:
        """Answer so from now on."""
        self.replies = list(replies)

    def _next(self) -> Reply | Callable[[BaseHTTPRequestHandler], None]:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                server.asked.append(_asked(self))
                server.ports.add(self.client_address[1])
                reply = server._next()
                if not isinstance(reply, Reply):
                    self.close_connection = True
                    reply(self)
                    return
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server calls

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Serve until the end of the block."""
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


def _asked(request: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(request.path)
    _, host, path = parts.path.split("/", 2)
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    form = dict(parse_qsl(body.decode())) if "form" in request.headers.get("Content-Type", "") else {}
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.command, host, f"/{path}", dict(parse_qsl(parts.query)), headers, form, body)
