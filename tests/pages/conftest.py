"""Walking to a simulated third party and back, as a browser without JavaScript does."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Browser
from tests.servers.third_parties import ThirdParties

Go = Callable[..., str]
HERE = "http://localhost:8000"


@pytest.fixture
def go(simulated: ThirdParties) -> Go:
    """``go(ada, "withings", account="second")`` walks there and consents; the address that leads back here."""

    def walk(browser: Browser, type: str = "withings", *, start: str = "", **chosen: Any) -> str:
        form = browser.get(start or f"/connect/{type}/").forms[1]
        leaving = form.submit(status=200)
        back = simulated.consent(leaving.html.select_one("main a.button")["href"], **chosen)
        assert back.startswith(f"{HERE}/connect/{type}/callback/?")
        return back.removeprefix(HERE)

    return walk
