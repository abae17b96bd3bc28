"""A login that must be new: the provider is asked to ask anew, and must say when it did (OIDC Core §2, §3.1.2.1)."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Browser
from tests.identity.test_login_trouble import SpoiledProvider, browser, provider

__all__ = ["browser", "provider"]


def come_back_anew(browser: Browser, provider: SpoiledProvider, *, minutes: int = 10) -> Any:
    """Begin a login that must be new, and return from the provider with a code."""
    browser.app.config["SUPPORT_FRESH_LOGIN_MINUTES"] = minutes
    asked = parse_qs(urlsplit(browser.get("/login/?fresh=1&next=/support/", status=303).location).query)
    assert asked["max_age"] == [str(60 * minutes)]
    provider.nonce = asked["nonce"][0]
    return browser.get("/login/callback/", {"code": "code", "state": asked["state"][0]}, status="*")


def test_a_proof_of_just_now_signs_in_and_goes_on(browser: Browser, provider: SpoiledProvider) -> None:
    provider.claims = {"auth_time": int(time.time())}

    assert come_back_anew(browser, provider).location.endswith("/support/")


@pytest.mark.parametrize("auth_time", [None, True, int(time.time()) - 3600], ids=["none", "odd", "old"])
def test_an_old_proof_or_none_does_not(browser: Browser, provider: SpoiledProvider, auth_time: object) -> None:
    provider.claims = {"auth_time": auth_time}

    page = come_back_anew(browser, provider)

    assert page.status_int == 400
    assert page.html.h1.text == "You were not asked anew"
    assert "/?next=" in browser.get("/connections/", status=303).location


def test_a_usual_login_asks_for_no_new_proof(browser: Browser) -> None:
    assert "max_age" not in parse_qs(urlsplit(browser.get("/login/", status=303).location).query)
