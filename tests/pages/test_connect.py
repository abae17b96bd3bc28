"""What can be connected, and one service in its own words, with what it may send and on what terms."""

from typing import Any

from dashboard import providers
from dashboard.providers import Agreement, Client, agreements
from tests import factories
from tests.conftest import Browser
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties


def shelves(page: Any) -> dict[str, list[str]]:
    """The names on each shelf, by its heading."""
    sections = page.html.select("main section")
    return {each.h2.text: [name.text for name in each.select("h3")] for each in sections}


def offer(page: Any, name: str) -> Any:
    """The offer of one service."""
    return next(each for each in page.html.select(".offer") if each.h3.text == name)


def test_each_service_stands_on_the_shelf_where_it_belongs(ada: Browser, simulated: ThirdParties) -> None:
    factories.Connection(user=ada.user, type="withings")

    found = shelves(ada.get("/connect/"))

    assert found["Already yours"] == ["Withings"]
    assert "Strava" in found["Ready to connect"]
    assert "Jawbone UP" in found["Not available"]
    names = [name for shelf in found.values() for name in shelf]
    assert sorted(names, key=str.casefold) == [each.name for each in providers.all_types()]


def test_without_credentials_a_service_is_not_available_and_not_broken(ada: Browser) -> None:
    page = ada.get("/connect/")

    assert list(shelves(page)) == ["Not available"]
    assert "Not set up here yet" in text(offer(page, "Strava"))
    one = ada.get("/connect/strava/")
    assert "This site has no agreement with Strava yet" in text(one.html)
    assert "You sign in at Strava" not in text(one.html)
    assert not one.html.select("main form")


def test_what_its_maker_closed_says_so_and_names_its_successor(ada: Browser, simulated: ThirdParties) -> None:
    page = ada.get("/connect/")

    assert "Its maker has closed it. Google Health takes its place." in text(offer(page, "Fitbit"))
    one = ada.get("/connect/fitbit/").html
    assert not one.select("main form")
    assert one.find("a", string="See Google Health, which takes its place")["href"] == "/connect/google_health/"


def test_what_is_yours_says_its_state_and_leads_there(ada: Browser, ben: Browser, simulated: ThirdParties) -> None:
    refused = factories.Connection(user=ada.user, type="strava", refused=True)
    works = factories.Connection(user=ada.user, type="withings")
    factories.Connection(user=ada.user, type="polar")
    factories.Connection(user=ada.user, type="polar", failing=True)
    factories.Connection(user=ben.user, type="oura")

    page = ada.get("/connect/")

    assert shelves(page)["Already yours"] == ["Strava", "Polar", "Withings"]
    assert "Needs you" in text(offer(page, "Strava"))
    assert offer(page, "Strava").select_one(f"a[href='/connections/{refused.id}/reconnect/']")
    assert offer(page, "Withings").select_one(f"a[href='/connections/{works.id}/']")
    assert "Delayed See all 2" in text(offer(page, "Polar"))


def test_it_is_searched_by_name_and_by_what_it_brings(ada: Browser, simulated: ThirdParties) -> None:
    def found(words: str) -> list[str]:
        return [each.text for each in ada.get("/connect/", {"q": words}).html.select(".offer h3")]

    assert found("STRAV") == ["Strava"]
    assert "Withings" in found("blood pressure")
    assert "Strava" not in found("blood pressure")
    assert "You searched for “xyzzy”." in text(ada.get("/connect/", {"q": "xyzzy"}).html)


def test_a_service_says_what_it_sends_and_on_what_terms(ada: Browser, simulated: ThirdParties) -> None:
    page = ada.get("/connect/withings/")

    words = text(page.html.main)
    type = providers.get("withings")
    assert page.html.h1.text == "Withings"
    assert type.intro_copy_heading in words
    assert type.intro_copy_body in words
    assert all(scope.label in words for scope in type.scopes)
    boxes = page.html.select("input[name=permissions]")
    assert [box["value"] for box in boxes] == [scope.name for scope in type.scopes if scope.optional]
    assert all(box.has_attr("checked") for box in boxes)
    assert "What it sends stays here for as long as you like." in words
    assert "account.withings.com" in words


def test_terms_are_the_operators_own_where_there_is_an_agreement(ada: Browser, simulated: ThirdParties) -> None:
    strict = text(ada.get("/connect/strava/").html.main)
    assert "What it sends is deleted here after 7 days" in strict
    assert "When you disconnect it, what it sent is deleted here at once" in strict

    agreements.use({"strava": Agreement(Client("x", "y"), keep_days=0, may_keep_records=True)})

    own = text(ada.get("/connect/strava/").html.main)
    assert "stays here for as long as you like" in own
    assert "you choose whether what it sent stays or is deleted" in own


def test_going_on_leads_to_the_provider_with_the_permissions_that_were_ticked(
    ada: Browser, simulated: ThirdParties
) -> None:
    form = ada.get("/connect/withings/").forms[1]
    form["permissions"] = []

    leaving = form.submit(status=200)

    link = leaving.html.select_one("main a.button")["href"]
    refresh = leaving.html.select_one("meta[http-equiv=refresh]")["content"]
    assert refresh == f"0; url={link}"
    assert link.startswith(f"{simulated.url}/account.withings.com/oauth2_user/authorize2?")
    assert "user.sleepevents" not in link
    assert "user.metrics" in link
    assert leaving.headers["Referrer-Policy"] == "no-referrer"


def test_a_permission_that_the_type_does_not_have_is_refused(ada: Browser, simulated: ThirdParties) -> None:
    form = ada.get("/connect/withings/").forms[1]
    form["permissions"] = []
    sent = [*form.submit_fields(), ("permissions", "everything")]

    page = ada.post("/connect/withings/", sent, status=422)

    assert page.html.select_one("fieldset .error").text


def test_what_does_not_exist_is_missing(ada: Browser) -> None:
    ada.get("/connect/nothing/", status=404)


def test_what_can_not_be_connected_is_not_begun_by_a_form_of_before(ada: Browser, simulated: ThirdParties) -> None:
    form = ada.get("/connect/withings/").forms[1]
    agreements.use({})

    page = form.submit(status=200)

    assert "This site has no agreement with Withings yet" in text(page.html)
