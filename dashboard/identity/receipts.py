"""Receipts: proof that a page once showed a thing to its owner.

Of a row that is gone nobody can say whose it was. With the receipt from the form, a second click on "End" gets a calm
answer; without it, what is gone and what is someone else's stay the same 404, and no id can be probed.
"""

import hashlib
import hmac

from flask import current_app


def receipt(thing: str, thing_id: int, *, owner_id: int) -> str:
    """What a form carries along: HMAC-SHA256 under SECRET_KEY of the thing and its owner."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"receipt {thing} {thing_id} {owner_id}".encode(), hashlib.sha256).hexdigest()


def is_receipt(sent: str, thing: str, thing_id: int, *, owner_id: int) -> bool:
    """Whether a form carried the receipt of just this thing, given to just this person."""
    return hmac.compare_digest(sent.encode(), receipt(thing, thing_id, owner_id=owner_id).encode())
