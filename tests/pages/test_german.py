"""German people read German: which language a page speaks, and that no page forgets a word in it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, NavigableString
from flask import Flask, render_template

from dashboard import providers
from dashboard.data import transaction
from dashboard.events import Event, record
from dashboard.identity.oidc import Trouble
from dashboard.pages.support import refusals
from dashboard.support.access import AccessOver
from dashboard.support.why import Why
from dashboard.web import errors
from dashboard.who import Origin, Role, Who
from demo import identity_provider
from tests import factories
from tests.conftest import Browser, signed_in
from tests.support.looking import REASON, look, token_of
from tests.test_translations import GERMAN, PLACEHOLDER, forms, messages

STATES: list[dict[str, Any]] = [
    {}, {"refused": True}, {"refused": True, "failure_code": "not_imported"}, {"failing": True}, {"quiet": True},
    {"fresh": True}, {"syncing": True}, {"paused": True}, {"overdue_at": factories.now()},
    {"type": "jawboneup", "scopes": ""}, {"type": "fitbit"},
    *({"failing": True, "failure_code": code} for code in ("rate_limited", "odd_answer", "no_credentials", "other")),
]  # fmt: skip
"""Connections whose cards say all that a card can say."""
SAID_OF_EVENTS: dict[str, Any] = {
    "name": "cron", "type": "withings", "count": 2, "scopes": "", "changed": "theme language time_zone mails_wanted",
    "role": "support", "elsewhere": True, "browser": "", "browser_address": "192.0.2.9",
}  # fmt: skip
UNTRANSLATED = "script, style, code, pre:not(#diagnosis-text), option, [translate=no], body [lang=en]"
"""What speaks no person's language: names, addresses, what programs read; and languages by their own names."""
TWO_STOPS = re.compile(r"\w\.\.(?!\.)")
"""A sentence that ends with an abbreviation, as "59 Min.", ends with that stop."""
CHOSEN = ("always", "always", "never", "", "ask")
"""What is answered to when support may look, one after the other."""
ATTRIBUTES = ("aria-label", "alt", "placeholder", "data-label", "data-copied", "data-marked")


def texts(page: BeautifulSoup) -> set[str]:
    """Every piece of text of a page, in attributes too, blanks made one."""
    page = BeautifulSoup(str(page), "html.parser")
    for element in page.select(UNTRANSLATED):
        element.decompose()
    found = [str(text) for text in page.find_all(string=True) if type(text) is NavigableString]
    found += [element[name] for element in page.find_all(True) for name in ATTRIBUTES if element.has_attr(name)]
    return {" ".join(text.split()) for text in found} - {""}


def english_parts() -> set[str]:
    """What stands in the English catalog between placeholders and is long enough to be no coincidence."""
    with GERMAN.open("rb") as file:
        catalog = messages(read_po(file, locale="de"))
    said = {text for message in catalog for text in forms(message.string)}
    parts = {part.strip() for each in catalog for text in forms(each.id) for part in PLACEHOLDER.split(text)}
    return {part for part in parts if len(part) > 12 and not any(part in text for text in said)}


ENGLISH = english_parts()


def left_over(said: set[str]) -> set[str]:
    """The English of the catalog among the texts of a page."""
    text = "\n".join(said)
    return {part for part in ENGLISH if part in text and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)}


def visit(browser: Browser) -> Iterator[tuple[str, BeautifulSoup]]:
    """The pages of somebody to whom everything has happened, and what they say after each act."""
    made = lived(browser.user)
    paths = [f"/connections/{each.id}/{more}" for each in made for more in ("", "disconnect/")]
    paths += [f"/connect/{each.type}/" for each in providers.all_types()]
    paths += ["/connections/", "/connections/?q=no&state=quiet&type=polar", "/connect/", "/connect/?q=none"]
    paths += ["/records/", "/records/weight/", f"/records/workout/{factories.now():%Y-%m-%d}/", "/records/workout/"]
    paths += ["/activity/", "/account/", "/account/sessions/", "/account/tokens/", "/account/data/"]
    for path in [*paths, "/account/support/", "/account/delete/", "/docs/", "/nowhere/"]:
        yield path, browser.get(path, expect_errors=True).html
    yield from staff(browser)
    yield from act(browser, made[0].id)


