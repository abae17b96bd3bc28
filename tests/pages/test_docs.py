"""The API's documentation for people."""

import json
import shlex

import pytest
from flask import Flask

from dashboard.identity.api_tokens import DEMO_TOKEN
from tests.conftest import Browser


def test_anybody_may_read_it_and_it_shows_every_operation(anybody: Browser) -> None:
    document = anybody.get("/v7.1/openapi.json").json

    page = anybody.get("/docs/").html

    shown = {code.text for code in page.select("article code")}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in shown
            assert page.select_one(f"#{operation['operationId']}").text == operation["summary"]


def test_every_error_is_explained(anybody: Browser) -> None:
    document = anybody.get("/v7.1/openapi.json").json

    page = anybody.get("/docs/").html

    rows = page.select("section[aria-labelledby=errors] tbody th")
    assert [row.text for row in rows] == list(document["components"]["responses"])


def test_the_answers_that_it_shows_are_json(anybody: Browser) -> None:
    examples = anybody.get("/docs/").html.select("details pre")

    assert len(examples) == 5
    assert all("_links" in json.loads(example.text) for example in examples)


def test_the_curl_example_is_a_request_that_the_api_understands(anybody: Browser) -> None:
    words = shlex.split(anybody.get("/docs/").html.select_one("#begin ~ pre").text)

    assert words[:2] == ["curl", "-H"]
    assert words[2] == f"Authorization: Bearer {DEMO_TOKEN}"
    assert words[3] == "http://localhost:8000/v7.1/remoteconnection/"
    answer = anybody.get(
        "/v7.1/remoteconnection/", expect_errors=True, headers={"Authorization": words[2].split(": ")[1]}
    )
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], "no demo is loaded here"


def test_outside_the_demo_it_shows_no_token(anybody: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", False)

    page = anybody.get("/docs/")

    assert DEMO_TOKEN not in page.text
    assert 'Authorization: Bearer $TOKEN"' in page.html.select_one("#begin ~ pre").text


def test_who_is_signed_in_sees_the_way_to_their_tokens(ada: Browser) -> None:
    page = ada.get("/docs/")

    assert page.html.select_one("main a.button")["href"] == "/account/"
    assert page.html.select_one(".nav")


def test_it_says_on_what_terms_each_open_service_sends(anybody: Browser) -> None:
    section = anybody.get("/docs/").html.select_one("section[aria-labelledby=terms]")

    said = {each.th.text: each.text for each in section.select("tbody tr")}
    assert "deleted here after 7 days: Strava asks for that." in said["Strava"]
    assert "stays here for as long as you like" in said["Withings"]
    assert "Jawbone UP" not in said
