"""Webhooks: what a call tells of which account, and how it is answered."""

from datetime import date
from typing import Any

import pytest

from dashboard.providers import NotGenuine, Notice
from tests.providers.calls import FITBIT, OURA, SIGNED, STRAVA, WAHOO, WHOOP, proved, read

pytestmark = pytest.mark.usefixtures("make")  # our client is known everywhere

ENDS = [
    ("strava", {"aspect_type": "update", "object_type": "athlete", "object_id": 1, "owner_id": 1,
                "updates": {"authorized": "false"}}, True),
    ("strava", {"aspect_type": "delete", "object_type": "athlete", "object_id": 1, "owner_id": 1}, True),
    ("strava", {"aspect_type": "update", "object_type": "athlete", "object_id": 1, "owner_id": 1,
                "updates": {"authorized": "true"}}, False),
    ("strava", STRAVA, False),
    ("fitbit", [{"collectionType": "userRevokedAccess", "ownerId": "184X36"}], True),
    ("fitbit", FITBIT, False),
    ("garmin", {"deregistrations": [{"userId": "u"}]}, True),
]  # fmt: skip


@pytest.mark.parametrize(("type", "body", "ended"), ENDS)
def test_a_person_who_withdrew_is_told_apart(type: str, body: Any, ended: bool) -> None:
    [notice] = proved(type, body).notices

    assert (notice.ended, notice.proved) == (ended, True)


@pytest.mark.parametrize(("action", "ended"), [("unlink", True), ("delete", True), ("update", False)])
def test_withings_says_it_in_a_form_and_proves_nothing(action: str, ended: bool) -> None:
    [notice] = read("withings", f"userid=12345&appli=46&action={action}".encode()).notices

    assert (notice.ended, notice.proved) == (ended, False)


def test_withings_has_other_matters_with_an_action_too() -> None:
    [notice] = read("withings", b"userid=12345&appli=446&action=unlink").notices

    assert not notice.ended


@pytest.mark.parametrize(
    ("type", "body", "gone"),
    [
        ("strava", STRAVA | {"aspect_type": "delete"}, ("workout", "136")),
        ("whoop", WHOOP | {"type": "workout.deleted"}, ("workout", "6d7e")),
        ("whoop", WHOOP | {"type": "sleep.deleted"}, ("sleep", "6d7e")),
        ("whoop", WHOOP | {"type": "recovery.deleted"}, ("recovery", "6d7e")),
        ("oura", OURA | {"event_type": "delete"}, ("sleep", "6d7e")),
        ("oura", OURA | {"event_type": "delete", "data_type": "daily_activity"}, ("steps", "6d7e")),
    ],
)
def test_records_that_are_gone_there_are_named(type: str, body: Any, gone: tuple[str, str]) -> None:
    assert proved(type, body).notices[0].gone == (gone,)


def test_what_changed_is_not_gone() -> None:
    assert all(not proved(type, SIGNED[type][0]).notices[0].gone for type in SIGNED)


def test_garmin_pushes_the_records_themselves() -> None:
    body = {
        "dailies": [{"userId": "u-1", "calendarDate": "2026-11-23", "startTimeInSeconds": 1795388400,
                     "startTimeOffsetInSeconds": 3600, "steps": 9001, "restingHeartRateInBeatsPerMinute": 54}],
        "sleeps": [{"userId": "u-2", "calendarDate": "2026-11-24", "startTimeInSeconds": 1795473000,
                    "startTimeOffsetInSeconds": 3600, "durationInSeconds": 27000}],
        "epochs": [{"userId": "u-3"}],
    }  # fmt: skip

    found = {notice.account_id: notice for notice in proved("garmin", body).notices}

    assert set(found) == {"u-1", "u-2"}
    steps, pulse = found["u-1"].facts
    assert (steps.kind, steps.value, steps.day, steps.provider_id) == ("steps", 9001, date(2026, 11, 23), "2026-11-23")
    assert (pulse.kind, pulse.value) == ("heart_rate", 54)
    assert [(fact.kind, fact.value) for fact in found["u-2"].facts] == [("sleep", 7.5)]
    assert all(notice.proved for notice in found.values())


