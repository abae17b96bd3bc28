"""Who asks: the two people of every request, and where it came from. Plain types, imported by every room."""

from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """What a person may do here. Ordered: a higher role may all that a lower one may."""

    USER = 0
    SUPPORT = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from, for the record: its request, network address, browser and login session."""

    request_id: str = ""
    address: str = ""
    user_agent: str = ""
    session_id: int | None = None
    """The number of the login session. None: the act came without one, as by a token or a command."""


@dataclass(frozen=True, slots=True)
class Who:
    """The actor is at the keyboard, the subject owns the data (RFC 8693 §1.1). Mostly one person.

    Data is read for the subject, permission is asked for the actor, and the record names both.
    ``actor_id`` is None for the system itself: a command of the operator, or a job.
    """

    actor_id: int | None
    subject_id: int
    origin: Origin = field(default_factory=Origin)
    access_id: int | None = None
    """The running look through the subject's eyes; None: none."""
