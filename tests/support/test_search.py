"""Support finds the person who wrote, by whatever they wrote; and each search is on the record."""

from typing import Any

import pytest
from flask import Flask

from dashboard.data import people_search, revocations, transaction, users
from dashboard.errors import NotStaff
from dashboard.events import Event, Happened, activity
from dashboard.support import search
from dashboard.support.search import Found, FoundBy, Kind
from dashboard.who import Origin, Role, Who
from tests import factories


@pytest.fixture
def dora(app: Flask) -> Who:
    """Dora, support staff, on her own ground."""
    made = factories.User(email="support@demo.test", name="Dora Lind", granted_role=int(Role.SUPPORT))
    return Who(made.id, made.id, Origin("r1", "192.0.2.7", "Test browser"))


def person(name: str = "", email: str = "", username: str = "", **more: Any) -> Any:
    """Somebody who is called just so."""
    return factories.User(name=name, email=email, username=username, **more)


def ids(found: Found) -> list[int]:
    """Who was found, in order."""
    return [each.user_id for each in found.people]


def searches(by: Who) -> list[Happened]:
    """What the log says of somebody's searches, newest first."""
    assert by.actor_id is not None
    return activity(by.actor_id, only=[Event.USER_SEARCHED], limit=50)[0]


@pytest.mark.parametrize("typed", ["bran", "BRANDT", "brandt ada", "Ada Bra", "  ada   brandt ", "a brandt"])
def test_a_person_is_found_by_how_the_words_of_their_name_begin(dora: Who, typed: str) -> None:
    ada = person("Ada Brandt")
    person("Ada Weiss")
    person("Ben Brand")

    assert ada.id in ids(search.find(typed, by=dora))
    assert ids(search.find("ada brandt", by=dora)) == [ada.id]


@pytest.mark.parametrize("typed", ["STRASSE", "straße", "Stra\u00dfe", "ｓｔｒａｓｓｅ"])
def test_spelling_makes_no_difference(dora: Who, typed: str) -> None:
    made = person("Eva Straße")

    assert ids(search.find(typed, by=dora)) == [made.id]


@pytest.mark.parametrize("typed", ["O'Connor", "o’connor", "connor", "Sinéad OConnor", "sinead"])
def test_an_apostrophe_parts_words_and_an_accent_is_part_of_its_letter(dora: Who, typed: str) -> None:
    made = person("Sinéad O’Connor")

    assert (ids(search.find(typed, by=dora)) == [made.id]) is (typed not in {"Sinéad OConnor", "sinead"})


def test_an_exact_name_comes_before_a_longer_one_that_begins_alike(dora: Who) -> None:
    longer, exact = person("Anna Brandtner"), person("Zoe Brandt")

    assert ids(search.find("brandt", by=dora)) == [exact.id, longer.id]


def test_a_word_of_fewer_than_three_letters_must_be_whole(dora: Who) -> None:
    li, _lina = person("Bo Li"), person("Lina Boas")

    assert ids(search.find("li", by=dora)) == ids(search.find("li bo", by=dora)) == [li.id]


def test_a_mail_is_found_exactly_first_then_by_how_it_begins(dora: Who) -> None:
    longer = person(email="ada@posteo.example.org")
    exact = person(email="Ada@Posteo.example")

    found = search.find("ada@posteo.example", by=dora)

    assert (ids(found), found.kind) == ([exact.id, longer.id], Kind.MAIL)
    assert {each.found_by for each in found.people} == {FoundBy.MAIL}
    assert ids(search.find("ada@pos", by=dora)) == [exact.id, longer.id]


@pytest.mark.parametrize(
    "typed", ["Ada Brandt <ada@posteo.example>", "mailto:ada@posteo.example", "ada@posteo.example;"]
)
def test_a_mail_is_found_as_it_is_copied_from_elsewhere(dora: Who, typed: str) -> None:
    made = person("Ada", email="ada@posteo.example")

    assert ids(search.find(typed, by=dora)) == [made.id]


def test_a_person_without_a_name_is_found_by_their_mails_local_part(dora: Who) -> None:
    made = person("ada.brandt@posteo.example", "ada.brandt@posteo.example", "ada.brandt@posteo.example")

    found = search.find("brandt", by=dora)

    assert [(each.user_id, each.found_by) for each in found.people] == [(made.id, FoundBy.MAIL)]
    assert search.find("posteo", by=dora).people == []


def test_a_person_is_found_by_username(dora: Who) -> None:
    made = person("Ada", username="swift-otter")

    [found] = search.find("otter", by=dora).people

    assert (found.user_id, found.found_by) == (made.id, FoundBy.USERNAME)


def test_a_number_is_a_user_a_connection_or_an_account_but_no_beginning(dora: Who) -> None:
    ada, ben = person("Ada"), person("Ben")
    person("Cleo", username="user-4711000")
    made = factories.Connection(user=ben, account="4711", remote_account_id="withings-7")

    assert [(each.user_id, each.found_by) for each in search.find(str(ada.id), by=dora).people] == [
        (ada.id, FoundBy.USER_ID)
    ]
    assert (ben.id, FoundBy.CONNECTION_ID) in [
        (each.user_id, each.found_by) for each in search.find(str(made.id), by=dora).people
    ]
    assert [(each.user_id, each.found_by) for each in search.find("4711", by=dora).people] == [
        (ben.id, FoundBy.ACCOUNT)
    ]


def test_a_connection_that_was_ended_still_leads_to_its_person(dora: Who) -> None:
    ada = person("Ada")
    gone = factories.Connection(user=ada, id=990_001)
    with transaction():
        revocations.take(gone.id, owner_id=ada.id, now=factories.now())

    assert ids(search.find("990001", by=dora)) == [ada.id]


