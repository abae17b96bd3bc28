"""A start that cannot succeed: it ends at once, in words, with the exit code that keeps servers from trying again."""

import os
from pathlib import Path

import pytest
from gunicorn.arbiter import Arbiter

from tests.jobs.test_command import running
from tests.test_settings import SERVED


def environment(**changed: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **SERVED, **changed}


def test_wrong_settings_end_gunicorn(tmp_path: Path) -> None:
    command = ("gunicorn", "wsgi:app", "--bind", f"unix:{tmp_path / 'web.sock'}", "--no-control-socket")
    with running(environment(SECRET_KEY="short", OIDC_SCOPES="email"), tmp_path, *command) as web:
        assert web.wait(timeout=20) == Arbiter.WORKER_BOOT_ERROR

        assert "The settings can't be used:\n  SECRET_KEY needs at least 32 characters" in web.log()
        assert "\n  OIDC_SCOPES needs openid among them" in web.log()
        assert web.log().count("Booting worker") == 1
        assert "Traceback" not in web.log()


@pytest.mark.parametrize("command", [("worker",), ("db", "upgrade")], ids=" ".join)
def test_wrong_settings_end_a_command(command: tuple[str, ...], tmp_path: Path) -> None:
    with running(environment(SECRET_KEY="short"), tmp_path, "flask", "--app", "wsgi", *command) as process:
        assert process.wait(timeout=20) == Arbiter.WORKER_BOOT_ERROR

        assert process.log().startswith("The settings can't be used:\n  SECRET_KEY needs at least 32 characters")
        assert "Traceback" not in process.log()
