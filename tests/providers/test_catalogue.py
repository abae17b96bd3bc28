"""The catalogue that the package brings: who is in it, and what each entry promises."""

from datetime import date

import pytest

from dashboard import providers
from dashboard.providers import ConnectionType

TYPES = providers.all_types()
each_type = pytest.mark.parametrize("one", TYPES, ids=lambda one: one.type)


def test_an_id_of_the_api_means_the_same_type_for_ever() -> None:
    assert {one.id: one.type for one in TYPES} == {
        1: "withings",
        2: "fitbit",
        3: "jawboneup",
        4: "strava",
        5: "polar",
        6: "oura",
        7: "whoop",
        8: "garmin",
        9: "google_health",
        10: "suunto",
        11: "wahoo",
        12: "coros",
        13: "concept2",
        14: "dexcom",
        15: "ihealth",
    }


def test_the_types_come_in_the_order_of_their_names() -> None:
    names = [one.name.casefold() for one in TYPES]

    assert names == sorted(names)


@each_type
def test_a_type_is_found_by_its_key_and_by_its_id(one: ConnectionType) -> None:
    assert providers.find(one.type) is one
    assert providers.get(one.type) is one
    assert providers.by_id(one.id) is one


@each_type
def test_the_buttons_say_their_act_and_their_object(one: ConnectionType) -> None:
    assert one.disconnect_confirm == f"Disconnect {one.name}"
    assert one.disconnect_cancel == "Keep it connected"


@each_type
def test_the_words_before_a_disconnect_say_what_becomes_of_the_records(one: ConnectionType) -> None:
    stays = "What is here already stays, unless you delete it." in one.disconnect_copy

    assert stays == one.terms.may_keep_records


@each_type
def test_each_scope_is_named_once_and_has_plain_words(one: ConnectionType) -> None:
    names = [scope.name for scope in one.scopes]

    assert len(names) == len(set(names))
    for scope in one.scopes:
        assert one.scope_label(scope.name) == scope.label != scope.name


def test_a_scope_that_nobody_labelled_keeps_its_name() -> None:
    assert providers.get("withings").scope_label("user.dreams") == "user.dreams"


def test_the_services_that_closed_are_retired_from_their_day_on() -> None:
    fitbit = providers.get("fitbit")

    assert not fitbit.retired(date(2026, 11, 1))
    assert fitbit.retired(date(2026, 11, 2))
    assert {one.type for one in TYPES if one.retired(date(2026, 11, 2))} == {"fitbit", "jawboneup"}
    assert not any(one.retired(date.max) for one in TYPES if one.retired_on is None)


def test_fitbit_is_followed_by_google_health_and_nobody_else_by_anyone() -> None:
    assert {one.type: one.successor for one in TYPES if one.successor} == {"fitbit": "google_health"}


def test_strava_oura_and_whoop_forbid_keeping() -> None:
    assert {one.type: one.terms.keep_days for one in TYPES if not one.terms.may_keep_records} == {
        "oura": 1,
        "strava": 7,
        "whoop": 1,
    }


@each_type
def test_what_may_not_stay_is_not_asked_for_from_much_further_back(one: ConnectionType) -> None:
    """A day more than it may stay: last night began yesterday."""
    reach = [source.since.first_days for source in one.sources if source.since]

    assert all(days <= (one.terms.keep_days or 10_000) + 1 for days in reach)


@each_type
def test_a_type_that_can_be_connected_brings_records_and_says_whose_they_are(one: ConnectionType) -> None:
    assert one.connectable == bool(one.sources)
    assert one.connectable == (one.account is not None)


def test_three_types_are_described_and_cannot_be_connected() -> None:
    assert {one.type for one in TYPES if not one.connectable} == {"coros", "ihealth", "jawboneup"}


@each_type
def test_the_permission_that_yields_a_refresh_token_cannot_be_left_out(one: ConnectionType) -> None:
    asked = [scope.name for scope in one.scopes if not scope.optional]

    assert one.refreshing.scope is None or one.refreshing.scope in asked


def test_whoop_asks_for_a_refresh_token_and_repeats_it_as_it_refreshes() -> None:
    whoop = providers.get("whoop")

    assert whoop.refreshing.scope == "offline"
    assert dict(whoop.refreshing.parameters) == {"scope": "offline"}


def test_every_host_that_is_talked_to_is_named_by_its_file() -> None:
    assert providers.get("withings").hosts == {"wbsapi.withings.net"}
    assert providers.get("polar").hosts == {"polarremote.com", "www.polaraccesslink.com"}
    assert providers.get("jawboneup").hosts == frozenset()


def test_only_garmin_cannot_be_asked_for_data() -> None:
    assert [one.type for one in TYPES if not one.can_pull] == ["garmin"]


def test_a_revocation_endpoint_stands_only_where_rfc_7009_is_followed() -> None:
    assert {one.type for one in TYPES if one.oauth and one.oauth.revocation_endpoint} == {
        "fitbit",
        "google_health",
        "strava",
    }


def test_the_authorization_request_of_google_asks_for_a_refresh_token() -> None:
    oauth = providers.get("google_health").oauth

    assert oauth is not None
    assert dict(oauth.authorization_parameters) == {"access_type": "offline", "prompt": "consent"}


def test_a_key_without_a_file_gets_calm_general_words_under_its_own_name() -> None:
    gone = providers.get("pulseband")

    assert (gone.type, gone.name, gone.known) == ("pulseband", "pulseband", False)
    assert gone.disconnect_confirm == "Disconnect this service"
    assert not gone.retired(date.max)
    assert not gone.can_pull


def test_missing_types_are_none_where_none_was_asked_for() -> None:
    assert providers.find("pulseband") is None
    assert providers.by_id(0) is None
    assert providers.by_id(999) is None


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("withings", ("withings",)),
        (" WITH ", ("withings",)),
        ("google_h", ("google_health",)),
        ("Google H", ("google_health",)),
        ("jawbone up", ("jawboneup",)),
        ("oo", ("google_health", "wahoo", "whoop")),
        ("it", ("fitbit", "withings")),
        ("%", ()),
        ("pulseband", ()),
    ],
)
def test_search_looks_into_names_and_keys_and_ignores_case(text: str, keys: tuple[str, ...]) -> None:
    assert providers.search(text) == keys


def test_an_empty_search_finds_every_type() -> None:
    assert providers.search("") == tuple(one.type for one in TYPES)
