"""The control panel of the simulated third parties, as a person uses it, without JavaScript."""

from pathlib import Path

import pytest
from flask import Flask
from webtest import TestApp

from demo.providers.app import create_app

LETTER = """From: Northlake <no-reply@demo.test>
To: user@demo.test
Subject: WHOOP needs you
Date: Tue, 24 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

Reconnect it here: <http://localhost:8000/connections/1/>
"""


@pytest.fixture
def flask(tmp_path: Path) -> Flask:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_text(LETTER)
    return create_app(mails=tmp_path / "mails", webhooks={"strava": "http://127.0.0.1:9/hook/"})


@pytest.fixture
def panel(flask: Flask) -> TestApp:
    browser = TestApp(flask, extra_environ={"HTTP_HOST": "localhost"})
    browser.post_json("/control/strava/grants", {"account": "ada"})
    browser.post_json("/control/strava/grants", {"account": "second"})
    return browser


def faults(panel: TestApp) -> dict[str, object]:
    found: dict[str, object] = panel.get("/control/strava").json["faults"]
    return found


def test_in_the_demo_adas_grants_are_known_before_they_are_used(tmp_path: Path) -> None:
    panel = TestApp(create_app(state=tmp_path, has_ada=True), extra_environ={"HTTP_HOST": "localhost"})

    for name in ("Oura", "Strava", "Suunto", "Garmin", "Polar"):
        assert "1 permission given" in panel.get("/").html.find("h2", string=name).find_parent("li").text
    assert "0 permissions given" in panel.get("/").html.find("h2", string="WHOOP").find_parent("li").text
    assert "Ended by the person" in panel.get("/whoop/").html.select_one("tbody tr").text

    assert panel.post_json("/control/oura", {"revoke": {"account": "ada"}}).json == {"revoke": 1}
    again = TestApp(create_app(state=tmp_path, has_ada=True), extra_environ={"HTTP_HOST": "localhost"})
    assert [each["revoked"] for each in again.get("/control/oura").json["grants"]] == ["person"], "it is kept"

    again.post_json("/control/oura/reset", {})
    assert [each["revoked"] for each in again.get("/control/oura").json["grants"]] == [""]
    again.post_json("/control/reset", {})
    assert again.post_json("/control/strava", {"revoke": {"account": "ada"}}).json == {"revoke": 1}


def test_without_the_demos_people_nobody_has_given_anything(panel: TestApp) -> None:
    assert panel.get("/control/oura").json["grants"] == []


def test_the_first_page_lists_every_third_party(panel: TestApp) -> None:
    page = panel.get("/")

    assert page.html.h2.text == "Concept2"
    assert "2 permissions given" in page.html.find("h2", string="Strava").find_parent("li").text
    assert page.click(href="/strava/").html.h1.text == "Simulated Strava"


def test_a_fault_is_switched_on_and_off(panel: TestApp) -> None:
    form = next(each for each in panel.get("/strava/").forms.values() if each.fields.get("name", [None])[0] and
                each["name"].value == "limit")  # fmt: skip
    form["number"], form["times"], form["on"] = "90", "once", "data"
    page = form.submit("act").follow()
    assert faults(panel)["limit"]["times"] == 1  # type: ignore[index]
    assert faults(panel)["limit"]["values"] == {"retry_after": 90}  # type: ignore[index]

    next(each for each in page.forms.values() if "Mend everything" in each.text).submit("act")
    assert faults(panel) == {}


def test_a_grant_is_ended_and_expired(panel: TestApp) -> None:
    page = panel.get("/strava/")
    for word in ("Expire", "End as the person"):
        next(each for each in page.forms.values() if f"{word}<" in each.text).submit("act")

    rows = [row.text for row in panel.get("/strava/").html.select("tbody tr")]
    assert any("Over" in row for row in rows)
    assert any("Ended by the person" in row for row in rows)


def test_something_happens_and_the_app_is_told(panel: TestApp) -> None:
    page = panel.get("/strava/")
    happen = next(each for each in page.forms.values() if "Record it" in each.text)
    happen["count"] = "3"
    happen.submit("act", status=303)
    tell = next(each for each in page.forms.values() if "Send it" in each.text)
    answer = tell.submit("act", index=0).follow()

    assert "ConnectionError" in answer.html.select_one(".log").text, "nobody listens on port 9"


def test_another_site_cannot_press_a_button(panel: TestApp) -> None:
    answer = panel.post(
        "/strava/", {"act": "revoke", "account": "ada"}, headers={"Sec-Fetch-Site": "cross-site"}, status=403
    )

    assert answer.status_int == 403
    assert all(not each["revoked"] for each in panel.get("/control/strava").json["grants"])


def test_mails_are_listed_and_read(panel: TestApp) -> None:
    page = panel.get("/mails/").click(href="1.eml")

    assert page.html.h1.text == "WHOOP needs you"
    assert page.html.select_one("main li a")["href"] == "http://localhost:8000/connections/1/"
    panel.get("/mails/nothing.eml/", status=404)


@pytest.mark.parametrize("path", ["/", "/strava/", "/dexcom/", "/mails/", "/mails/1.eml/"])
def test_pages_hold_to_the_rules_of_the_house(panel: TestApp, path: str) -> None:
    answer = panel.get(path)
    ids = [each["id"] for each in answer.html.select("[id]")]

    assert len(answer.html.select("h1")) == 1
    assert not answer.html.select("[style], script, style")
    assert len(ids) == len(set(ids))
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert all(each["for"] in ids for each in answer.html.select("label[for]"))


def test_only_names_of_this_computer_are_served(panel: TestApp) -> None:
    panel.get("/", headers={"Host": "evil.example"}, status=400)
