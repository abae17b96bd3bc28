"""The servers that other tests rely on do what those tests take for granted."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.servers import chromium
from tests.servers.errors import CannotStart
from tests.servers.openid_provider import CALLBACK, OpenIDProvider, code_challenge
from tests.servers.postgresql import URL_VARIABLE, PostgreSQL, remove_abandoned, wheel_binaries

ROOT = Path(__file__).parents[2]
KILLED_AT_WORK = """
import os, signal
from tests.servers.postgresql import PostgreSQL
server = PostgreSQL()
server.start()
print(server.url(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_a_database_is_made_copied_and_dropped(postgresql: PostgreSQL) -> None:
    name, copy = f"first_{secrets.token_hex(4)}", f"copy_{secrets.token_hex(4)}"
    with connect(postgresql.create(name)) as connection:
        connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    still_there = connect(postgresql.create(copy, template=name))
    assert still_there.execute("SELECT id FROM kept").fetchall() == [(7,)]

    postgresql.drop(name)
    postgresql.drop(copy)

    with pytest.raises(psycopg.OperationalError):
        still_there.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgresql.url(name))


def test_the_wheel_s_programs_run_too_and_leave_nothing_behind() -> None:
    with PostgreSQL(wheel_binaries()) as server:
        (folder,) = parse_qs(urlsplit(server.url()).query)["host"]
        with connect(server.url()) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert Path(folder).is_dir()

    assert not Path(folder).exists()


def test_a_server_whose_run_was_killed_is_stopped_and_removed() -> None:
    environment = {name: value for name, value in os.environ.items() if name != URL_VARIABLE}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_WORK], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    url = killed.stdout.strip()

    remove_abandoned()

    with pytest.raises(psycopg.OperationalError):
        connect(url)
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    assert not Path(folder).exists()


class Login:
    """One login at the provider by hand, as an app would do it."""

    def __init__(self, provider: OpenIDProvider, **changes: str) -> None:
        self.provider, self.metadata = provider, provider.metadata()
        self.http, self.verifier = requests.Session(), secrets.token_urlsafe(48)
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        self.url = f"{self.metadata['authorization_endpoint']}?{urlencode(query | changes)}"

    def sign_in(self, login: str) -> dict[str, str]:
        """What the callback gets."""
        location = self.provider.sign_in(self.http, self.url, login)
        return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}

    def exchange(self, code: str, verifier: str = "") -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": verifier or self.verifier,
        }
        client = (self.provider.client_id, self.provider.client_secret)
        return requests.post(self.metadata["token_endpoint"], data=form, auth=client, timeout=10)

    def keys(self) -> KeySet:
        return KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=10).json())


def test_a_login_with_pkce_gives_a_valid_id_token(openid_provider: OpenIDProvider) -> None:
    login = Login(openid_provider)

    answer = login.sign_in("dora")
    tokens = login.exchange(answer["code"]).json()

    assert (answer["state"], answer["iss"]) == ("a state", openid_provider.issuer)
    claims = jwt.decode(tokens["id_token"], login.keys(), algorithms=["RS256"]).claims
    expected = {
        "iss": openid_provider.issuer,
        "aud": openid_provider.client_id,
        "sub": "dora",
        "nonce": "a nonce",
        "name": "Dora Winter",
        "email": "support@demo.test",
        "email_verified": True,
        "locale": "en-GB",
        "zoneinfo": "Europe/Berlin",
        "roles": ["support"],
    }
    assert claims.items() >= expected.items()


def test_someone_unknown_is_let_in_and_may_lack_an_email(openid_provider: OpenIDProvider) -> None:
    login = Login(openid_provider)

    tokens = login.exchange(login.sign_in("nomail-7")["code"]).json()

    claims = jwt.decode(tokens["id_token"], login.keys(), algorithms=["RS256"]).claims
    assert (claims["sub"], claims["roles"]) == ("nomail-7", [])
    assert "email" not in claims


def test_a_wrong_verifier_is_refused(openid_provider: OpenIDProvider) -> None:
    login = Login(openid_provider)

    answer = login.exchange(login.sign_in("ada")["code"], verifier=secrets.token_urlsafe(48))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_login_without_a_challenge_is_refused(openid_provider: OpenIDProvider) -> None:
    assert (
        Login(openid_provider, code_challenge="", code_challenge_method="").sign_in("ada")["error"] == "invalid_request"
    )


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.test/login/callback/",
        "http://localhost:80/elsewhere/",
        "http://localhost.evil.test/login/callback/",
    ],
)
def test_an_unregistered_callback_is_refused(openid_provider: OpenIDProvider, uri: str) -> None:
    answer = requests.get(Login(openid_provider, redirect_uri=uri).url, allow_redirects=False, timeout=10)

    assert answer.status_code == 400
    assert "redirect_uri" in answer.text


@pytest.mark.parametrize("base", ["http://localhost", "http://localhost:8000", "http://127.0.0.1:49152"])
def test_the_app_may_listen_on_any_port_of_this_machine(openid_provider: OpenIDProvider, base: str) -> None:
    login = Login(openid_provider, redirect_uri=f"{base}/login/callback/")

    assert openid_provider.sign_in(login.http, login.url, "ada").startswith(f"{base}/login/callback/?code=")


def test_a_person_may_refuse(openid_provider: OpenIDProvider) -> None:
    login = Login(openid_provider)

    location = openid_provider.refuse(login.http, login.url)

    assert parse_qs(urlsplit(location).query)["error"] == ["access_denied"]


def test_an_access_token_for_the_api_is_a_jwt_of_the_same_issuer(openid_provider: OpenIDProvider) -> None:
    resource = "http://localhost/v7.1/"

    text = openid_provider.access_token("ada", resource=resource, scope="remoteconnection:read")

    token = jwt.decode(text, Login(openid_provider).keys(), algorithms=["RS256"])
    expected = {"iss": openid_provider.issuer, "aud": resource, "sub": "ada", "scope": "remoteconnection:read"}
    assert token.header["typ"] == "at+jwt"
    assert token.claims.items() >= expected.items()


@pytest.fixture
def mailbox() -> Iterator[tuple[str, Queue[str]]]:
    """An address that takes POSTs, and what was posted there."""
    posted: Queue[str] = Queue()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Take) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/login/backchannel-logout/", posted
        server.shutdown()
        thread.join()


def test_a_logout_sends_the_person_back_and_tells_the_app_behind_their_back(mailbox: tuple[str, Queue[str]]) -> None:
    address, posted = mailbox
    with OpenIDProvider(backchannel_logout_uri=address) as provider:
        login = Login(provider)
        id_token = login.exchange(login.sign_in("ada")["code"]).json()["id_token"]
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": "http://localhost/signed-out/", "state": "s"}

        location = provider.sign_out(login.http, f"{login.metadata['end_session_endpoint']}?{urlencode(query)}")

        (logout_token,) = parse_qs(posted.get(timeout=10))["logout_token"]
        claims = jwt.decode(logout_token, login.keys(), algorithms=["RS256"]).claims
    assert location == "http://localhost/signed-out/?state=s"
    assert claims["sub"] == "ada"
    assert claims["sid"]


def test_a_browser_is_found_or_the_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(chromium.find_chromium().executable_path).exists()

    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(CannotStart, match="no program here"):
        chromium.find_chromium()
