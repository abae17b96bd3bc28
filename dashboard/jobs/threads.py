"""A few threads that work a line off, and that the process need not wait for when it ends."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from time import monotonic

Call = Callable[[], None]


class Threads:
    """So many threads, each doing one call at a time, in the order they came.

    Not :class:`concurrent.futures.ThreadPoolExecutor`: its threads keep a process alive until they are done, however
    long a provider takes to answer. Here :meth:`end` says how long to wait.
    """

    def __init__(self, count: int) -> None:
        self._line: SimpleQueue[tuple[Future[None], Call] | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"engine-{n + 1}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def do(self, call: Call) -> Future[None]:
        """Put a call in the line. The future has what came of it."""
        future: Future[None] = Future()
        self._line.put((future, call))
        return future

    def end(self, *, seconds: float) -> bool:
        """Wait until all calls are done, so long at most. False: some still run, and go on without us."""
        for _ in self._threads:
            self._line.put(None)
        until = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (given := self._line.get()) is not None:
            future, call = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
