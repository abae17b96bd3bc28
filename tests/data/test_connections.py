"""Connections in the data layer: states, finding and taking, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.data import State, cards, db, revocations, search_key, transaction
from dashboard.data.cards import Order
from tests import factories


def rows(owner: Any, **wanted: Any) -> list[cards.CardRow]:
    """All cards of a person as the data layer finds them."""
    defaults = {
        "now": factories.now(),
        "retired": ["jawboneup"],
        "limit": 100,
        "offset": 0,
    }
    return cards.cards(owner.id, **(defaults | wanted))[0]


def test_the_more_urgent_state_wins_when_several_are_true(app: Flask) -> None:
    ada = factories.User()
    traits = ["refused", "failing", "quiet", "syncing", "paused"]
    first = {"paused": "paused", "refused": "reconnect", "syncing": "syncing", "failing": "delayed", "quiet": "quiet"}

    for chosen in product([False, True], repeat=len(traits)):
        on = {name: True for name, given in zip(traits, chosen, strict=True) if given}
        made = factories.Connection(user=ada, **on)
        expected = next((state for name, state in first.items() if name in on), "healthy")
        [row] = [row for row in rows(ada) if row.id == made.id]
        assert row.state == expected, on


def test_a_retired_type_is_retired_whatever_else_is_true(app: Flask) -> None:
    ada = factories.User()
    factories.Connection(user=ada, type="jawboneup", refused=True, paused=True)

    assert [row.state for row in rows(ada)] == [State.RETIRED]


def test_a_lease_that_ran_out_is_no_sync(app: Flask) -> None:
    ada = factories.User()
    factories.Connection(user=ada, syncing=True, lease_until=factories.now() - timedelta(seconds=1))

    assert [row.state for row in rows(ada)] == [State.HEALTHY]


def test_the_tally_agrees_with_the_cards(app: Flask) -> None:
    ada = factories.User()
    for trait in ("refused", "failing", "quiet", "fresh", "paused"):
        factories.Connection(user=ada, **{trait: True})

    counted = {tally.state: tally.number for tally in cards.tally(ada.id, now=factories.now(), retired=[])}

    assert counted == {row.state: 1 for row in rows(ada)}


def test_urgent_order_is_the_order_of_the_states(app: Flask) -> None:
    ada = factories.User()
    for trait in ("quiet", "fresh", "refused", "failing", "syncing"):
        factories.Connection(user=ada, **{trait: True})

    found = [State(row.state) for row in rows(ada, order=Order.URGENT)]

    assert found == sorted(found, key=list(State).index)


@pytest.mark.parametrize(
    ("stored", "typed"), [("Straße", "STRASSE"), ("ﬁt@x", "FIT@"), ("Ä", "ä"), ("50%_off", "0%_o")]
)
def test_an_account_is_found_however_it_is_spelled(app: Flask, stored: str, typed: str) -> None:
    ada = factories.User()
    factories.Connection(user=ada, account=stored)

    assert len(rows(ada, text=typed)) == 1


def test_wildcards_in_a_search_are_plain_letters(app: Flask) -> None:
    ada = factories.User()
    factories.Connection(user=ada, account="plain")

    assert rows(ada, text="%") == rows(ada, text="_") == []


def test_a_search_key_is_short_enough_for_an_index() -> None:
    assert len(search_key("x" * 5000)) == 200


def test_of_eight_takers_at_once_one_gets_the_connection(app: Flask) -> None:
    ada = factories.User()

    for _ in range(5):
        made = factories.Connection(user=ada)

        def take(_: int, connection_id: int = made.id) -> bool:
            with app.app_context(), transaction():
                return revocations.take(connection_id, owner_id=ada.id, now=factories.now()) is not None

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(8))) == 1


def test_what_fails_inside_a_transaction_leaves_nothing(app: Flask) -> None:
    ada = factories.User()
    made = factories.Connection(user=ada)

    def fail() -> None:
        with transaction():
            revocations.take(made.id, owner_id=ada.id, now=factories.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert len(rows(ada)) == 1
    assert revocations.revocation(made.id, owner_id=ada.id) is None


def test_a_page_of_cards_is_found_by_an_index(app: Flask, database: str) -> None:
    ada = factories.User()
    factories.Connection(user=ada)
    explain = "EXPLAIN QUERY PLAN" if database == "sqlite" else "EXPLAIN"
    query = "SELECT id FROM connections WHERE user_id = 1 ORDER BY created_at, id LIMIT 20"
    if database == "postgresql":
        db.session.execute(text("SET enable_seqscan = off"))
        db.session.execute(text("SET enable_sort = off"))

    plan = " ".join(str(row) for row in db.session.execute(text(f"{explain} {query}")))

    assert "ix_connections_user_id_created_at_id" in plan
