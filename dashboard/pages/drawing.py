"""Strips as templates draw them: the paths of the SVG, and the same in words."""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from dashboard.connections.strip import LENGTH, Strip
from dashboard.web.language import speech

PLACES = range(4, 4 + 8 * LENGTH, 8)
"""The x of each day."""


class Drawn(NamedTuple):
    """A strip as its SVG needs it."""

    paths: str
    """A path for each mark that has a day: numbers and letters of ours."""
    says: str
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
    """A strip as a whole SVG.

    It changes with a day and with a sync, and is shown whenever a list or a page is opened, so drawings are kept. One
    from the memory costs 1 µs, a new one 10.
    """
    return _svg(strip, wide, speech().language)


@lru_cache(maxsize=4096)
def _svg(strip: Strip, wide: bool, _language: str) -> Markup:
    paths, says = drawn(strip, wide=wide)
    opening = (WIDE if wide else SMALL).opening
    return Markup(f'{opening} role="img" aria-label="{escape(says)}">{paths}</svg>')  # noqa: S704


def drawn(strip: Strip, *, wide: bool = False) -> Drawn:
    """Draw a strip.

    A bar's height is the day's records against the best day of this connection; it says nothing about good or bad.
    """
    pen = WIDE if wide else SMALL
    told = strip.told
    best, span, bars = max(told[1::3], default=0), pen.span, pen.bars
    got, fail, rest = [], [], pen.dots.copy()
    for place, records, failures in zip(told[::3], told[1::3], told[2::3], strict=True):
        if records:
            got.append(bars[place][round(span * records / best)])
            rest[place] = ""
        elif failures:
            fail.append(pen.crosses[place])
            rest[place] = ""
    off, none = rest[: strip.connected], rest[strip.connected :]
    counts = len(got), len(none) - none.count(""), len(fail), len(off) - off.count("")
    return Drawn(_paths(got=got, none=none, fail=fail, off=off), _in_words(*counts, speech().language))


def _paths(**drawn: list[str]) -> str:
    paths = [f'<path class="{mark}" d="{path}"/>' for mark, days in drawn.items() if (path := "".join(days))]
    return "".join(paths)


@lru_cache(maxsize=4096)
def _in_words(got: int, none: int, fail: int, off: int, language: str) -> str:
    """How many days had which mark. ``language`` is that of the response; it is here to be told apart by."""
    catalogue = speech().catalogue
    counted = [
        (got, catalogue.ngettext("records on %(num)d", "records on %(num)d", got)),
        (none, catalogue.ngettext("nothing new on %(num)d", "nothing new on %(num)d", none)),
        (fail, catalogue.ngettext("failed on %(num)d", "failed on %(num)d", fail)),
        (off, catalogue.ngettext("not yet connected on %(num)d", "not yet connected on %(num)d", off)),
    ]
    days = ", ".join(words % {"num": count} for count, words in counted if count)
    return catalogue.gettext("Last 30 days: %(days)s") % {"days": days}
