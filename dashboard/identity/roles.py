"""Roles by command of the operator. What the identity provider's claim says is another column, read at each login."""

from dashboard.data import transaction
from dashboard.data import users as data
from dashboard.events import Event, record
from dashboard.who import Role, Who


def grant(user_id: int, role: Role) -> bool:
    """Give a person a role, in force from their next request on. False: they have it by command already."""
    with transaction():
        changed = data.grant_role(user_id, int(role))
        if changed:
            record(Event.ROLE_GRANTED, Who(None, user_id), role=role.name.lower())
    return changed


def revoke(user_id: int) -> bool:
    """Take a person's role, in force from their next request on. False: they have none.

    One that the identity provider's claim gave is back at their next login, unless it was taken from them there.
    """
    with transaction():
        changed = data.take_roles(user_id)
        if changed:
            record(Event.ROLE_REVOKED, Who(None, user_id))
    return changed
