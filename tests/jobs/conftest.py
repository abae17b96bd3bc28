"""Engines, workers that can be killed, and connections at the simulated third parties."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

import config
from dashboard.connections import due
from dashboard.data import db, transaction, vault
from dashboard.data.connections import Connection
from dashboard.jobs.workers import Workers
from tests import factories
from tests.servers.third_parties import ThirdParties

TYPES = ("whoop", "withings")
SCOPES = {"whoop": ["offline", "read:workout"], "withings": ["user.metrics"]}
_pause, _numbers = Event(), count(1)


def until(condition: Callable[[], Any], what: str, *, seconds: float = 20, pause: float = 0.02) -> None:
    """Wait for something that another thread or process does."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, f"{what}: not within {seconds} seconds"
        _pause.wait(pause)


def scalar(sql: str, **parameters: Any) -> Any:
    """One value from the database, as it is now."""
    return db.session.execute(text(sql), parameters).scalar_one()


def rows(sql: str, **parameters: Any) -> list[Any]:
    """Rows from the database, as they are now."""
    return list(db.session.execute(text(sql), parameters))


def connect(third_parties: ThirdParties, user: Any, *, type: str = "whoop", account: str = "", **columns: Any) -> Any:
    """A connection with a grant that the third party knows, and whose access token is at its end."""
    given = third_parties.give(type, account or f"lin-{next(_numbers)}", SCOPES[type])
    stated: dict[str, Any] = {
        "remote_account_id": str(given["account_id"]),
        "account": given["account"],
        "scopes": " ".join(given["scopes"]),
        "access_token": vault.seal(given["access_token"]),
        "refresh_token": vault.seal(given["refresh_token"]),
        "access_expires_at": factories.now(),
    }
    return factories.Connection(user=user, type=type, **stated | columns)


def make_due(*connection_ids: int) -> None:
    """Make syncs due now, with access tokens that have ended, and say so."""
    now = due.now()
    with transaction():
        for connection_id in connection_ids:
            statement = update(Connection).where(Connection.id == connection_id)
            db.session.execute(statement.values(next_sync_at=now, access_expires_at=now - timedelta(hours=1)))
            due.say(due.SYNC, connection_id, at=now)


def environment(app: Flask, third_parties: ThirdParties, **settings: str) -> dict[str, str]:
    """The settings of a process that works on the test's database, with the simulated third parties."""
    url: str = app.config["DATABASE_URL"]
    own = {
        "DEMO": "1",
        "DATABASE_URL": url,
        "ENGINE": "workers" if url.startswith("postgresql") else "embedded",
        "LEASE_SECONDS": "2",
        "MAIL_FOLDER": app.config["MAIL_FOLDER"],
        "SIMULATED_PROVIDERS": third_parties.url,
    }
    for type in TYPES:
        own |= {f"{type.upper()}_CLIENT_ID": f"demo-{type}", f"{type.upper()}_CLIENT_SECRET": f"demo-secret-{type}"}
    return {**os.environ, **own, **settings}


class Stable:
    """The process that starts workers; see ``tests/jobs/herd.py``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.herd"],
            cwd=config.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, environ: dict[str, str]) -> int:
        """Start a worker with these settings; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(environ) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it, and all workers with it."""
        self._process.communicate(timeout=20)


class Herd:
    """Workers with the same settings, in processes of their own."""

    def __init__(self, stable: Stable, environ: dict[str, str]) -> None:
        self._stable, self._environ = stable, environ
        self._log = Path(environ["LOG"])
        self._alive: set[int] = set()

    def start(self) -> int:
        """Start a worker; its process id."""
        pid = self._stable.start(self._environ)
        self._alive.add(pid)
        return pid

    def kill(self, pid: int, number: int = signal.SIGKILL) -> None:
        """Send a worker a signal, and wait until it has ended."""
        assert _runs(pid), f"worker {pid} had ended by itself:\n{self.log()}"
        os.kill(pid, number)
        until(lambda: not _runs(pid), f"worker {pid} ends by signal {number}")
        self._alive.remove(pid)

    def stop(self) -> None:
        """End all that still run."""
        for pid in list(self._alive):
            self.kill(pid)

    def log(self) -> str:
        """What they wrote to the log so far."""
        return self._log.read_text() if self._log.exists() else ""


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="session")
def stable() -> Iterator[Stable]:
    """Where workers come from."""
    stable = Stable()
    yield stable
    stable.close()


@pytest.fixture
def herd(
    app: Flask, third_parties: ThirdParties, tmp_path: Path, engine: Any, stable: Stable
) -> Iterator[Callable[..., Herd]]:
    """``herd(LEASE_SECONDS="2")`` readies workers with these settings; at the end of the test they are ended."""
    herds: list[Herd] = []

    def ready(**settings: str) -> Herd:
        environ = environment(app, third_parties, LOG=str(tmp_path / "workers.log"), **settings)
        herds.append(Herd(stable, environ))
        return herds[-1]

    yield ready
    for each in herds:
        each.stop()


@pytest.fixture
def engine(app: Flask, database: str) -> Iterator[Any]:
    """The engine as a web process has it: on PostgreSQL the one that wakes workers."""
    usual = app.extensions["engine"]
    if database == "postgresql":
        app.extensions["engine"] = Workers(app)
    yield app.extensions["engine"]
    app.extensions["engine"] = usual


@pytest.fixture
def user(app: Flask) -> Any:
    """Whose connections they are."""
    return factories.User(name="Ada Brandt")
