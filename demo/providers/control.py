"""The control panel as JSON, for tests: misbehave, revoke, expire, let things happen, send notices, count."""

import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from demo.providers.life import What
from demo.providers.notices import Notice
from demo.providers.oauth import OAuthParty
from demo.providers.subscriptions import news
from demo.providers.world import World

SOON_SECONDS = 2
LOOK_SECONDS = 20
"""How often is looked for news that came by themselves."""
bp = Blueprint("control", __name__, url_prefix="/control")


def world() -> World:
    """The state of this app."""
    found: World = current_app.extensions["world"]
    return found


def party(type: str) -> OAuthParty:
    """A third party; 404 if there is none of this type."""
    found: OAuthParty | None = current_app.extensions["parties"].get(type)
    return found or abort(404)


@bp.post("/reset")
def reset() -> ResponseReturnValue:
    """Forget everything, and let go whoever is kept waiting."""
    with world().lock:
        world().begin()
        for at in current_app.extensions["parties"].values():
            at.begin()
        world().keep()
    return jsonify({})


@bp.post("/clock")
def clock() -> ResponseReturnValue:
    """Move the clocks of all third parties on: ``{"forward_seconds": 3600}``, counted from the real time."""
    with world().lock:
        world().forward_seconds = float(_asked()["forward_seconds"])
    return jsonify({"forward_seconds": world().forward_seconds})


@bp.get("/<type>")
def show(type: str) -> ResponseReturnValue:
    """The faults that are on, and the grants."""
    with world().lock:
        faults = {name: vars(fault) for name, fault in party(type).faults.all.items()}
        subscriptions = [each for each in world().subscriptions.as_json() if each["type"] == type]
        grants = [each for each in world().grants.as_json() if each["type"] == type]
        return jsonify({"faults": faults, "grants": grants, "subscriptions": subscriptions})


@bp.get("/<type>/log")
def log(type: str) -> ResponseReturnValue:
    """What this third party was asked since the last reset."""
    with world().lock:
        return jsonify(party(type).log.as_json())


@bp.post("/<type>/reset")
def reset_one(type: str) -> ResponseReturnValue:
    """Forget everything about one third party."""
    with world().lock:
        world().begin_one(party(type).type)
        party(type).begin()
        world().keep()
    return jsonify({})


@bp.post("/<type>/grants")
def give(type: str) -> ResponseReturnValue:
    """A grant without consent page: ``{"account": "ada", "scopes": […]}``; its tokens, ids and times."""
    with world().lock:
        asked = _asked()
        grant = party(type).give(asked.get("account", "ada"), asked.get("scopes") or list(party(type).scopes))
        if party(type).registers:
            world().registered[type, grant.account] = party(type).now - 30 * 86400
        access, refresh = grant.newest()
        world().keep()
        return jsonify(
            account=grant.account,
            account_id=party(type).account_id(grant.account),
            access_token=access,
            refresh_token=refresh,
            expires_in=party(type).seconds_left(grant),
            scopes=grant.scopes,
        )


@bp.post("/<type>")
def act(type: str) -> ResponseReturnValue:
    """Do what is asked, by the names of :data:`ACTS`; what came of each."""
    try:
        asked = _asked()
        if unknown := sorted({*asked} - {*ACTS}):
            raise ValueError(f"There is no {unknown[0]!r} here, but: {', '.join(ACTS)}.")
        done = {name: ACTS[name](party(type), asked[name]) for name in asked}
    except (ValueError, TypeError) as error:
        return jsonify({"error": str(error)}), 400
    with world().lock:
        world().keep()
    return jsonify(done)


def misbehave(at: OAuthParty, wanted: dict[str, Any] | None) -> list[str]:
    """Switch faults on and off: ``{"limit": {"retry_after": 30, "on": ["data"], "times": 1}, "hang": null}``.

    None switches all off. The answer is what is on.
    """
    with world().lock:
        if wanted is None:
            at.faults.all.clear()
        for name, fault in (wanted or {}).items():
            at.faults.switch(name, fault)
        return list(at.faults.all)


def revoke(at: OAuthParty, wanted: Any) -> int:
    """The person ends grants at the third party: true for all, or ``{"account": "ada"}``. How many."""
    with world().lock:
        grants = world().grants.of(at.type, _account(wanted))
        for grant in grants:
            if not grant.revoked:
                at.end(grant, by="person")
        return len(grants)


def expire(at: OAuthParty, wanted: Any) -> int:
    """Access tokens end now: true for all, or ``{"account": "ada"}``; with ``"refresh": true`` refresh tokens too."""
    with world().lock:
        grants = world().grants.of(at.type, _account(wanted))
        for grant in grants:
            grant.access = dict.fromkeys(grant.access, at.now)
            if isinstance(wanted, dict) and wanted.get("refresh"):
                grant.refresh = dict.fromkeys(grant.refresh, at.now)
        return len(grants)