def test_a_found_person_is_shown_with_role_and_number_of_connections(dora: Who) -> None:
    emil = person("Emil Ruiz", "admin@demo.test", granted_role=int(Role.ADMIN), claimed_role=int(Role.SUPPORT))
    factories.Connection(user=emil)
    factories.Connection(user=emil)

    [found] = search.find("ruiz", by=dora).people

    assert (found.name, found.email, found.role) == ("Emil Ruiz", "admin@demo.test", Role.ADMIN)
    assert (found.found_by, found.connection_count) == (FoundBy.NAME, 2)


def test_nobody_stands_in_the_list_twice(dora: Who) -> None:
    ada = person("Ada Adams", "ada@ada.example", "ada.adamant")
    factories.Connection(user=ada, account="ada")

    assert ids(search.find("ada", by=dora)) == [ada.id]


def test_twenty_are_shown_and_that_there_are_more_is_said(dora: Who) -> None:
    made = [person(f"Anna {number}") for number in range(20)]
    assert (ids(search.find("anna", by=dora)), search.find("anna", by=dora).more) == ([each.id for each in made], False)

    person("Anna More")

    found = search.find("anna", by=dora)
    assert (len(found.people), found.more) == (20, True)
    assert (len(search.find("anna", by=dora, limit=5).people), search.find("anna more", by=dora).more) == (5, False)


def test_among_very_many_the_rarer_word_leads(dora: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_search, "WALK", 5)
    for number in range(8):
        person(f"Anna{number} Schmidtchen")
    xaver = person("Xaver Schmidtchen")

    assert ids(search.find("schmidtchen xav", by=dora)) == [xaver.id]


@pytest.mark.parametrize("typed", ["anna schmidt", "schmidt li", "bo li"])
def test_a_search_that_could_not_look_at_all_says_so(dora: Who, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    for number in range(8):
        person(f"Anna Schmidt Bo Li {number}")
    monkeypatch.setattr(people_search, "WALK", 5)

    assert search.find(typed, by=dora).more


def test_short_words_are_rare_or_not_as_whole_words(dora: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        person(f"Bonnie Lindt {number}")
    li = person("Bo Li")
    monkeypatch.setattr(people_search, "WALK", 5)

    found = search.find("bo li", by=dora)

    assert (ids(found), found.more) == ([li.id], False)


@pytest.mark.parametrize("typed", ["%", "_", "a%", "ad_", "*", "?", "a*a", "\\", "'; --", "%@%", "@"])
def test_a_wildcard_is_a_plain_letter(dora: Who, typed: str) -> None:
    person("Ada", "ada@posteo.example")

    assert search.find(typed, by=dora).people == []


@pytest.mark.parametrize(
    "typed",
    [
        "\x00",
        "z\x00z",
        "z\ud800z",
        "9" * 10_000,
        "9" * 19,
        "a" * 10_000,
        "a " * 5_000,
        "@" * 10_000,
        "\ud800",
        "\U0010ffff",
        "ǰ" * 9_999,
    ],
)
def test_hostile_text_finds_nobody(dora: Who, typed: str) -> None:
    person("Ada", "ada@posteo.example")

    found = search.find(typed, by=dora)

    assert (found.people, found.more) == ([], False)
    assert all(len(str(each.details["text"])) <= 200 for each in searches(dora))


@pytest.mark.parametrize("typed", ["", "   ", "\t\u00a0\n"])
def test_nothing_typed_is_no_search(dora: Who, typed: str) -> None:
    assert search.find(typed, by=dora).people == []
    assert searches(dora) == []


@pytest.mark.parametrize(
    ("typed", "kind", "count"), [("Ada", "words", 1), ("ada@posteo", "mail", 1), ("990077", "number", 0)]
)
def test_each_search_is_on_the_record_and_what_was_typed_if_somebody_can_have_it_erased(
    dora: Who, typed: str, kind: str, count: int
) -> None:
    ada = person("Ada", "ada@posteo.example")

    search.find(typed, by=dora)

    [happened] = searches(dora)
    text, found = (typed.casefold(), str(ada.id)) if count else ("", "")
    assert happened.details == {"kind": kind, "count": count, "more": False, "text": text, "found": found}
    assert (happened.by_subject, happened.address) == (True, "192.0.2.7")
    assert activity(ada.id, limit=9) == ([], 0)


def test_a_search_while_looking_through_somebodys_eyes_is_not_about_them(dora: Who) -> None:
    ada = person("Ada")

    search.find("ada", by=Who(dora.actor_id, ada.id, dora.origin))

    assert len(searches(dora)) == 1
    assert activity(ada.id, limit=9) == ([], 0)


@pytest.mark.parametrize("typed", ["anna", "anna common", "anna@"])
def test_a_search_asks_as_much_for_thirty_hits_as_for_one(dora: Who, queries: Any, typed: str) -> None:
    search.find("first of hers", by=dora)  # the log asks once more for somebody's first event
    asked = []
    for number in (1, 30):
        for each in range(number):
            factories.Connection(user=person("Anna Common", f"anna@{number}-{each}.example"))
        queries.clear()
        with queries:
            search.find(typed, by=dora)
        asked.append(len([each for each in queries if each.startswith("SELECT")]))

    assert asked[0] == asked[1]


def test_who_lost_the_role_finds_nobody_and_the_refusal_is_a_403(dora: Who) -> None:
    assert dora.actor_id is not None
    with transaction():
        users.grant_role(dora.actor_id, int(Role.USER))

    with pytest.raises(NotStaff) as refused:
        search.find("Dora", by=dora)

    assert refused.value.status == 403
    assert searches(dora) == []
