"""Why a look ended, or was refused: coded, for the record and for the page that says so."""

from enum import StrEnum


class Why(StrEnum):
    """One word each; the pages know the sentences."""

    BY_ACTOR = "by_actor"
    BY_PERSON = "by_person"
    LOGOUT = "logout"
    EXPIRED = "expired"
    ROLE_LOST = "role_lost"
    SESSION_GONE = "session_gone"
    SUBJECT_GONE = "subject_gone"
    SUBJECT_IS_STAFF = "subject_is_staff"
    SELF = "self"
    NOT_ALLOWED = "not_allowed"
    RUNNING = "running"
    TOO_MANY = "too_many"
    OFF = "off"
    STALE_LOGIN = "stale_login"
    NOT_STAFF = "not_staff"
    PASS_RAN_OUT = "pass_ran_out"  # noqa: S105 - a name, not a secret
    DEFAULT_CHANGED = "default_changed"
