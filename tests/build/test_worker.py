from __future__ import annotations

import io
import pickle
import signal
import socket
import subprocess
import sys

import bad_work
import pytest

from mediaforge.build.frames import take
from mediaforge.build.worker import answer, serve
from mediaforge.model import Failure
from mediaforge.scanned import Failed


def frames(data: bytes) -> list[object]:
    values, buffer = list[object](), bytearray(data)
    while told := take(buffer):
        values += told
    assert not buffer
    return values


def test_every_payload_of_every_list_is_answered_in_order() -> None:
    incoming = io.BytesIO(pickle.dumps(["a", "raise extract"]) + pickle.dumps([]) + pickle.dumps(["b"]))
    outgoing = io.BytesIO()
    serve(lambda payload: bad_work.work(payload)[0], incoming, outgoing, 30)
    assert frames(outgoing.getvalue()) == ["a", Failed(Failure.UNREADABLE, "is no film"), "b"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_person_who_interrupts_is_no_failure_of_a_file() -> None:
    with pytest.raises(KeyboardInterrupt):
        answer(bad_work.work, "raise interrupt")


def start(payloads: bytes, seconds: float) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs, open("/dev/null", "wb") as notes:
        arguments = [str(theirs.fileno()), str(notes.fileno()), "bad_work:work", str(seconds), "0"]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mediaforge.build.worker", *arguments], pass_fds=(theirs.fileno(), notes.fileno())
        )
    ours.sendall(payloads)
    return process, ours


def test_it_ends_well_when_its_parent_closes_the_socket() -> None:
    process, ours = start(pickle.dumps(["a"]), 30)
    with process, ours:
        ours.shutdown(socket.SHUT_WR)
        with ours.makefile("rb") as stream:
            assert frames(stream.read()) == [None, ("a", process.pid)]
        assert process.wait() == 0


def test_a_file_that_hangs_ends_even_where_no_parent_watches() -> None:
    process, ours = start(pickle.dumps(["loop"]), 0.1)
    with process, ours:
        assert process.wait() == -signal.SIGALRM


def test_a_process_starts_without_readers_database_or_asyncio() -> None:
    heavy = "asyncio socket typer rich sqlalchemy aiosqlite av PIL mutagen traceback".split()
    script = (
        f"import sys; had = set(sys.modules); import mediaforge.build.worker; print(*(set(sys.modules) - had) & set({heavy}))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("\n", "")
