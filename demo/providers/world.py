"""What the simulated third parties remember: grants, records made by hand, faults, counts. In memory, or in a file."""

import json
import math
import os
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.providers import life
from demo.providers.accounts import account_of
from demo.providers.faults import Faults
from demo.providers.grants import Code, Grant, Grants
from demo.providers.life import Event, What
from demo.providers.log import Log
from demo.providers.subscriptions import Subscription, Subscriptions

FILE = "third-parties.json"


class World:
    """The one state of the process. Whoever reads or changes it holds ``lock``.

    :param folder: keeps grants and records over a restart; None: nothing is kept.
    :param skew_seconds: how far the clock of all third parties is ahead of ours.
    :param has_ada: the app has the demo's people, so that Ada has given it grants already.
    """

    def __init__(self, folder: Path | None = None, *, skew_seconds: float = 0, has_ada: bool = False) -> None:
        self.lock = threading.RLock()
        self._file = folder / FILE if folder else None
        self._skew = skew_seconds
        self.has_ada = has_ada
        self._kept = ""
        self._awake = threading.Event()
        self.begin()
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._read(json.loads(self._file.read_text()))

    def begin(self) -> None:
        """Forget everything, and let go whoever is being kept waiting."""
        self._awake.set()
        self._awake = threading.Event()
        self.forward_seconds = 0.0
        self.grants = Grants()
        self.nonces: dict[str, float] = {}
        self.registered: dict[tuple[str, str], float] = {}
        """By type and account: since when somebody is registered, where that is a step of its own."""
        self.made: dict[tuple[str, str], list[Event]] = {}
        self.coming: list[tuple[str, str, str]] = []
        """Type, event and account of notices that follow by themselves, to be sent when the answer is out."""
        self.subscriptions = Subscriptions()
        self.listeners: dict[str, str] = {}
        """By type: where the app takes notices, as a control call said."""
        self.faults: dict[str, Faults] = {}
        self.logs: dict[str, Log] = {}

    def begin_one(self, type: str) -> None:
        """Forget everything about one third party."""
        self.grants.all = [grant for grant in self.grants.all if grant.type != type]
        self.grants.codes = {text: code for text, code in self.grants.codes.items() if code.type != type}
        self.registered = {key: since for key, since in self.registered.items() if key[0] != type}
        self.made = {key: made for key, made in self.made.items() if key[0] != type}
        self.subscriptions.all = [each for each in self.subscriptions.all if each.type != type]
        self.faults.pop(type, None)
        self.logs.pop(type, None)

    def faults_of(self, type: str) -> Faults:
        return self.faults.setdefault(type, Faults())

    def log_of(self, type: str) -> Log:
        return self.logs.setdefault(type, Log())

    def now(self, type: str) -> float:
        """Seconds since 1970 by a third party's clock."""
        minutes = self.faults_of(type).value("clock", "minutes")
        return time.time() + self._skew + self.forward_seconds + minutes * 60

    def moment(self, type: str) -> datetime:
        """The same, as a datetime."""
        return datetime.fromtimestamp(self.now(type), UTC)

    def wait(self, seconds: float) -> None:
        """Keep somebody waiting, at most until the next :meth:`begin`. Not under the lock."""
        self._awake.wait(seconds)

    def events(self, grant: Grant, what: What, since: datetime | None = None) -> list[Event]:
        """What a third party knows of a grant's account by now, oldest first, with every misbehaviour asked for."""
        faults = self.faults_of(grant.type)
        now = self.moment(grant.type)
        until = now - timedelta(minutes=faults.value("late", "minutes"))
        by_hand = [event for event in self.made.get((grant.type, grant.account), ()) if event.what is what]
        account = account_of(grant.account)
        found = [] if grant.mood == "quiet" else life.events(account, what, now=until, since=since)
        found = sorted([*found, *by_hand], key=lambda event: event.start)
        return [event for event in found for _ in range(2)] if "duplicate" in faults.all else found

    def make(self, type: str, account: str, what: What, *, count: int = 1, days_ago: float = 0) -> list[Event]:
        """Let something happen now, or some days ago though it is known only now."""
        now = self.moment(type)
        made = self.made.setdefault((type, account), [])
        start = now - timedelta(days=days_ago, hours=8 if what is What.NIGHT else 0, minutes=1)
        for _ in range(count):
            number = len(made)
            made.append(life.made_by_hand(what, start=start - timedelta(minutes=number), now=now, number=number))
        return made[-count:]

    def later(self, type: str, event: str, account: str) -> None:
        """A notice follows by itself."""
        self.coming.append((type, event, account))

    def keep(self) -> None:
        """Write what should outlive a restart, if it changed."""
        if self._file is None:
            return
        text = json.dumps(self._as_json(), indent=1)
        if text != self._kept:
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_text(text)
            draft.replace(self._file)
            self._kept = text

    def _as_json(self) -> dict[str, Any]:
        made = [
            asdict(event) | {"type": type, "account": account}
            | {name: getattr(event, name).isoformat() for name in ("start", "end", "known_at")}
            for (type, account), events in self.made.items() for event in events
        ]  # fmt: skip
        registered = [[*key, since] for key, since in self.registered.items()]
        codes = {text: vars(code) for text, code in self.grants.codes.items()}
        kept = {"grants": self.grants.as_json(), "codes": codes, "registered": registered, "made": made}
        return kept | {"subscriptions": self.subscriptions.as_json()}

    def _read(self, kept: dict[str, Any]) -> None:
        for grant in kept["grants"]:
            ends = {token: math.inf if end >= 1e12 else end for token, end in grant["refresh"].items()}
            self.grants.all.append(Grant(**grant | {"refresh": ends}))
        self.grants.codes = {text: Code(**code) for text, code in kept["codes"].items()}
        self.registered = {(type, account): since for type, account, since in kept["registered"]}
        self.subscriptions.all = [Subscription(**each) for each in kept.get("subscriptions", ())]
        for event in kept["made"]:
            key = event.pop("type"), event.pop("account")
            times = {name: datetime.fromisoformat(event[name]) for name in ("start", "end", "known_at")}
            self.made.setdefault(key, []).append(Event(**event | times | {"what": What(event["what"])}))
