"""The local identity provider, over HTTP, as a browser and an app meet it."""

import json
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from authlib.oidc.discovery import OpenIDProviderMetadata
from bs4 import BeautifulSoup
from joserfc import jwt
from joserfc.jwk import KeySet

from demo import identity_provider
from demo.identity.people import CAST, Person
from tests.servers.openid_provider import code_challenge

CALLBACK = "http://localhost:8000/login/callback/"
SIGNED_OUT = "http://localhost:8000/signed-out/"
CLIENT = (identity_provider.CLIENT_ID, identity_provider.CLIENT_SECRET)


class App:
    """An app and its person's browser, at a provider on this port."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.http = requests.Session()
        self.verifier = secrets.token_urlsafe(48)

    def ask(self, **changes: str) -> str:
        """The address that a login begins at."""
        query = {
            "response_type": "code",
            "client_id": CLIENT[0],
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self.issuer}/authorize?{urlencode({k: v for k, v in (query | changes).items() if v})}"

    def open(self, url: str) -> requests.Response:
        return self.http.get(url, allow_redirects=False, timeout=5)

    def sign_in(self, url: str | None = None, **form: str) -> requests.Response:
        return self.http.post(url or self.ask(), data=form, allow_redirects=False, timeout=5)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        data = form | {"code_verifier": self.verifier} | changes
        return requests.post(f"{self.issuer}/token", data=data, auth=CLIENT, timeout=5)

    def claims(self, id_token: str) -> dict[str, object]:
        """The claims of an ID token whose signature is right."""
        keys = KeySet.import_key_set(self.http.get(f"{self.issuer}/keys", timeout=5).json())
        return jwt.decode(id_token, keys, algorithms=["RS256"]).claims


def answer(response: requests.Response) -> dict[str, str]:
    """What the callback gets."""
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(f"{CALLBACK}?")
    return {name: value for name, [value] in parse_qs(urlsplit(response.headers["Location"]).query).items()}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "identity"


@pytest.fixture
def app(state: Path) -> Iterator[App]:
    with identity_provider.listen("127.0.0.1", 0) as listening:
        app = App(listening.getsockname()[1])
        flask = identity_provider.create_app(issuer=app.issuer, client_redirects=[CALLBACK], state=state)
        server = identity_provider.server_for(flask, listening)
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield app
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_discovery_document_is_valid_and_its_own(app: App) -> None:
    document = app.http.get(f"{app.issuer}/.well-known/openid-configuration", timeout=5).json()

    # Authlib's check does not know that plain http is fine on this machine.
    OpenIDProviderMetadata(json.loads(json.dumps(document).replace("http:", "https:"))).validate()
    assert document["issuer"] == app.issuer
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.parametrize("person", CAST.values(), ids=CAST)
def test_a_login_with_pkce_gives_a_valid_id_token(app: App, person: Person) -> None:
    back = answer(app.sign_in(person=person.sub))
    tokens = app.exchange(back["code"]).json()

    assert (back["state"], back["iss"]) == ("a state", app.issuer)
    expected = {"iss": app.issuer, "aud": CLIENT[0], "nonce": "a nonce", **person.claims("profile email")}
    expected["roles"] = list(person.roles)
    assert app.claims(tokens["id_token"]).items() >= expected.items()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    userinfo = requests.get(f"{app.issuer}/userinfo", headers=bearer, timeout=5).json()
    assert userinfo == person.claims("profile email") | {"roles": list(person.roles)}


def test_an_unknown_address_is_a_new_person_and_the_same_one_next_time(app: App) -> None:
    first, again = (
        app.claims(app.exchange(answer(app.sign_in(mail=mail, password="any"))["code"]).json()["id_token"])
        for mail in ("Grace.Hopper@navy.test", "grace.hopper@navy.test")
    )

    assert (first["name"], first["email"], first["roles"]) == ("Grace Hopper", "grace.hopper@navy.test", [])
    assert first["sub"] == again["sub"]


def test_the_page_offers_the_cast_without_script_or_inline_style(app: App) -> None:
    response = app.open(app.ask())

    page = BeautifulSoup(response.text, "html.parser")
    assert [button["value"] for button in page.select("button[name=person]")] == list(CAST)
    assert "Any password works." in page.text
    assert not page.select("script, style, [style], [onclick]")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    for sheet in page.select("link[rel=stylesheet]"):
        assert app.open(f"{app.issuer}{sheet['href']}").headers["Content-Type"].startswith("text/css")


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(app: App) -> None:
    response = app.sign_in(mail="nobody", password="")

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert [field["value"] for field in page.select("#mail")] == ["nobody"]
    assert {tag["id"] for tag in page.select(".error")} == {"mail-error", "password-error"}


def test_a_second_login_asks_nobody_unless_the_app_wants_it(app: App) -> None:
    app.sign_in(person="ben")

    assert "code" in answer(app.open(app.ask(prompt="none")))
    assert app.open(app.ask(prompt="login")).status_code == 200


def test_a_silent_login_of_nobody_is_refused(app: App) -> None:
    back = answer(app.open(app.ask(prompt="none")))

    assert (back["error"], back["iss"]) == ("login_required", app.issuer)


def test_a_person_may_refuse(app: App) -> None:
    page = BeautifulSoup(app.open(app.ask()).text, "html.parser")
    (link,) = page.select("a[href^='/authorize/refuse']")

    back = answer(app.open(f"{app.issuer}{link['href']}"))

    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "a state", app.issuer)


def test_a_wrong_verifier_is_refused_and_burns_the_code(app: App) -> None:
    code = answer(app.sign_in(person="ada"))["code"]

    assert app.exchange(code, code_verifier=secrets.token_urlsafe(48)).json()["error"] == "invalid_grant"
    assert app.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_works_once(app: App) -> None:
    code = answer(app.sign_in(person="ada"))["code"]

    assert app.exchange(code).status_code == 200
    assert app.exchange(code).json()["error"] == "invalid_grant"


def test_a_wrong_client_secret_is_refused(app: App) -> None:
    code = answer(app.sign_in(person="ada"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": app.verifier}

    response = requests.post(f"{app.issuer}/token", data=form, auth=(CLIENT[0], "guessed"), timeout=5)

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes", [{"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": "plain"}]
)
def test_a_login_without_s256_is_refused(app: App, changes: dict[str, str]) -> None:
    assert answer(app.open(app.ask(**changes)))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "http://evil.test/"}, {"client_id": "other"}, {"response_type": 'c"'}]
)
def test_who_is_not_known_gets_a_page_and_no_redirect(app: App, changes: dict[str, str]) -> None:
    response = app.sign_in(app.ask(**changes), person="ada")

    assert response.status_code == 400
    assert "This link does not work" in response.text


def test_a_forged_access_token_opens_nothing(app: App) -> None:
    response = requests.get(f"{app.issuer}/userinfo", headers={"Authorization": "Bearer forged"}, timeout=5)

    assert response.status_code == 401


def test_the_app_s_logout_ends_the_session_here(app: App) -> None:
    id_token = app.exchange(answer(app.sign_in(person="ada"))["code"]).json()["id_token"]
    query = {"id_token_hint": id_token, "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}

    response = app.open(f"{app.issuer}/sign-out?{urlencode(query)}")

    assert (response.status_code, response.headers["Location"]) == (302, f"{SIGNED_OUT}?state=s")
    assert answer(app.open(app.ask(prompt="none")))["error"] == "login_required"


def test_a_logout_without_proof_asks_first_and_sends_nobody_away(app: App) -> None:
    app.sign_in(person="ada")
    url = f"{app.issuer}/sign-out?{urlencode({'post_logout_redirect_uri': 'http://evil.test/'})}"

    assert "Ada Lovelace is signed in" in app.open(url).text
    assert "code" in answer(app.open(app.ask(prompt="none")))
    assert "You are signed out here." in app.http.post(url, data={"confirmed": "yes"}, timeout=5).text
    assert answer(app.open(app.ask(prompt="none")))["error"] == "login_required"


def test_keys_and_sessions_outlive_a_restart(app: App, state: Path) -> None:
    app.sign_in(person="ada")
    before = app.open(f"{app.issuer}/keys").json()

    again = identity_provider.create_app(issuer=app.issuer, client_redirects=[CALLBACK], state=state).test_client()
    again.set_cookie("demo_identity", app.http.cookies["demo_identity"])

    assert again.get("/keys").json == before
    assert "code=" in again.get(app.ask(prompt="none").removeprefix(app.issuer)).location
    assert not {"d", "p", "q"} & before["keys"][0].keys()
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in state.iterdir())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_it_listens_on_this_computer_only(host: str) -> None:
    with pytest.raises(SystemExit, match="loopback only"):
        identity_provider.main(["--host", host, "--port", "0", "--client-redirect", CALLBACK])


def test_a_taken_port_gets_one_sentence() -> None:
    with identity_provider.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SystemExit, match=f"cannot listen on 127.0.0.1, port {port}"):
            identity_provider.main(["--port", port, "--client-redirect", CALLBACK])


def test_a_foreign_host_name_is_refused(app: App) -> None:
    assert requests.get(f"{app.issuer}/", headers={"Host": "evil.test"}, timeout=5).status_code == 400
