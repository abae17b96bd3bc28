"""The simulated third parties as one Flask app: ``/<host>/<path>`` is ``https://<host>/<path>``."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from flask import Flask, Response, current_app, request
from flask_babel import Babel, get_locale

from demo.providers import control, pages
from demo.providers.oauth import OAuthParty
from demo.providers.parties import ALL
from demo.providers.world import World

LANGUAGES = ("en", "de")
TRANSLATIONS = Path(__file__).parents[2] / "dashboard" / "translations"


def create_app(
    *,
    state: Path | None = None,
    skew_seconds: float = 0,
    webhooks: Mapping[str, str] | None = None,
    mails: Path | None = None,
    has_ada: bool = False,
) -> Flask:
    """The third parties, their control panel and its JSON twin.

    :param state: a folder that keeps what was granted over a restart; None: nothing is kept.
    :param skew_seconds: how far their clocks are ahead.
    :param webhooks: where the app takes notices, by type.
    :param mails: the folder of the app's mails, to be shown; None: no mails are shown.
    :param has_ada: the app has the demo's people, so that Ada has given it grants already.
    :raises OSError: the folder can't be used.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(TRUSTED_HOSTS=["localhost", "127.0.0.1", "[::1]"], MAX_CONTENT_LENGTH=1024 * 1024)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # tokens stand in the order in which they were given
    app.jinja_env.globals["get_locale"] = get_locale
    Babel(app, default_translation_directories=str(TRANSLATIONS), locale_selector=_language)
    world = World(state, skew_seconds=skew_seconds, has_ada=has_ada)
    parties = {party.type: party(world) for party in ALL}
    app.extensions.update(world=world, parties=parties, webhooks=webhooks or {}, mails=mails)
    for party in parties.values():
        _add(app, party)
        party.begin()
    app.register_blueprint(pages.bp)
    app.register_blueprint(control.bp)
    app.after_request(_protect)
    app.after_request(control.deliver_coming)
    return app


def _add(app: Flask, party: OAuthParty) -> None:
    for method, address, does, view in party.addresses():
        methods = ["GET", "POST"] if does == "authorize" else [method]
        app.add_url_rule(
            f"/{address}",
            endpoint=f"{party.type} {method} {address}",
            view_func=partial(party.serve, view, does),
            methods=methods,
            provide_automatic_options=False,
        )


def _language() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _protect(response: Response) -> Response:
    """Nothing inline, nothing foreign, no frames. A consent page may send its form back to the app."""
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "form-action 'self' http://localhost:* http://127.0.0.1:*"  # a browser holds the redirect to this, too
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


def parties() -> dict[str, OAuthParty]:
    """The third parties of this app, by type."""
    found: dict[str, OAuthParty] = current_app.extensions["parties"]
    return found
