"""gunicorn's log, as its own configuration file makes it: no query, and no key of a webhook's address."""

import runpy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

import config

KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """gunicorn's log with the settings of ``gunicorn.conf.py``; ``lines()`` is what stands in its access log."""
    settings = Config()
    for name, value in runpy.run_path(str(config.ROOT / "gunicorn.conf.py")).items():
        if name in settings.settings:
            settings.set(name, value)
    settings.set("accesslog", str(tmp_path / "access.log"))
    settings.set("errorlog", str(tmp_path / "error.log"))
    log = settings.logger_class(settings)
    yield SimpleNamespace(
        settings=settings,
        log=log,
        access=(tmp_path / "access.log").read_text,
        errors=(tmp_path / "error.log").read_text,
    )
    for handler in [*log.access_log.handlers, *log.error_log.handlers]:
        handler.close()


def serve(server: Any, path: str, *, query: str = "") -> None:
    environ = {
        "REMOTE_ADDR": "192.0.2.7",
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "RAW_URI": f"{path}?{query}",
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    answer = SimpleNamespace(status="200 OK", sent=2, headers=[])
    server.log.access(answer, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=3))


@pytest.mark.parametrize("path", [f"/webhooks/strava/{KEY}/", f"/webhooks/strava/{KEY}", f"//webhooks//strava//{KEY}/"])
def test_the_key_of_a_webhooks_address_is_cut_out(server: Any, path: str) -> None:
    serve(server, path, query="hub.challenge=1")

    assert KEY not in server.access()
    assert f'"POST {path.replace(KEY, "…")} HTTP/1.1" 200 2' in server.access()
    assert "challenge" not in server.access()


def test_so_is_the_key_of_a_link_that_stops_mails(server: Any) -> None:
    serve(server, f"/mails/stop/{KEY}/")

    assert '"POST /mails/stop/…/ HTTP/1.1" 200 2' in server.access()


def test_so_it_is_in_a_format_of_the_operators_own(server: Any) -> None:
    server.settings.set("access_log_format", '%(r)s %({raw_uri}e)s "%(f)s"')

    serve(server, f"/webhooks/oura/{KEY}/")

    assert server.access().startswith("POST /webhooks/oura/…/? HTTP/1.1 /webhooks/oura/…/? ")


def test_an_error_that_names_the_address_says_no_key(server: Any) -> None:
    server.log.exception("Error handling request %s %s", "POST", f"/webhooks/oura/{KEY}/?a=b")

    assert "Error handling request POST /webhooks/oura/…/?a=b" in server.errors()


def test_other_addresses_stand_there_as_they_are(server: Any) -> None:
    serve(server, "/connections/12/days/")

    assert '"POST /connections/12/days/ HTTP/1.1" 200 2' in server.access()