def test_garmin_tells_what_is_shared_from_now_on() -> None:
    def change(*permissions: str, at: int) -> dict[str, Any]:
        return {"userId": "u", "summaryId": "s", "permissions": list(permissions), "changeTimeInSeconds": at}

    body = {"userPermissionsChange": [change(at=20), change("HEALTH_EXPORT", at=10)]}

    [notice] = proved("garmin", body).notices

    assert notice.permissions == ()
    assert proved("garmin", {"userPermissionsChange": [change("A", "B", at=1)]}).notices[0].permissions == ("A", "B")


def test_garmin_for_nobody_in_particular_is_a_hint_and_for_another_client_nothing() -> None:
    assert not read("garmin", {"deregistrations": [{"userId": "u"}]}).notices[0].proved
    with pytest.raises(NotGenuine, match="another client"):
        read("garmin", {"deregistrations": [{"userId": "u"}]}, {"garmin-client-id": "theirs"})


def test_garmin_s_odd_rows_of_one_person_cost_nobody_else_theirs(caplog: pytest.LogCaptureFixture) -> None:
    row = {"startTimeInSeconds": 1_790_000_000, "startTimeOffsetInSeconds": 0, "calendarDate": "2026-11-20", "steps": 5}
    body = {
        "dailies": [{"userId": "ada", **row}, *[{"userId": "ben", **row, "startTimeInSeconds": None}] * 2],
        "userPermissionsChange": [{"userId": "cleo", "permissions": None}, {"userId": "dora", "permissions": ["A"]}],
        "deregistrations": [{"userId": "eve"}],
    }

    ada, ben, dora, eve = proved("garmin", body).notices

    assert [(each.account_id, len(each.facts)) for each in (ada, ben)] == [("ada", 1), ("ben", 0)]
    assert (dora.account_id, dora.permissions) == ("dora", ("A",))
    assert (eve.account_id, eve.ended) == ("eve", True)
    assert "left out 2 of 2 records" in caplog.text
    assert "left out permissions" in caplog.text


def test_a_row_of_garmin_s_is_an_object() -> None:
    with pytest.raises(NotGenuine):
        proved("garmin", {"userPermissionsChange": [[{"userId": "u", "permissions": []}], "u", None]})


def test_a_notice_that_is_nested_a_thousand_times_names_no_account() -> None:
    deep = b"[" * 1000 + b"]" * 1000

    for type in ("strava", "fitbit", "suunto"):
        with pytest.raises(NotGenuine):
            read(type, deep, SIGNED[type][1](deep))


@pytest.mark.parametrize("permissions", [None, "HEALTH_EXPORT", [7], ["x" * 101], ["x\0y"]])
def test_permissions_that_are_none_are_not_taken_for_an_empty_list(permissions: Any) -> None:
    with pytest.raises(NotGenuine):
        proved("garmin", {"userPermissionsChange": [{"userId": "u", "permissions": permissions}]})


def test_wahoo_is_known_by_the_secret_in_its_body() -> None:
    assert read("wahoo", WAHOO).notices == (Notice("13374242", proved=True),)
    for token in ("theirs", "", None, 7, ["our-word"]):
        with pytest.raises(NotGenuine):
            read("wahoo", WAHOO | {"webhook_token": token})


@pytest.mark.parametrize(
    ("type", "status"), [("strava", 200), ("whoop", 200), ("oura", 200), ("fitbit", 204), ("google_health", 204)]
)
def test_each_is_answered_as_the_provider_wants_it_and_with_no_word(type: str, status: int) -> None:
    answered = proved(type, SIGNED[type][0])

    assert (answered.status, answered.body) == (status, b"")
