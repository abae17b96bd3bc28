"""The embedded engine: one small loop that walks the rows that are due. It is no queue, and must not become one.

It needs nothing but the database, so that SQLite and one process are enough. Any number of processes may run one: they
meet in the rows, whose leases decide.
"""

import logging
import signal
from datetime import datetime
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic

from flask import Flask

from dashboard.connections import due
from dashboard.jobs import chores, work
from dashboard.jobs.threads import Threads
from dashboard.jobs.work import Piece

POLL_SECONDS = 1.0
"""How often it looks without being woken, and how long a piece rests that was just done and is due still."""
AGAIN_SECONDS = 10
"""How long it rests where the database can't be read."""
STOP_SECONDS = 5.0
"""How long it waits, when it is stopped, for what it has begun."""
AHEAD = 4
"""So many pieces a thread are put in line at a time; what is behind them may yet be done by somebody else."""
log = logging.getLogger(__name__)


class Loop:
    """The engine in this process. Made with the app, and silent until it is started."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._count: int = app.config["ENGINE_THREADS"]
        self._lock = Lock()
        self._taken: set[Piece] = set()
        """In line or under way."""
        self._again: set[Piece] = set()
        """Became due anew while it was taken."""
        self._resting: dict[Piece, float] = {}
        self._woken = Event()
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to work, in threads of its own. To be called after a server has forked."""
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no new work, and wait for what is under way. What is not done within seconds is handed back."""
        if self._thread is None:
            return
        self._stopping.set()
        self._woken.set()
        self._thread.join(2 * STOP_SECONDS)
        self._thread = None

    def run(self) -> None:
        """Work in the foreground until SIGTERM or SIGINT."""
        with self._app.app_context():
            chores.plan()  # whoever lacks a database or its tables is told so at once
        ended = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        self.start()
        while not ended.wait(POLL_SECONDS) and self._thread and self._thread.is_alive():
            pass
        self.stop()

    def workers_alive(self) -> None:
        """Nobody counts who runs a loop."""

    def tell(self, piece: Piece, at: datetime) -> None:
        """A row becomes due, in the unit of work that is open: wake when it is committed. Elsewhere a poll finds it."""
        if self._thread is None or not work.is_now(at):
            return
        with self._lock:
            self._resting.pop(piece, None)
            if piece in self._taken:
                self._again.add(piece)
        due.after_commit(self._woken.set)

    def _run(self) -> None:
        # The clock has a thread of its own: slow providers must not make it late.
        threads, clock = Threads(self._count), Threads(1)
        planned = False
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                with self._app.app_context():
                    planned = planned or self._plan()
                    self._walk(threads, clock)
                self._woken.wait(POLL_SECONDS)
            except Exception:
                log.exception("The engine can't read what is due; it tries again in %d seconds.", AGAIN_SECONDS)
                self._stopping.wait(AGAIN_SECONDS)
        self._end(threads, clock)

    def _plan(self) -> bool:
        chores.plan()
        return True

    def _walk(self, threads: Threads, clock: Threads) -> None:
        """Put what is due in line, as far as it is not there yet."""
        waiting = work.waiting(limit=self._count * AHEAD * 2)
        with self._lock:
            self._resting = {piece: until for piece, until in self._resting.items() if until > monotonic()}
            free = [piece for piece in waiting if piece not in self._taken and piece not in self._resting]
            next_ones = free[: max(0, self._count * AHEAD - len(self._taken))]
            self._taken.update(next_ones)
        for piece in next_ones:
            (clock if piece.kind == "chore" else threads).do(partial(self._do, piece))

    def _do(self, piece: Piece) -> None:
        try:
            if not self._stopping.is_set():
                work.do(self._app, piece)
        finally:
            with self._lock:
                self._taken.discard(piece)
                if piece in self._again:
                    self._again.discard(piece)
                else:
                    self._resting[piece] = monotonic() + POLL_SECONDS
                few = len(self._taken) <= self._count
            if few:
                self._woken.set()

    def _end(self, threads: Threads, clock: Threads) -> None:
        if threads.end(seconds=STOP_SECONDS) and clock.end(seconds=POLL_SECONDS):
            return
        with self._lock:
            begun = set(self._taken)
        work.hand_back(self._app, begun)
