"""Each dialect from the consent page to the last word, against its simulated third party in another process."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest

from dashboard import providers
from dashboard.providers import AccessExpired, GrantRefused, NotShared
from tests.providers.walking import (
    KINDS,
    PULLED,
    account_id,
    agree,
    ask,
    connect,
    each_pulled,
    each_renewed,
    each_type,
    exchange,
    facts,
)
from tests.servers.third_parties import ThirdParties


@each_type
def test_a_person_connects_and_the_account_is_known(real: ThirdParties, key: str) -> None:
    ada, second = connect(real, key), connect(real, key, account="second")

    assert account_id(ada) == real.give(key)["account_id"]
    assert account_id(ada) != account_id(second)
    assert ada.expires_at is not None
    assert ada.expires_at > datetime.now(UTC)
    assert bool(ada.refresh_token) == providers.get(key).refreshing.given


@each_type
def test_a_first_sync_brings_records_in_our_kinds_each_once(real: ThirdParties, key: str) -> None:
    found = list(facts(key, connect(real, key)))

    assert {fact.kind for fact in found} - {"workout"} == KINDS[key] - {"workout"}
    assert len({(fact.kind, fact.provider_id) for fact in found}) == len(found)
    assert all(fact.measured_at.tzinfo is UTC for fact in found)
    assert all(fact.value is not None and fact.value >= 0 for fact in found)


def test_a_record_is_the_same_whoever_tells_of_it(real: ThirdParties) -> None:
    """What her providers make of Ada's last workout agrees in time, day and minutes, once all of them know of it."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    last = {}
    for key in ("strava", "withings", "suunto", "wahoo", "google_health"):
        workouts = (fact for fact in facts(key, connect(real, key)) if fact.kind == "workout")
        last[key] = max((fact for fact in workouts if fact.measured_at < yesterday), key=attrgetter("measured_at"))

    assert len({(fact.measured_at, fact.day) for fact in last.values()}) == 1, last
    minutes = [fact.value or 0 for fact in last.values()]
    assert max(minutes) - min(minutes) <= 1, last


@each_renewed
def test_a_grant_lives_through_three_refreshes(real: ThirdParties, key: str) -> None:
    type, grant = providers.get(key), connect(real, key)

    for _ in range(3):
        real.control(key, expire=True)
        grant = providers.refresh(type, grant)
        if key in PULLED:
            ask(key, grant)

    assert grant.account is not None
    assert grant.refresh_token


@each_pulled
def test_an_expired_access_token_asks_for_a_refresh(real: ThirdParties, key: str) -> None:
    grant = connect(real, key)
    real.control(key, expire=True)

    with pytest.raises(AccessExpired):
        ask(key, grant)


@each_renewed
def test_what_the_person_ended_there_is_refused(real: ThirdParties, key: str) -> None:
    grant = connect(real, key)
    real.control(key, revoke=True)

    with pytest.raises(GrantRefused) as failed:
        providers.refresh(providers.get(key), grant)

    assert str(grant.refresh_token) not in failed.value.said


@each_type
def test_a_grant_is_given_back_where_there_is_a_way(real: ThirdParties, key: str) -> None:
    type, grant = providers.get(key), connect(real, key)
    if not providers.can_revoke(type):
        assert key in {"concept2", "dexcom"}
        return

    providers.revoke(type, grant, account_id=account_id(grant))

    assert all(each["revoked"] for each in real.grants(key))


@each_type
def test_giving_back_what_is_dead_already_is_as_good_or_asks_for_a_refresh(real: ThirdParties, key: str) -> None:
    type, grant = providers.get(key), connect(real, key)
    if not providers.can_revoke(type):
        return
    real.control(key, revoke=True)

    try:
        providers.revoke(type, grant, account_id=account_id(grant))
    except (GrantRefused, AccessExpired):
        return


def test_a_code_works_once(real: ThirdParties) -> None:
    for key in KINDS:
        answer = agree(real, key)
        exchange(key, answer)
        with pytest.raises(GrantRefused):
            exchange(key, answer)


def test_who_refuses_sends_no_code(real: ThirdParties) -> None:
    assert agree(real, "strava", refuse=True)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("strava", ("read",)),
        ("oura", ("personal", "daily")),
        ("google_health", ("https://www.googleapis.com/auth/googlehealth.profile.readonly",)),
        ("garmin", ("HEALTH_EXPORT",)),
    ],
)
def test_what_the_person_unticked_was_not_granted(real: ThirdParties, key: str, kept: tuple[str, ...]) -> None:
    assert set(connect(real, key, scopes=kept).scopes or ()) == set(kept)


def test_nothing_shared_is_an_empty_list_and_not_silence(real: ThirdParties) -> None:
    assert connect(real, "garmin", scopes=()).scopes == ()


def test_whoever_may_not_say_whose_grant_it_is_shares_too_little(real: ThirdParties) -> None:
    with pytest.raises(NotShared):
        connect(real, "oura", scopes=("daily",))


def test_a_person_who_is_registered_at_polar_connects_again(real: ThirdParties) -> None:
    first = connect(real, "polar")

    assert account_id(connect(real, "polar")) == account_id(first)


def test_wahoo_lets_an_account_have_ten_tokens(real: ThirdParties) -> None:
    for _ in range(10):
        connect(real, "wahoo")

    with pytest.raises(NotShared) as failed:
        connect(real, "wahoo")

    assert failed.value.code == "too_many_grants"


def test_withings_page_for_removal_names_us_and_the_account(real: ThirdParties) -> None:
    assert providers.removal_url(providers.get("withings"), account_id="12 3") == (
        "https://account.withings.com/partner/disconnect_partner/demo-withings?selecteduser=12%203"
    )
