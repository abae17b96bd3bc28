"""Strips as templates draw them: the paths of the SVG, and the same in words."""

import re
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from dashboard.connections.strip import FAIL, LEVELS, NONE, OFF, Strip
from dashboard.web.language import Speech, speech

STEP, FIRST = 8, 4
"""How far the days are apart, and where the first one is."""
SHAPE = str.maketrans(LEVELS, NONE * len(LEVELS))
"""Makes of a strip what it is without its bars: they hide the dot at their foot."""


class Drawn(NamedTuple):
    """A strip as its SVG needs it."""

    paths: str
    """A path for each mark that has a day: numbers and letters of ours."""
    says: Markup
    """The strip in words, for those who don't see it."""


class Pen:
    """What a day looks like: a dot, a cross, or a bar from the least to the greatest height."""

    def __init__(self, opening: str, *, base: int, least: int, most: int, cross: tuple[float, float, str]) -> None:
        self.opening = opening
        self.base = base
        self.cross = cross
        span = (most - least) / (len(LEVELS) - 1)
        heights = {letter: f"{least + span * level:.3g}" for level, letter in enumerate(LEVELS)}
        self.bars = str.maketrans(
            {letter: f"v-{height}m{STEP} {height}" for letter, height in heights.items()}
            | dict.fromkeys((NONE, FAIL, OFF), f"m{STEP} 0")
        )
        """Makes of each letter a line up, if it has one, and the way to the foot of the next day."""

    def dots(self, shape: str, letter: str) -> str:
        """A dot for each day of a letter: lines of dashes without length, whose style says how far they are apart."""
        lines = (f"M{_x(found.start())} {self.base}H{_x(found.end() - 1)}.5" for found in re.finditer(letter, shape))
        return "".join(lines)

    def crosses(self, shape: str) -> str:
        """A cross for each day that failed."""
        left, top, lines = self.cross
        places = (place for place, letter in enumerate(shape) if letter == FAIL)
        return "".join(f"M{_x(place) - left:g} {top:g}{lines}" for place in places)


def _x(place: int) -> int:
    return FIRST + STEP * place


SMALL = Pen(
    '<svg class="strip" viewBox="1.75 0 236.5 40"',
    base=37, least=9, most=34, cross=(2.2, 33.6, "l4.4 4.4m0-4.4l-4.4 4.4"),
)  # fmt: skip
WIDE = Pen(
    '<svg class="strip strip--wide" viewBox="2.5 0 235 29"',
    base=26, least=5, most=22, cross=(1.5, 24, "l3 3m0-3l-3 3"),
)  # fmt: skip


def svg(strip: Strip, *, wide: bool = False) -> Markup:
    """A strip as a whole SVG."""
    return Markup(markup(strip, speech(), wide=wide))  # noqa: S704


def markup(strip: Strip, told: Speech, *, wide: bool = False) -> str:
    """A strip as a whole SVG: markup, though a plain text for who puts it into more.

    It changes with a day and with a sync, and is shown whenever a list or a page is opened, so drawings are kept. One
    from the memory costs half a microsecond, a new one 6.
    """
    return _markup(strip, wide, told.language)


@lru_cache(maxsize=4096)
def _markup(strip: Strip, wide: bool, language: str) -> str:
    paths, says = drawn(strip, language, wide=wide)
    opening = (WIDE if wide else SMALL).opening
    return f'{opening} role="img" aria-label="{says}">{paths}</svg>'


def drawn(strip: Strip, language: str, *, wide: bool = False) -> Drawn:
    """Draw a strip. ``language`` is that of the response.

    A bar's height is the day's records against the best day of this connection; it says nothing about good or bad.
    """
    pen, letters = WIDE if wide else SMALL, strip.letters
    shape = letters.translate(SHAPE)
    none, fail, off = letters.count(NONE), letters.count(FAIL), letters.count(OFF)
    got = len(letters) - none - fail - off
    bars = _path("got", f"M{FIRST} {pen.base}{letters.translate(pen.bars)}") if got else ""
    return Drawn(_others(pen, shape) + bars, _in_words(got, none, fail, off, language))


@lru_cache(maxsize=4096)
def _others(pen: Pen, shape: str) -> str:
    """All marks but the bars, under which they lie. Few days fail, so there are few kinds of it."""
    none, off = pen.dots(shape, r"\.+"), pen.dots(shape, " +")
    return _path("none", none) + _path("off", off) + _path("fail", pen.crosses(shape))


def _path(mark: str, lines: str) -> str:
    return f'<path class="{mark}" d="{lines}"/>' if lines else ""


@lru_cache(maxsize=4096)
def _in_words(got: int, none: int, fail: int, off: int, _language: str) -> Markup:
    """How many days had which mark, in the language of the response, which is here to be told apart by."""
    catalogue = speech().catalogue
    counted = [
        (got, catalogue.ngettext("records on %(num)d", "records on %(num)d", got)),
        (none, catalogue.ngettext("nothing new on %(num)d", "nothing new on %(num)d", none)),
        (fail, catalogue.ngettext("failed on %(num)d", "failed on %(num)d", fail)),
        (off, catalogue.ngettext("no sync on %(num)d", "no sync on %(num)d", off)),
    ]
    days = ", ".join(words % {"num": count} for count, words in counted if count)
    return escape(catalogue.gettext("Last 30 days: %(days)s") % {"days": days})
