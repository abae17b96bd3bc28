"""The wire contract, row by row: reference/api.md and the source document's own examples."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests import factories
from tests.api.conftest import Program, token_of

MADE = datetime(2014, 4, 20, 3, 12, tzinfo=UTC)
SYNCED = datetime(2014, 5, 4, 17, 31, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def documented_elsewhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documentation link of the recorded examples."""
    monkeypatch.setitem(app.config, "DOCUMENTATION_URL", "https://developer.underarmour.com/docs/")


def test_an_item_is_the_source_document_s_example(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user, created_at=MADE, last_sync_at=SYNCED)

    answer = ada_s.get(f"/v7.1/remoteconnection/{row.id}/")

    expected = (
        '{"created_datetime":"2014-04-20T03:12:00+00:00","last_sync_time":"2014-05-04T17:31:06+00:00",'
        f'"remote_id":"{row.id}","_links":{{"self":[{{"href":"/v7.1/remoteconnection/{row.id}/","id":"{row.id}"}}],'
        '"documentation":[{"href":"https://developer.underarmour.com/docs/"}],'
        f'"user":[{{"href":"/v7.1/user/{ada_s.user.id}/","id":"{ada_s.user.id}"}}]}},"type":"withings"}}'
    )
    assert answer.status_code == 200
    assert answer.text == expected


def test_a_collection_is_the_source_document_s_example(ada_s: Program) -> None:
    first = factories.Connection(user=ada_s.user, created_at=MADE, last_sync_at=SYNCED)
    second = factories.Connection(
        user=ada_s.user, type="jawboneup", created_at=MADE + timedelta(days=2), last_sync_at=SYNCED + timedelta(days=3)
    )

    answer = ada_s.get("/v7.1/remoteconnection/")

    items = ",".join(
        f'{{"created_datetime":"{made}","last_sync_time":"{synced}","remote_id":"{row.id}",'
        f'"_links":{{"self":[{{"href":"/v7.1/remoteconnection/{row.id}/","id":"{row.id}"}}],'
        f'"user":[{{"href":"/v7.1/user/{ada_s.user.id}/","id":"{ada_s.user.id}"}}]}},"type":"{row.type}"}}'
        for row, made, synced in [
            (first, "2014-04-20T03:12:00+00:00", "2014-05-04T17:31:06+00:00"),
            (second, "2014-04-22T03:12:00+00:00", "2014-05-07T17:31:06+00:00"),
        ]
    )
    assert answer.text == (
        '{"_links":{"self":[{"href":"/v7.1/remoteconnection/?limit=20&offset=0"}],'
        '"documentation":[{"href":"https://developer.underarmour.com/docs/"}]},'
        f'"_embedded":{{"remoteconnection":[{items}]}},"total_count":2}}'
    )


def test_an_error_is_the_recorded_one_to_the_byte(ada_s: Program) -> None:
    answer = ada_s.get("/v7.1/remoteconnection/70488025/")

    assert answer.status_code == 404
    assert answer.data == (
        b'{"errors":["remote_user_id 70488025 could not be found."],"_links":{"self":[{"href":'
        b'"/v7.1/remoteconnection/?limit=20&offset=0"}],"documentation":[{"href":'
        b'"https://developer.underarmour.com/docs/"}]}}'
    )


def test_no_sync_yet_is_null_and_fractions_of_a_second_are_cut(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user, fresh=True, created_at=MADE.replace(microsecond=987_654))

    item = ada_s.get(f"/v7.1/remoteconnection/{row.id}/").json

    assert item["last_sync_time"] is None
    assert item["created_datetime"] == "2014-04-20T03:12:00+00:00"


@pytest.mark.parametrize("path", ["remoteconnection", "remoteconnection/{id}", "remoteconnectiontype/1", "user/self"])
def test_without_the_slash_it_is_answered_as_with_it(ada_s: Program, path: str) -> None:
    row = factories.Connection(user=ada_s.user)
    with_slash = ada_s.get(f"/v7.1/{path.format(id=row.id)}/")

    without = ada_s.get(f"/v7.1/{path.format(id=row.id)}")

    assert (without.status_code, without.data) == (200, with_slash.data)


