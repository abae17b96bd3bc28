"""``keys make|rotate``."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from dashboard.commands.keys import LOST
from dashboard.connections import keys, revocation
from dashboard.data import db, login_sessions, sealed, transaction, vault
from dashboard.data.db import after_commit
from dashboard.who import Who
from tests import factories
from tests.commands.conftest import Command
from tests.conftest import signed_in

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def old_key(app: Flask) -> Iterator[None]:
    """What a test stores is sealed with the old key."""
    vault.use([OLD])
    yield
    vault.use(app.config["TOKEN_ENCRYPTION_KEYS"])


def secrets() -> list[str | None]:
    """What all sealed values say, opened with the current keys."""
    return [vault.open(each.value) for column in sealed.COLUMNS for each in sealed.page(column, after_id=0, limit=100)]


def store_one_of_each(app: Flask) -> None:
    ada = factories.User()
    factories.Connection(user=ada, access_token=vault.seal("access"), refresh_token=vault.seal("refresh"))
    ended = factories.Connection(user=ada, access_token=vault.seal("to revoke"), refresh_token=None)
    revocation.disconnect(ended.id, by=Who(ada.id, ada.id), keep_records=True)
    signed_in(app, ada)
    with transaction():
        db.session.execute(db.update(login_sessions.LoginSession).values(id_token=vault.seal("id token")))


def test_a_made_key_is_one(flask: Command) -> None:
    Fernet(flask("keys", "make").stdout.strip())


def test_every_sealed_column_is_known() -> None:
    names = {"access_token", "refresh_token", "id_token", "code_verifier"}
    found = {(table.name, name) for table in db.metadata.sorted_tables for name in names & set(table.c.keys())}

    assert {(column.table.name, column.name) for column in sealed.COLUMNS} == found


def test_after_a_rotation_the_new_key_alone_is_enough(app: Flask, flask: Command) -> None:
    store_one_of_each(app)
    vault.use([NEW, OLD])

    result = flask("keys", "rotate")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "4 stored secrets are now encrypted with the first key.\n"
    vault.use([NEW])
    assert secrets() == ["access", "refresh", "to revoke", "id token"]


def test_what_no_key_opens_is_named_and_the_rest_is_renewed(flask: Command) -> None:
    good = factories.Connection(user=factories.User())
    lost = factories.Connection(user=factories.User(), access_token=Fernet(Fernet.generate_key()).encrypt(b"lost"))
    vault.use([NEW, OLD])

    result = flask("keys", "rotate")

    assert result.exit_code == 1
    assert result.stdout == "3 stored secrets are now encrypted with the first key.\n"
    assert f"unreadable: connections.access_token of {lost.id}\n" in result.stderr
    assert f"of {good.id}\n" not in result.stderr


def test_who_must_do_something_about_a_lost_key_is_told_from_who_need_not(app: Flask, flask: Command) -> None:
    signed_in(app, factories.User())
    with transaction():
        db.session.execute(db.update(login_sessions.LoginSession).values(id_token=vault.seal("id token")))
    vault.use([NEW])

    login = flask("keys", "rotate").stderr
    factories.Connection(user=factories.User(), access_token=Fernet(OLD).encrypt(b"lost"), refresh_token=None)
    both = flask("keys", "rotate").stderr

    assert login.endswith(f"; where a key is lost for good, {LOST['login_sessions']}.\n")
    assert both.endswith(f"; where a key is lost for good, {LOST['connections']}; {LOST['login_sessions']}.\n")


def test_of_every_sealed_table_is_known_what_a_lost_key_means() -> None:
    assert set(LOST) == {column.table.name for column in sealed.COLUMNS}


@pytest.mark.usefixtures("app")
def test_each_value_is_committed_before_the_next_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who deletes an account holds its connections in an order of its own: the two would wait for each other."""
    for _ in range(2):
        factories.Connection(user=factories.User())
    replace, steps = sealed.replace, list[str]()

    def watched(place: sealed.Sealed, *, by: bytes) -> bool:
        steps.append("replaced")
        after_commit(lambda: steps.append("committed"))
        return replace(place, by=by)

    monkeypatch.setattr(sealed, "replace", watched)

    keys.rotate()

    assert steps == ["replaced", "committed"] * 4


def test_a_token_that_is_refreshed_meanwhile_is_kept(flask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    made = factories.Connection(user=factories.User(), refresh_token=None)
    vault.use([NEW, OLD])
    replace = sealed.replace

    def late(place: sealed.Sealed, *, by: bytes) -> bool:
        monkeypatch.setattr(sealed, "replace", replace)
        replace(place, by=Fernet(OLD).encrypt(b"refreshed"))
        return replace(place, by=by)

    monkeypatch.setattr(sealed, "replace", late)

    rotated = keys.rotate()

    vault.use([NEW])
    assert (rotated.count, secrets()) == (1, ["refreshed"]), made.id
