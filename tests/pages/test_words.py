"""What templates say of times, numbers and strips: in the person's language and zone, and never otherwise."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from babel.dates import format_timedelta
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext

from tests import factories
from tests.conftest import Browser, signed_in

Speaking = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def speaking(app: Flask) -> Speaking:
    """``with speaking("de", "Europe/Berlin"): …`` is inside a request of a person with this language and zone."""

    @contextmanager
    def inside(language: str | None = "en", time_zone: str | None = None) -> Iterator[None]:
        browser = signed_in(app, factories.User(language=language, time_zone=time_zone))
        cookie = {"Cookie": f"session={browser.cookies['session']}"}
        with app.app_context(), app.test_request_context("/connections/", base_url="http://localhost", headers=cookie):
            yield

    return inside


def said(template: str, **values: object) -> str:
    """What a template with this one expression says."""
    return render_template_string("{{ " + template + " }}", **values)


def shown(markup: str) -> str:
    """The words of a time, without its machine-readable side."""
    return markup.partition(">")[2].removesuffix("</time>")


def as_babel(distance: timedelta, language: str) -> str:
    """The words of Babel's own function."""
    return format_timedelta(distance, add_direction=True, threshold=1.9, locale=language)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "distance",
    [
        timedelta(minutes=2, seconds=10),
        timedelta(minutes=12, seconds=20),
        timedelta(hours=1, minutes=20),
        timedelta(hours=45, minutes=31),
        timedelta(days=3, hours=2),
        timedelta(days=20),
        timedelta(days=100),
        timedelta(days=900),
    ],
)
def test_a_distance_is_said_as_babel_says_it(speaking: Speaking, language: str, distance: timedelta) -> None:
    with speaking(language):
        past, future = said("at|ago", at=datetime.now(UTC) - distance), said("at|ago", at=datetime.now(UTC) + distance)

    a_moment_later = timedelta(seconds=1)
    assert shown(past) in {as_babel(-distance, language), as_babel(-distance - a_moment_later, language)}
    assert shown(future) in {as_babel(distance, language), as_babel(distance - a_moment_later, language)}


@pytest.mark.parametrize(
    ("language", "past", "future"),
    [("en", ("just now", "1 minute ago"), ("in a moment", "in 1 minute")),
     ("de", ("gerade eben", "vor 1 Minute"), ("gleich", "in 1 Minute"))],
)  # fmt: skip
def test_seconds_are_never_counted(
    speaking: Speaking, language: str, past: tuple[str, str], future: tuple[str, str]
) -> None:
    now = datetime.now(UTC)
    with speaking(language):
        assert [shown(said("at|ago", at=now - timedelta(seconds=at))) for at in (0, 57, 60, 85)] == [
            past[0], past[0], past[1], past[1],
        ]  # fmt: skip
        assert [shown(said("at|ago", at=now + timedelta(seconds=at))) for at in (3, 59, 65, 85)] == [
            future[0], future[0], future[1], future[1],
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("milliseconds", "english", "german"),
    [(0, "under 0.1 s", "unter 0,1 s"), (99, "under 0.1 s", "unter 0,1 s"), (100, "0.1 s", "0,1 s"),
     (1960, "2.0 s", "2,0 s"), (1_803_200, "1,803.2 s", "1.803,2 s")],
)  # fmt: skip
def test_a_length_has_one_decimal(speaking: Speaking, milliseconds: int, english: str, german: str) -> None:
    length = timedelta(milliseconds=milliseconds)

    with speaking("en"):
        assert said("length|took", length=length) == english
    with speaking("de"):
        assert said("length|took", length=length) == german


def test_only_words_that_hold_for_a_while_are_marked_to_go_on(speaking: Speaking) -> None:
    at = datetime.now(UTC) - timedelta(minutes=12)

    with speaking("en"):
        for each in ("at|moment", "at|at_time", "at|since_when"):
            assert "data-ago" not in said(each, at=at)
            assert said("at|ago", at=at).startswith('<time data-ago datetime="')
            assert "data-ago" not in said(each, at=at)


def test_a_distance_has_its_singular(speaking: Speaking) -> None:
    now = datetime.now(UTC)
    with speaking("en"):
        assert shown(said("at|ago", at=now - timedelta(hours=1, minutes=54))) == "2 hours ago"
    with speaking("de"):
        assert shown(said("at|ago", at=now - timedelta(days=1, hours=23))) == "vor 2 Tagen"
        assert shown(said("at|ago", at=now - timedelta(days=45))) == "vor 6 Wochen"


@pytest.mark.parametrize(
    ("language", "time_zone", "at", "expected"),
    [
        ("en", None, "2026-03-01T22:30:59+00:00", "1 March 2026, 22:30"),
        ("en", "Asia/Tokyo", "2026-03-01T22:30:59+00:00", "2 March 2026, 07:30"),
        ("de", "Europe/Berlin", "2026-03-01T22:30:59+00:00", "1. März 2026, 23:30"),
        ("de", "Europe/Berlin", "2026-03-29T00:59:00+00:00", "29. März 2026, 01:59"),  # the clock jumps to 03:00
        ("de", "Europe/Berlin", "2026-03-29T01:00:00+00:00", "29. März 2026, 03:00"),
        ("en", "Europe/Berlin", "2026-10-25T00:30:00+00:00", "25 October 2026, 02:30"),  # the hour that comes twice
        ("en", "Europe/Berlin", "2026-10-25T01:30:00+00:00", "25 October 2026, 02:30"),
        ("en", "Asia/Kolkata", "2025-12-31T18:30:00+00:00", "1 January 2026, 00:00"),
    ],
)
def test_a_moment_is_the_persons_own(
    speaking: Speaking, language: str, time_zone: str | None, at: str, expected: str
) -> None:
    with speaking(language, time_zone):
        assert shown(said("at|moment", at=datetime.fromisoformat(at))) == expected
        assert said("at|clock", at=datetime.fromisoformat(at)) == expected[-5:]


