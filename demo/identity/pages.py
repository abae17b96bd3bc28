"""What people and apps meet at the provider: its addresses, and the pages behind them."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.rpinitiated import EndSessionRequest
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
    session,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from demo.identity import people
from demo.identity.grants import Client
from demo.identity.keys import Keys
from demo.identity.people import CAST, Person
from demo.identity.server import build, metadata

STATIC = Path(__file__).parents[2] / "static"
STYLES = ("tokens.css", "layout.css", "parts.css")

bp = Blueprint("identity", __name__, template_folder="templates")


class Provider:
    """What the views need of this app's provider."""

    def __init__(self, app: Flask, issuer: str, client: Client, keys: Keys) -> None:
        self.issuer, self.client, self.keys = issuer, client, keys
        self.server: AuthorizationServer
        self.issuer_parameter: IssuerParameter
        self.server, self.issuer_parameter = build(app, issuer, client, keys)


def init_app(app: Flask, issuer: str, client: Client, keys: Keys) -> None:
    """Add the provider's addresses to an app."""
    app.extensions["provider"] = Provider(app, issuer, client, keys)
    app.register_blueprint(bp)


def _provider() -> Provider:
    provider: Provider = current_app.extensions["provider"]
    return provider


@bp.get("/")
def index() -> ResponseReturnValue:
    """Say what this is to whoever types the address."""
    text = _("Apps send you here when you sign in. Begin there: %(address)s", address=_app_address())
    return render_template("identity/message.html", title=_("Nothing to do here"), text=text)


@bp.get("/.well-known/openid-configuration")
def discovery() -> ResponseReturnValue:
    """The discovery document."""
    return jsonify(metadata(_provider().issuer))


@bp.get("/keys")
def keys() -> ResponseReturnValue:
    """The keys that ID tokens are checked with (JWKS)."""
    return jsonify(_provider().keys.public())


@bp.get("/authorize")
def authorize() -> ResponseReturnValue:
    """Ask who signs in, unless somebody is signed in already (single sign-on)."""
    person = _signed_in()
    server = _provider().server
    grant = server.get_consent_grant(end_user=person)
    if grant.prompt or not person:
        return _sign_in_page()
    return server.create_authorization_response(grant=grant, grant_user=person)


@bp.post("/authorize")
def sign_in() -> ResponseReturnValue:
    """Sign in the chosen or the typed person, and send them back to the app."""
    grant = _provider().server.get_consent_grant()
    person, errors = _person_of_the_form()
    if not person:
        return _sign_in_page(errors), 422
    session.clear()
    session.update(mail=person.email, signed_in_at=int(time.time()))
    return _provider().server.create_authorization_response(grant=grant, grant_user=person)


@bp.get("/authorize/refuse")
def refuse() -> ResponseReturnValue:
    """Back to the app, with access_denied."""
    server = _provider().server
    return server.create_authorization_response(grant=server.get_consent_grant(), grant_user=None)


@bp.post("/token")
def token() -> ResponseReturnValue:
    """An authorization code for tokens."""
    return _provider().server.create_token_response()


@bp.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    """The claims about the person of an access token."""
    return _provider().server.create_endpoint_response("userinfo")


@bp.route("/sign-out", methods=["GET", "POST"])
def sign_out() -> ResponseReturnValue:
    """RP-initiated logout. Asks first, unless the app proves by its ID token that it speaks for this person."""
    server = _provider().server
    wanted = server.validate_endpoint_request("end_session")
    if "confirmed" not in request.form and _is_doubtful(wanted):
        return render_template("identity/sign_out.html", person=_signed_in())
    return server.create_endpoint_response("end_session", wanted) or _signed_out_page()


@bp.get("/css/<name>")
def style(name: str) -> ResponseReturnValue:
    """The dashboard's style sheets, so that both look alike."""
    return send_from_directory(STATIC / "css", name if name in STYLES else "")


@bp.get("/icon.svg")
def icon() -> ResponseReturnValue:
    """The dashboard's icon."""
    return send_from_directory(STATIC / "tiles", "icon.svg")


@bp.app_errorhandler(OAuth2Error)
def refused(error: OAuth2Error) -> ResponseReturnValue:
    """Tell the app, if we know for sure where it is; else the person."""
    provider = _provider()
    if error.redirect_uri:
        answer = provider.server.handle_error_response(None, error)
        provider.issuer_parameter.add_issuer_parameter(provider.server, answer)
        return answer
    text = _("The app asked for something that cannot be done: %(reason)s", reason=error.description or error.error)
    return render_template("identity/message.html", title=_("This link does not work"), text=text), 400


@bp.after_app_request
def protect(response: Response) -> Response:
    """Nothing inline, nothing foreign, no frames; nothing kept but style sheets."""
    apps = " ".join({f"{urlsplit(uri).scheme}://{urlsplit(uri).netloc}" for uri in _provider().client.redirect_uris})
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {apps}"  # a browser holds the redirect after a form to this, too
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.mimetype in ("text/html", "application/json"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _signed_in() -> Person | None:
    """Who is signed in here, if recently enough for what the app asks (max_age, in seconds)."""
    mail = session.get("mail")
    oldest = request.args.get("max_age", type=int)
    if mail is None or (oldest is not None and time.time() - session["signed_in_at"] > oldest):
        return None
    return people.by_mail(mail)


def _person_of_the_form() -> tuple[Person | None, dict[str, str]]:
    """The person of the pressed button, or of the typed address; or what is wrong with each field."""
    if chosen := CAST.get(request.form.get("person", "")):
        return chosen, {}
    mail, errors = request.form.get("mail", "").strip(), {}
    name, at, host = mail.partition("@")
    if not (name and at and host) or any(letter.isspace() for letter in mail):
        errors["mail"] = _("Type a mail address, such as grace@demo.test.")
    if not request.form.get("password"):
        errors["password"] = _("Type a password. Any will do.")
    return (None if errors else people.by_mail(mail)), errors


def _sign_in_page(errors: dict[str, str] | None = None) -> str:
    notes = {
        "ada": _("A connection in each state"),
        "ben": _("No connections"),
        "cleo": _("Two hundred connections"),
        "dora": _("Support staff"),
        "emil": _("Administrator"),
    }
    typed = request.form.get("mail") or request.args.get("login_hint", "")
    query = request.query_string.decode()
    page: dict[str, Any] = {"cast": CAST, "notes": notes, "errors": errors or {}, "typed": typed, "query": query}
    return render_template("identity/sign_in.html", app_address=_app_address(), **page)


def _is_doubtful(wanted: EndSessionRequest) -> bool:
    """Somebody is signed in, and the request does not prove that it is about them."""
    person = _signed_in()
    claims = wanted.id_token_claims or {}
    return person is not None and claims.get("sub") != person.sub


def _signed_out_page() -> str:
    text = _("You are signed out here. To sign in again, begin at the app: %(address)s", address=_app_address())
    return render_template("identity/message.html", title=_("Signed out"), text=text)


def _app_address() -> str:
    url = urlsplit(_provider().client.redirect_uris[0])
    return f"{url.scheme}://{url.netloc}/"
