"""The way of a person and a grant through a simulated third party, in a few calls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import Fact, Grant
from tests.servers.third_parties import ThirdParties

BACK = "http://localhost:8000/connect/callback/"
VERIFIER = "v" * 43
KINDS = {
    "concept2": {"workout"},
    "dexcom": {"glucose"},
    "fitbit": {"weight", "sleep", "workout"},
    "garmin": set(),
    "google_health": {"steps", "workout", "sleep", "weight", "body_fat", "heart_rate"},
    "oura": {"sleep", "readiness", "steps", "heart_rate"},
    "polar": {"steps", "sleep", "heart_rate"},
    "strava": {"workout"},
    "suunto": {"workout"},
    "wahoo": {"workout"},
    "whoop": {"sleep", "recovery"},
    "withings": {"weight", "body_fat", "blood_pressure", "heart_rate", "steps", "workout", "sleep"},
}
"""What each brings of the demo's life at the first sync. A day of Oura and WHOOP may have no workout."""
each_type = pytest.mark.parametrize("key", KINDS)
PULLED = [key for key, kinds in KINDS.items() if kinds]
each_pulled = pytest.mark.parametrize("key", PULLED)
RENEWED = [key for key in KINDS if key != "polar"]
each_renewed = pytest.mark.parametrize("key", RENEWED)


def agree(real: ThirdParties, key: str, **chosen: Any) -> dict[str, str]:
    """Walk the consent page; the query of the way back."""
    type = providers.get(key)
    url = providers.authorization_url(
        type,
        redirect_uri=BACK,
        oauth_state="state-1234",
        code_verifier=VERIFIER,
        scopes=[scope.name for scope in type.scopes],
    )
    return real.answer(url, **chosen)


def exchange(key: str, answer: dict[str, str]) -> Grant:
    return providers.exchange(
        providers.get(key),
        code=answer["code"],
        redirect_uri=BACK,
        code_verifier=VERIFIER,
        answer=answer,
        member_id="member-1",
    )


def connect(real: ThirdParties, key: str, **chosen: Any) -> Grant:
    return exchange(key, agree(real, key, **chosen))


def facts(key: str, grant: Grant) -> Iterator[Fact]:
    """All records that a first sync brings."""
    type = providers.get(key)
    asked = [scope.name for scope in type.scopes]
    for source in providers.sources(type, asked if grant.scopes is None else grant.scopes):
        cursor, more = None, True
        while more:
            page = providers.page(type, grant, source=source, cursor=cursor, now=datetime.now(UTC))
            yield from page.facts
            cursor, more = page.cursor, page.more


def ask(key: str, grant: Grant) -> None:
    """One data call."""
    type = providers.get(key)
    providers.page(type, grant, source=type.sources[0].name, cursor=None, now=datetime.now(UTC))


def account_id(grant: Grant) -> str:
    assert grant.account is not None
    return grant.account.id
