"""One kind over the days as an SVG: bars or a line, round numbers at the side, and the same in words.

The SVG is stretched to the width it gets, so nothing in it is text; strokes keep their width (``parts.css``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from flask_babel import ngettext
from markupsafe import Markup

from dashboard.pages.records.amounts import amount, plain
from dashboard.pages.records.days import on_axis, within
from dashboard.records.day import Day
from dashboard.records.kinds import Kind, Picture
from dashboard.records.reading import Span
from dashboard.web.language import gettext as _

SLOT, HEIGHT = 10, 100
"""The width of a day and the height of the whole, in units of the SVG's own."""
BAR, TOUCHING_BAR = 7, 10
"""Of a long picture the days touch: what little is between them would only blur."""
LONG = 100
"""From so many days on a picture is a long one."""
FLAT = 0.6
"""The height of a bar of zero: a day that was measured is told from one that was not."""
LONGEST_GAP = 7
"""Over more days without a number a line is not drawn on: nobody knows what was between."""
QUARTER = 2.5
STEPS = (1, 2, QUARTER, 5, 10)
TICKS = 4
TINY = 1e-9
"""What binary fractions are off by."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers at the side of a picture: from the lowest, evenly spaced."""

    low: float
    step: float
    count: int

    @property
    def ticks(self) -> tuple[float, ...]:
        """The numbers, the highest first, as they stand from top to bottom."""
        return tuple(self.low + self.step * place for place in reversed(range(self.count)))

    def y(self, value: float) -> float:
        """How far down a number stands."""
        return round(HEIGHT - HEIGHT * (value - self.low) / (self.step * (self.count - 1)), 2)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as its macro needs it."""

    svg: Markup
    """Empty: no day has a number."""
    ticks: tuple[str, ...]
    unit: str
    """What the ticks count."""
    axis: tuple[str, ...]
    """The first day, one in the middle, and the last."""
    says: str
    """What the picture shows, for everybody: it stands under it."""
    is_long: bool


def chart(span: Span, kind: Kind) -> Chart:
    """Draw the days of a span."""
    days = [day for day in span.days if day.value is not None]
    middle = span.first + (span.last - span.first) // 2
    axis = tuple(on_axis(day) for day in (span.first, middle, span.last))
    unit = _(kind.unit)
    is_long = span.length >= LONG
    if not days:
        return Chart(Markup(), (), unit, axis, _in_words(span, [], kind), is_long)
    scale = _scale_of(days, kind)
    drawn = _bars(span, days, scale) if kind.picture is Picture.BARS else _lines(span, days, scale)
    ticks = tuple(plain(tick, _decimals(scale)) for tick in scale.ticks)
    return Chart(_svg(span, drawn, scale), ticks, unit, axis, _in_words(span, days, kind), is_long)


def _svg(span: Span, drawn: dict[str, str], scale: Scale) -> Markup:
    width = span.length * SLOT
    rules = "".join(f"M0 {scale.y(tick):g}h{width}" for tick in scale.ticks)
    paths = "".join(f'<path class="{mark}" d="{path}"/>' for mark, path in {"rule": rules, **drawn}.items() if path)
    opening = f'<svg class="chart-plot" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
    return Markup(f"{opening}{paths}</svg>")  # noqa: S704  numbers and letters of ours


def _bars(span: Span, days: Sequence[Day], scale: Scale) -> dict[str, str]:
    """A bar a day, from zero. A day without a number has none."""
    drawn, width = [], TOUCHING_BAR if span.length >= LONG else BAR
    for day in days:
        assert day.value is not None
        top = min(scale.y(day.value), HEIGHT - FLAT)
        left = _place(span, day) - width / 2
        drawn.append(f"M{left:g} {HEIGHT}V{top:g}h{width}V{HEIGHT}z")
    return {"bars": "".join(drawn)}


def _lines(span: Span, days: Sequence[Day], scale: Scale) -> dict[str, str]:
    """A dot for each day with a number, and a line from one to the next; two of them, for a kind of two numbers."""
    points = [(_place(span, day), scale.y(day.value)) for day in days if day.value is not None]
    below = [(_place(span, day), scale.y(day.beside)) for day in days if day.beside is not None]
    dots = "".join(f"M{x:g} {y:g}h0" for x, y in [*points, *below])
    return {"line": "".join([*_joined(points), *_joined(below)]), "dots": dots}


def _place(span: Span, day: Day) -> float:
    return (day.date - span.first).days * SLOT + SLOT / 2


def _joined(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """The line through the points, broken where too many days have none."""
    last = None
    for x, y in points:
        goes_on = last is not None and x - last <= LONGEST_GAP * SLOT
        yield f"{'L' if goes_on else 'M'}{x:g} {y:g}"
        last = x


def _scale_of(days: Sequence[Day], kind: Kind) -> Scale:
    values = [value for day in days for value in (day.value, day.beside) if value is not None]
    low = min(0.0, *values) if kind.picture is Picture.BARS else min(values)
    return scale_for(low, max(values), least=10.0**-kind.decimals)


def scale_for(low: float, high: float, *, least: float) -> Scale:
    """Round numbers, evenly spaced, that hold both ends; at least two of them.

    :param least: the smallest step that still says something.
    """
    wanted = max((high - low) / (TICKS - 1), least)
    size = 10.0 ** floor(log10(wanted) + TINY)
    # A quarter of the smallest step would be a number finer than what was measured.
    steps = (size * each for each in STEPS if each != QUARTER or size > least + TINY)
    step = next(each for each in steps if each >= wanted - size * TINY)
    first, last = floor(low / step), ceil(high / step)
    return Scale(first * step, step, max(last - first, 1) + 1)


def _decimals(scale: Scale) -> int:
    return next(
        (places for places in range(3) if abs(scale.step * 10**places - round(scale.step * 10**places)) < TINY), 3
    )


def _in_words(span: Span, days: Sequence[Day], kind: Kind) -> str:
    if not days:
        return str(ngettext("Nothing on this day.", "Nothing on these %(num)s days.", span.length))
    on = _("On %(count)s of %(days)s days.", count=len(days), days=span.length)
    if len(days) == 1:
        only = _("%(amount)s, %(day)s.", amount=amount(days[0], kind), day=within(days[0].date))
        return only if span.length == 1 else f"{on} {only}"
    by_value = sorted(days, key=lambda day: day.value or 0)
    low, high = by_value[0], by_value[-1]
    if low.value == high.value:
        return f"{on} " + _("Always %(amount)s.", amount=amount(low, kind))
    lowest = _("Lowest: %(amount)s, %(day)s.", amount=amount(low, kind), day=within(low.date))
    highest = _("Highest: %(amount)s, %(day)s.", amount=amount(high, kind), day=within(high.date))
    return f"{on} {lowest} {highest}"
