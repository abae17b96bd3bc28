"""``users list|show|grant|revoke``."""

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.data import users
from dashboard.events import Event, activity
from dashboard.who import Role
from tests import factories
from tests.commands.conftest import Command, runner
from tests.conftest import settings, signed_in


def test_a_list_is_aligned_and_says_where_a_role_comes_from(flask: Command) -> None:
    ada = factories.User(email="ada@demo.test", name="Ada Brandt", last_login_at=None)
    dora = factories.User(email="d@demo.test", name="Dora Lind", granted_role=1, claimed_role=1, last_login_at=None)

    lines = flask("users", "list").stdout.splitlines()

    width = len(str(dora.id)) if len(str(dora.id)) > 2 else 2
    assert lines == [
        f"{'ID':<{width}}  MAIL           NAME        ROLE     ROLE FROM          LAST LOGIN",
        f"{ada.id:<{width}}  ada@demo.test  Ada Brandt  user     -                  -",
        f"{dora.id:<{width}}  d@demo.test    Dora Lind   support  claim and granted  -",
    ]


def test_a_list_of_a_role_counts_the_higher_of_claim_and_grant(flask: Command) -> None:
    factories.User(email="user@demo.test")
    factories.User(email="claimed@demo.test", claimed_role=1)
    factories.User(email="granted@demo.test", granted_role=1)
    factories.User(email="admin@demo.test", claimed_role=1, granted_role=2)

    lines = flask("users", "list", "--role", "support").stdout.splitlines()

    assert [line.split()[1] for line in lines[1:]] == ["claimed@demo.test", "granted@demo.test"]


def test_a_person_is_shown_by_mail_and_by_id(flask: Command) -> None:
    ada = factories.User(email="ada@demo.test", name="Ada Brandt", language="de")
    factories.Connection(user=ada)

    by_mail, by_id = flask("users", "show", "ada@demo.test"), flask("users", "show", str(ada.id))

    assert by_mail.stdout == by_id.stdout
    facts = dict(line.split(maxsplit=1) for line in by_mail.stdout.splitlines())
    assert facts["name"] == "Ada Brandt"
    assert facts["subject"] == ada.subject
    assert facts["language"] == "de"
    assert facts["connections"] == "1"


def test_what_moves_a_terminals_cursor_is_not_printed(flask: Command) -> None:
    factories.User(email="ada@demo.test", subject="a\x1b[2Jb")

    assert "a?[2Jb" in flask("users", "show", "ada@demo.test").stdout


@pytest.mark.parametrize("unknown", ["nobody@demo.test", "4711", "9" * 30])
@pytest.mark.parametrize("command", [("show",), ("grant", "admin"), ("revoke",)])
def test_nobody_is_named_in_a_sentence(flask: Command, command: tuple[str, ...], unknown: str) -> None:
    result = flask("users", command[0], unknown, *command[1:])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Nobody here has the ")
    assert unknown in result.stderr


def test_two_people_of_one_mail_are_told_apart_by_id(flask: Command) -> None:
    first = factories.User(email="shared@demo.test", name="Ada")
    second = factories.User(email="shared@demo.test", name="Ben", issuer="https://other.example")

    result = flask("users", "grant", "shared@demo.test", "admin")

    assert result.exit_code == 1
    assert f"{first.id} (Ada, {first.issuer}), {second.id} (Ben, https://other.example)" in result.stderr
    assert flask("users", "grant", str(second.id), "admin").exit_code == 0
    assert [users.person(each.id).granted_role for each in (first, second)] == [0, 2]


def test_a_granted_role_holds_at_once_and_is_on_the_record(app: Flask, flask: Command) -> None:
    ada = factories.User(email="ada@demo.test", name="Ada")
    signed_in(app, ada)

    result = flask("users", "grant", "ada@demo.test", "support")

    assert result.stdout == f"Ada (ada@demo.test, id {ada.id}) was given the role support.\n"
    assert users.person(ada.id).granted_role == Role.SUPPORT
    events, total = activity(ada.id, limit=10)
    assert (total, events[0].event, events[0].details) == (1, Event.ROLE_GRANTED, {"role": "support"})
    assert not events[0].by_subject


def test_a_role_granted_twice_is_recorded_once(flask: Command) -> None:
    ada = factories.User(email="ada@demo.test")
    flask("users", "grant", "ada@demo.test", "admin")

    again = flask("users", "grant", "ada@demo.test", "admin")

    assert again.exit_code == 0
    assert "had the role admin already" in again.stdout
    assert activity(ada.id, limit=10)[1] == 1


def test_a_revoked_role_is_gone_and_on_the_record(flask: Command) -> None:
    emil = factories.User(email="emil@demo.test", granted_role=2)

    assert "lost the role admin" in flask("users", "revoke", "emil@demo.test").stdout
    assert "had no role" in flask("users", "revoke", "emil@demo.test").stdout

    assert users.person(emil.id).granted_role == Role.USER
    assert [each.event for each in activity(emil.id, limit=10)[0]] == [Event.ROLE_REVOKED]


def test_a_role_of_the_identity_provider_is_gone_until_the_next_login_and_it_is_said(flask: Command) -> None:
    emil = factories.User(email="emil@demo.test", claimed_role=1, granted_role=2)

    said = flask("users", "revoke", "emil@demo.test").stdout

    assert "lost the role admin" in said
    assert "makes them support again at their next login: take it from them there" in said
    assert (users.person(emil.id).granted_role, users.person(emil.id).claimed_role) == (Role.USER, Role.USER)


def test_without_a_database_a_command_says_so_in_one_sentence() -> None:
    app = create_app(settings(DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none"))

    result = runner(app)("users", "list")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database can't be used: ")
    assert result.stderr.endswith("Check DATABASE_URL, and that the server runs.\n")
    assert len(result.stderr.splitlines()) == 1


def test_without_tables_a_command_says_how_to_make_them(tmp_path: object) -> None:
    app = create_app(settings(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db"))

    result = runner(app)("users", "list")

    assert result.exit_code == 1
    assert result.stderr.endswith("Run: flask --app wsgi db upgrade\n")
