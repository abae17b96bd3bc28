"""Strips as templates draw them: the paths of the SVG, and the same in words."""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from dashboard.connections.strip import LENGTH, Strip
from dashboard.web.language import Speech, speech

PLACES = range(4, 4 + 8 * LENGTH, 8)
"""The x of each day."""


class Drawn(NamedTuple):
    """A strip as its SVG needs it."""

    paths: str
    """A path for each mark that has a day: numbers and letters of ours."""
    says: Markup
    """The strip in words, for those who don't see it."""


class Pen:
    """What a day looks like at each place: a dot, a cross, or a bar from the least to the greatest height."""

    def __init__(
        self, opening: str, *, base: int, least: int, most: int, cross: str, cross_from: tuple[float, float]
    ) -> None:
        self.opening = opening
        self.span = most - least
        self.dots = [f"M{x} {base}h0" for x in PLACES]
        self.crosses = [f"M{x - cross_from[0]:g} {cross_from[1]:g}{cross}" for x in PLACES]
        self.bars = [[f"M{x} {base}v-{height}" for height in range(least, most + 1)] for x in PLACES]


SMALL = Pen(
    '<svg class="strip" viewBox="1.75 0 236.5 40"',
    base=37, least=8, most=34, cross="l4.4 4.4m0-4.4l-4.4 4.4", cross_from=(2.2, 33.6),
)  # fmt: skip
WIDE = Pen(
    '<svg class="strip strip--wide" viewBox="2.5 0 235 29"',
    base=26, least=5, most=22, cross="l3 3m0-3l-3 3", cross_from=(1.5, 24),
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
    pen = WIDE if wide else SMALL
    told = strip.told
    best = max(told[1::3], default=0)
    half, span, bars = best // 2, pen.span, pen.bars
    got, fail, rest = [], [], pen.dots.copy()
    for place, records, failures in zip(told[::3], told[1::3], told[2::3], strict=True):
        if records:
            got.append(bars[place][(span * records + half) // best])  # a third of the time of round()
            rest[place] = ""
        elif failures:
            fail.append(pen.crosses[place])
            rest[place] = ""
    off, none = rest[: strip.connected], rest[strip.connected :]
    paths = _path("got", got) + _path("none", none) + _path("fail", fail) + _path("off", off)
    counts = len(got), len(none) - none.count(""), len(fail), len(off) - off.count("")
    return Drawn(paths, _in_words(*counts, language))


def _path(mark: str, days: list[str]) -> str:
    path = "".join(days)
    return f'<path class="{mark}" d="{path}"/>' if path else ""


@lru_cache(maxsize=4096)
def _in_words(got: int, none: int, fail: int, off: int, _language: str) -> Markup:
    """How many days had which mark, in the language of the response, which is here to be told apart by."""
    catalogue = speech().catalogue
    counted = [
        (got, catalogue.ngettext("records on %(num)d", "records on %(num)d", got)),
        (none, catalogue.ngettext("nothing new on %(num)d", "nothing new on %(num)d", none)),
        (fail, catalogue.ngettext("failed on %(num)d", "failed on %(num)d", fail)),
        (off, catalogue.ngettext("not yet connected on %(num)d", "not yet connected on %(num)d", off)),
    ]
    days = ", ".join(words % {"num": count} for count, words in counted if count)
    return escape(catalogue.gettext("Last 30 days: %(days)s") % {"days": days})
