"""What the outside is told about the log, every hour."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from dashboard.data import chain, transaction
from dashboard.data.events import microseconds
from dashboard.events.checkpoint import Checkpoint, NoCheckpoint, NotDelivered, checkpoint, checkpoints
from tests.events.conftest import do


class Receiver:
    """Somebody outside who keeps checkpoints."""

    def __init__(self) -> None:
        self.status, self.got = 204, list[Any]()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/checkpoints?key=secret"

    def __enter__(self) -> "Receiver":
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.headers["Content-Type"], json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("Location", receiver.url)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def test_a_checkpoint_says_where_the_chain_stands(user: Any) -> None:
    do(user, count=2)

    taken = checkpoint()

    head = chain.head()
    assert (taken.chain, taken.seq, taken.hash, taken.count) == (1, 3, head.hash.hex(), 3)
    assert 0 <= microseconds(head.now) - taken.at < 60_000_000


def test_also_when_nothing_ever_happened(app: Flask) -> None:
    assert (checkpoint().seq, checkpoint().hash) == (0, "0" * 64)


def test_it_is_one_line_of_the_log_that_is_read_back(user: Any, caplog: pytest.LogCaptureFixture) -> None:
    do(user)
    with caplog.at_level(logging.INFO, logger="dashboard"):
        taken = checkpoint()

    [line] = [f"2026-11-24 12:00:00 INFO {each.name}: {each.getMessage()}\n" for each in caplog.records]
    assert checkpoints(["Some other line\n", line, '{"type": "other"}\n', "{broken\n"]) == [taken]


def test_the_webhook_gets_it(user: Any, receiver: Receiver) -> None:
    do(user)

    taken = checkpoint(webhook=receiver.url)

    assert receiver.got == [("application/json", json.loads(taken.line()))]


@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_webhook_that_does_not_take_it_is_an_error(user: Any, receiver: Receiver, status: int) -> None:
    receiver.status = status

    with pytest.raises(NotDelivered, match=f"answered with {status}"):
        checkpoint(webhook=receiver.url)

    assert len(receiver.got) == 1, "nobody is followed elsewhere"


def test_a_webhook_that_is_not_there_is_an_error_without_its_secret(app: Flask) -> None:
    with pytest.raises(NotDelivered) as raised:
        checkpoint(webhook="http://127.0.0.1:9/?key=secret")

    assert "secret" not in str(raised.value)


def test_no_lock_is_held_while_the_outside_is_told(user: Any, receiver: Receiver) -> None:
    with pytest.raises(AssertionError, match="nobody outside"), transaction():
        checkpoint(webhook=receiver.url)

    assert receiver.got == []


@pytest.mark.parametrize("lines", [[], [""], ["{}"], ["no JSON at all"], ["{{{{"]])
def test_a_file_without_a_checkpoint_proves_nothing_and_says_so(lines: list[str]) -> None:
    with pytest.raises(NoCheckpoint):
        checkpoints(lines)


@pytest.mark.parametrize("said", ["a notice of x says ", "x: dashboard.events.checkpoint: ", ""])
@pytest.mark.parametrize("who", ["dashboard.webhooks", "urllib3"])
def test_words_of_others_in_the_log_are_no_checkpoint(who: str, said: str) -> None:
    forged = Checkpoint(1, 7, "f" * 64, 7, 0).line()
    good = Checkpoint(1, 3, "0" * 64, 3, 0)
    lines = [f"2026-11-24 12:00:00 WARNING {who}: {said}{forged}", f"{good.line()}\n"]

    assert checkpoints(lines) == [good]


@pytest.mark.parametrize(
    "damage", [{"hash": "00"}, {"seq": "3"}, {"seq": None}, {"hash": None}, {"count": 1.5}, {"chain": True}]
)
def test_a_damaged_checkpoint_is_not_taken_for_none(damage: dict[str, Any]) -> None:
    good = json.loads(Checkpoint(1, 3, "0" * 64, 3, 0).line())

    with pytest.raises(NoCheckpoint, match="damaged"):
        checkpoints([json.dumps(good | damage)])
