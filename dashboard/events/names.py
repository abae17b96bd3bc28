"""The closed list of what can happen. A name, once written, is never changed: the log holds it for years."""

from enum import StrEnum


class Event(StrEnum):
    """``thing.happened``. Each has its sentence on the activity page, held by a test."""

    LOGIN_STARTED = "login.started"
    LOGIN_ENDED = "login.ended"
    LOGIN_ENDED_BY_PROVIDER = "login.ended_by_provider"
    LOGINS_ENDED = "login.others_ended"
    CONNECTION_IMPORTED = "connection.imported"
    CONNECTION_MADE = "connection.made"
    CONNECTION_RENEWED = "connection.renewed"
    CONNECTION_REFUSED = "connection.refused"
    CONNECTION_ENDED = "connection.ended"
    SYNC_REQUESTED = "connection.sync_requested"
    REVOCATION_CONFIRMED = "revocation.confirmed"
    REVOCATION_GIVEN_UP = "revocation.given_up"
    TOKEN_MADE = "token.made"  # noqa: S105 - a name, not a secret
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    SETTINGS_CHANGED = "account.settings_changed"
    DATA_DOWNLOADED = "account.data_downloaded"
    ACCOUNT_DELETED = "account.deleted"
    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    ACCESS_STARTED = "access.started"
    ACCESS_VIEWED = "access.viewed"
    ACCESS_REFUSED = "access.refused"
    ACCESS_ENDED = "access.ended"
    USER_SEARCHED = "user.searched"
    CASE_READ = "case.read"
    SUPPORT_SETTING_CHANGED = "account.support_setting_changed"
    SUPPORT_PASS_GIVEN = "account.support_pass_given"  # noqa: S105 - a name, not a secret
    SUPPORT_PASS_WITHDRAWN = "account.support_pass_withdrawn"  # noqa: S105
    MAIL_SENT = "mail.sent"
    MAILS_STOPPED = "connection.mails_stopped"
    MAILS_RESUMED = "connection.mails_resumed"
    LOG_STARTED = "log.started"
    LOG_READ = "log.read"
    LOG_EXPORTED = "log.exported"
    LOG_PRUNED = "log.pruned"
    PERSON_ERASED = "person.erased"


NAMING_OTHERS = (Event.USER_SEARCHED, Event.LOG_READ, Event.LOG_EXPORTED)
"""Events about one person, the searching member of staff, whose details may name others."""


class Outcome(StrEnum):
    """How an act went."""

    SUCCESS = "success"
    REFUSED = "refused"
    FAILED = "failed"
