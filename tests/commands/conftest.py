"""The command line as an operator meets it."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

Command = Callable[..., Result]


def runner(app: Flask) -> Command:
    """``flask("users", "list")`` runs a command of this app and hands out what it printed."""

    def run(*args: str, stdin: str | bytes | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=list(args), input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def flask(app: Flask) -> Command:
    """Run commands on the app with empty tables."""
    return runner(app)
