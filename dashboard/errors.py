"""What the rules refuse, in words. A door turns ``status`` into a page or a JSON document."""


class Refused(Exception):
    """The rules say no. The message is one plain English sentence without secrets, fit for an API client."""

    status = 400


class NoSuchConnection(Refused):
    """It is missing, or someone else's. The two are never told apart: what you don't own, you can't probe."""

    status = 404

    def __init__(self, connection_id: int | str) -> None:
        super().__init__(f"remote_user_id {connection_id} could not be found.")


class NoSuchThing(Refused):
    """A login session or an API token that is missing, or someone else's."""

    status = 404


class NotFresh(Refused):
    """The act needs what the form did not say, for example the typed confirmation before an account is deleted."""

    status = 422


class NotOffered(Refused):
    """A value that is not among what may be chosen, for example a time zone that nobody knows."""

    status = 422


class NotStaff(Refused):
    """Only support staff or administrators may, and the actor is not one at this moment."""

    status = 403
