"""kill -9 at random points over hundreds of syncs: nothing is lost, nothing is doubled, nothing is spent twice."""

from collections.abc import Callable
from random import Random
from threading import Event
from time import monotonic
from typing import Any

from sqlalchemy import text, update

from dashboard.connections import due, revocation
from dashboard.data import db, transaction
from dashboard.data.revocations import Revocation
from dashboard.who import Who
from tests.jobs.conftest import TYPES, Herd, connect, make_due, rows, scalar, until
from tests.servers.third_parties import ThirdParties

SYNCS = {"postgresql": 200, "sqlite": 40}
CONNECTIONS, CUT = 20, 8
LIFE = (6, 30)
"""After so many syncs a worker is killed, and somewhere in the next."""
SECONDS_MORE = 0.15
DONE = "SELECT count(*) FROM sync_runs WHERE outcome IN ('records', 'nothing')"
_pause = Event()


class Chaos:
    """Workers that are killed, one after the other, while connections become due and are cut."""

    def __init__(self, workers: Herd, third_parties: ThirdParties, by: Who, to_cut: list[Any]) -> None:
        self._workers, self._third_parties, self._by, self._to_cut = workers, third_parties, by, to_cut
        self._chance = Random()
        self.kills = 0
        self.interrupted: set[str] = set()
        """The accounts that a worker was at when it was killed."""

    def go_on_until(self, done: Callable[[], bool]) -> None:
        """Kill, and start anew."""
        end = monotonic() + 90
        while not done():
            assert monotonic() < end, f"{scalar(DONE)} syncs after {self.kills} kills"
            pid, enough = self._workers.start(), scalar(DONE) + self._chance.randint(*LIFE)
            until(
                lambda enough=enough: self._keep_busy() or scalar(DONE) >= enough or done(),
                "it works",
                seconds=40,
                pause=0.05,
            )
            _pause.wait(self._chance.uniform(0, SECONDS_MORE))
            self._workers.kill(pid)
            self._note()

    def _keep_busy(self) -> None:
        """Make due what was synced, with news at its provider and more room in its rate limit; now and then cut one."""
        _make_room()
        idle = f"lease_key IS NULL AND next_sync_at > {_now()} AND failure_count = 0"
        for each in rows(f"SELECT id, type, account FROM connections WHERE {idle}"):
            self._third_parties.control(each.type, happen={"account": each.account})
            make_due(each.id)
        if self._to_cut and self._chance.random() < 0.1:
            revocation.disconnect(self._to_cut.pop().id, by=self._by, keep_records=True)

    def _note(self) -> None:
        """What had a lease when its worker was killed. No other worker runs then."""
        self.kills += 1
        for table in ("connections", "revocations"):
            held = rows(f"SELECT account FROM {table} WHERE lease_key IS NOT NULL")
            self.interrupted.update(each.account for each in held)


def test_no_record_no_refresh_token_and_no_revocation_is_lost(
    user: Any, third_parties: ThirdParties, herd: Callable[..., Herd], database: str
) -> None:
    made = [connect(third_parties, user, type=TYPES[n % 2], account=f"kill-{n}") for n in range(CONNECTIONS + CUT)]
    workers = herd(LEASE_SECONDS="2", ENGINE_THREADS="3")
    chaos = Chaos(workers, third_parties, Who(user.id, user.id), made[CONNECTIONS:])
    make_due(*[each.id for each in made])

    chaos.go_on_until(lambda: scalar(DONE) >= SYNCS[database] and not chaos._to_cut)

    workers.start()
    until(lambda: not scalar(f"SELECT count(*) FROM connections WHERE next_sync_at <= {_now()}"), "all syncs are done")
    until(lambda: _hurry() or not scalar("SELECT count(*) FROM revocations WHERE due_at IS NOT NULL"), "all are told")
    lost = _spent_twice(third_parties)
    assert chaos.kills >= SYNCS[database] // LIFE[1]
    assert lost <= chaos.interrupted, "a refresh token was spent twice, and no kill explains it"
    assert {each.account for each in rows("SELECT account FROM connections WHERE failure_code IS NOT NULL")} <= lost
    assert _told(third_parties) | lost >= {each.account for each in made[CONNECTIONS:]}
    assert scalar("SELECT count(*) FROM revocations WHERE due_at IS NULL AND access_token IS NULL") == CUT
    assert {each.account for each in rows("SELECT account FROM revocations WHERE done_at IS NULL")} <= lost
    _sync_once_more()
    kept = _records()
    _import_anew()
    assert kept == _records(), "what came in pieces is what comes at once"


def _make_room() -> None:
    """Let the rate limits begin anew, one by one: a worker holds several."""
    for window in rows("SELECT type, seconds FROM provider_windows"):
        one = "DELETE FROM provider_windows WHERE type = :type AND seconds = :seconds"
        db.session.execute(text(one), window._asdict())


def _hurry() -> None:
    """Don't wait for the next minute where a rate limit put a revocation off."""
    _make_room()
    with transaction():
        put_off = update(Revocation).where(Revocation.due_at > due.now(), Revocation.lease_key.is_(None))
        db.session.execute(put_off.values(due_at=due.now()))


def _now() -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')" if db.engine.dialect.name == "sqlite" else "clock_timestamp()"


def _spent_twice(third_parties: ThirdParties) -> set[str]:
    """The accounts one of whose refresh tokens was used again after it had been spent."""
    found = set()
    for type in TYPES:
        spent = third_parties.log(type)["spent_twice"]
        found |= {each["account"] for each in third_parties.grants(type) if spent.keys() & set(each["spent"])}
    return found


def _told(third_parties: ThirdParties) -> set[str]:
    """The accounts whose grants we ended."""
    return {each["account"] for type in TYPES for each in third_parties.grants(type) if each["revoked"] == "app"}


def _records() -> set[tuple[Any, ...]]:
    """What is stored of the connections that can still be synced, each record once.

    Of the last two days only what this test let happen, and nothing of the first ones: time goes on meanwhile.
    """
    today = due.now().toordinal()
    found = rows(
        "SELECT r.connection_id, r.kind, r.provider_id, r.measured_at, r.value"
        " FROM records r JOIN connections c ON c.id = r.connection_id"
        " WHERE c.failure_count = 0 AND r.day > :first AND (r.day < :yesterday OR r.value IN (30, 71, 24))",
        first=today - 80,
        yesterday=today - 1,
    )
    assert len({row[:3] for row in found}) == len(found), "a record is stored twice"
    return {tuple(row) for row in found}


def _import_anew() -> None:
    """Forget all records, and fetch them at once."""
    with transaction():
        db.session.execute(text("DELETE FROM records"))
        db.session.execute(text("UPDATE connections SET cursors = '{}', last_sync_at = NULL"))
    _sync_once_more()


def _sync_once_more() -> None:
    """Sync what can be synced without anybody being killed: what was read halfway is read to its end first."""
    good = [each.id for each in rows("SELECT id FROM connections WHERE failure_count = 0")]
    _make_room()
    before = scalar(DONE)
    make_due(*good)
    until(lambda: scalar(DONE) >= before + len(good), "all are synced")
    until(lambda: not scalar(f"SELECT count(*) FROM connections WHERE next_sync_at <= {_now()}"), "to the end")
