"""The words that people are found by: folded, kept up to date, and read by index alone on both databases."""

import re
from collections.abc import Callable
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, event, insert, select, text

from dashboard.data import db, people_search, search_key, transaction, users
from dashboard.data.connections import Connection
from dashboard.data.folding import words
from dashboard.data.people_search import PersonKey
from dashboard.data.revocations import Revocation
from dashboard.identity import people
from dashboard.who import Role
from demo import load
from tests import factories
from tests.data.test_migrations import empty

__all__ = ["empty"]
BEFORE = "0002"
"""The migration before the one that makes the keys."""


def keys(user_id: int) -> set[str]:
    """What a person is found by."""
    return set(db.session.execute(select(PersonKey.key).where(PersonKey.user_id == user_id)).scalars())


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Straße", "STRASSE"),
        ("Ä", "a\u0308"),
        ("ﬁt", "FIT"),
        ("Ada\u00a0 B", " ada b\t"),
        ("a\u200dda", "Ada"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_spelling_makes_no_difference(stored: str, typed: str) -> None:
    assert search_key(stored) == search_key(typed)


@pytest.mark.parametrize("hostile", ["\x00", "a\x00b", "\ud800", "\U0010ffff", "ǰ" * 10_000, " \t\n"])
def test_whatever_is_typed_becomes_a_short_key_that_a_database_takes(app: Flask, hostile: str) -> None:
    key = search_key(hostile)

    assert len(key) <= 200
    assert people_search.people_with(key, limit=1) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Brandt", ["ada", "brandt"]),
        ("Brandt, Ada (Dr.)", ["brandt", "ada", "dr"]),
        ("Müller-Lüdenscheidt", ["müller", "lüdenscheidt"]),
        ("Sinéad O’Connor", ["sinéad", "o", "connor"]),
        ("अदिति राव", ["अदिति", "राव"]),
        ("王小明", ["王小明"]),
        (" – … ", []),
    ],
)
def test_a_name_has_its_words(name: str, expected: list[str]) -> None:
    assert words(name) == expected


def test_a_person_is_found_by_name_mail_its_local_part_and_username() -> None:
    found = people_search.person_keys("Ada Brandt", "a.brandt+fit@posteo.example", "ada77")

    assert found == {"ada", "brandt", "a", "fit", "a.brandt+fit@posteo.example", "ada77"}


def test_a_mails_domain_is_no_word_of_a_person_without_a_name() -> None:
    assert people_search.person_keys("x@mail.com", "x@mail.com", "x@mail.com") == {"x", "x@mail.com"}


def test_each_login_brings_the_keys_up_to_date(app: Flask) -> None:
    claims = {"sub": "1", "name": "Ada Brandt", "email": "ada@posteo.example", "preferred_username": "ada"}

    for name in ("Ada Brandt", "Ada Weiss"):
        with transaction():
            person = people.arrive(claims | {"name": name}, issuer="x", claimed_role=Role.USER)

    assert keys(person.id) == {"ada", "weiss", "ada@posteo.example"}


def test_a_login_that_changes_nothing_writes_no_key(app: Flask, queries: Any) -> None:
    ada = factories.User(name="Ada Brandt")

    with queries, transaction():
        people_search.index_person(ada.id, name=ada.name, email=ada.email, username=ada.username)

    assert [each for each in queries if "person_keys" in each and not each.startswith("SELECT")] == []


def test_the_demos_people_are_findable(app: Flask) -> None:
    load.load("http://localhost:8001")

    for person in users.people():
        assert keys(person.id) == people_search.person_keys(person.name, person.email, person.username)
        assert person.email in keys(person.id)


def test_the_keys_go_with_their_person(app: Flask) -> None:
    ada = factories.User()
    assert keys(ada.id)

    with transaction():
        users.remove_person(ada.id)

    assert keys(ada.id) == set()


def test_a_search_reads_a_bounded_number_of_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        factories.User(name=f"Anna {number}")
    monkeypatch.setattr(people_search, "WALK", 3)

    assert people_search.spread("anna") == 3
    assert len(people_search.people_with("anna", limit=20)) == 3


