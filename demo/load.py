"""``flask --app wsgi demo load``: the demo's people with their connections, once."""

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert

from dashboard import providers
from dashboard.connections import revocation, strip
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
from dashboard.data.history import DayRow
from dashboard.identity.api_tokens import DEMO_TOKEN, HINT_LENGTH, READ, WRITE, hash_token
from dashboard.web import webhooks
from dashboard.who import Who
from demo import people
from demo.history import History, tell
from demo.identity.people import CAST, Person
from demo.past import Past, as_text
from demo.providers.grants import Rotation

Row = dict[str, Any]


class Told(NamedTuple):
    """A connection and what it did."""

    row: Row
    history: History


def load(issuer: str) -> bool:
    """Store the cast of the local identity provider and what they connected. False: they are here already."""
    now = datetime.now(UTC).replace(microsecond=0)
    _write_webhooks()
    if users.person_by_identity(issuer, next(iter(CAST))) is not None:
        return False
    adas, [old] = read(people.ada(now), now), read([people.ended(now)], now)
    with transaction():
        ids = {person.email: _add_person(person, issuer, now) for person in CAST.values()}
        ada = ids["user@demo.test"]
        store(ada, adas)
        connect(ids["many@demo.test"], people.cleo(now), now)
        _add_token(ada, now)
        [old_id] = store(ada, [old])
    revocation.disconnect(old_id, by=Who(ada, ada), keep_records=True)
    return True


def _write_webhooks() -> None:
    """Tell the simulated third parties where notices are taken, if somebody wants to know."""
    if file := os.environ.get("DEMO_WEBHOOKS"):
        addresses = {type.type: webhooks.address(type.type) for type in providers.all_types()}
        Path(file).write_text(json.dumps(addresses, indent=1))


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


def read(rows: Iterable[Row], now: datetime) -> list[Told]:
    """Connections with what the third parties had of them. Asks the third parties, in this process."""
    told = []
    with Past() as past:
        for row in rows:
            if row["last_sync_at"] is None:
                told.append(Told(row, History()))
                continue
            found = past.read(row["type"], row["key"], at=row["last_sync_at"], now=now)
            done = tell(row, found.facts, now=now)
            told.append(Told(_after(row, done) | {"cursors": as_text(found.cursors)}, done))
    return told


def connect(user_id: int, rows: Iterable[Row], now: datetime) -> list[int]:
    """Store connections with thirty days of made-up history each; their ids."""
    made = []
    for row in rows:
        done = tell(row, [], now=now, hours=[7])
        made.append(Told(_after(row, done), done))
    return store(user_id, made)


def _after(row: Row, done: History) -> Row:
    return people.with_last_record(row, done.last_record_at or row["last_record_at"])


def store(user_id: int, told: Sequence[Told]) -> list[int]:
    """Store connections with their histories; their ids."""
    made, days, runs, rows = [], [], [], []
    for row, done in told:
        connection_id = _add_connection(user_id, row | _strip(done))
        made.append(connection_id)
        of_it = {"connection_id": connection_id}
        days += [day | of_it for day in done.days]
        runs += [run | of_it for run in done.runs]
        rows += [record | of_it | {"user_id": user_id} for record in done.records]
    history.add_days(days)
    history.add_runs(runs)
    records.add(rows)
    return made


def _strip(done: History) -> Row:
    if not done.days:
        return {}
    last = done.days[-1]["day"]
    days = [DayRow(day["day"], day["record_count"], day["failure_count"]) for day in done.days]
    return {"strip": strip.written(days, last=last), "strip_day": last}


def _add_connection(user_id: int, row: Row) -> int:
    columns = {name: value for name, value in row.items() if name not in {"mood", "key"}}
    party = people.PARTIES.get(row["type"])
    token = f"demo-{row['mood']}-{row['key']}"
    renews = party is None or party.rules.rotation is not Rotation.NONE
    tokens = {"access_token": vault.seal(token), "refresh_token": vault.seal(token) if renews else None}
    account = {"user_id": user_id, "account_key": search_key(row["account"])}
    statement = insert(connections.Connection).values(columns | account | tokens)
    return int(db.session.execute(statement.returning(connections.Connection.id)).scalar_one())


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