def test_machines_and_the_pointer_get_the_exact_time(speaking: Speaking) -> None:
    at = datetime(2026, 10, 25, 0, 30, 12, 345, tzinfo=UTC)

    with speaking("de", "Europe/Berlin"):
        before, after = said("at|moment", at=at), said("at|moment", at=at + timedelta(hours=1))

    assert '<time datetime="2026-10-25T02:30:12+02:00" title="25. Oktober 2026, 02:30">' in before
    assert '<time datetime="2026-10-25T02:30:12+01:00" title="25. Oktober 2026, 02:30">' in after
    with speaking("en"):
        assert 'datetime="2026-10-25T00:30:12+00:00"' in said("at|ago", at=at)


@pytest.mark.parametrize(
    ("language", "days", "expected"),
    [("en", 299, "{0.day} {0:%B}"), ("en", 301, "{0:%B} {0.year}"), ("de", 4000, "{month} {0.year}")],
)
def test_since_is_as_exact_as_anybody_wants_it(speaking: Speaking, language: str, days: int, expected: str) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]

    with speaking(language):
        assert said("at|since", at=at) == expected.format(at, month=months[at.month - 1])


def test_today_is_where_the_person_is(speaking: Speaking) -> None:
    now = datetime.now(UTC)

    with speaking("en", "Pacific/Kiritimati"):  # fourteen hours ahead
        assert said("at|since", at=now) == "today"
        assert said("at|since", at=now - timedelta(hours=24)) != "today"
    with speaking("de"):
        assert said("at|since", at=now) == gettext_in_german("today", speaking)


def gettext_in_german(text: str, speaking: Speaking) -> str:
    """The catalogue's word."""
    with speaking("de"):
        return gettext(text)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_day_of_this_week_has_its_name(speaking: Speaking, language: str) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    names = {
        "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    }

    with speaking(language):
        assert shown(said("at|since_when", at=at)) == names[language][at.weekday()]
        assert shown(said("at|since_when", at=at - timedelta(days=4))) == said("at|since", at=at - timedelta(days=4))


def test_a_date_has_no_zone_and_a_moment_has(speaking: Speaking) -> None:
    with speaking("en", "America/New_York"):
        assert said("at|day", at=date(2026, 10, 25)) == "25 October"
        assert said("at|day", at=datetime(2026, 10, 25, 2, 0, tzinfo=UTC)) == "24 October"
    with speaking("de"):
        assert said("at|day", at=date(2026, 3, 1)) == "1. März"


def test_words_follow_a_language_forced_for_a_while(speaking: Speaking) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    with speaking("en"):
        assert said("at|moment", at=at).endswith(">1 March 2026, 12:00</time>")
        with force_locale("de"):
            assert said("at|moment", at=at).endswith(">1. März 2026, 12:00</time>")
            assert said("_('Disconnect')") == gettext("Disconnect") == "Trennen"
        assert said("at|moment", at=at).endswith(">1 March 2026, 12:00</time>")
        assert said("_('Disconnect')") == gettext("Disconnect") == "Disconnect"


def test_what_a_person_wrote_stays_text_inside_a_sentence(speaking: Speaking) -> None:
    with speaking("en"):
        assert said("_('You searched for “%(text)s”.', text=text)", text="<b>&") == "You searched for “&lt;b&gt;&amp;”."
        assert (
            said("ngettext('%(num)s of %(name)s', '%(num)s x %(name)s', 2, name=name)", name="<i>") == "2 x &lt;i&gt;"
        )
        assert said("_('100%%')") == "100%"


def test_numbers_wear_the_languages_own_marks(speaking: Speaking) -> None:
    with speaking("en"):
        assert said("1234567|number") == "1,234,567"
        assert said("1.5|number") == "1.5"
    with speaking("de"):
        assert said("1234567|number") == "1.234.567"
        assert said("1.5|number") == "1,5"


def test_the_language_is_english_for_who_chose_none(speaking: Speaking) -> None:
    with speaking(None):
        assert said("language()") == "en"


def test_a_page_speaks_german_from_head_to_foot(app: Flask) -> None:
    browser: Browser = signed_in(app, factories.User(language="de", time_zone="Europe/Berlin"))
    factories.Connection(user=browser.user, account=None)
    factories.Connection(user=browser.user, type="polar", refused=True)

    page = browser.get("/connections/").html

    assert page.html["lang"] == "de"
    for english in ("Disconnect", "Synced", "Since", "Working", "Needs you", "Sign out", "ago"):
        assert english not in page.text.replace("Remote Connections", ""), english
