"""Who the log speaks of: a random reference for each person, so that a name can go and the log stay provable."""

import secrets
from collections.abc import Collection

from sqlalchemy import (
    ForeignKey,
    Insert,
    ScalarSelect,
    String,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    exists,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, changed, db, rows
from dashboard.data.events import CHAIN, EventEntry
from dashboard.data.users import User

REF_BYTES = 16


class Party(Model):
    """A person as the log names them."""

    __tablename__ = "parties"
    __table_args__ = (UniqueConstraint("user_id"),)

    ref: Mapped[str] = mapped_column(String(2 * REF_BYTES), primary_key=True)
    """128 random bits, in hex. It leads to the person through this row only."""
    user_id: Mapped[int | None] = mapped_column(Id, ForeignKey(User.id, ondelete="SET NULL"))
    """NULL: the account is gone, and the reference leads to nobody any more."""
    name: Mapped[str | None] = mapped_column(String(200))
    """The name of somebody who acted for others and whose account is gone. NULL: of anybody else."""


def refs(user_ids: Collection[int]) -> dict[int, str]:
    """The references of people by user id, made where one has none yet; who is gone is left out.

    They are held until the transaction ends, so that nobody is erased while an act of theirs is under way.
    One query, and two more the first time the log speaks of a person.
    """
    found = _known(user_ids)
    if missing := sorted(set(user_ids) - found.keys()):
        for user_id in missing:
            db.session.execute(_make(user_id))
        found |= _known(missing)
    return found


def ref_of(user_id: int) -> ScalarSelect[str]:
    """A person's reference, as a part of another query."""
    return select(Party.ref).where(Party.user_id == user_id).scalar_subquery()


def forget(ref: str) -> None:
    """Cut a reference off its person. Only of somebody who acted for others the name stays: the record is theirs too.

    The person's row must be there still.
    """
    acted = exists().where(EventEntry.chain == CHAIN, EventEntry.act == ref, EventEntry.sub != ref)
    name = select(User.name).where(User.id == Party.user_id).scalar_subquery()
    statement = update(Party).where(Party.ref == ref)
    db.session.execute(statement.values(user_id=None, name=case((acted, name))))


def remove_unnamed() -> int:
    """Remove the references of people who are gone and of whom no event speaks any more; how many there were."""
    named = exists().where(EventEntry.chain == CHAIN, EventEntry.sub == Party.ref)
    acting = exists().where(EventEntry.chain == CHAIN, EventEntry.act == Party.ref)
    return changed(delete(Party).where(Party.user_id.is_(None), ~named, ~acting))


_KNOWN = (
    select(Party.user_id, Party.ref)
    .where(Party.user_id.in_(bindparam("user_ids", expanding=True)))
    .with_for_update(read=True, key_share=True)
)


def _known(user_ids: Collection[int]) -> dict[int, str]:
    return {row.user_id: row.ref for row in rows(_KNOWN, user_ids=list(user_ids))}


def _make(user_id: int) -> Insert:
    """Of two that make one person's reference at once, the second finds the first's."""
    source = select(literal(secrets.token_hex(REF_BYTES)), User.id).where(User.id == user_id)
    if db.session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(Party).from_select(["ref", "user_id"], source).on_conflict_do_nothing()
    return postgresql.insert(Party).from_select(["ref", "user_id"], source).on_conflict_do_nothing()
