"""Finding people among a million: a narrow table of folded words, read in the order of its key and nothing else."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Subquery, and_, delete, exists, func, insert, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, db
from dashboard.data.folding import KEY_LENGTH, search_key, words
from dashboard.data.revocations import Revocation
from dashboard.data.users import User

Key = String(KEY_LENGTH).with_variant(String(KEY_LENGTH, "C"), "postgresql")
"""In byte order, which is SQLite's own and Python's: a search by how a key begins needs it."""
LAST_LETTER = "\U0010ffff"
WALK = 5000
"""How many keys a search reads at most. Whoever types what more people have must type more."""


class PersonKey(Model):
    """A word that a person is found by: of their name or username, their mail address, a word of its local part."""

    __tablename__ = "person_keys"
    __table_args__ = (Index(None, "user_id", "key"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(Key, primary_key=True)
    """Folded by :func:`search_key`."""
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)


class FoundRow(NamedTuple):
    """A person as a list of found people shows them."""

    id: int
    name: str
    email: str
    username: str
    claimed_role: int
    granted_role: int
    connection_count: int


def person_keys(*texts: str) -> set[str]:
    """What a person with this name, mail address and username is found by. Of a mail's domain no word is kept."""
    keys = set()
    for part in (part for text in texts for part in search_key(text).split()):
        if "@" in part:
            keys.add(part)
        keys.update(words(part.partition("@")[0]))
    return keys


def index_person(user_id: int, *, name: str, email: str, username: str) -> None:
    """Make a person findable by what they are called now, and by nothing else. Inside the caller's transaction.

    One query, and a write only where something changed. The caller holds the person's row, by making or changing it.
    """
    wanted = person_keys(name, email, username)
    own = PersonKey.user_id == user_id
    stored = {row[0] for row in db.session.execute(select(PersonKey.key).where(own))}
    if gone := stored - wanted:
        db.session.execute(delete(PersonKey).where(own, PersonKey.key.in_(gone)))
    if new := wanted - stored:
        db.session.execute(insert(PersonKey), [{"key": key, "user_id": user_id} for key in sorted(new)])


def spread(word: str, *, whole: bool = False) -> int:
    """How many keys begin with a folded word, counted up to ``WALK``. One query on the primary key.

    :param whole: only keys that are the word.
    """
    walked = _walk(word, whole)
    return int(db.session.execute(select(func.count()).select_from(walked)).scalar_one())


def people_with(word: str, *, others: Collection[str] = (), whole: bool = False, limit: int) -> list[int]:
    """The people who have a key that begins with a folded word, and for each other word one that begins with it.

    The exact hits come first, then by key and id. One query: the primary key is read from the word on, ``WALK`` keys at
    most, and ``ix_person_keys_user_id_key`` for each other word.

    :param whole: only keys that are the word.
    """
    found = _walk(word, whole)
    statement = select(found.c.user_id, func.min(found.c.key).label("best")).group_by(found.c.user_id)
    for other in others:
        also = aliased(PersonKey)
        statement = statement.where(exists().where(also.user_id == found.c.user_id, _begins(also.key, other)))
    rows = db.session.execute(statement.order_by("best", found.c.user_id).limit(limit))
    return [row[0] for row in rows]


def _walk(word: str, whole: bool) -> Subquery:
    """The first keys in the order of the primary key; it is the order that makes PostgreSQL read that, and no more."""
    led = PersonKey.key == word if whole else _begins(PersonKey.key, word)
    walked = select(PersonKey.key, PersonKey.user_id).where(led).order_by(PersonKey.key, PersonKey.user_id)
    return walked.limit(WALK).subquery()


def _begins(key: ColumnElement[str] | Mapped[str], word: str) -> ColumnElement[bool]:
    """The same on both databases, and no letter of the word is a wildcard."""
    return and_(key >= word, key < word + LAST_LETTER)


def person_with_id(user_id: int) -> list[int]:
    """The person with this id, if there is one. By primary key."""
    return list(db.session.execute(select(User.id).where(User.id == user_id)).scalars())


def owner_of(connection_id: int) -> list[int]:
    """Whose connection this is or, once it has ended, was. Each half by a unique index."""
    is_theirs = select(Connection.user_id).where(Connection.id == connection_id)
    was_theirs = select(Revocation.user_id).where(Revocation.connection_id == connection_id)
    rows = db.session.execute(is_theirs.union_all(was_theirs.where(Revocation.user_id.is_not(None))))
    return [row[0] for row in rows]


def people_with_account(key: str, *, limit: int) -> list[int]:
    """Who connected this account at a provider, by its folded name. On ``ix_connections_account_key_user_id``."""
    return _owners_where(Connection.account_key == key, limit)


def people_with_account_id(account_id: str, *, limit: int) -> list[int]:
    """Who connected the account that a provider, whichever, calls so: the same letters, capitals too.

    On ``ix_connections_remote_account_id_user_id``.
    """
    return _owners_where(Connection.remote_account_id == account_id, limit)


def _owners_where(matches: ColumnElement[bool], limit: int) -> list[int]:
    statement = select(Connection.user_id).where(matches).distinct()
    return list(db.session.execute(statement.order_by(Connection.user_id).limit(limit)).scalars())


def found_people(user_ids: Sequence[int]) -> dict[int, FoundRow]:
    """What the list shows of these people, by id; who is gone meanwhile is left out. One query, by primary key."""
    if not user_ids:
        return {}
    count = select(func.count()).where(Connection.user_id == User.id).correlate(User).scalar_subquery()
    columns = (getattr(User, name) for name in FoundRow._fields[:-1])
    rows = db.session.execute(select(*columns, count).where(User.id.in_(user_ids)))
    return {row[0]: FoundRow._make(row) for row in rows}
