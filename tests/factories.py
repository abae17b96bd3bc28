"""Test data with sensible defaults (factory_boy): a test names only what it is about."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import factory

from dashboard.connections import strip
from dashboard.data import (
    authorization_requests,
    connections,
    db,
    history,
    mails,
    people_search,
    records,
    search_key,
    transaction,
    users,
    vault,
)


class Model(factory.Factory):
    """Stores one row, committed, and hands it out detached: what a test reads of it costs no query."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction():
            row = model_class(*args, **kwargs)
            db.session.add(row)
            db.session.flush()
            db.session.refresh(row)
            db.session.expunge(row)
        return row


def now() -> datetime:
    """This moment, in whole seconds as the API shows it."""
    return datetime.now(UTC).replace(microsecond=0)


class User(Model):
    """A person of the demo's identity provider, findable as after a login."""

    class Meta:
        model = users.User

    issuer = "http://localhost:8001"
    subject = factory.Sequence(lambda n: f"subject-{n}")
    email = factory.Sequence(lambda n: f"person-{n}@demo.test")
    name = factory.Faker("name")
    username = factory.SelfAttribute("email")
    created_at = factory.LazyFunction(now)
    last_login_at = factory.LazyFunction(now)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction():
            made = super()._create(model_class, *args, **kwargs)
            people_search.index_person(made.id, name=made.name, email=made.email, username=made.username)
        return made


class Connection(Model):
    """A healthy connection. ``Connection(user=ada.user, refused=True)``: the provider refused its grant."""

    class Meta:
        model = connections.Connection

    class Params:
        user = None
        refused = factory.Trait(
            refused_at=factory.LazyFunction(lambda: now() - timedelta(days=3)),
            failure_code="refused",
            next_sync_at=None,
        )
        failing = factory.Trait(
            failure_count=2,
            failed_at=factory.LazyFunction(lambda: now() - timedelta(minutes=5)),
            failure_code="timeout",
        )
        fresh = factory.Trait(last_sync_at=None, last_record_at=None, overdue_at=None, quiet_at=None)
        syncing = factory.Trait(
            sync_started_at=factory.LazyFunction(now),
            lease_until=factory.LazyFunction(lambda: now() + timedelta(minutes=5)),
        )
        quiet = factory.Trait(quiet_at=factory.LazyFunction(lambda: now() - timedelta(hours=1)))
        paused = factory.Trait(paused_at=factory.LazyFunction(now), failure_code="client_refused")

    user_id = factory.LazyAttribute(lambda made: made.user.id)
    type = "withings"
    account = "ada@posteo.example"
    account_key = factory.LazyAttribute(lambda made: search_key(made.account) if made.account else None)
    remote_account_id = factory.Sequence(str)
    scopes = "user.metrics user.activity"
    access_token = factory.LazyFunction(lambda: vault.seal("access-secret"))
    refresh_token = factory.LazyFunction(lambda: vault.seal("refresh-secret"))
    created_at = factory.LazyFunction(lambda: now() - timedelta(days=400))
    renewed_at = factory.LazyFunction(lambda: now() - timedelta(hours=1))
    last_sync_at = factory.LazyFunction(lambda: now() - timedelta(minutes=12))
    last_record_at = factory.LazyFunction(lambda: now() - timedelta(minutes=12))
    next_sync_at = factory.LazyFunction(lambda: now() + timedelta(minutes=48))
    overdue_at = factory.LazyFunction(lambda: now() + timedelta(days=1))
    quiet_at = factory.LazyFunction(lambda: now() + timedelta(days=7))


class SyncRun(Model):
    """A sync that brought two records."""

    class Meta:
        model = history.SyncRun

    class Params:
        connection = None

    connection_id = factory.LazyAttribute(lambda made: made.connection.id)
    started_at = factory.LazyFunction(lambda: now() - timedelta(minutes=13))
    finished_at = factory.LazyAttribute(lambda made: made.started_at + timedelta(seconds=1.1))
    outcome = "records"
    record_count = 2


def days(connection: Any, told: dict[int, tuple[int, int]]) -> None:
    """What the days of a connection came to: by how many days ago, the records it brought and the syncs that failed."""
    today = datetime.now(UTC).toordinal()
    with transaction():
        history.add_days(
            {"connection_id": connection.id, "day": today - ago, "run_count": 1, "record_count": records,
             "failure_count": failures}
            for ago, (records, failures) in told.items()
        )  # fmt: skip
        strip.keep(connection.id, day=today - min(told))


class Record(Model):
    """One weight."""

    class Meta:
        model = records.Record

    class Params:
        connection = None

    user_id = factory.LazyAttribute(lambda made: made.connection.user_id)
    connection_id = factory.LazyAttribute(lambda made: made.connection.id)
    type = factory.LazyAttribute(lambda made: made.connection.type)
    kind = "weight"
    provider_id = factory.Sequence(str)
    measured_at = factory.LazyFunction(now)
    day = factory.LazyAttribute(lambda made: made.measured_at.toordinal())
    stored_at = factory.SelfAttribute("measured_at")
    value = 71.5


class AuthorizationRequest(Model):
    """A way to a provider that a person began just now. ``waits``: it came back with the grant of another account."""

    class Meta:
        model = authorization_requests.AuthorizationRequest

    class Params:
        user = None
        waits = factory.Trait(
            spent_at=factory.LazyFunction(now),
            reconnects=True,
            remote_account_id="other-account",
            account="other@posteo.example",
            granted_scopes="user.metrics",
            access_token=factory.LazyFunction(lambda: vault.seal("waiting-access-secret")),
            refresh_token=factory.LazyFunction(lambda: vault.seal("waiting-refresh-secret")),
        )

    state_hash = factory.LazyFunction(lambda: secrets.token_bytes(32))
    user_id = factory.LazyAttribute(lambda made: made.user.id)
    type = "withings"
    scopes = "user.metrics user.activity"
    created_at = factory.LazyFunction(now)
    expires_at = factory.LazyFunction(lambda: now() + timedelta(hours=1))


class Mail(Model):
    """A mail that is to be sent."""

    class Meta:
        model = mails.Mail

    class Params:
        user = None

    user_id = factory.LazyAttribute(lambda made: made.user.id)
    name = "reconnect"
    details = '{"type": "withings", "provider": "Withings", "pointless_from": null}'
    queued_at = factory.LazyFunction(now)
    due_at = factory.LazyFunction(now)
