"""A third party: its addresses, who asks there, and how each answer is given, spoilt or held back."""

import hmac
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import ADAS, ADAS_ENDED, Account, account_of, number
from demo.providers.faults import Fault
from demo.providers.grants import Grant, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice
from demo.providers.world import World

SLOW_SECONDS = 20
TRIAL_SECONDS = 2
INSTEAD = ("drop", "error", "redirect", "limit", "client", "grant", "expired", "not_shared", "not_approved", "said")
SPOILT = ("lost", "truncate", "wrong_type", "huge")

View = Callable[..., Response]


class No(Exception):
    """The third party refuses, for one of a few reasons; each has its own words for it (:meth:`Party.refuse`).

    Reasons: ``client``, ``secret``, ``code``, ``refresh``, ``token``, ``expired``, ``scope``, ``limit``, ``down``,
    ``not_shared``, ``not_approved``, ``said``, ``malformed``, ``missing``.
    """

    def __init__(self, why: str, *, token: str = "", detail: str = "", wait: int | None = None) -> None:
        super().__init__(why)
        self.why, self.token, self.detail, self.wait = why, token, detail, wait


def at(method: str, address: str, *, does: str) -> Callable[[View], View]:
    """Mark a method of a third party as the view of an address, with host and without scheme."""

    def mark(view: View) -> View:
        view.__dict__.setdefault("addresses", []).append((method, address, does))
        return view

    return mark


def answer(body: Any = None, status: int = 200, headers: dict[str, Any] | None = None) -> Response:
    """JSON, or no body for None."""
    if body is None:
        return Response(status=status, headers=headers)
    return Response(json.dumps(body), status=status, headers=headers, content_type="application/json")


