"""The mails of a case: which went to the person, and why one did not; never what they say."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard.connections import telling
from dashboard.data import transaction
from dashboard.mail import stopping
from dashboard.who import Who
from tests import factories
from tests.conftest import Browser
from tests.pages.test_support_case import case, facts
from tests.support.looking import change


@pytest.mark.parametrize(
    ("values", "fate"),
    [
        ({"sent_at": factories.now(), "due_at": None}, "Sent."),
        ({}, "Is about to be sent."),
        ({"due_at": factories.now() + timedelta(days=400)}, "Waits until"),
        (
            {"due_at": factories.now() - timedelta(1), "failure_count": 2, "failure_code": "timeout"},
            "Is about to be sent. 2 tries failed. timeout",
        ),
        ({"due_at": None, "failure_code": "no_address"}, "Not sent: there is no address that it could go to."),
        ({"due_at": None, "failure_code": "stopped"}, "Not sent: the person stopped mails about this connection."),
        ({"due_at": None, "failure_code": "unwanted"}, "Not sent: the person wants no mails about any connection."),
        ({"due_at": None, "failure_code": "not_needed"}, "Not sent: it was not needed any more. not_needed"),
        ({"due_at": None, "failure_code": "timeout", "failure_count": 12}, "Given up: the mail server took it at no"),
    ],
)
def test_a_mail_says_which_it_was_and_what_became_of_it(
    dora: Browser, ada: Browser, values: dict[str, Any], fate: str
) -> None:
    scale = factories.Connection(user=ada.user, refused=True)
    factories.Mail(user=ada.user, connection_id=scale.id, **values)

    [said] = [name for name in facts(case(dora, ada.user)) if name.startswith("Withings needs the person")]

    assert " ".join(said.split()).startswith(f"Withings needs the person id {scale.id}{fate}")


def test_of_a_mail_there_is_no_word_no_link_and_no_reason(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user, refused=True, account="ada-at-withings@posteo.example")
    about = telling.before_the_end(scale.id, owner_id=ada.user.id)
    assert about is not None
    with transaction():
        by = Who(dora.user.id, ada.user.id)
        telling.ended_by_support(about, by=by, reason="she phoned twice", now=factories.now())
        telling.needs_you(scale.id, now=factories.now())

    page = case(dora, ada.user)

    assert f"Support disconnected Withings id {scale.id}" in page.html.main.text
    assert page.html.select_one("pre").text.count("Mail ") == 2
    for private in ("she phoned", "ada-at-withings", "/mails/stop/", stopping.signer.token(scale.id), "Hello"):
        assert private not in page.text


def test_the_newest_ten_mails_are_there_and_nobody_elses(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user, refused=True)
    for days in range(12):
        sent_at = factories.now() - timedelta(days=days)
        factories.Mail(user=ada.user, connection_id=scale.id, queued_at=sent_at, sent_at=sent_at, due_at=None)
    factories.Mail(user=dora.user, connection_id=factories.Connection(user=dora.user, type="polar").id)

    page = case(dora, ada.user)
    lines = [line for line in page.html.select_one("pre").text.splitlines() if line.startswith("Mail ")]

    today, nine_days_ago = (factories.now() - timedelta(days=days) for days in (0, 9))
    assert len(lines) == len([name for name in page.html.select("dt") if "needs the person" in name.text]) - 1 == 10
    assert f"sent {today:%Y-%m-%d}" in lines[0]
    assert f"sent {nine_days_ago:%Y-%m-%d}" in lines[-1]
    assert "Polar" not in page.html.main.text


def test_the_diagnosis_says_of_each_mail_what_became_of_it(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user, refused=True)
    at = factories.now()
    for values in ({"sent_at": at, "due_at": None}, {"failure_code": "timeout"}, {"due_at": None}):
        factories.Mail(user=ada.user, connection_id=scale.id, queued_at=at, **values)
    change(ada.user, mails_wanted=False)

    *_, none, third, second, first = case(dora, ada.user).html.select_one("pre").text.splitlines()

    head, time = f"Mail reconnect, Withings {scale.id}; queued", f"{at:%Y-%m-%d %H:%M} UTC"
    assert none == "No mails wanted."
    assert first == f"{head} {time}; sent {time}"
    assert second == f"{head} {time}; next try {time}; timeout"
    assert third == f"{head} {time}; not sent"


def test_whether_the_person_wants_mails_is_said(dora: Browser, ada: Browser) -> None:
    assert facts(case(dora, ada.user))["Mail when a connection needs the person"] == "wanted"

    change(ada.user, mails_wanted=False)

    assert facts(case(dora, ada.user))["Mail when a connection needs the person"] == "not wanted"
