"""Where a provider's records are read, and how each becomes a fact of ours: as data."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.providers.ways import Conditions, Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How only what is new is asked for. Without it, a source is read whole each time."""

    parameter: str | None = None
    """The parameter of the start. None: the start stands in the address, or there is none and we stop by ourselves."""
    until: str | None = None
    """The parameter of the end. None: none is sent."""
    format: str = "epoch"
    """``epoch``, ``epoch_ms``, ``iso``, ``iso_local`` (without an offset), ``date``."""
    template: str | None = None
    """A text with ``{start}`` and ``{end}`` that ``parameter`` carries."""
    first_days: int = 30
    """How far the first sync reaches back."""
    overlap_hours: int = 48
    """How much is read again, because records arrive late; what is here already is stored once."""
    window_days: int | None = None
    """The longest span that the provider answers at once. None: it has no limit."""
    ahead_hours: int = 0
    """How far the end lies ahead of now, for days that have begun further east."""
    newest_first: bool = False
    """There is no parameter: pages go back in time, and we stop where we were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How the next page is asked for."""

    style: str
    """``offset``: how many to skip; ``page``: a number from 1; ``token``: what the answer says."""
    parameter: str
    size: int | None = None
    """Of ``offset`` and ``page``: a page with fewer is the last, unless ``more`` says."""
    more: str | None = None
    """The path of what says whether more is there."""
    token: str | None = None
    """The path of the next page's mark: a token, or the next offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """How an item of a source becomes a fact of one kind. All names here are paths within the item."""

    kind: str
    at: str
    """When it was measured, or began."""
    format: str = "iso"
    """``iso`` (with an offset), ``iso_local`` (without), ``iso_utc`` (without: UTC), ``epoch``, ``epoch_ms``,
    ``date``."""
    id: str | None = None
    """None: the day, of what there is once a day."""
    offset: str | None = None
    """The offset from UTC there; with ``iso_local``, the time's own. None: not told, so UTC."""
    offset_format: str = "seconds"
    """``seconds``, ``minutes``, or ``iso`` as ``+02:00``."""
    zone: str | None = None
    """The name of the time zone there, as ``Europe/Berlin``."""
    ended: str | None = None
    lasts: str | None = None
    """How long it took, where the end is not told."""
    lasts_format: str = "seconds"
    """``seconds``, ``ms``, ``minutes``, or ``iso`` as ``PT1H30M``."""
    day: str | None = None
    """The day it counts for, where the provider says."""
    day_of: str = "start"
    """``start`` or ``end``: a night counts for the day of waking."""
    value: tuple[str, ...] = ()
    """What is added up; what is not told counts nothing. Empty: its duration, if it has one."""
    divide_by: float = 1.0
    """Makes our unit of the provider's."""
    when: Conditions = ()
    """Only items that fit."""
    details: Pairs = ()
    """What else is kept: our name, which says the unit of a number, and the path."""
    numbers: Pairs = ()
    """More of it: numbers that the provider writes as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One list of records at the provider."""

    name: str
    url: str | None
    """With ``{start}`` and ``{end}`` to fill in where ``since`` has no parameter. None: its records are only pushed,
    and ``list`` is their path in a webhook's body."""
    method: str = "GET"
    scopes: tuple[str, ...] = ()
    """One of these permissions opens it. Empty: any grant does."""
    parameters: Pairs = ()
    list: str = ""
    """The path of the items; empty: the answer itself."""
    since: Since | None = None
    paging: Paging | None = None
    records: tuple[Recording, ...] = ()
