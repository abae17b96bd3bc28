"""``flask --app wsgi demo load``: the demo's people with their connections, once."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from dashboard.connections import revocation
from dashboard.data import (
    api_tokens,
    connections,
    db,
    history,
    people_search,
    records,
    search_key,
    transaction,
    users,
    vault,
)
from dashboard.identity.api_tokens import DEMO_TOKEN, HINT_LENGTH, READ, WRITE, hash_token
from dashboard.who import Who
from demo import people
from demo.history import History
from demo.identity.people import CAST, Person


def load(issuer: str) -> bool:
    """Store the cast of the local identity provider and what they connected. False: they are here already."""
    now = datetime.now(UTC).replace(microsecond=0)
    with transaction():
        if users.person_by_identity(issuer, next(iter(CAST))) is not None:
            return False
        ids = {person.email: _add_person(person, issuer, now) for person in CAST.values()}
        ada = ids["user@demo.test"]
        connect(ada, people.ada(now), now)
        connect(ids["many@demo.test"], people.cleo(now), now)
        _add_token(ada, now)
    _cut_one(ada, now)
    return True


def _add_person(person: Person, issuer: str, now: datetime) -> int:
    called = {"name": person.name, "email": person.email, "username": person.email}
    user_id = users.add_person(
        issuer=issuer,
        subject=person.sub,
        claimed_language=person.locale,
        claimed_time_zone=person.zoneinfo,
        created_at=now - timedelta(days=900),
        **called,
    )
    people_search.index_person(user_id, **called)
    return user_id


def connect(user_id: int, rows: Iterable[dict[str, Any]], now: datetime) -> list[int]:
    """Store connections with thirty days of history each; their ids."""
    made, told = [], History()
    for row in rows:
        account = {"user_id": user_id, "account_key": search_key(row["account"])}
        tokens = {"access_token": vault.seal("demo-access"), "refresh_token": vault.seal("demo-refresh")}
        statement = insert(connections.Connection).values(row | account | tokens).returning(connections.Connection.id)
        connection_id = db.session.execute(statement).scalar_one()
        told.add(row | {"id": connection_id, "user_id": user_id}, now=now)
        made.append(connection_id)
    history.add_days(told.days)
    history.add_runs(told.runs)
    records.add(told.records)
    return made


def _add_token(user_id: int, now: datetime) -> None:
    """The token of the documentation's example."""
    api_tokens.add_token(
        user_id=user_id,
        name="Example of the documentation",
        token_hash=hash_token(DEMO_TOKEN),
        hint=DEMO_TOKEN[:HINT_LENGTH],
        scopes=f"{READ} {WRITE}",
        created_at=now,
    )


def _cut_one(user_id: int, now: datetime) -> None:
    """One connection that Ada ended, so that her activity tells of it."""
    with transaction():
        old = people.ended(now)
        [connection_id] = connect(user_id, [old], now)
    revocation.disconnect(connection_id, by=Who(user_id, user_id), keep_records=True)
