"""``tokens create``."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.events import Event, activity
from dashboard.identity import api_tokens
from tests import factories
from tests.commands.conftest import Command

READ, WRITE = api_tokens.SCOPES


def test_a_token_is_all_that_is_printed_and_it_works(flask: Command) -> None:
    ada = factories.User(email="ada@demo.test")

    result = flask("tokens", "create", "--user", "ada@demo.test", "--scope", READ, "--scope", WRITE, "--name", "Backup")

    assert result.stderr == ""
    token = result.stdout.removesuffix("\n")
    bearer = api_tokens.bearer(token)
    assert bearer is not None
    assert (bearer.user_id, bearer.scopes) == (ada.id, {READ, WRITE})
    assert api_tokens.tokens(ada.id)[0].name == "Backup"
    assert [each.event for each in activity(ada.id, limit=10)[0]] == [Event.TOKEN_MADE]


@pytest.mark.parametrize(("options", "days"), [([], 90), (["--days", "3"], 3), (["--never"], None)])
def test_a_token_ends_when_it_was_told_to(flask: Command, options: list[str], days: int | None) -> None:
    ada = factories.User()

    flask("tokens", "create", "--user", str(ada.id), "--scope", READ, *options)

    expires_at = api_tokens.tokens(ada.id)[0].expires_at
    if days is None:
        assert expires_at is None
    else:
        assert abs(expires_at - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "options",
    [
        ["--scope", "everything"],
        [],
        ["--scope", READ, "--days", "0"],
        ["--scope", READ, "--days", "9", "--never"],
        ["--scope", READ, "--name", " "],
        ["--scope", READ, "--name", "x" * 101],
    ],
)
def test_wrong_options_make_no_token(flask: Command, options: list[str]) -> None:
    ada = factories.User()

    result = flask("tokens", "create", "--user", str(ada.id), *options)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert api_tokens.tokens(ada.id) == []


def test_nobody_gets_no_token(flask: Command) -> None:
    result = flask("tokens", "create", "--user", "nobody@demo.test", "--scope", READ)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nobody here has the mail address nobody@demo.test" in result.stderr
