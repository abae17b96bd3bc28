"""``flask worker``, the doctor on workers, and the engine inside gunicorn: as an operator runs them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from tests.jobs.conftest import connect, environment, make_due, scalar, until
from tests.servers.third_parties import ThirdParties

SYNCED = "SELECT count(*) FROM sync_runs WHERE outcome IN ('records', 'nothing')"


@contextmanager
def running(environ: dict[str, str], folder: Path, *command: str) -> Iterator[Any]:
    """A process with these settings; ``log()`` is what it wrote."""
    file = folder / "process.log"
    with file.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=config.ROOT, env=environ, stdout=log, stderr=log
        )
        process.log = file.read_text  # type: ignore[attr-defined]
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_the_worker_works_until_it_is_told_to_end_and_ends_well(
    app: Flask, user: Any, third_parties: ThirdParties, engine: Any, tmp_path: Path
) -> None:
    made = connect(third_parties, user)
    with running(environment(app, third_parties), tmp_path, "flask", "--app", "wsgi", "worker") as worker:
        until(lambda: scalar("SELECT count(*) FROM chores"), "it runs", seconds=60)
        make_due(made.id)
        until(lambda: scalar(SYNCED), "it works")

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=20) == 0
        assert worker.log().strip().endswith("The engine has stopped.")
        assert "Traceback" not in worker.log()


def test_without_migrations_it_says_what_to_do(
    app: Flask, third_parties: ThirdParties, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgresql").create(f"empty_{tmp_path.name.replace('-', '_')}".lower()[:60])
    environ = environment(app, third_parties, DATABASE_URL=url)

    with running(environ, tmp_path, "flask", "--app", "wsgi", "worker") as worker:
        assert worker.wait(timeout=60) == 1
        assert "Run: flask --app wsgi db upgrade" in worker.log()


def test_gunicorn_keeps_the_embedded_engine_with_its_processes(
    app: Flask, user: Any, third_parties: ThirdParties, tmp_path: Path
) -> None:
    made = connect(third_parties, user)
    environ = environment(app, third_parties, ENGINE="embedded")
    address = f"unix:{tmp_path / 'web.sock'}"
    with running(environ, tmp_path, "gunicorn", "wsgi:app", "--bind", address, "--workers", "2") as web:
        until(lambda: scalar("SELECT count(*) FROM chores"), "it runs", seconds=60)
        make_due(made.id)
        until(lambda: scalar(SYNCED), "it works")

        web.send_signal(signal.SIGTERM)

        assert web.wait(timeout=20) == 0
        assert "Traceback" not in web.log()
    assert scalar("SELECT count(*) FROM sync_runs") == 1
