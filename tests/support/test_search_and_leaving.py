"""A search that meets a deletion: of somebody who leaves in the same moment, nothing typed stays in the log."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.connections import leaving
from dashboard.data import db
from dashboard.events.proof import verify
from dashboard.support import search
from dashboard.who import Origin, Role, Who
from tests import factories

ROUNDS = 12


@pytest.fixture
def dora(app: Flask) -> Who:
    """Dora, support staff."""
    made = factories.User(email="support@demo.test", name="Dora Lind", granted_role=int(Role.SUPPORT))
    return Who(made.id, made.id, Origin("r1", "192.0.2.7", "Test browser"))


def leave(person: Any) -> None:
    leaving.delete_account(Who(person.id, person.id), typed=person.email)


def written() -> str:
    """All that the log holds that is personal."""
    return " ".join(row[0] or "" for row in db.session.execute(text("SELECT text FROM event_personal")))


@pytest.mark.parametrize("typed", ["lin.moon@posteo.example", "Lin Moon", "moon", "Moon-7f3A"])
def test_who_left_after_they_were_read_is_not_found_and_what_was_typed_is_not_kept(
    app: Flask, dora: Who, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = factories.User(name="Lin Moon", email="lin.moon@posteo.example")
    factories.Connection(user=lin, remote_account_id="Moon-7f3A")
    read = search.data.found_people

    def then_leaves(user_ids: Any) -> Any:
        rows = read(user_ids)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_in, app, leave, lin).result()
        return rows

    monkeypatch.setattr(search.data, "found_people", then_leaves)
    found = search.find(typed, by=dora)

    assert found.people == []
    assert "moon" not in written()
    assert verify().broken is None


def test_who_leaves_while_the_search_is_written_waits_and_erases_it(
    app: Flask, dora: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = factories.User(name="Lin Moon", email="lin.moon@posteo.example")
    going = Thread(target=_in, args=(app, leave, lin))
    record = search.record

    def meanwhile(*args: Any, **told: Any) -> None:
        going.start()
        going.join(timeout=0.5)
        record(*args, **told)

    monkeypatch.setattr(search, "record", meanwhile)
    found = search.find("lin.moon@posteo.example", by=dora)
    going.join()

    assert [each.user_id for each in found.people] == [lin.id]
    assert "moon" not in written()


def test_whoever_of_the_two_comes_first_nothing_typed_is_left(app: Flask, dora: Who) -> None:
    start = Barrier(2)

    def look(mail: str) -> None:
        start.wait()
        search.find(mail, by=dora)

    def go(person: Any) -> None:
        start.wait()
        leave(person)

    for number in range(ROUNDS):
        mail = f"lin-{number}@posteo.example"
        lin = factories.User(name=f"Lin Moon{number}", email=mail)

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(_in, app, look, mail), pool.submit(_in, app, go, lin)]
            for each in both:
                each.result()

        assert mail not in written()
    assert verify().broken is None


def _in(app: Flask, act: Any, *args: Any) -> None:
    with app.app_context():
        act(*args)