def test_upgrading_makes_everybody_findable_who_is_here_already(empty: Flask) -> None:
    flask_migrate.upgrade(revision=BEFORE)
    named = [
        {"name": name, "email": f"p.{number}@posteo.example", "username": f"user-{number}"}
        for number, name in enumerate(["Ada Straße", "Sinéad O’Connor", "\t", "＠da", "Ǆ" * 200] * 500)
    ]
    rows = [{**each, "issuer": "x", "subject": str(place)} for place, each in enumerate(named)]
    then = Table("users", MetaData(), autoload_with=db.engine)
    with transaction():
        db.session.execute(insert(then).values(created_at=factories.now()), rows)
    db.session.remove()

    flask_migrate.upgrade()

    stored: dict[int, set[str]] = {}
    for user_id, key in db.session.execute(select(PersonKey.user_id, PersonKey.key)):
        stored.setdefault(user_id, set()).add(key)
    people = db.session.execute(select(users.User.id, users.User.name, users.User.email, users.User.username)).all()
    assert len(people) == 2500
    assert stored == {row.id: people_search.person_keys(*row[1:]) for row in people}


SEARCHES: dict[str, Callable[[], object]] = {
    "the person of an id": lambda: people_search.person_with_id(77),
    "the owner of a connection": lambda: people_search.owner_of(77),
    "people with an account": lambda: people_search.people_with_account("ada77@posteo.example", limit=21),
    "people with an account's id": lambda: people_search.people_with_account_id("Acc77", limit=21),
    "how many have a word": lambda: people_search.spread("fam"),
    "how many have a whole word": lambda: people_search.spread("family7", whole=True),
    "people with a mail": lambda: people_search.people_with("person77@", limit=21),
    "people with a whole word": lambda: people_search.people_with("family7", whole=True, limit=21),
    "people with a word": lambda: people_search.people_with("fam", limit=21),
    "people with two words": lambda: people_search.people_with("given77", others=["fam"], limit=21),
    "people with three common words": lambda: people_search.people_with("fam", others=["giv", "per"], limit=21),
    "the list": lambda: people_search.found_people(list(range(1, 22))),
}


def test_no_search_scans_a_table(app: Flask, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(5000)
    db.session.execute(text("ANALYZE"))
    monkeypatch.setattr(people_search, "WALK", 50)  # as small beside this crowd as it is beside a million

    for name, search in SEARCHES.items():
        plan = "\n".join(plans(search, database))
        assert not re.search(r"Seq Scan|SCAN (?!anon_|CONSTANT)", plan), f"{name}:\n{plan}"
        if name.startswith("people with") and "account" not in name:
            assert re.search(r"Scan (using|on) pk_person_keys|SEARCH person_keys USING PRIMARY KEY", plan), plan
        if name == "people with an account's id":  # the unique index has it too, but behind the type
            assert "ix_connections_remote_account_id_user_id" in plan


def crowd(number: int) -> None:
    """So many people, each with a connection and one that has ended."""
    people = [
        {"id": each, "issuer": "x", "subject": str(each), "email": "", "name": "", "username": ""}
        for each in range(1, number + 1)
    ]
    named = {each: (f"given{each} family{each % 100}", f"person{each}@posteo.example") for each in range(1, number + 1)}
    keys_of = [
        {"key": key, "user_id": each} for each, texts in named.items() for key in people_search.person_keys(*texts)
    ]
    a_connection = {"type": "withings", "created_at": factories.now()}
    connections = [
        {"user_id": each, "account_key": f"ada{each}@posteo.example", "remote_account_id": f"Acc{each}", **a_connection}
        for each in range(1, number + 1)
    ]
    ended = [
        {"user_id": each, "type": "withings", "connection_id": number + each, "queued_at": factories.now()}
        for each in range(1, number + 1)
    ]
    with transaction():
        db.session.execute(insert(users.User).values(created_at=factories.now()), people)
        db.session.execute(insert(PersonKey), keys_of)
        db.session.execute(insert(Connection), connections)
        db.session.execute(insert(Revocation), ended)


def plans(search: Callable[[], object], database: str) -> list[str]:
    """How the database runs each query of a search, as it says itself."""
    ran: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        ran.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", heard)
    search()
    event.remove(db.engine, "before_cursor_execute", heard)
    assert ran
    explain = "EXPLAIN QUERY PLAN" if database == "sqlite" else "EXPLAIN"
    return [
        str(row[-1])
        for statement, parameters in ran
        for row in db.session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
    ]