def happen(at: OAuthParty, wanted: Any) -> int:
    """New records: ``{"account": "ada", "what": "workout", "count": 3, "days_ago": 2}``, or true for one workout.

    With ``days_ago`` they are late: long ago, known only now. How many.
    """
    asked = dict(wanted) if isinstance(wanted, dict) else {}
    account, what = asked.pop("account", "ada"), What(asked.pop("what", at.makes[0]))
    with world().lock:
        return len(world().make(at.type, account, what, **asked))


def send(at: OAuthParty, wanted: Any) -> dict[str, Any]:
    """Send a notice: ``{"event": …, "account": "ada", "url": …, "forged": true}``; how the app answered.

    ``event`` is one of the third party's ``notices`` (the first, unless told); ``forged``: with a wrong signature.
    """
    asked = wanted if isinstance(wanted, dict) else {}
    event = asked.get("event") or (at.notices[0] if at.notices else "")
    if event not in at.notices:
        raise ValueError(f"{at.name} sends no {event!r}, but: {', '.join(at.notices) or 'nothing'}.")
    url = asked.get("url") or listener(at.type)
    if not url:
        raise ValueError("Nobody said where the app takes notices: add a url.")
    with world().lock:
        notice = at.notice(asked.get("account", "ada"), event)
    return deliver(at, notice.forged() if asked.get("forged") else notice, url, event)


def listener(type: str) -> str:
    """Where the app takes notices of a type. Empty: nobody said."""
    given: dict[str, str] = current_app.extensions["webhooks"]
    return world().listeners.get(type) or given.get(type, "")


def deliver(at: OAuthParty, notice: Notice, url: str, event: str) -> dict[str, Any]:
    """Send a notice and note how it went. Not under the lock: the app may ask back at once."""
    told = notice.send(url) | {"event": event}
    with at.world.lock:
        at.log.notices.append(told)
    return told


def deliver_coming(response: Response) -> Response:
    """After a response: send in the background what follows from it by itself."""
    if request.method == "POST" and request.blueprint in ("control", "panel"):
        tell_news(current_app.extensions["parties"].values())
    with world().lock:
        coming, world().coming = world().coming, []
        for type, event, account in coming:
            at, url = party(type), listener(type)
            if url:
                Thread(target=_deliver_soon, args=(at, at.notice(account, event), url, event), daemon=True).start()
    return response


def watch(app: Flask) -> None:
    """Look for news for ever, in a thread: things happen by the clock too."""

    def look() -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            tell_news(app.extensions["parties"].values())

    Thread(target=look, name="news", daemon=True).start()


def tell_news(parties: Iterable[OAuthParty]) -> None:
    """Send what subscriptions are to be told now, in the background."""
    for at in parties:
        with at.world.lock:
            letters = [(each.url, at.notice(account, event), event) for each, account, event in news(at)]
        for url, notice, event in letters:
            Thread(target=deliver, args=(at, notice, url, event), daemon=True).start()


def _deliver_soon(at: OAuthParty, notice: Notice, url: str, event: str) -> None:
    """A moment later, when the app has noted what it was just told."""
    at.world.wait(SOON_SECONDS)
    deliver(at, notice, url, event)


def listen(at: OAuthParty, url: Any) -> str:
    """Where the app takes this third party's notices from now on."""
    with world().lock:
        world().listeners[at.type] = str(url)
    return str(url)


def deregister(at: OAuthParty, wanted: Any) -> dict[str, Any]:
    """The person ends it there, and the third party says so, if it ever does: ``{"account": "ada", "url": …}``."""
    revoke(at, wanted)
    if not at.ends:
        return {"status": None, "body": f"{at.name} tells nobody."}
    return send(at, {**(wanted if isinstance(wanted, dict) else {}), "event": at.ends})


ACTS: dict[str, Callable[[OAuthParty, Any], Any]] = {
    "misbehave": misbehave,
    "revoke": revoke,
    "expire": expire,
    "happen": happen,
    "listen": listen,
    "send": send,
    "deregister": deregister,
}


def _asked() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise ValueError("The body is a JSON object.")
    return body


def _account(wanted: Any) -> str | None:
    return wanted.get("account") if isinstance(wanted, dict) else None


@bp.errorhandler(415)
@bp.errorhandler(400)
def wrong(error: Any) -> Response:
    """A body that is no JSON."""
    return Response(f"{error.description}\n", error.code, mimetype="text/plain")