def lived(user: Any) -> list[Any]:
    """The connections of this person, to whom everything has happened from now on."""
    made = [factories.Connection(user=user, **state) for state in STATES]
    factories.SyncRun(connection=made[0])
    for outcome, code in (("nothing", None), ("refused", "refused"), ("failed", "timeout")):
        factories.SyncRun(connection=made[0], outcome=outcome, record_count=0, failure_code=code)
    factories.Record(connection=made[0])
    factories.Record(connection=made[0], kind="workout", value=59)
    factories.Mail(user=user, connection_id=made[0].id)
    factories.Mail(user=user, connection_id=made[0].id, due_at=factories.now() + timedelta(days=1), failure_count=1)
    factories.Mail(user=user, connection_id=made[0].id, due_at=None, sent_at=factories.now())
    factories.Mail(user=user, connection_id=made[0].id, due_at=None, name="disconnected_by_support")
    for code in ("no_address", "stopped", "unwanted", "not_needed", "recipient_refused", "message_refused"):
        factories.Mail(user=user, connection_id=made[0].id, due_at=None, failure_code=code)
    with transaction():
        for event in Event:
            record(event, Who(user.id, user.id, Origin("A", "192.0.2.7", "")), **SAID_OF_EVENTS)
            record(event, Who(None, user.id))
        for event in (Event.CONNECTION_REFUSED, Event.REVOCATION_CONFIRMED, Event.REVOCATION_GIVEN_UP):
            record(event, Who(None, user.id), type="withings", connection=made[0].id, code="withdrawn")
    return made


def staff(browser: Browser) -> Iterator[tuple[str, BeautifulSoup]]:
    """What somebody of support reads, before, during and after a look at a person; then what that person reads."""
    ben = factories.User(language=browser.user.language, name="Ben Okoye")
    made = lived(ben)
    case, own = f"/support/users/{ben.id}/", f"/support/users/{browser.user.id}/look/"
    log = [f"/support/log/?{query}" for query in ("", "staff=Ben", "person=nobody", "since=2099-01-01", "access=1")]
    for path in ("/support/", "/support/?q=Ben", f"/support/?q={made[0].id}", "/support/?q=nobody", case, own, *log):
        yield path, browser.get(path).html
    yield from looking(browser, ben, made)
    for path in ("/support/", case, "/support/log/"):
        yield f"{path} after", browser.get(path).html
    reader = signed_in(browser.app, ben)
    for path in ("/connections/", "/activity/"):
        yield f"{path} of who was looked at", reader.get(path).html


def looking(browser: Browser, ben: Any, made: list[Any]) -> Iterator[tuple[str, BeautifulSoup]]:
    """A look from its form to its end; what support may do meanwhile, and what it may not."""
    start = f"/support/users/{ben.id}/look/"
    yield start, browser.get(start).html
    token = {"csrf_token": token_of(browser.get(start))}
    yield "no reason", browser.post(start, token, status=422).html
    yield "begun", look(browser, ben, ticket="NF-4821").html
    first, last = (f"/connections/{made[at].id}/disconnect/" for at in (0, -1))
    paths = [f"/connections/{each.id}/" for each in made]
    for path in [*paths, first, last, "/connections/", "/activity/", "/connect/", "/account/", "/support/", start]:
        yield f"{path} looking", browser.get(path, expect_errors=True).html
    acts = {last: {}, f"{last}?": {"reason": REASON}, f"{paths[0]}sync/": {}, "/support/end/": {}, "/support/end/?": {}}
    token = {"csrf_token": token_of(browser.get(last))}
    for path, fields in acts.items():
        answer = browser.post(path.rstrip("?"), token | fields, expect_errors=True)
        yield f"POST {path} looking", (answer.follow() if answer.status_int == 303 else answer).html
        token = {"csrf_token": token_of(browser.get("/support/"))}