def test_what_old_clients_send_along_is_ignored(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user)
    habits = {"Content-Type": "application/json", "Api-Key": "an old key", "X-HTTP-Method-Override": "DELETE"}

    assert ada_s.ask("GET", f"/v7.1/remoteconnection/{row.id}", habits, data=b"").status_code == 200
    assert ada_s.ask("GET", "/v7.1/remoteconnection/?fields=all&page=-1", habits).status_code == 200
    assert ada_s.ask("POST", f"/v7.1/remoteconnection/{row.id}", habits).status_code == 405
    assert ada_s.ask("DELETE", f"/v7.1/remoteconnection/{row.id}", habits, data=b"{}").status_code == 204


def test_pages_follow_each_other_in_order_and_miss_nobody(ada_s: Program) -> None:
    rows = [factories.Connection(user=ada_s.user, created_at=MADE) for _ in range(3)]
    rows.insert(0, factories.Connection(user=ada_s.user, created_at=MADE - timedelta(days=1)))
    rows.append(factories.Connection(user=ada_s.user, created_at=MADE + timedelta(days=1)))
    seen, path = [], "/v7.1/remoteconnection/?limit=2"

    while path:
        page = ada_s.get(path).json
        seen += [item["remote_id"] for item in page["_embedded"]["remoteconnection"]]
        assert page["total_count"] == 5
        path = page["_links"].get("next", [{}])[0].get("href")

    assert seen == [str(row.id) for row in rows]


@pytest.mark.parametrize(
    ("query", "self_link", "next_link", "prev_link"),
    [
        ("", "limit=20&offset=0", None, None),
        ("?limit=2", "limit=2&offset=0", "limit=2&offset=2", None),
        ("?offset=2&limit=2", "limit=2&offset=2", "limit=2&offset=4", "limit=2&offset=0"),
        ("?limit=2&offset=1", "limit=2&offset=1", "limit=2&offset=3", "limit=2&offset=0"),
        ("?limit=2&offset=4", "limit=2&offset=4", None, "limit=2&offset=2"),
        ("?limit=100&offset=9223372036854775807", "limit=100&offset=9223372036854775807", None, "limit=100&offset=0"),
    ],
)
def test_paging_links_spell_out_limit_then_offset(
    ada_s: Program, query: str, self_link: str, next_link: str | None, prev_link: str | None
) -> None:
    for _ in range(5):
        factories.Connection(user=ada_s.user)

    links = ada_s.get(f"/v7.1/remoteconnection/{query}").json["_links"]

    expected = {"self": self_link, "next": next_link, "prev": prev_link}
    hrefs = {name: [{"href": f"/v7.1/remoteconnection/?{words}"}] for name, words in expected.items() if words}
    assert {name: link for name, link in links.items() if name != "documentation"} == hrefs


def test_nobody_s_connections_are_an_empty_page_without_neighbours(ben_s: Program) -> None:
    page = ben_s.get("/v7.1/remoteconnection/?offset=40").json

    assert (page["_embedded"], page["total_count"]) == ({"remoteconnection": []}, 0)
    assert set(page["_links"]) == {"self", "documentation"}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "", "x", "1.5", "+5", "٣", "9" * 5000])
def test_a_bad_limit_is_named(ada_s: Program, limit: str) -> None:
    answer = ada_s.ask("GET", "/v7.1/remoteconnection/", query_string={"limit": limit})

    assert (answer.status_code, answer.json["errors"]) == (400, ["limit must be a whole number from 1 to 100."])


def test_each_bad_parameter_has_its_sentence(ada_s: Program) -> None:
    answer = ada_s.get("/v7.1/remoteconnectiontype/?limit=x&offset=-1")

    assert answer.status_code == 400
    assert [sentence.split()[0] for sentence in answer.json["errors"]] == ["limit", "offset"]
    assert answer.json["_links"]["self"] == [{"href": "/v7.1/remoteconnectiontype/?limit=20&offset=0"}]


@pytest.mark.parametrize(
    "pk", ["abc", "-1", "0", "007", "1.0", "9223372036854775808", "9" * 400, "%D9%A1", "1%20", "null", "1;2"]
)
def test_what_can_be_no_id_is_a_missing_item(ada_s: Program, pk: str) -> None:
    for resource in ("remoteconnection", "remoteconnectiontype", "user"):
        assert ada_s.get(f"/v7.1/{resource}/{pk}/").status_code == 404
    assert ada_s.delete(f"/v7.1/remoteconnection/{pk}/").status_code == 404


