"""Codes for grants and tokens for tokens: what is sent, what is believed, what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboard import providers
from dashboard.providers import (
    Account,
    ClientRefused,
    ConnectionType,
    Grant,
    GrantRefused,
    NotShared,
    Unavailable,
    agreements,
)
from tests.providers.conftest import PULSEBAND, Make
from tests.providers.server import Reply, Server
from tests.servers.openid_provider import code_challenge

BACK = "https://dashboard.example/connect/pulseband/callback/"
TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600, "scope": "pulse",
          "token_type": "Bearer"}  # fmt: skip
ME = Reply({"id": 475, "mail": "ada@posteo.example"})


def exchange(type: ConnectionType, **answer: str) -> Grant:
    return providers.exchange(
        type, code="code-1", redirect_uri=BACK, code_verifier="v" * 43, answer=answer, member_id="member-1"
    )


def asked_for(type: ConnectionType, *scopes: str) -> dict[str, str]:
    url = providers.authorization_url(
        type, redirect_uri=BACK, oauth_state="state-1", code_verifier="v" * 43, scopes=scopes
    )
    return dict(parse_qsl(urlsplit(url).query))


def test_the_way_there_says_who_we_are_what_we_ask_for_and_where_to_come_back(
    pulseband: ConnectionType, server: Server
) -> None:
    url = providers.authorization_url(
        pulseband, redirect_uri=BACK, oauth_state="state-1", code_verifier="v" * 43, scopes=("pulse", "more")
    )

    assert url.startswith(f"{server.url}/pulseband.example/authorize?")
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "response_type": "code",
        "client_id": "our-client",
        "redirect_uri": BACK,
        "scope": "pulse more",
        "state": "state-1",
        "code_challenge": code_challenge("v" * 43),
        "code_challenge_method": "S256",
    }


@pytest.mark.usefixtures("make")
def test_each_provider_gets_its_own_separator_and_parameters() -> None:
    assert asked_for(providers.get("strava"), "read", "activity:read")["scope"] == "read,activity:read"
    assert "scope" not in asked_for(providers.get("garmin"), "HEALTH_EXPORT")
    assert "code_challenge" in asked_for(providers.get("garmin"))
    assert "code_challenge" not in asked_for(providers.get("strava"), "read")
    google = asked_for(providers.get("google_health"), "a")
    assert (google["access_type"], google["prompt"]) == ("offline", "consent")


def test_an_exchange_brings_the_grant_and_whose_it_is(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(TOKENS), ME)
    before = datetime.now(UTC)

    grant = exchange(pulseband)

    assert (grant.access_token, grant.refresh_token, grant.scopes) == ("access-1", "refresh-1", ("pulse",))
    assert grant.account == Account("475", "ada@posteo.example")
    assert grant.expires_at is not None
    assert before + timedelta(hours=1) <= grant.expires_at <= datetime.now(UTC) + timedelta(hours=1)
    token, me = server.asked
    assert (token.method, token.path, token.headers["authorization"][:6]) == ("POST", "/token", "Basic ")
    assert token.form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": BACK,
        "code_verifier": "v" * 43,
    }
    assert me.headers["authorization"] == "Bearer access-1"


def test_a_client_that_authenticates_by_form_sends_no_header(make: Make, server: Server) -> None:
    type = make("", base=PULSEBAND.replace("client_secret_basic", "client_secret_post"))
    server.reply(Reply(TOKENS), ME)

    exchange(type)

    assert "authorization" not in server.asked[0].headers
    assert server.asked[0].form["client_secret"] == "our-secret"


def test_without_a_lifetime_the_file_s_counts_and_else_none(make: Make, server: Server) -> None:
    silent = {"access_token": "access-1"}
    server.reply(Reply(silent), ME, Reply(silent), ME)

    assert exchange(make("")).expires_at is None
    told = make("", base=PULSEBAND.replace("[account]", "access_token_seconds = 60\n\n[account]"))
    assert exchange(told).expires_at is not None


@pytest.mark.parametrize(
    ("granted", "token", "answer", "scopes"),
    [
        ("", {"scope": "pulse  more"}, {}, ("pulse", "more")),
        ("", {"scope": "pulse,more"}, {}, ("pulse", "more")),
        ("", {"scope": ["pulse"]}, {}, ("pulse",)),
        ("", {"scope": ""}, {}, ()),
        ("", {"scope": None}, {}, None),
        ('[granted]\ntold = "callback"\n', {}, {"scope": "pulse,more"}, ("pulse", "more")),
        ('[granted]\ntold = "callback"\n', {}, {}, None),
        ('[granted]\ntold = "nowhere"\n', {"scope": "pulse"}, {}, None),
    ],
)
def test_what_was_granted_is_read_where_the_provider_tells_it(
    make: Make,
    server: Server,
    granted: str,
    token: dict[str, Any],
    answer: dict[str, str],
    scopes: tuple[str, ...] | None,
) -> None:
    server.reply(Reply(TOKENS | token), ME)

    assert exchange(make(granted), **answer).scopes == scopes


@pytest.mark.parametrize("me", [Reply({}), Reply({"id": None}), Reply({"id": True}), Reply({"id": "x" * 201}),
                                Reply({"id": ""}), Reply({"id": "a\x00b"}), Reply([]), Reply(b"<html>")])  # fmt: skip
def test_a_grant_of_nobody_is_given_back(pulseband: ConnectionType, server: Server, me: Reply) -> None:
    server.reply(Reply(TOKENS), me, Reply(b""))

    with pytest.raises(Unavailable) as failed:
        exchange(pulseband)

    assert [(asked.path, asked.form.get("token")) for asked in server.asked][2:] == [("/revoke", "refresh-1")]
    assert not failed.value.grant_left


def test_a_grant_is_not_given_back_where_that_would_end_others(make: Make, server: Server) -> None:
    type = make("", base=PULSEBAND.replace('ends = "grant"', 'ends = "account"'))
    server.reply(Reply(TOKENS), Reply({}))

    with pytest.raises(Unavailable) as failed:
        exchange(type)

    assert [asked.path for asked in server.asked] == ["/token", "/me"]
    assert failed.value.grant_left


@pytest.mark.parametrize(
    ("answer", "left"), [(Reply(b"", 503), True), (Reply({"error": "invalid_grant"}, 400), False), (Reply(b""), False)]
)
def test_a_failure_says_whether_a_grant_was_left_at_the_provider(
    pulseband: ConnectionType, server: Server, answer: Reply, left: bool
) -> None:
    server.reply(Reply(TOKENS), Reply({}), answer)

    with pytest.raises(Unavailable) as failed:
        exchange(pulseband)

    assert failed.value.grant_left is left


def test_a_new_grant_that_may_not_say_whose_it_is_shares_too_little(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(TOKENS), Reply({"error": "insufficient"}, 401), Reply(b""))

    with pytest.raises(NotShared):
        exchange(pulseband)


def test_the_code_and_our_secret_are_never_said(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"error": "invalid_grant", "error_description": "code-1 of our-client with our-secret"}, 400))

    with pytest.raises(GrantRefused) as failed:
        exchange(pulseband)

    assert failed.value.said == "… of our-client with …: invalid_grant"
    assert "code-1" not in str(failed.value)


def test_a_refresh_brings_the_new_pair(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"access_token": "access-2", "refresh_token": "refresh-2"}))
    old = Grant("access-1", "refresh-1", scopes=("pulse",), account=Account("475"))

    fresh = providers.refresh(pulseband, old)

    assert (fresh.access_token, fresh.refresh_token) == ("access-2", "refresh-2")
    assert (fresh.scopes, fresh.account) == (("pulse",), Account("475"))
    assert server.asked[0].form == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}


def test_a_refresh_without_a_new_refresh_token_keeps_the_old(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"access_token": "access-2"}))

    assert providers.refresh(pulseband, Grant("access-1", "refresh-1")).refresh_token == "refresh-1"


def test_without_a_refresh_token_the_grant_is_dead(pulseband: ConnectionType, server: Server) -> None:
    with pytest.raises(GrantRefused):
        providers.refresh(pulseband, Grant("access-1"))

    assert server.asked == []


def test_whoop_and_withings_get_what_they_want_beside_the_token(make: Make, server: Server) -> None:
    server.reply(Reply({"access_token": "a"}), Reply({"status": 0, "body": {"access_token": "a"}}))

    providers.refresh(providers.get("whoop"), Grant("a", "r"))
    providers.refresh(providers.get("withings"), Grant("a", "r"))

    assert server.asked[0].form["scope"] == "offline"
    assert server.asked[1].form["action"] == "requesttoken"


def test_a_revocation_names_its_token(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(b""))

    providers.revoke(pulseband, Grant("access-1", "refresh-1"), account_id="475")
    providers.revoke(pulseband, Grant("access-1"), account_id="475")

    assert [asked.form for asked in server.asked] == [
        {"token": "refresh-1", "token_type_hint": "refresh_token"},
        {"token": "access-1", "token_type_hint": "access_token"},
    ]


def test_nothing_is_asked_without_credentials(pulseband: ConnectionType, server: Server) -> None:
    agreements.use({}, simulated=server.url)
    grant = Grant("access-1", "refresh-1")

    for act in (
        lambda: providers.authorization_url(
            pulseband, redirect_uri=BACK, oauth_state="s", code_verifier=None, scopes=()
        ),
        lambda: exchange(pulseband),
        lambda: providers.refresh(pulseband, grant),
        lambda: providers.page(pulseband, grant, source="pulses", cursor=None, now=datetime.now(UTC)),
        lambda: providers.revoke(pulseband, grant, account_id=None),
    ):
        with pytest.raises(ClientRefused) as failed:
            act()
        assert failed.value.code == "no_credentials"
    assert server.asked == []