def act(browser: Browser, connection_id: int) -> Iterator[tuple[str, BeautifulSoup]]:
    """What is said after each thing that a person can do, the refused ones too."""
    token = browser.get("/account/").html.select_one("[name=csrf_token]")["value"]
    acts = {
        f"/connections/{connection_id}/sync/": {},
        f"/connections/{connection_id}/disconnect/": {"records": "delete"},
        f"/connections/{connection_id + 1}/disconnect/": {"records": "what?"},
        "/account/": {"theme": "dark"},
        **{f"/account/support/{'?' * at}": {"setting": setting} for at, setting in enumerate(CHOSEN)},
        **{f"/account/support/pass/{more}": {} for more in ("", "?", "end/", "end/?")},
        "/account/tokens/": {"name": "cron", "scopes": "remoteconnection:read", "days": "30"},
        "/account/tokens/?": {"name": "", "days": ""},
        "/account/sessions/end-others/": {},
        "/account/delete/": {"typed": "wrong"},
        "/account/delete/?": {"typed": ""},
        "/account/delete/??": {"typed": browser.user.email},
    }
    for path, fields in acts.items():
        answer = browser.post(path.split("?")[0], {"csrf_token": token, **fields}, expect_errors=True)
        yield f"POST {path}", (answer.follow() if answer.status_int == 303 else answer).html


def strangers(app: Flask, language: str) -> Iterator[tuple[str, BeautifulSoup]]:
    """The pages of somebody who is not signed in, and those that only show when something is wrong."""
    browser = Browser(app, extra_environ={"HTTP_HOST": "localhost", "HTTP_ACCEPT_LANGUAGE": language})
    for path in ("/", "/?next=/account/", "/signed-out/", "/account/deleted/", "/docs/"):
        yield path, browser.get(path, expect_errors=True).html
    with app.app_context(), app.test_request_context("/", headers={"Accept-Language": language}):
        for trouble in Trouble:
            html = render_template("login/failed.html", trouble=trouble.value, request_id="AAAA-BBBB")
            yield f"login: {trouble}", BeautifulSoup(html, "html.parser")
        for status in errors.PAGES:
            yield f"error {status}", BeautifulSoup(errors.page(status).get_data(True), "html.parser")
        yield "stale form", BeautifulSoup(errors.page(400, reason="form").get_data(True), "html.parser")
        for why in Why:
            heading, sentence = refusals.over(why, "Ben"), refusals.refused(why)
            over = AccessOver(why, access_id=1, subject_id=1, name="Ben")
            html = render_template("support/over.html", heading=heading, over=over, staff=True, act=True)
            yield f"over: {why}", BeautifulSoup(html, "html.parser")
            html = render_template("support/cannot.html", sentence=sentence, user_id=1, why=why.value, stale=True)
            yield f"can't: {why}", BeautifulSoup(html, "html.parser")


def person(app: Flask, language: str) -> Browser:
    """Somebody who chose this language, at a browser that asks for it too: once they are gone, it alone counts."""
    browser = signed_in(app, factories.User(language=language, name="Ada Brandt", granted_role=int(Role.ADMIN)))
    browser.extra_environ["HTTP_ACCEPT_LANGUAGE"] = language
    return browser


def everything(app: Flask, language: str) -> Iterator[tuple[str, BeautifulSoup]]:
    """Every page in one language."""
    yield "nobody's list", person(app, language).get("/connections/").html
    yield "nobody's activity", person(app, language).get("/activity/").html
    yield from visit(person(app, language))
    yield from strangers(app, language)


def test_no_page_forgets_a_word_in_german(app: Flask) -> None:
    english = list(everything(app, "en"))
    german = list(everything(app, "de"))

    assert len(german) == len(english) > 80
    for (path, page), (_path, before) in zip(german, english, strict=True):
        assert page.html["lang"] == "de", path
        said, said_before = texts(page), texts(before)
        assert left_over(said) == set(), path
        assert not [text for text in said if TWO_STOPS.search(text)], path
        same = {text for text in said & said_before if re.search(r"\b[a-z]{2,} [a-z]{2,}\b", text)}
        assert same == set(), f"{path}: not marked for translation"
        assert left_over(said_before), f"{path}: nothing of it would be noticed"


