"""What an entry calls a connection."""

from dashboard import providers
from dashboard.connections.past import Past
from dashboard.pages.accounts import connection_name


def called(connection_id: int, past: Past, *, type: str = "") -> str:
    """The provider's name, with the account where there are several of its type. Empty: nothing is known of it.

    :param type: the key of its type, where the entry says it itself.
    """
    known = past.known(connection_id)
    key = type or (known.type if known else "")
    if not key:
        return ""
    name = providers.get(key).name
    if known is None or key not in past.repeated:
        return name
    return connection_name(name, known.account, known.remote_account_id)
