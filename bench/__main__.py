"""``python -m bench [CONNECTIONS]``: server CPU a request of our pages, as a ratio to the peer's, in one run.

Starts a PostgreSQL of its own with that many connections (1000 by default), then both apps under gunicorn with one
worker, and sends each the same requests in turns. What counts is the worker's CPU time, not the clock, and of all
rounds the cheapest: what neighbours on the machine add is nobody's work.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from bench.fill import TOKEN, VISITORS, cookie, fill
from tests.servers.postgresql import PostgreSQL

WARM_UP, REQUESTS, ROUNDS = 5, 25, 80
"""Short rounds, many of them: on a shared machine a long one never meets a quiet moment, and ours are the longer."""
ROOT = Path(__file__).resolve().parent.parent


class Case(NamedTuple):
    """One kind of request."""

    name: str
    path: str
    askers: list[dict[str, str]]
    """The headers that tell who asks; all of them do, in turns."""
    aim: float
    """The ratio that it is to stay within."""


CASES = [
    Case("cards page, again", "/connections/", [{"Cookie": f"session={cookie()}"}], 4.0),
    Case("cards page, first visit", "/connections/",
         [{"Cookie": f"session={cookie(number)}"} for number in range(1, VISITORS + 1)], 4.0),
    Case("API list", "/v7.1/remoteconnection/", [{"Authorization": f"Bearer {TOKEN}"}], 2.0),
]  # fmt: skip


def main(number: int) -> None:
    """Measure, and print one line a case."""
    with PostgreSQL() as server:
        url = server.create("bench")
        filled = fill(url, number)
        environ = {
            **os.environ,
            **filled,
            "DATABASE_URL": url,
            "ENGINE": "workers",
            "API_RATE_LIMIT": "1000000000 per minute",
        }
        environ["BENCH_DSN"] = url.replace("postgresql+psycopg", "postgresql")
        for case in CASES:
            _compare(case, environ)


def _compare(case: Case, environ: dict[str, str]) -> None:
    our_askers, their_askers = cycle(case.askers), cycle(case.askers)
    with _served("wsgi:app", 8931, environ) as ours:
        size = len(_ask(8931, case.path, case.askers[0]))
        with _served("bench.peer:app", 8932, {**environ, "BENCH_SIZE": str(size)}) as peers:
            pairs = [
                (_cost(ours, 8931, case.path, our_askers), _cost(peers, 8932, case.path, their_askers))
                for _ in range(ROUNDS)
            ]
    mine, theirs = (min(costs) for costs in zip(*pairs, strict=True))
    costs = f"{mine * 1e6:7.0f} µs   peer {theirs * 1e6:6.0f} µs"
    print(f"{case.name:24} {costs}   ratio {mine / theirs:4.2f} (aim {case.aim})   {size} bytes")


@contextmanager
def _served(app: str, port: int, environ: dict[str, str]) -> Iterator[int]:
    """An app under gunicorn with one worker; the worker's process id."""
    options = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", app, *options], env=environ, cwd=ROOT)
    try:
        for _ in range(100):
            time.sleep(0.1)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if children and _answers(port):
                break
        yield int(children[0])
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        connection = HTTPConnection("localhost", port, timeout=5)
        connection.request("GET", "/health/live/")
        connection.getresponse().read()
    except OSError:
        return False
    return True


def _ask(port: int, path: str, headers: dict[str, str]) -> bytes:
    connection = HTTPConnection("localhost", port)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body[:200])
    return body


def _cost(process_id: int, port: int, path: str, askers: Iterator[dict[str, str]]) -> float:
    """CPU seconds of the server for one request, over many on one connection."""
    connection = HTTPConnection("localhost", port)
    _send(connection, path, islice(askers, WARM_UP))
    before = _cpu(process_id)
    _send(connection, path, islice(askers, REQUESTS))
    return (_cpu(process_id) - before) / REQUESTS


def _send(connection: HTTPConnection, path: str, askers: Iterable[dict[str, str]]) -> None:
    for headers in askers:
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()


def _cpu(process_id: int) -> float:
    """Seconds on a CPU so far, of all threads (Linux counts them in nanoseconds)."""
    threads = Path(f"/proc/{process_id}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