def test_the_local_identity_provider_speaks_german_too() -> None:
    made = identity_provider.create_app(issuer="http://localhost:9", client_redirects=["http://localhost:8/cb/"])

    page = made.test_client().get("/", headers={"Accept-Language": "de-AT"}, base_url="http://localhost:9")

    assert left_over(texts(BeautifulSoup(page.text, "html.parser"))) == set()
    assert "Hier gibt es nichts zu tun" in page.text


@pytest.mark.parametrize(
    ("chosen", "claimed", "accepted", "spoken"),
    [
        ("de", "en-GB", "en", "de"),
        ("en", "de-AT", "de", "en"),
        (None, "de-AT", "en", "de"),
        (None, "de_CH", "en", "de"),
        (None, "en-US", "de", "en"),
        (None, "fr-FR", "de-CH, fr;q=0.5", "de"),
        (None, "?!", "de", "de"),
        (None, None, "de-AT, en;q=0.1", "de"),
        (None, None, "en-US, en;q=0.9, de;q=0.8", "en"),
        (None, None, "fr, de;q=0.3", "de"),
        (None, None, "fr", "en"),
        (None, None, "", "en"),
    ],
)
def test_the_persons_choice_counts_then_the_claim_then_the_browser(
    app: Flask, chosen: str | None, claimed: str | None, accepted: str, spoken: str
) -> None:
    browser = signed_in(app, factories.User(language=chosen, claimed_language=claimed))

    page = browser.get("/connections/", headers={"Accept-Language": accepted}).html

    assert page.html["lang"] == spoken
    assert page.select_one(".nav a").text == {"de": "Verbindungen", "en": "Connections"}[spoken]


@pytest.mark.parametrize(("accepted", "spoken"), [("de-AT", "de"), ("en", "en"), ("fr", "en"), ("", "en")])
def test_a_stranger_reads_what_the_browser_asks_for(anybody: Browser, accepted: str, spoken: str) -> None:
    assert anybody.get("/", headers={"Accept-Language": accepted}).html.html["lang"] == spoken


@pytest.mark.parametrize(
    ("made", "sentences"),
    [
        ({}, ["Läuft", "Abgeglichen vor 12 Minuten", "Keine braucht dich.", "1 Verbindung."]),
        ({"created_at": factories.now()}, ["Seit heute"]),
        ({"created_at": factories.datetime(2022, 6, 3, tzinfo=factories.UTC)}, ["Seit Juni 2022"]),
        ({"failing": True}, ["Verspätet", "hat nicht rechtzeitig geantwortet. Nächster Versuch in 4"]),
        ({"refused": True}, ["Braucht dich", "Lehnt unseren Zugriff seit ", "Nur Withings braucht dich."]),
        ({"quiet": True}, ["Still", "Stell dich auf die Waage und öffne die Withings-App."]),
        (
            {"fresh": True, "next_sync_at": factories.now()},
            ["Neu", "Der erste Abgleich kommt als Nächstes.", "Jetzt abgleichen"],
        ),
        ({"fresh": True}, ["Neu", "Der erste Abgleich kommt in 4"]),
        ({"paused": True}, ["Liegt bei uns", "Northlake Fitness kümmert sich darum; du musst nichts tun."]),
        ({"type": "fitbit"}, ["Vom Anbieter beendet", "An seine Stelle tritt Google Health."]),
    ],
)
def test_sentences_with_names_and_times_in_them_are_whole(
    app: Flask, made: dict[str, Any], sentences: list[str]
) -> None:
    browser = person(app, "de")
    factories.Connection(user=browser.user, **made)

    text = " ".join(browser.get("/connections/").html.text.split())

    for sentence in sentences:
        assert sentence in text
