"""How the way to a provider and back can end without a connection: each ending is an error of its own."""

from dashboard.errors import Refused
from dashboard.providers import ConnectionType
from dashboard.providers.failures import Failure


class Trouble(Refused):
    """No connection came of it, and none was changed.

    ``type`` is what was to be connected, None where that is not known; ``connection_id`` what was to be renewed.
    """

    sentence = "No connection was made."

    def __init__(self, type: ConnectionType | None = None, *, connection_id: int | None = None) -> None:
        self.type = type
        self.connection_id = connection_id
        super().__init__(self.sentence)


class NotAvailable(Trouble):
    """The type can't be connected here: retired, unknown, or without credentials."""

    status = 409
    sentence = "This type can't be connected here at the moment."


class UnknownState(Trouble):
    """Nothing was begun here that this answers to."""

    sentence = "The state is unknown here."


class OtherPerson(Trouble):
    """Somebody else began it."""

    status = 403
    sentence = "Another person began this."


class OtherSession(Trouble):
    """The person began it in another login session."""

    status = 403
    sentence = "This was begun in another login session."


class Expired(Trouble):
    """The answer came too late."""

    sentence = "The state has expired."


class Replayed(Trouble):
    """The state was spent before. ``made_connection_id``: what came of it, and is there still; None: nothing."""

    status = 409
    sentence = "The state was used already."

    def __init__(
        self, type: ConnectionType, *, connection_id: int | None = None, made_connection_id: int | None = None
    ) -> None:
        super().__init__(type, connection_id=connection_id)
        self.made_connection_id = made_connection_id


class Declined(Trouble):
    """The person said no at the provider (``access_denied``, RFC 6749 section 4.1.2.1)."""

    sentence = "Permission was not given."


class ProviderSaid(Trouble):
    """The provider sent the person back with another error, or with no code. ``said`` is that error."""

    status = 502
    sentence = "The provider sent an error back."

    def __init__(self, type: ConnectionType, said: str, *, connection_id: int | None = None) -> None:
        super().__init__(type, connection_id=connection_id)
        self.said = said


class ProviderFailed(Trouble):
    """The provider failed while the grant was fetched. ``failure`` says how."""

    status = 502
    sentence = "The provider failed."

    def __init__(self, type: ConnectionType, failure: Failure, *, connection_id: int | None = None) -> None:
        super().__init__(type, connection_id=connection_id)
        self.failure = failure


class NoPermission(Trouble):
    """Nothing that a record could come by was permitted. The grant is given back."""

    status = 409
    sentence = "No permission was given that records could come by."


class AccountTaken(Trouble):
    """Another person here has connected this account."""

    status = 409
    sentence = "The account is connected here by another person."


class EndsNow(Trouble):
    """The provider, which ends all grants of an account together, was told of an earlier one's end since this grant was
    asked for, or is being told. So this one may be dead: it is given back.
    """

    status = 409
    sentence = "The provider was told of an earlier grant's end since this one was asked for."


class OtherAccount(Trouble):
    """A reconnect came back with another account. The grant waits as ``request_id`` for the person's word."""

    status = 409
    sentence = "This is another account than the connection's."

    def __init__(
        self, type: ConnectionType, *, connection_id: int, request_id: int, account: str | None, known: str | None
    ) -> None:
        super().__init__(type, connection_id=connection_id)
        self.request_id = request_id
        self.account = account
        """The account that came, in the person's words. None: it has no name."""
        self.known_account = known
        """The account of the connection. None: it has no name."""
