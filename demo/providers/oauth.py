"""The authorization server that most third parties are (RFC 6749, RFC 7636), and how each says no by the standard."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from flask import Response, render_template, request

from demo.providers import offering
from demo.providers.accounts import CAST, DOMAIN, KEY, account_of
from demo.providers.grants import Code, Grant, Rotation
from demo.providers.life import What
from demo.providers.notices import Notice
from demo.providers.party import No, Party, View, answer

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class OAuthParty(Party):
    """A third party with a consent page and a token endpoint."""

    authorization_endpoint: ClassVar[str]
    token_endpoint: ClassVar[str]
    client_auth: ClassVar[str] = "post"
    """``post``, ``basic`` or ``either``."""
    separator: ClassVar[str] = " "
    untick: ClassVar[bool] = False
    """Whether people may leave out single permissions."""
    needs_pkce: ClassVar[bool] = False
    needs_redirect_uri: ClassVar[bool] = True
    """Whether the exchange must repeat it."""
    code_seconds: ClassVar[int] = 600
    callback_scope: ClassVar[bool] = False
    """Whether the callback says what was granted."""
    registers: ClassVar[bool] = False
    """Whether an account must be registered by a call of its own before data flows."""
    notices: ClassVar[tuple[str, ...]] = ()
    """The notices it sends, by names of its own or ours."""
    tells: ClassVar[dict[What, str]] = {}
    """The notice that tells of what is new, where notices are subscribed to by a call."""
    ends: ClassVar[str] = ""
    """The notice that says that a person ended it there. Empty: none does."""

    def addresses(self) -> Iterator[tuple[str, str, str, View]]:
        """Those of the authorization server, and what else is marked."""
        yield "GET", self.authorization_endpoint, "authorize", self.authorize
        yield "POST", self.token_endpoint, "token", self.token
        yield from super().addresses()

    def authorize(self) -> Response:
        """The consent page, and what was chosen on it."""
        if trouble := self._trouble(request.args):
            page = render_template("providers/message.html", party=self, title="This link does not work", text=trouble)
            return Response(page, 400)
        asked = [scope for scope in request.args.get("scope", "").split(self.separator) if scope] or [*self.scopes]
        if unknown := set(asked) - set(self.scopes):
            return self._back(error="invalid_scope", error_description=f"Unknown scope: {sorted(unknown)[0]}")
        if fault := self.faults.take("refuse", kind="authorize"):
            return self._back(error=str(fault.values["error"]))
        if request.method == "GET":
            return Response(render_template("providers/consent.html", party=self, asked=asked, **self._offer()))
        if request.form.get("decision") != "allow":
            return self._back(error="access_denied")
        return self._allow(asked)

    def _offer(self) -> dict[str, Any]:
        """The accounts, how each stands with the app, and which of them is chosen so far."""
        chosen = offering.first(self.world, self.type, last=request.cookies.get(self._cookie, ""))
        accounts = {key: account_of(key) for key in dict.fromkeys([*CAST, chosen])}
        standing = {key: offering.standing(self.world, self.type, key) for key in accounts}
        return {"accounts": accounts, "standing": standing, "chosen": chosen, "app": self._app()}

    @property
    def _cookie(self) -> str:
        """The browser's memory of the account that was chosen last."""
        return f"simulated_{self.type}"

    def _trouble(self, asked: Any) -> str:
        """Why the app cannot be sent back. Empty: it can."""
        uri = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") != self.client_id:
            return f"{self.name} knows no app with this client_id."
        if uri.scheme not in ("http", "https") or uri.hostname not in LOOPBACK or uri.fragment:
            return "The redirect_uri is not one of the app's; here, all on localhost are."
        if asked.get("response_type") != "code":
            return "The response_type must be code."
        if self.needs_pkce and asked.get("code_challenge_method") != "S256":
            return "PKCE is required: code_challenge with code_challenge_method=S256."
        return ""

    def _app(self) -> str:
        uri = urlsplit(request.args["redirect_uri"])
        return f"{uri.scheme}://{uri.netloc}"

    def _back(self, **told: str) -> Response:
        told |= {"state": request.args["state"]} if "state" in request.args else {}
        uri = request.args["redirect_uri"]
        return Response(status=302, headers={"Location": f"{uri}{'&' if '?' in uri else '?'}{urlencode(told)}"})

    def _allow(self, asked: list[str]) -> Response:
        account = request.form.get("typed", "").strip().lower() or request.form.get("account", "")
        scopes = [scope for scope in asked if scope in request.form.getlist("scope")] if self.untick else asked
        code, key = secrets.token_urlsafe(24), account_of(_key(account)).key
        self.world.grants.codes[code] = Code(
            type=self.type,
            account=key,
            scopes=scopes,
            offline=self.stays(key, scopes),
            redirect_uri=request.args["redirect_uri"],
            ends_at=self.now + self.code_seconds,
            challenge=request.args.get("code_challenge", ""),
            method=request.args.get("code_challenge_method", "plain"),
        )
        told = {"scope": self.separator.join(scopes)} if self.callback_scope else {}
        back = self._back(code=code, **told)
        back.set_cookie(self._cookie, key, httponly=True, samesite="Lax")
        return back

    def token(self) -> Response:
        """A code or a refresh token for tokens."""
        self.check_credentials()
        if request.form.get("grant_type") == "authorization_code":
            return answer(self.token_body(self.exchange(), first=True))
        if request.form.get("grant_type") == "refresh_token" and self.rules.rotation is not Rotation.NONE:
            return answer(self.token_body(self.renew(), first=False))
        raise No("malformed", detail="unsupported_grant_type")

    def check_credentials(self) -> None:
        """Client authentication, in the way that is documented (RFC 6749 section 2.3.1)."""
        basic, form = request.authorization, request.form
        if basic is not None and basic.type == "basic" and self.client_auth in ("basic", "either"):
            self.check_client(basic.username or "", basic.password or "")
        elif self.client_auth in ("post", "either"):
            self.check_client(form.get("client_id", ""), form.get("client_secret", ""))
        else:
            raise No("secret")

    def exchange(self) -> Grant:
        """A new grant for a code.

        :raises No: the code is spent, too old, not for this redirect_uri, or its verifier is wrong.
        """
        code = self.world.grants.take_code(self.type, request.form.get("code", ""), self.now)
        if code is None:
            raise No("code")
        given = request.form.get("redirect_uri")
        if given != code.redirect_uri and (given is not None or self.needs_redirect_uri):
            raise No("code", detail="redirect_uri")
        if code.challenge and not _verified(request.form.get("code_verifier", ""), code):
            raise No("code", detail="code_verifier")
        return self.give(code.account, code.scopes, offline=code.offline)

    def stays(self, account: str, scopes: list[str]) -> bool:
        """Whether this consent brings a refresh token, where the third party has them at all."""
        return True

    def give(self, account: str, scopes: list[str], *, offline: bool = True) -> Grant:
        """A new grant with its first tokens."""
        grant = Grant(self.type, account, scopes)
        self.world.grants.give(grant, self.rules, self.now)
        if not offline:
            grant.refresh.clear()
        self.log.exchanges += 1
        return grant

    def renew(self) -> Grant:
        """New tokens for a refresh token.

        :raises No: it is unknown, spent, too old, or its grant has ended.
        """
        token = request.form.get("refresh_token", "")
        self.log.refresh(token)
        grant = self.find(token)
        if grant is None or grant.revoked or grant.refresh.get(token, 0) <= self.now:
            raise No("refresh", token=token)
        self.world.grants.renew(grant, token, self.rules, self.now)
        self.log.refreshed[token] += 1
        if token not in grant.refresh:
            self.log.spent.add(token)
        return grant

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        """The token answer by the standard (RFC 6749 section 5.1)."""
        access, refresh = grant.newest()
        body = {"access_token": access, "token_type": "bearer", "expires_in": self.seconds_left(grant)}
        if refresh and (first or self.rules.rotation is not Rotation.STAYS):
            body["refresh_token"] = refresh
        return body | {"scope": self.separator.join(grant.scopes)}

    def seconds_left(self, grant: Grant) -> int:
        return round(grant.access[grant.newest()[0]] - self.now)

    def notice(self, account: str, event: str) -> Notice:
        """A notice about an account, signed as documented."""
        raise NotImplementedError

    def refuse(self, no: No) -> Response:
        """A refusal by the standards (RFC 6749 section 5.2, RFC 6750 section 3.1)."""
        if no.why == "limit":
            return answer({"error": "Too Many Requests"}, 429, {"Retry-After": no.wait} if no.wait is not None else {})
        if no.why == "down":
            return Response("Service Unavailable\n", 503, mimetype="text/plain")
        if no.why in ("token", "expired"):
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return answer({"error": "invalid_token", "error_description": "The token is invalid."}, 401, challenge)
        status, error = {
            "client": (401, "invalid_client"),
            "secret": (401, "invalid_client"),
            "code": (400, "invalid_grant"),
            "refresh": (400, "invalid_grant"),
            "scope": (403, "insufficient_scope"),
            "not_shared": (403, "forbidden"),
            "not_approved": (403, "app_not_approved"),
            "said": (200, "temporarily_unavailable"),
            "missing": (404, "not_found"),
        }.get(no.why, (400, no.detail or "invalid_request"))
        return answer({"error": error}, status)


def _key(typed: str) -> str:
    """The key of a chosen account, or of a typed address: ``cleo+7@posteo.example`` is ``cleo-7``, others stay."""
    local, _, domain = typed.partition("@")
    key = re.sub(r"[^a-z0-9._-]", "-", local) if domain in ("", DOMAIN) else typed
    known = {account.mail: account.key for account in CAST.values()}
    return known.get(typed) or (key if re.fullmatch(KEY, key) else "ada")


def _verified(verifier: str, code: Code) -> bool:
    if code.method != "S256":
        return verifier == code.challenge
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hashed == code.challenge
