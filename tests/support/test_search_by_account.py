"""Support finds whose account at a provider it is: by its name, and by the provider's own id of it."""

from typing import Any

import pytest
from flask import Flask

from dashboard.data import revocations, transaction
from dashboard.events import Event, activity
from dashboard.support import search
from dashboard.support.search import Found, FoundBy
from dashboard.who import Origin, Role, Who
from tests import factories


@pytest.fixture
def dora(app: Flask) -> Who:
    """Dora, support staff."""
    made = factories.User(email="support@demo.test", name="Dora Lind", granted_role=int(Role.SUPPORT))
    return Who(made.id, made.id, Origin("r1", "192.0.2.7", "Test browser"))


def person(name: str, email: str = "") -> Any:
    """Somebody who is called just so."""
    return factories.User(name=name, email=email, username="")


def ids(found: Found) -> list[int]:
    """Who was found, in order."""
    return [each.user_id for each in found.people]


def test_an_exact_account_comes_before_a_mail_that_only_begins_alike(dora: Who) -> None:
    longer, exact = person("", "ada@posteo.example.org"), person("Somebody")
    factories.Connection(user=exact, account="ada@posteo.example")

    assert ids(search.find("ada@posteo.example", by=dora)) == [exact.id, longer.id]


def test_one_account_at_many_providers_hides_nobody_else_who_has_it(dora: Who) -> None:
    ada, ben = person("Ada"), person("Ben")
    for _ in range(4):
        factories.Connection(user=ada, account="home")
    factories.Connection(user=ben, account="home")

    assert ids(search.find("home", by=dora, limit=2)) == [ada.id, ben.id]


@pytest.mark.parametrize("account", ["ada@posteo.example", "Familie Brandt", "50%_off"])
def test_an_account_at_a_provider_is_found_exactly_and_by_nothing_less(dora: Who, account: str) -> None:
    made = factories.Connection(user=person("Somebody"), account=account)
    factories.Connection(user=person("Else"), account=f"{account}x")

    found = search.find(account.upper(), by=dora)

    assert [(each.user_id, each.found_by) for each in found.people] == [(made.user_id, FoundBy.ACCOUNT)]
    assert search.find(account[:-1], by=dora).people == []


@pytest.mark.parametrize(
    "account_id",
    ["30471199", "5cF3aBq-_", "9f0c3c1e-4e3b-4f2a-8a4e-0a5b1f0c77de", "Ab@Cd", "users/Zoë 7", "x" * 200],
)
def test_an_account_is_found_by_the_providers_own_id_of_it(dora: Who, account_id: str) -> None:
    made = factories.Connection(user=person("Somebody"), account=None, remote_account_id=account_id)
    factories.Connection(user=person("Else"), account=None, remote_account_id=f"{account_id[:-1]}y")

    found = search.find(f" {account_id}\n", by=dora)

    assert [(each.user_id, each.found_by) for each in found.people] == [(made.user_id, FoundBy.ACCOUNT)]
    assert search.find(account_id[:-1], by=dora).people == []


@pytest.mark.parametrize(("account_id", "typed"), [("5cF3aBq", "5cf3abq"), ("5cf3abq", "5CF3ABQ"), ("A@b", "a@b")])
def test_a_providers_id_in_other_capitals_is_another_id(dora: Who, account_id: str, typed: str) -> None:
    factories.Connection(user=person("Somebody"), account=None, remote_account_id=account_id)

    assert search.find(typed, by=dora).people == []


def test_two_providers_may_call_two_accounts_the_same(dora: Who) -> None:
    ada, ben, cleo = person("Ada"), person("Ben"), person("Cleo")
    factories.Connection(user=ben, type="strava", account=None, remote_account_id="30471199")
    factories.Connection(user=ada, type="withings", account=None, remote_account_id="30471199")
    factories.Connection(user=cleo, account="30471199")

    assert set(ids(search.find("30471199", by=dora))) == {ada.id, ben.id, cleo.id}


def test_an_accounts_id_comes_before_a_name_that_only_begins_alike(dora: Who) -> None:
    longer, exact = person("Abcdefgh"), person("Somebody")
    factories.Connection(user=exact, account=None, remote_account_id="abcdef")

    found = search.find("abcdef", by=dora)

    assert [(each.user_id, each.found_by) for each in found.people] == [
        (exact.id, FoundBy.ACCOUNT),
        (longer.id, FoundBy.NAME),
    ]


def test_an_account_leads_to_nobody_once_its_connection_has_ended(dora: Who) -> None:
    ada = person("Ada")
    gone = factories.Connection(user=ada, account="Family scale", remote_account_id="30471199")
    with transaction():
        revocations.take(gone.id, owner_id=ada.id, now=factories.now())

    assert search.find("30471199", by=dora).people == search.find("family scale", by=dora).people == []


def test_a_search_by_a_providers_id_is_on_the_record_with_whom_it_led_to(dora: Who) -> None:
    made = factories.Connection(user=person("Somebody"), account=None, remote_account_id="5cF3aBq")

    search.find("5cF3aBq", by=dora)

    assert dora.actor_id is not None
    [happened] = activity(dora.actor_id, only=[Event.USER_SEARCHED], limit=9)[0]
    assert (happened.details["text"], happened.details["found"]) == ("5cf3abq", str(made.user_id))