class Party:
    """What is alike at all third parties. A dialect overrides what it does its own way."""

    type: ClassVar[str]
    name: ClassVar[str]
    rules: ClassVar[Rules]
    scopes: ClassVar[dict[str, str]] = {}
    """What may be asked for, and what it means."""
    limits: ClassVar[tuple[tuple[int, int], ...]] = ()
    """Requests and seconds of each documented rate limit."""
    makes: ClassVar[tuple[What, ...]] = (What.WORKOUT,)
    """What people record there."""

    def __init__(self, world: World) -> None:
        self.world = world

    def begin(self) -> None:
        """In the demo, know Ada's grant before the app uses it, so that it can be seen and ended."""
        mood = "refused" if self.type in ADAS_ENDED else ADAS.get(self.type)
        if self.world.has_ada and mood:
            self.find(f"demo-{mood}-ada")

    @property
    def client_id(self) -> str:
        return f"demo-{self.type}"

    @property
    def client_secret(self) -> str:
        return f"demo-secret-{self.type}"

    @property
    def webhook_secret(self) -> str:
        """What signs notices where that is a secret of its own."""
        return f"demo-webhook-secret-{self.type}"

    def account_id(self, key: str) -> str:
        """The id of an account in the third party's words."""
        return str(number(self.type, key))

    def account(self, grant: Grant) -> Account:
        return account_of(grant.account)

    def addresses(self) -> Iterator[tuple[str, str, str, View]]:
        """Method, address, what it does, and its view."""
        for name in dir(type(self)):
            for method, address, does in getattr(getattr(type(self), name), "addresses", ()):
                yield method, address, does, getattr(self, name)

    def serve(self, view: View, does: str, **path: str) -> Response:
        """Answer one request, with whatever misbehaviour is switched on."""
        kind = self.kind(does)
        with self.world.lock:
            grant = self._note(kind)
            account = grant.account if grant else ""
            self.log.begin(account)
        try:
            response = self._answer(view, kind, grant, path)
        finally:
            with self.world.lock:
                self.log.end(account)
        self.log.answers[f"{kind} {response.status_code}"] += 1
        return response

    @property
    def log(self) -> Any:
        return self.world.log_of(self.type)

    @property
    def faults(self) -> Any:
        return self.world.faults_of(self.type)

    @property
    def now(self) -> float:
        return self.world.now(self.type)

    def kind(self, does: str) -> str:
        """The kind of endpoint; a token endpoint also refreshes."""
        return "refresh" if does == "token" and request.values.get("grant_type") == "refresh_token" else does

    def _note(self, kind: str) -> Grant | None:
        """Count the request; the grant of a token in it, if there is one."""
        self.log.requests[f"{request.method} {request.path}"] += 1
        self.log.kinds[kind] += 1
        self.log.sockets.add(str(request.environ.get("REMOTE_PORT")))
        if kind in ("data", "account"):
            for _, seconds in self.limits:
                self.log.windows[seconds, int(self.now // seconds)] += 1
        names = ("refresh_token", "access_token", "token")
        tokens = [self.bearer_token(), *(request.values.get(name, "") for name in names)]
        return next((grant for token in tokens if token and (grant := self.find(token))), None)

    def find(self, token: str) -> Grant | None:
        """The grant of a token of either kind, whatever has become of it."""
        return self.world.grants.find(self.type, token, self.rules, self.now, list(self.scopes))

    def _answer(self, view: View, kind: str, grant: Grant | None, path: dict[str, str]) -> Response:
        with self.world.lock:
            hang = self.faults.take("hang", kind=kind)
        if hang:
            self.world.wait(float(hang.values["seconds"]))
        if grant and grant.mood == "slow" and not hang:
            self.world.wait(SLOW_SECONDS)
        with self.world.lock:
            limited = None
            try:
                response = self._act(view, kind, grant, path)
            except No as no:
                response = self.refuse(no)
                limited = no if no.why == "limit" else None
            response.headers.extend(self.limit_headers(limited))
            spoilt = self.faults.take(*SPOILT, kind=kind)
            self.world.keep()
        return _spoil(response, spoilt) if spoilt else response

    def _act(self, view: View, kind: str, grant: Grant | None, path: dict[str, str]) -> Response:
        if grant and grant.mood == "down":
            raise No("down")
        fault = self.faults.take(*INSTEAD, kind=kind)
        if fault:
            return self._misbehave(fault)
        if "enforce" in self.faults.all and kind in ("data", "account"):
            self._hold_limits()
        return view(**path)

    def _misbehave(self, fault: Fault) -> Response:
        if fault.name == "drop":
            return _spoil(Response(), fault)
        if fault.name == "error":
            return Response("Internal error\n", status=int(fault.values["status"]), mimetype="text/plain")
        if fault.name == "redirect":
            return Response(status=302, headers={"Location": fault.values["to"]})
        token = self.bearer_token() or request.values.get("refresh_token", "")
        why = {"client": "secret", "grant": "refresh"}.get(fault.name, fault.name)
        raise No(why, token=token, wait=fault.values.get("retry_after"))

    def _hold_limits(self) -> None:
        for (requests, seconds), used in zip(self.limits, self.used(), strict=True):
            if used > requests:
                raise No("limit", wait=int(seconds - self.now % seconds) + 1)

    def used(self) -> list[int]:
        """How many requests were made in the current window of each limit."""
        return [self.log.windows[seconds, int(self.now // seconds)] for _, seconds in self.limits]

    def limit_headers(self, limited: No | None) -> dict[str, str]:
        """What each answer says of the rate limits. Nothing, unless documented.

        :param limited: the refusal for too many requests, if this is one.
        """
        return {}

    def latest(self, account: str, what: What) -> Event | None:
        """The last event of an account's. None: there is none."""
        found = self.world.events(Grant(self.type, account, []), what)
        return found[-1] if found else None

    def bearer_token(self) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def permitted(self, scope: str = "") -> Grant:
        """The grant of the bearer token, if it is good and has the scope.

        :raises No: it is not, or has not.
        """
        token = self.bearer_token()
        grant = self.find(token) if token else None
        if grant is None or token not in grant.access or grant.revoked:
            raise No("token", token=token)
        if grant.access[token] <= self.now:
            raise No("expired", token=token)
        if scope and scope not in grant.scopes:
            raise No("scope", detail=scope)
        self.log.spent.update(self.world.grants.use(grant, token))
        return grant

    def check_client(self, id: str, secret: str) -> None:
        """Whether it is our client.

        :raises No: it is not.
        """
        if id != self.client_id:
            raise No("client")
        if not hmac.compare_digest(secret.encode(), self.client_secret.encode()):
            raise No("secret")

    def end(self, grant: Grant, *, by: str) -> None:
        """A grant ends; where the third party can only end all of an account, the others too."""
        ended = self.world.grants.of(self.type, grant.account) if self.ends_all else [grant]
        for each in ended:
            each.revoked = by
        self.world.subscriptions.end(self.type, account=grant.account)
        self.log.revocations.append({"account": grant.account, "by": by, "grants": len(ended)})

    ends_all: ClassVar[bool] = True
    """Whether ending one grant ends all of the app and the account."""

    def reached(self, notice: Notice, url: str) -> str | None:
        """What an address answers to a trial, if it answers well and at once. None: it does not.

        Not under the lock: the app may ask something at this moment.
        """
        self.world.lock.release()
        try:
            told = notice.send(url, seconds=TRIAL_SECONDS)
        finally:
            self.world.lock.acquire()
        return str(told["body"]) if told["status"] is not None and 200 <= told["status"] < 300 else None

    def refuse(self, no: No) -> Response:
        """A refusal in the third party's words."""
        raise NotImplementedError


def _spoil(response: Response, fault: Fault) -> Response:
    """A good answer that does not arrive as one."""
    if fault.name == "wrong_type":
        return Response("<!doctype html><title>Maintenance</title><p>We are back soon.</p>", mimetype="text/html")
    if fault.name == "huge":
        return Response(_blanks(int(fault.values["megabytes"])), content_type="application/json")
    body = response.get_data()
    if fault.name in ("drop", "lost"):
        return Response(_cut(b""), content_type="application/json")
    cut = Response(_cut(body[: len(body) // 2]), response.status_code, content_type=response.content_type)
    cut.headers["Content-Length"] = str(len(body))
    return cut


def _blanks(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield b" " * 1024 * 1024


def _cut(part: bytes) -> Iterator[bytes]:
    """A part of a body; then the line is cut. Of an empty one not even the headers arrive."""
    line: socket.socket = request.environ.get("gunicorn.socket") or request.environ["werkzeug.socket"]

    def sent() -> Iterator[bytes]:
        yield part
        line.shutdown(socket.SHUT_RDWR)

    if not part:
        line.shutdown(socket.SHUT_RDWR)
    return sent()
