"""Who is staff, asked of the row at each act: a session that began before the role was lost proves nothing."""

from dashboard.errors import NotStaff
from dashboard.identity import directory, people
from dashboard.who import Role, Who


def require_staff(by: Who) -> Role:
    """The role of whoever is at the keyboard, as it is now. One query.

    :raises NotStaff: they are neither support nor administrator, or nobody is there.
    """
    return _require(by, Role.SUPPORT, "This is for support staff.")


def require_admin(by: Who) -> Role:
    """The same for what only an administrator may.

    :raises NotStaff: they are not.
    """
    return _require(by, Role.ADMIN, "This is for administrators.")


def _require(by: Who, least: Role, sentence: str) -> Role:
    actor = None if by.actor_id is None else people.person(by.actor_id)
    role = Role.USER if actor is None else directory.role(actor)
    if role < least:
        raise NotStaff(sentence)
    return role
