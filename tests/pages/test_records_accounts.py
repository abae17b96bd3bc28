"""Several accounts of one service: each record says from which it came."""

from dashboard.connections import revocation
from dashboard.who import Who
from tests import factories
from tests.conftest import Browser
from tests.pages.test_connections import text
from tests.pages.test_records import measured, noon, rows


def test_two_accounts_of_one_service_are_told_apart(ada: Browser) -> None:
    one = factories.Connection(user=ada.user, account=None, remote_account_id="12345123")
    two = factories.Connection(user=ada.user, account="ada@two.example")
    measured(one, "steps", 12410)
    measured(two, "steps", 4073)
    measured(factories.Connection(user=ada.user, type="garmin"), "steps", 30)

    [listed] = rows(ada.get("/records/steps/"))
    day = ada.get(f"/records/steps/{noon().date()}/").html

    for said in ("12,410 steps, Withings (account …5123)", "4,073 steps, Withings (ada@two.example)", "Garmin"):
        assert said in listed
    assert sorted(text(cell) for cell in day.select("td[data-label=From]")) == [
        "Garmin", "Withings (account …5123)", "Withings (ada@two.example)",
    ]  # fmt: skip


def test_an_account_whose_like_has_no_records_of_the_kind_is_named_too(ada: Browser) -> None:
    measured(factories.Connection(user=ada.user), "steps", 4073)
    factories.Connection(user=ada.user, account="ada@two.example")

    assert rows(ada.get("/records/steps/")) == ["Today 4,073 steps Withings (ada@posteo.example)"]


def test_what_was_kept_of_an_ended_account_is_told_from_the_other(ada: Browser) -> None:
    named = factories.Connection(user=ada.user, account="ada@old.example")
    nameless = factories.Connection(user=ada.user, account=None, remote_account_id="a7")
    measured(factories.Connection(user=ada.user), "steps", 3)
    for connection in (named, nameless):
        measured(connection, "steps", 1)
        revocation.disconnect(connection.id, by=Who(ada.user.id, ada.user.id), keep_records=True)

    said = sorted(text(c) for c in ada.get(f"/records/steps/{noon().date()}/").html.select("td[data-label=From]"))

    assert said == [
        "Withings (account a7) (ended)",
        "Withings (ada@old.example) (ended)",
        "Withings (ada@posteo.example)",
    ]


def test_an_account_that_was_ended_and_connected_again_is_one(ada: Browser) -> None:
    before = factories.Connection(user=ada.user, remote_account_id="same")
    revocation.disconnect(before.id, by=Who(ada.user.id, ada.user.id), keep_records=True)
    measured(factories.Connection(user=ada.user, remote_account_id="same"), "steps", 1)

    assert rows(ada.get("/records/steps/")) == ["Today 1 step Withings"]


def test_how_many_accounts_another_person_has_is_nothing_to_mine(ada: Browser, ben: Browser) -> None:
    measured(factories.Connection(user=ada.user), "steps", 1)
    factories.Connection(user=ben.user)
    ended = factories.Connection(user=ben.user)
    revocation.disconnect(ended.id, by=Who(ben.user.id, ben.user.id), keep_records=True)

    assert rows(ada.get("/records/steps/")) == ["Today 1 step Withings"]
