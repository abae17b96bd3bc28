"""A program lists, reads and ends connections, and only its own person's."""

from flask import Flask
from sqlalchemy import func, select

from dashboard import providers
from dashboard.connections import reading
from dashboard.data import db, records, revocations
from dashboard.events import activity
from tests import factories
from tests.api.conftest import Program
from tests.conftest import Queries


def test_a_list_holds_the_caller_s_own_connections_only(ada_s: Program, ben_s: Program) -> None:
    hers, his = factories.Connection(user=ada_s.user), factories.Connection(user=ben_s.user)

    for program, row in [(ada_s, hers), (ben_s, his)]:
        page = program.get("/v7.1/remoteconnection/").json
        assert [item["remote_id"] for item in page["_embedded"]["remoteconnection"]] == [str(row.id)]
        assert page["total_count"] == 1


def test_someone_else_s_connection_is_a_missing_one(ada_s: Program, ben_s: Program) -> None:
    hers = factories.Connection(user=ada_s.user)
    missing = hers.id + 1000

    for method in ("GET", "DELETE"):
        other = ben_s.ask(method, f"/v7.1/remoteconnection/{hers.id}/")
        nothing = ben_s.ask(method, f"/v7.1/remoteconnection/{missing}/")
        assert other.status_code == nothing.status_code == 404
        assert other.text.replace(f" {hers.id} ", " ID ") == nothing.text.replace(f" {missing} ", " ID ")
    assert ada_s.get(f"/v7.1/remoteconnection/{hers.id}/").status_code == 200


def test_a_delete_ends_the_connection_once_and_queues_its_revocation(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user)

    first, second = (ada_s.delete(f"/v7.1/remoteconnection/{row.id}/") for _ in range(2))

    assert (first.status_code, first.data) == (204, b"")
    assert "Content-Type" not in first.headers
    assert second.status_code == 404
    assert second.json["errors"] == [f"remote_user_id {row.id} could not be found."]
    assert ada_s.get(f"/v7.1/remoteconnection/{row.id}/").status_code == 404
    assert ada_s.get("/v7.1/remoteconnection/").json["total_count"] == 0
    ending = reading.ended(row.id, owner_id=ada_s.user.id)
    assert ending is not None
    assert ending.due_at is not None
    assert db.session.execute(select(func.count()).select_from(revocations.Revocation)).scalar_one() == 1


def test_an_id_is_never_given_out_twice(ada_s: Program) -> None:
    gone = factories.Connection(user=ada_s.user)
    ada_s.delete(f"/v7.1/remoteconnection/{gone.id}/")

    assert factories.Connection(user=ada_s.user).id != gone.id


def test_the_record_names_the_person_and_where_it_came_from(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user)

    ada_s.ask("DELETE", f"/v7.1/remoteconnection/{row.id}/", {"User-Agent": "fitness-sync/2.1"})

    (told, *_), _ = activity(ada_s.user.id, limit=1)
    assert (told.by_subject, told.user_agent) == (True, "fitness-sync/2.1")


def test_records_stay_unless_the_provider_s_terms_forbid_it(ada_s: Program) -> None:
    strict = next(each.type for each in providers.all_types() if not each.terms.may_keep_records)
    for type, left in [("withings", 1), (strict, 0)]:
        row = factories.Connection(user=ada_s.user, type=type)
        factories.Record(connection=row)

        assert ada_s.delete(f"/v7.1/remoteconnection/{row.id}/").status_code == 204

        kept = select(func.count()).select_from(records.Record).where(records.Record.type == type)
        assert db.session.execute(kept).scalar_one() == left, type


def test_a_delete_of_the_list_is_never_all_of_them(ada_s: Program) -> None:
    factories.Connection(user=ada_s.user)

    for path in ("/v7.1/remoteconnection/", "/v7.1/remoteconnection"):
        answer = ada_s.delete(path)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert ada_s.get("/v7.1/remoteconnection/").json["total_count"] == 1


def test_a_list_costs_one_query_beside_the_token_s_whatever_its_length(
    app: Flask, ada_s: Program, queries: Queries
) -> None:
    ada_s.get("/v7.1/user/self/")
    factories.Connection(user=ada_s.user)
    with queries:
        ada_s.get("/v7.1/remoteconnection/?limit=100")
    one = len(queries)
    for _ in range(49):
        factories.Connection(user=ada_s.user)
    queries.clear()

    with queries:
        page = ada_s.get("/v7.1/remoteconnection/?limit=100").json

    assert page["total_count"] == 50
    assert one == len(queries) == 2, queries
