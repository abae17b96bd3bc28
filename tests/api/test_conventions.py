"""What holds for every address of the API: media types, caching, methods, limits, and errors that are never HTML."""

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue

from dashboard import create_app
from tests import factories
from tests.api.conftest import Program
from tests.conftest import settings

JSON, HAL = "application/json", "application/hal+json"
ADDRESSES = ["remoteconnection/", "remoteconnectiontype/", "remoteconnectiontype/1/", "user/self/", "openapi.json"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        ("Application/JSON", JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (HAL, HAL),
        (f"{HAL}, {JSON};q=0.9", HAL),
        (f"{HAL}, */*;q=0.1", HAL),
        (f"{HAL};q=0.5, {JSON}", JSON),
        (f"{HAL}, {JSON}", JSON),
        (f"application/*, {JSON};q=0", HAL),
    ],
)
def test_the_accept_header_chooses_the_media_type(ada_s: Program, accept: str, media_type: str) -> None:
    answer = ada_s.get("/v7.1/remoteconnection/", Accept=accept)

    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize("accept", ["text/html", "text/*", "application/xml", f"{JSON};q=0", "*/*;q=0", "nonsense"])
def test_an_accept_that_allows_neither_is_refused_in_json(ada_s: Program, accept: str) -> None:
    row = factories.Connection(user=ada_s.user)

    for method in ("GET", "DELETE"):
        answer = ada_s.ask(method, f"/v7.1/remoteconnection/{row.id}/", {"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (406, JSON)
    assert ada_s.get(f"/v7.1/remoteconnection/{row.id}/").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unchanged_document_is_not_sent_again(ada_s: Program, address: str) -> None:
    etag = ada_s.get(f"/v7.1/{address}").headers["ETag"]

    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = ada_s.get(f"/v7.1/{address}", If_None_Match=sent)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag), sent
    assert ada_s.get(f"/v7.1/{address}", If_None_Match='"another"').status_code == 200


def test_a_changed_document_and_another_media_type_have_another_etag(ada_s: Program) -> None:
    before = ada_s.get("/v7.1/remoteconnection/").headers["ETag"]
    hal = ada_s.get("/v7.1/remoteconnection/", Accept=HAL).headers["ETag"]
    factories.Connection(user=ada_s.user)

    after = ada_s.get("/v7.1/remoteconnection/", If_None_Match=before)

    assert after.status_code == 200
    assert len({before, hal, after.headers["ETag"]}) == 3


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_larger_body_is_compressed_and_its_etag_good_for_a_304(ada_s: Program, coding: str) -> None:
    for _ in range(10):
        factories.Connection(user=ada_s.user)

    packed = ada_s.get("/v7.1/remoteconnection/", Accept_Encoding=coding)
    again = ada_s.get("/v7.1/remoteconnection/", Accept_Encoding=coding, If_None_Match=packed.headers["ETag"])

    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) < len(ada_s.get("/v7.1/remoteconnection/").data) / 3
    assert (again.status_code, again.headers["ETag"]) == (304, packed.headers["ETag"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_the_body(ada_s: Program, address: str) -> None:
    got, head = (ada_s.ask(method, f"/v7.1/{address}") for method in ("GET", "HEAD"))

    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("address", [*ADDRESSES, "remoteconnection", "remoteconnection/1", "remoteconnection/1/"])
def test_another_method_is_told_which_ones_there_are(ada_s: Program, method: str, address: str) -> None:
    answer = ada_s.ask(method, f"/v7.1/{address}")

    allowed = {"GET", "HEAD"} | ({"DELETE"} if "remoteconnection/1" in address else set())
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert answer.json["errors"]


@pytest.mark.parametrize("path", ["/v7.1", "/v7.1/", "/v7.1/nothing/", "/v7.1//remoteconnection/", "/v7.1/a/%00/é<b>"])
def test_an_unknown_address_is_an_error_in_json(stranger: Program, path: str) -> None:
    answer = stranger.get(path)

    assert (answer.status_code, answer.mimetype) == (404, JSON)
    assert list(answer.json) == ["errors", "_links"]
    assert list(answer.json["_links"]) == ["self", "documentation"]
    assert answer.json["_links"]["self"][0]["href"].startswith("/v7.1")


@pytest.mark.parametrize(
    ("path", "self_href"),
    [
        ("/v7.1/remoteconnection/5/", "/v7.1/remoteconnection/?limit=20&offset=0"),
        ("/v7.1/remoteconnection?limit=0", "/v7.1/remoteconnection/?limit=20&offset=0"),
        ("/v7.1/remoteconnectiontype/999/", "/v7.1/remoteconnectiontype/?limit=20&offset=0"),
        ("/v7.1/user/999999/", "/v7.1/user/999999/"),
    ],
)
def test_an_error_of_an_item_calls_the_first_page_self(ada_s: Program, path: str, self_href: str) -> None:
    assert ada_s.get(path).json["_links"]["self"] == [{"href": self_href}]


def test_a_host_that_is_not_ours_is_refused_in_json(ada_s: Program) -> None:
    assert ada_s.get("/v7.1/remoteconnection/", Host="evil.example").status_code == 400


def test_a_body_that_is_too_large_is_refused_in_json(app: Flask, ada_s: Program) -> None:
    large = b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1)

    assert ada_s.ask("GET", "/v7.1/remoteconnection/", data=large).status_code == 413


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that takes two requests an hour."""
    monkeypatch.setitem(app.config, "API_RATE_LIMIT", "2 per hour")


@pytest.mark.usefixtures("limited")
def test_one_request_too_many_is_told_when_to_come_back(ada_s: Program, ben_s: Program) -> None:
    paths = ["/v7.1/user/self/", "/v7.1/remoteconnectiontype/", "/v7.1/remoteconnection/"]

    answers = [ada_s.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert answers[2].json["errors"]
    assert ben_s.get("/v7.1/user/self/").status_code == 200


@pytest.mark.usefixtures("limited")
def test_who_has_no_token_is_counted_by_address(stranger: Program) -> None:
    def ask(address: str) -> int:
        return stranger.ask("GET", "/v7.1/user/self/", environ_base={"REMOTE_ADDR": address}).status_code

    assert [ask("198.51.100.9") for _ in range(3)] == [401, 401, 429]
    assert ask("198.51.100.10") == 401


def test_a_crash_is_an_error_in_json_that_quotes_the_log_s_id_and_no_secret() -> None:
    broken = create_app(settings(DATABASE_URL="sqlite://"))

    def crash() -> ResponseReturnValue:
        raise RuntimeError("a secret of ours")

    crash.public = True  # type: ignore[attr-defined]
    broken.add_url_rule("/v7.1/crash/", view_func=crash)

    answer = Program(broken).get("/v7.1/crash/")

    assert (answer.status_code, answer.mimetype) == (500, JSON)
    assert answer.headers["X-Request-Id"] in answer.json["errors"][0]
    assert "secret" not in answer.text
