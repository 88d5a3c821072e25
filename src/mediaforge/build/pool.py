"""Isolated processes for files that may crash, hang or bloat whoever reads them.

One process and one socket a slot, nothing shared between slots: EOF is a death, silence beyond the deadline a hang.
Answers come one a file, so that the file in work is always known and a death costs that file alone. It is then a
suspect: it is tried again alone in a fresh process, and only when that dies too is it called guilty.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

from mediaforge.build.frames import take
from mediaforge.errors import MediaForgeError
from mediaforge.model import Failure
from mediaforge.scanned import Failed

log = logging.getLogger(__name__)

_STARTS = 10  # a process that is killed while it starts is bad luck, ten in a row are not
_START_SECONDS = 60.0  # importing the readers takes 0.2 s, and much longer from a cold disk on a busy machine
_DYING_SECONDS = 2.0  # a killed process that is still there then hangs in the kernel, on a dead share or disk
_CLOSING_SECONDS = 0.5
_POLL_SECONDS = 0.005  # asyncio's own child watcher starts a thread for each process on Python 3.11
_PIECE = 2**18  # bytes that are taken off a socket at once, and
_PAUSE = 0.003  # seconds for more to come: being woken for each answer costs both sides more than making it
_FILES_A_WORKER = 5_000  # then a fresh one, so that what a reader leaks stays bounded

# How often a suspect is tried alone. SIGKILL comes from outside (the kernel short of memory, a person), and may well
# strike an innocent twice; a crash or an overrun is the file's own doing.
_TRIALS = {Failure.OUT_OF_MEMORY: 3}


class Pool:
    """Up to `slots` processes that run `work` (`package.module:function`) on one payload after the other.

    `deadline` is in seconds for each payload, `memory_limit` in bytes for each process. Processes start when there
    is work for them, or is soon to be (`prepare`). Leaving the `async with` kills them all, and never waits for one that hangs.
    """

    def __init__(
        self,
        work: str,
        *,
        slots: int,
        deadline: float,
        memory_limit: int | None = None,
        recycle: int = _FILES_A_WORKER,
    ) -> None:
        self._work, self._deadline, self._memory, self._recycle = work, deadline, memory_limit or 0, recycle
        self.slots, self._free = slots, asyncio.Semaphore(slots)
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._ahead: list[asyncio.Task[_Worker | None]] = []  # that were started before there was work for them
        self._aborted = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()
        await asyncio.gather(*self._ahead, return_exceptions=True)  # nobody came for them
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):  # runs that nobody waits for see that their process is dead
                for _ in range(self.slots):
                    await self._free.acquire()
        except TimeoutError:
            pass  # one is held up by whoever receives its answers
        await asyncio.gather(*(worker.gone(_CLOSING_SECONDS) for worker in self._workers))
        for worker in self._workers:
            worker.close()

    def abort(self) -> None:
        """Kill every process at once; every `run` returns without the answers that had not come."""
        self._aborted.set()
        for worker in self._workers:
            worker.kill()

    def prepare(self, processes: int, expecting: Sequence[str] = ()) -> None:
        """Start up to so many processes, one a slot, before there is work for them: starting takes longer than most files.

        Each hands `expecting`, words of the work's own, to the function `prepare` beside it.
        """
        some = min(processes, self.slots)
        log.debug("%d processes start ahead of their work, expecting %s", some, ", ".join(expecting) or "nothing much")
        for _ in range(some):
            self._ahead.append(asyncio.create_task(self._started(expecting)))

    async def run(
        self,
        payloads: Sequence[object],
        received: Callable[[int, object], Awaitable[None]],
        started: Callable[[int], None] = lambda _index: None,
    ) -> None:
        """Run the work on `payloads`, in one process unless it dies.

        `started` hears the index of the payload in work, `received` the index and its value or Failed, in order.
        Raises MediaForgeError when no process can be started.
        """
        todo, trials = deque(enumerate(payloads)), 0
        async with self._free:
            while todo and (worker := await self._worker(fresh=trials > 0)):
                lost = await self._serve(worker, todo, 1 if trials else len(todo), received, started)
                if self._aborted.is_set():
                    return
                if lost is None:
                    trials = 0
                elif trials < _TRIALS.get(lost.reason, 1):
                    trials += 1
                    log.debug("%r lost its worker (%s): it is tried alone", todo[0][1], lost.reason)
                else:
                    index, payload = todo.popleft()
                    trials = 0
                    log.debug("%r is given up: %s", payload, lost.message)
                    await received(index, lost)

    async def _serve(
        self,
        worker: _Worker,
        todo: deque[tuple[int, object]],
        count: int,
        received: Callable[[int, object], Awaitable[None]],
        started: Callable[[int], None],
    ) -> Failed | None:
        """Take the first `count` of `todo` off it as they are answered, and tell how the first of it lost its worker."""
        try:
            await worker.send([payload for _, payload in islice(todo, count)])
            for _ in range(count):
                started(todo[0][0])
                value = await worker.receive(self._deadline)
                if isinstance(value, Failed) and value.reason is Failure.OUT_OF_MEMORY:
                    await self._dismiss(worker, value.message)
                    return value  # perhaps what earlier files left behind
                index, _ = todo.popleft()
                await received(index, value)
        except _Silent:
            message = f"was not read within {self._deadline:g} s"
            return Failed(Failure.TIMED_OUT, message + await self._dismiss(worker, message))
        except _Dead:
            await worker.gone(_CLOSING_SECONDS)  # of itself: killed by us, it would not tell what ended it
            reason, message = worker.cause()
            return Failed(reason, message + await self._dismiss(worker, message))
        except BaseException:
            worker.kill()
            raise
        if worker.served < self._recycle:
            self._idle.append(worker)
        else:
            await self._dismiss(worker, "it has read enough")
        return None

    async def _worker(self, *, fresh: bool) -> _Worker | None:
        """Return a process that is ready, or None once the pool is aborted."""
        while self._idle and not fresh and not self._aborted.is_set():
            worker = self._idle.pop()
            if worker.process.poll() is None:
                return worker
            await self._dismiss(worker, "it died while it was idle")
        if self._ahead and not fresh:
            return await self._ahead.pop()
        return await self._started()

    async def _started(self, expecting: Sequence[str] = ()) -> _Worker | None:
        """Start a process and return it once it is ready, or None once the pool is aborted."""
        for _ in range(_STARTS):
            if self._aborted.is_set():
                return None
            worker = _Worker(self._work, self._deadline, self._memory, expecting)
            self._workers.add(worker)
            try:
                complaint = await worker.receive(_START_SECONDS)
            except _Dead:
                await self._dismiss(worker, "it died while it started")
                continue
            except _Silent:
                await self._dismiss(worker, "it did not start in time")
                break
            if complaint is None:
                log.debug("worker %d started: %s", worker.process.pid, self._work)
                return worker
            raise MediaForgeError(f"the reader '{self._work}' cannot be loaded: {complaint}")
        if self._aborted.is_set():
            return None
        raise MediaForgeError(f"the reader '{self._work}' does not start; is there enough memory?")

    async def _dismiss(self, worker: _Worker, why: str) -> str:
        """Kill a process and forget it; return words where even that does not end it."""
        log.debug("worker %d dismissed: %s", worker.process.pid, why)
        worker.kill()
        if self._aborted.is_set():
            return ""  # leaving the pool waits for all of them together
        gone = await worker.gone(_DYING_SECONDS)
        worker.close()
        if not gone:
            log.debug("worker %d does not die: it is abandoned", worker.process.pid)
            return f", and its reader hangs in the kernel (process {worker.process.pid})"
        self._workers.discard(worker)
        return ""


class _Dead(Exception):
    """The process has closed its end of the socket."""


class _Silent(Exception):
    """The process has not answered in time."""


class _Worker:
    """One process, its socket, and the pipe for its last words."""

    def __init__(self, work: str, deadline: float, memory: int, expecting: Sequence[str] = ()) -> None:
        self.served = 0
        self._loop = asyncio.get_running_loop()
        self._buffer, self._ended = bytearray(), False
        self._waiter: asyncio.Future[None] | None = None  # of whoever waits for the next answer
        self._due = 0.0  # the loop's time at which that answer is too late
        self._alarm: asyncio.TimerHandle | None = None  # what looks whether it is
        self._pause: asyncio.TimerHandle | None = None  # what ends a pause in listening
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        self._notes, notes = os.pipe()
        os.set_blocking(self._notes, False)
        arguments = [str(theirs.fileno()), str(notes), work, str(deadline), str(memory), *expecting]
        try:
            # -P: a file `av.py` in the folder where a person happens to stand is not our library. A session of its own:
            # Ctrl-C is for the parent to decide, and what the process has started is killed with it. No output: it would
            # draw over a progress bar, and a pipe that nobody reads would block it.
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mediaforge.build.worker", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), notes),
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            raise MediaForgeError(f"cannot start a process to read files in: {error.strerror}") from error
        finally:
            theirs.close()
            os.close(notes)
        self._listen()

    async def send(self, payloads: list[object]) -> None:
        """Hand over what is to be answered; raise _Dead."""
        try:
            await self._loop.sock_sendall(self._socket, pickle.dumps(payloads))
        except ConnectionError:
            raise _Dead from None

    async def receive(self, seconds: float) -> object:
        """Return the next answer; raise _Dead or _Silent."""
        self._due = self._loop.time() + seconds
        while (answer := take(self._buffer)) is None:
            if self._ended:
                raise _Dead
            await self._wait()
        self.served += 1
        return answer[0]

    async def _wait(self) -> None:
        """Wait until something has come; raise _Silent when it is too late for it."""
        # One timer and one reader for many answers: telling the loop of them for each would cost more than reading it.
        if self._alarm is None or self._alarm.when() > self._due:
            if self._alarm:
                self._alarm.cancel()
            self._alarm = self._loop.call_at(self._due, self._ring)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None or self._waiter.done():
            return  # whoever waits next sets it again
        if self._loop.time() < self._due:
            self._alarm = self._loop.call_at(self._due, self._ring)
        else:
            self._waiter.set_exception(_Silent())

    def _listen(self) -> None:
        self._loop.add_reader(self._socket.fileno(), self._read)  # of a socket it would ask the system for its name each time

    def _read(self) -> None:
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        self._buffer += data
        self._ended = not data
        self._loop.remove_reader(self._socket.fileno())
        if data:
            self._pause = self._loop.call_later(_PAUSE, self._listen)
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def kill(self) -> None:
        """Kill the process and all that it started, and wake whoever waits for its answer, even if it cannot die."""
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it went in this moment, and its end of the socket with it

    async def gone(self, seconds: float) -> bool:
        """Wait up to `seconds` for the process to end; return whether it has."""
        for _ in range(round(seconds / _POLL_SECONDS)):
            if self.process.poll() is not None:
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return self.process.poll() is not None

    def close(self) -> None:
        """Give back the descriptors."""
        for timer in (self._alarm, self._pause):
            if timer:
                timer.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        if self._notes >= 0:
            os.close(self._notes)
            self._notes = -1

    def cause(self) -> tuple[Failure, str]:
        """Tell what ended a process that went silent of itself."""
        status = self.process.poll()
        if status is None:
            return Failure.CRASHED, "cut its reader off"
        if status in (-signal.SIGKILL, 128 + signal.SIGKILL):
            return Failure.OUT_OF_MEMORY, "had its reader killed (SIGKILL), as is done where memory runs out"
        if status >= 0:
            return Failure.CRASHED, f"ended its reader (exit status {status})"
        return Failure.CRASHED, f"killed its reader ({signal.Signals(-status).name}{self._place()})"

    def _place(self) -> str:
        """Return where the process was in our code or a library's when it crashed, as faulthandler noted it."""
        try:
            notes = os.read(self._notes, 65536).decode(errors="replace")
        except BlockingIOError:
            return ""
        found = re.search(r'File "(?:.*/)?(.+?)", line (\d+)', notes)
        return f" at {found[1]}:{found[2]}" if found else ""
