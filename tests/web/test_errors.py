"""The pages of errors: what happened, what to do, and an id that the log has too."""

import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask, abort

from dashboard import create_app
from dashboard.data import db
from dashboard.web.request import public
from tests.conftest import Browser, settings


@pytest.fixture
def broken(app: Flask) -> Iterator[Browser]:
    """An app with a view that fails as asked."""
    made = create_app(
        settings(DATABASE_URL=app.config["DATABASE_URL"], LOGIN_RATE_LIMIT="2 per minute", MAX_REQUEST_KB="16")
    )

    @public
    def fail(status: int) -> str:
        if status == 500:
            raise ZeroDivisionError("secret detail")
        abort(status)

    made.add_url_rule("/fail/<int:status>/", view_func=fail)
    yield Browser(made, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})
    with made.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500])
def test_each_error_has_a_page_with_an_id_to_quote(broken: Browser, status: int) -> None:
    page = broken.get(f"/fail/{status}/", status=status)

    assert f"Error {status}." in page.text
    assert page.html.code.text == page.headers["X-Request-Id"]
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page.html.code.text)


def test_the_log_has_the_id_and_the_trace_and_the_page_has_not(
    broken: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="dashboard"):
        page = broken.get("/fail/500/", status=500)

    assert "secret detail" not in page.text
    assert "ZeroDivisionError" in caplog.text
    assert page.headers["X-Request-Id"] in caplog.text


def test_a_wrong_method_says_which_are_right(ada: Browser) -> None:
    answer = ada.get("/logout/", status=405)

    assert "POST" in answer.headers["Allow"]


def test_too_many_logins_are_slowed_down(broken: Browser) -> None:
    for _ in range(2):
        broken.get("/login/", status="*")

    answer = broken.get("/login/", status=429)

    assert answer.html.h1.text == "That was too often"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_body_that_is_too_large_is_refused(broken: Browser) -> None:
    assert broken.post("/fail/400/", "x" * 20_000, status="*").status_int in {405, 413}


def test_health_needs_no_login_and_no_session(anybody: Browser) -> None:
    assert anybody.get("/health/live/").json == {"status": "ok"}
    assert anybody.get("/health/ready/").json == {"status": "ok"}


@pytest.fixture
def cut_off() -> Iterator[Browser]:
    """An app whose database does not answer."""
    made = create_app(settings(DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none"))
    browser = Browser(made, extra_environ={"HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.7"})
    browser.set_cookie("session", "c" * 43)
    yield browser
    with made.app_context():
        db.engine.dispose()


def test_without_its_database_a_page_says_so_and_nobody_is_signed_out(cut_off: Browser) -> None:
    page = cut_off.get("/connections/", status=503)

    assert page.html.h1.text == "This did not work, and it is our fault"
    assert page.html.code.text == page.headers["X-Request-Id"]
    assert "Set-Cookie" not in page.headers


def test_without_its_database_a_program_is_told_in_json(cut_off: Browser) -> None:
    answer = cut_off.get("/v7.1/remoteconnection/", headers={"Authorization": "Bearer rc_x"}, status=503)

    assert answer.json["errors"]
    assert cut_off.get("/health/ready/", status=503)
    assert cut_off.get("/health/live/", status=200)