def test_types_are_listed_by_id_under_their_plural(ada_s: Program) -> None:
    page = ada_s.get("/v7.1/remoteconnectiontype/").json

    types = page["_embedded"]["remoteconnectiontypes"]
    ids = [int(each["_links"]["self"][0]["id"]) for each in types]
    assert list(page) == ["_links", "_embedded", "total_count"]
    assert ids == sorted(ids)
    assert page["total_count"] == len(types) >= 12
    assert {"withings", "fitbit", "jawboneup"} <= {each["type"] for each in types}
    assert all("documentation" not in each["_links"] for each in types)


def test_a_type_has_its_properties_and_they_lead_somewhere(app: Flask, ada_s: Program) -> None:
    found = ada_s.get("/v7.1/remoteconnectiontype/1/").json

    assert list(found) == [
        "type", "name", "recorder_type_key", "intro_copy_heading", "intro_copy_body", "disconnect_copy",
        "disconnect_confirm", "disconnect_cancel", "oauth_connect_link", "logo_link", "logo_link_light", "_links",
    ]  # fmt: skip
    assert (found["type"], found["disconnect_confirm"]) == ("withings", "Disconnect Withings")
    assert found["_links"]["self"] == [{"href": "/v7.1/remoteconnectiontype/1/", "id": "1"}]
    assert found["_links"]["documentation"]
    for logo in ("logo_link", "logo_link_light"):
        with app.test_client().get(found[logo], headers={"Host": "localhost"}) as tile:
            assert tile.mimetype == "image/svg+xml"
    with app.test_client().get(found["oauth_connect_link"], headers={"Host": "localhost"}) as connect:
        assert connect.status_code == 303


def test_a_type_speaks_the_language_of_its_reader(ada_s: Program) -> None:
    answer = ada_s.get("/v7.1/remoteconnectiontype/1/", Accept_Language="de")

    assert answer.headers["Content-Language"] == "de"
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_user_sees_themselves_by_id_and_as_self(app: Flask) -> None:
    cleo = factories.User(
        email="c@demo.test", username="cleo", name="Cleo Fry", created_at=MADE, language="de", claimed_language="en",
        claimed_time_zone="Europe/Berlin",
    )  # fmt: skip
    program = Program(app, cleo, token_of(cleo))

    shown = program.get("/v7.1/user/self/").json

    assert json.dumps(shown, separators=(",", ":")) == json.dumps(
        {
            "id": str(cleo.id), "username": "cleo", "display_name": "Cleo Fry", "email": "c@demo.test",
            "date_joined": "2014-04-20T03:12:00+00:00", "preferred_language": "de", "time_zone": "Europe/Berlin",
            "_links": {
                "self": [{"href": f"/v7.1/user/{cleo.id}/", "id": str(cleo.id)}],
                "documentation": [{"href": "https://developer.underarmour.com/docs/"}],
                "remoteconnection": [{"href": "/v7.1/remoteconnection/"}],
            },
        },
        separators=(",", ":"),
    )  # fmt: skip
    assert program.get(f"/v7.1/user/{cleo.id}/").json == shown


def test_another_user_s_id_is_a_missing_one(ada_s: Program, ben_s: Program) -> None:
    other = ada_s.get(f"/v7.1/user/{ben_s.user.id}/")
    missing = ada_s.get("/v7.1/user/987654321/")

    assert other.status_code == missing.status_code == 404
    assert other.text.replace(f" {ben_s.user.id} ", " ID ").replace(
        f"/{ben_s.user.id}/", "/ID/"
    ) == missing.text.replace("987654321", "ID")


def test_the_links_of_every_document_lead_on(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user)
    item = ada_s.get(f"/v7.1/remoteconnection/{row.id}/").json

    for link in [*item["_links"]["self"], *item["_links"]["user"]]:
        assert ada_s.get(link["href"]).status_code == 200
    assert ada_s.get("/v7.1/user/self/").json["_links"]["self"] == item["_links"]["user"]
