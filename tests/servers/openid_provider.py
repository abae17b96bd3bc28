"""The OpenID Provider of the tests: npm's oidc-provider, certified and not written by us, on 127.0.0.1."""

import base64
import hashlib
import json
import os
import secrets
import select
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from bs4 import BeautifulSoup

from tests.servers.errors import CannotStart
from tests.servers.node import install_packages, node

ISSUER_VARIABLE = "TEST_OIDC_ISSUER"
SCRIPT = Path(__file__).with_name("openid-provider.mjs")
CLIENT_ID = "remote-connections"
CLIENT_SECRET = "the-tests-know-this-secret"
CALLBACK = "http://localhost/login/callback/"
START_SECONDS = 30
MOST_STEPS = 20


class OpenIDProvider:
    """A running provider with one client, ours or the one that ``TEST_OIDC_ISSUER`` names.

    Any login name and any password sign in. The names of demo/identity/cast.json (``ada`` to ``emil``) are those
    people, with the name as their ``sub``; a name that starts with ``nomail`` has no e-mail. Registered are
    ``http://localhost:*/login/callback/`` and ``/signed-out/``, on 127.0.0.1 too, besides those given here.

    :param backchannel_logout_uri: where it tells of a logout; with it, the provider is always a new one.
    :raises CannotStart: from :meth:`start`, with the reason.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        redirect_uris: Iterable[str] = (),
        post_logout_redirect_uris: Iterable[str] = (),
        backchannel_logout_uri: str = "",
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.issuer = ""
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None
        self._settings = {
            "PORT": str(port),
            "CLIENT_ID": client_id,
            "CLIENT_SECRET": client_secret,
            "REDIRECT_URIS": " ".join(redirect_uris),
            "POST_LOGOUT_REDIRECT_URIS": " ".join(post_logout_redirect_uris),
            "BACKCHANNEL_LOGOUT_URI": backchannel_logout_uri,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start a provider of our own, and return when it answers (half a second once its packages are installed)."""
        install_packages()
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it lives as long as the process)
        self._process = subprocess.Popen(
            [node(), SCRIPT],
            env={**os.environ, **self._settings},
            stdin=subprocess.PIPE,  # it ends when this closes, however we end
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops us in good order
        )
        try:
            self.issuer = self._read_issuer(self._process)
        except BaseException:
            self.stop()
            raise

    def use(self, issuer: str) -> None:
        """Take the provider that another process started with the same client. :meth:`stop` leaves it alone."""
        self.issuer = issuer

    def stop(self) -> None:
        """Stop what :meth:`start` started. Safe to repeat."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._log:
            self._log.close()
            self._log = None
        self.issuer = ""

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        answer = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=10)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def sign_in(self, http: requests.Session, authorize_url: str, login: str) -> str:
        """Walk the sign-in and the consent page as ``login``; the redirect to the app's callback, not followed.

        ``http`` keeps the provider's cookies: with the same one the second time is single sign-on.
        """
        return self._walk(http, authorize_url, {"login": login, "password": "any"})

    def refuse(self, http: requests.Session, authorize_url: str) -> str:
        """Cancel on the first page; the redirect to the app's callback with ``error=access_denied``."""
        page = _follow(http, http.get(authorize_url, allow_redirects=False, timeout=10), self.issuer)
        link = BeautifulSoup(page.text, "html.parser").find("a", href=lambda href: bool(href) and "/abort" in href)
        assert link, f"no way to cancel on {page.url}"
        return self._walk(http, urljoin(page.url, str(link["href"])), {})

    def sign_out(self, http: requests.Session, end_session_url: str) -> str:
        """Confirm the logout page; the redirect to the app's post-logout address, not followed."""
        return self._walk(http, end_session_url, {"logout": "yes"})

    def access_token(self, login: str, *, resource: str, scope: str = "") -> str:
        """A JWT access token (RFC 9068) of this person for an API.

        :param resource: the API's address, ending in ``/v7.1/``; it becomes ``aud``.
        :param scope: of ``remoteconnection:read`` and ``remoteconnection:write``, separated by spaces.
        """
        metadata, verifier = self.metadata(), secrets.token_urlsafe(48)
        query = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": CALLBACK, "resource": resource,
            "scope": f"openid {scope}", "code_challenge_method": "S256",
            "code_challenge": code_challenge(verifier),
        }  # fmt: skip
        location = self.sign_in(requests.Session(), f"{metadata['authorization_endpoint']}?{urlencode(query)}", login)
        (code,) = parse_qs(urlsplit(location).query)["code"]
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "code_verifier": verifier, "resource": resource,
        }  # fmt: skip
        answer = requests.post(
            metadata["token_endpoint"], data=form, auth=(self.client_id, self.client_secret), timeout=10
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def _read_issuer(self, process: subprocess.Popen[str]) -> str:
        """The line that the script prints when it answers."""
        assert process.stdout
        assert self._log
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        line = process.stdout.readline() if ready else ""
        if not line:
            process.kill()
            process.wait()
            self._log.seek(0)
            raise CannotStart(f"The OpenID Provider does not start: {self._log.read().strip() or 'no answer'}")
        return str(json.loads(line)["issuer"])

    def _walk(self, http: requests.Session, url: str, answers: dict[str, str]) -> str:
        """Fill in each page's form with what we know, until we are sent away from the provider."""
        page = _follow(http, http.get(url, allow_redirects=False, timeout=10), self.issuer)
        for _ in range(MOST_STEPS):
            if page.is_redirect:
                return page.headers["Location"]
            form = BeautifulSoup(page.text, "html.parser").find("form")
            assert form, f"{page.url} answers {page.status_code} and has no form: {page.text[:500]}"
            fields = {str(field["name"]): str(field.get("value", "")) for field in form.find_all("input")}
            action = urljoin(page.url, str(form["action"]))
            page = _follow(
                http, http.post(action, {**fields, **answers}, allow_redirects=False, timeout=10), self.issuer
            )
        raise AssertionError(f"the provider never sent us away from {url}")


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _follow(http: requests.Session, page: requests.Response, issuer: str) -> requests.Response:
    """Follow redirects within the provider; the first page, or the redirect that leaves it."""
    for _ in range(MOST_STEPS):
        location = urljoin(page.url, page.headers.get("Location", ""))
        if not page.is_redirect or not location.startswith(f"{issuer}/"):
            return page
        page = http.get(location, allow_redirects=False, timeout=10)
    raise AssertionError(f"the provider goes round in circles at {page.url}")
