"""What a look says of its time, where the clock of the machine that makes the page is wrong (edge case 16)."""

import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from dashboard.data import clock, db, transaction
from dashboard.data.support_accesses import SupportAccess
from tests.conftest import Browser
from tests.support.looking import banner, look

RULES_AND_PAGES = ("dashboard.support", "dashboard.pages", "dashboard.data.support_accesses")


@pytest.fixture(params=[-2, 2], ids=["two hours late", "two hours early"])
def wrong_clock(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let rules and pages read a clock of this machine that is wrong. The database keeps its own."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=request.param)

    patched = 0
    for name, module in list(sys.modules.items()):
        if name.startswith(RULES_AND_PAGES) and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Wrong)
            patched += 1
    assert patched > 5


def moved(**columns: timedelta) -> None:
    """Put the moments of all looks so far from now, by the database's clock."""
    with transaction():
        now = clock.now()
        db.session.execute(update(SupportAccess).values({name: now + away for name, away in columns.items()}))


def looked_for(dora: Browser, ada: Browser) -> str:
    """What the case page says of the newest look."""
    page = dora.get(f"/support/users/{ada.user.id}/")
    return next(" ".join(each.text.split()) for each in page.html.select("dt") if "looked for" in each.text)


@pytest.mark.usefixtures("wrong_clock")
def test_16_the_minutes_left_are_those_of_the_clock_that_ends_it(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    moved(expires_at=timedelta(minutes=11, seconds=50))

    assert "12 minutes left" in banner(dora.get("/connections/"))


@pytest.mark.usefixtures("wrong_clock")
def test_16_how_long_one_has_gone_on_is_measured_by_that_clock_too(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    moved(started_at=timedelta(minutes=-7), expires_at=timedelta(minutes=20))

    assert "Dora Lind looked for 7 minutes" in looked_for(dora, ada)


@pytest.mark.usefixtures("wrong_clock")
def test_16_one_whose_time_is_over_took_as_long_as_it_might(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    moved(started_at=timedelta(minutes=-50), expires_at=timedelta(minutes=-20))
    dora.get("/connections/", status=403)

    assert "Dora Lind looked for 30 minutes" in looked_for(dora, ada)
