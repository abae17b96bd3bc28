"""What can be measured: the unit of each kind, how a day adds up, and which picture shows it."""

from dataclasses import dataclass
from enum import StrEnum


class Adds(StrEnum):
    """How the records of one day become the day's number."""

    SUM = "sum"
    MEAN = "mean"
    LAST = "last"


class Picture(StrEnum):
    """How a kind is drawn over the days."""

    BARS = "bars"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. ``name``, ``unit`` and ``says`` are English message ids."""

    key: str
    name: str
    unit: str
    adds: Adds
    picture: Picture
    decimals: int = 0
    whole_days: bool = False
    """A record without an end tells of a whole day, so that its moment says nothing."""
    beside: str | None = None
    """The key in a record's ``details`` of a second number that belongs to it. None: one number says it."""
    says: str = ""
    """What the picture of two numbers shows."""


def N_(text: str) -> str:  # noqa: N802  Babel looks for this name
    """Mark a message id for Babel. It is translated where it is shown."""
    return text


KINDS = {
    kind.key: kind
    for kind in (
        Kind("steps", N_("Steps"), N_("steps"), Adds.SUM, Picture.BARS, whole_days=True),
        Kind("sleep", N_("Sleep"), N_("hours"), Adds.SUM, Picture.BARS, 1),
        Kind("workout", N_("Workouts"), N_("minutes"), Adds.SUM, Picture.BARS),
        Kind("weight", N_("Weight"), N_("kg"), Adds.LAST, Picture.LINE, 1),
        Kind("body_fat", N_("Body fat"), N_("%"), Adds.LAST, Picture.LINE, 1),
        Kind("heart_rate", N_("Heart rate"), N_("beats a minute"), Adds.MEAN, Picture.LINE),
        Kind(
            "blood_pressure",
            N_("Blood pressure"),
            N_("mmHg"),
            Adds.LAST,
            Picture.LINE,
            beside="diastolic",
            says=N_("The upper line is systolic, the lower one diastolic."),
        ),
        Kind("glucose", N_("Glucose"), N_("mg/dL"), Adds.MEAN, Picture.LINE),
        Kind("recovery", N_("Recovery"), N_("%"), Adds.LAST, Picture.BARS, whole_days=True),
        Kind("readiness", N_("Readiness"), N_("points"), Adds.LAST, Picture.BARS, whole_days=True),
    )
}
"""By key, in the order of pages. ``blood_pressure``: the value is systolic, ``details`` has ``diastolic``."""
