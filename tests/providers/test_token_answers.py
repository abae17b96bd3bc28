"""Token answers: which are a grant, and what is kept of an odd one where the old tokens are spent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import ConnectionType, Grant, Unavailable
from tests.providers.conftest import PULSEBAND, Make
from tests.providers.server import Reply, Server
from tests.providers.test_grants import ME, TOKENS, exchange

HOSTILE: list[Any] = [
    b"",
    b"<html>",
    b"[]",
    b'"token"',
    {},
    TOKENS | {"access_token": None},
    TOKENS | {"access_token": ""},
    TOKENS | {"access_token": 7},
    TOKENS | {"access_token": {"a": 1}},
    TOKENS | {"access_token": "two words"},
    TOKENS | {"access_token": "new\nline"},
    TOKENS | {"access_token": "é"},
    TOKENS | {"access_token": "a" * 9000},
    TOKENS | {"refresh_token": ["r"]},
    TOKENS | {"refresh_token": True},
    TOKENS | {"expires_in": "soon"},
    TOKENS | {"expires_in": True},
    TOKENS | {"expires_in": -1},
    TOKENS | {"expires_in": 10**12},
    TOKENS | {"expires_in": 1e300},
    TOKENS | {"expires_in": [3600]},
    TOKENS | {"token_type": "mac"},
    TOKENS | {"token_type": 7},
    TOKENS | {"scope": 7},
    TOKENS | {"scope": [7]},
    TOKENS | {"scope": {"pulse": True}},
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body)[-60:])
def test_a_token_answer_that_is_not_as_it_should_be_is_no_grant(
    pulseband: ConnectionType, server: Server, body: Any
) -> None:
    server.reply(Reply(body), ME)

    with pytest.raises(Unavailable) as failed:
        exchange(pulseband)

    assert failed.value.code == "odd_answer"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [({"expires_in": "3600"}, 3600), ({"expires_in": 60.9}, 60), ({"expires_in": 315359999}, 315359999)],
)
def test_lifetimes_are_read_as_providers_write_them(
    pulseband: ConnectionType, server: Server, told: dict[str, Any], seconds: int
) -> None:
    server.reply(Reply(TOKENS | told), ME)

    grant = exchange(pulseband)

    assert grant.expires_at is not None
    assert abs((grant.expires_at - datetime.now(UTC)).total_seconds() - seconds) < 10


@pytest.mark.parametrize(
    "told",
    [
        {"expires_in": -1},
        {"expires_in": "3600.0"},
        {"expires_in": 2**40},
        {"expires_in": "soon"},
        {"token_type": "JWT"},
    ],
    ids=str,
)
def test_new_tokens_are_kept_whatever_is_odd_beside_them(
    make: Make, server: Server, told: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The old ones are spent: without the new ones the person would have to connect again."""
    type = make(base=PULSEBAND.replace("[account]", "access_token_seconds = 60\n\n[account]"))
    server.reply(Reply(TOKENS | {"access_token": "access-2", "refresh_token": "refresh-2"} | told))

    fresh = providers.refresh(type, Grant("access-1", "refresh-1"))

    assert (fresh.access_token, fresh.refresh_token) == ("access-2", "refresh-2")
    assert fresh.expires_at is not None
    assert fresh.expires_at <= datetime.now(UTC) + timedelta(seconds=60), "as long as the file says"
    [told_once] = [each.getMessage() for each in caplog.records]
    assert told_once.startswith("pulseband: token answer: ")


@pytest.mark.parametrize(
    "body", [b"<html>", {}, TOKENS | {"access_token": 7}, TOKENS | {"refresh_token": ["r"]}], ids=str
)
def test_but_tokens_that_are_none_are_none(pulseband: ConnectionType, server: Server, body: Any) -> None:
    server.reply(Reply(body))

    with pytest.raises(Unavailable):
        providers.refresh(pulseband, Grant("access-1", "refresh-1"))


@pytest.mark.parametrize("scope", ["pulse x\0y", "pulse,\x07", ["pulse", "x\0y"]], ids=ascii)
def test_what_cannot_be_printed_is_no_permission(pulseband: ConnectionType, server: Server, scope: Any) -> None:
    server.reply(Reply(TOKENS | {"scope": scope}), ME)

    assert exchange(pulseband).scopes == ("pulse",)
