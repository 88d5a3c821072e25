from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mediaforge.build import pool as pool_module
from mediaforge.build.pool import Pool
from mediaforge.errors import MediaForgeError
from mediaforge.model import Failure
from mediaforge.scanned import Failed

WORK = "bad_work:work"


def pool_of(work: str = WORK, *, slots: int = 1, deadline: float = 20, memory: int | None = None, recycle: int = 5000) -> Pool:
    return Pool(work, slots=slots, deadline=deadline, memory_limit=memory, recycle=recycle)


async def answers(pool: Pool, payloads: Sequence[object], started: Callable[[int], None] = lambda _index: None) -> list[object]:
    """Return the answers to `payloads`, which must come in order and each once."""
    values: list[object] = []

    async def received(index: int, value: object) -> None:
        assert index == len(values)
        values.append(value)

    await pool.run(payloads, received, started)
    return values


def words(values: Sequence[object]) -> list[object]:
    """Return the answers without the process ids in them."""
    return [value[0] if isinstance(value, tuple) else value for value in values]


def pids(values: Sequence[object]) -> set[int]:
    return {value[1] for value in values if isinstance(value, tuple)}


def alive(pid: int) -> bool:
    """Tell whether `pid` runs; a zombie that its parent has yet to collect does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


HARMS = [
    ("segfault", Failure.CRASHED, r"killed its reader \(SIGSEGV at \S+\.py:\d+\)"),
    ("abort", Failure.CRASHED, r"killed its reader \(SIGABRT at bad_work\.py:\d+\)"),
    ("exit", Failure.CRASHED, r"ended its reader \(exit status 3\)"),
    ("raise exit", Failure.CRASHED, r"ended its reader \(exit status 7\)"),
    ("close", Failure.CRASHED, "cut its reader off"),
    ("kill", Failure.OUT_OF_MEMORY, r"had its reader killed \(SIGKILL\), .*"),
    ("eat", Failure.OUT_OF_MEMORY, "needs more memory than its reader may have"),
    ("loop", Failure.TIMED_OUT, r"was not read within 0\.5 s"),
    ("sleep", Failure.TIMED_OUT, r"was not read within 0\.5 s"),
    ("raise extract", Failure.UNREADABLE, "is no film"),
    ("raise gone", Failure.VANISHED, "was there when it was counted, and is gone"),
    ("raise not-a-folder", Failure.VANISHED, "was there when it was counted, and is gone"),
    ("raise denied", Failure.IO, "Permission denied"),
    ("raise memory", Failure.OUT_OF_MEMORY, "needs more memory than its reader may have"),
    ("raise bug", Failure.BUG, r"met a bug in MediaForge, please report it: ZeroDivisionError: ours at bad_work\.py:\d+"),
]


@pytest.mark.parametrize(("harm", "reason", "message"), HARMS, ids=[harm for harm, _, _ in HARMS])
async def test_a_harmful_file_among_others_costs_itself_alone(harm: str, reason: Failure, message: str) -> None:
    others = [f"file{number}" for number in range(20)]
    async with pool_of(deadline=0.5, memory=512 << 20) as pool:
        values = words(await answers(pool, [*others[:9], harm, *others[9:]]))
    failed = values.pop(9)
    assert values == others
    assert isinstance(failed, Failed)
    assert failed.reason is reason
    assert re.fullmatch(message, failed.message), failed.message


async def test_harm_beside_harm_is_told_apart() -> None:
    payloads = ["segfault", "exit", "a", "raise extract", "segfault", "b"]
    async with pool_of() as pool:
        values = words(await answers(pool, payloads))
    reasons = [value.reason if isinstance(value, Failed) else value for value in values]
    assert reasons == [Failure.CRASHED, Failure.CRASHED, "a", Failure.UNREADABLE, Failure.CRASHED, "b"]


async def test_a_read_that_blocks_is_cut_off(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stalled.mp4")
    async with pool_of(deadline=0.5) as pool:
        failed, value = words(await answers(pool, [f"fifo {tmp_path}/stalled.mp4", "next"]))
    assert isinstance(failed, Failed)
    assert (failed.reason, value) == (Failure.TIMED_OUT, "next")


async def test_a_suspect_that_is_innocent_is_read_in_a_fresh_process(tmp_path: Path) -> None:
    async with pool_of() as pool:
        values = await answers(pool, ["a", f"once {tmp_path}/mark", "b"])
    assert words(values) == ["a", f"once {tmp_path}/mark", "b"]
    assert len(pids(values)) == 2


async def test_memory_that_earlier_files_left_behind_is_not_held_against_a_later_one() -> None:
    payloads = ["leak 150000000"] * 5
    async with pool_of(memory=400 << 20) as pool:
        values = await answers(pool, payloads)
    assert words(values) == payloads
    assert len(pids(values)) == 3


async def test_the_deadline_is_for_each_file_and_not_for_starting() -> None:
    async with pool_of(deadline=0.5) as pool:
        assert words(await answers(pool, ["sleep 0.2"] * 5)) == ["sleep 0.2"] * 5


async def test_what_a_file_had_started_is_killed_with_its_reader(tmp_path: Path) -> None:
    async with pool_of(deadline=0.5) as pool:
        (failed,) = await answers(pool, [f"child {tmp_path}/pid"])
    assert isinstance(failed, Failed)
    assert failed.reason is Failure.TIMED_OUT
    child = int((tmp_path / "pid").read_text())
    await until(lambda: not alive(child))


async def test_a_reader_that_cannot_be_killed_is_abandoned_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_DYING_SECONDS", 0.2)
    async with pool_of(deadline=0.5) as pool:
        failed, value = words(await answers(pool, [f"unkillable {tmp_path}/traced 2", "next"]))
        assert (tmp_path / "traced").exists(), "this machine does not let a process be traced"
        assert isinstance(failed, Failed)
        assert value == "next"
        assert re.fullmatch(r"was not read within 0.5 s, and its reader hangs in the kernel \(process \d+\)", failed.message)
        await until(lambda: all(worker.process.poll() is not None for worker in pool._workers if worker not in pool._idle))


async def test_few_files_start_one_process_and_more_batches_no_more_than_the_slots() -> None:
    async with pool_of(slots=3) as pool:
        assert pool._workers == set()
        assert len(pids(await answers(pool, range(10)))) == 1
        assert len(pids(await answers(pool, range(10)))) == 1
        assert len(pool._workers) == 1
        batches = await asyncio.gather(*(answers(pool, ["sleep 0.05"] * 4) for _ in range(9)))
        assert [words(values) for values in batches] == [["sleep 0.05"] * 4] * 9
        assert len(pool._workers) == 3


async def test_a_process_is_replaced_after_so_many_files() -> None:
    async with pool_of(recycle=20) as pool:
        seen = [pids(await answers(pool, range(10))) for _ in range(6)]
        assert len(pool._workers) <= 1
    assert len(set.union(*seen)) == 3


async def test_an_idle_process_that_was_killed_is_replaced() -> None:
    async with pool_of() as pool:
        (first,) = pids(await answers(pool, ["a"]))
        os.kill(first, signal.SIGKILL)
        await until(lambda: not alive(first))
        values = await answers(pool, ["b"])
    assert words(values) == ["b"]
    assert pids(values) != {first}


async def test_signals_for_the_parent_leave_readers_alone() -> None:
    async with pool_of() as pool:
        (pid,) = pids(await answers(pool, ["a"]))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
        assert pids(await answers(pool, ["b"])) == {pid}


async def test_a_reader_gets_a_session_and_nothing_of_the_folder_or_standard_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('a file of the folder was imported')")
    monkeypatch.chdir(tmp_path)
    async with pool_of("bad_work:environment") as pool:
        assert await answers(pool, [None]) == [(os.path.dirname(__file__), True, b"")]


async def test_what_a_reader_prints_is_not_seen_and_does_not_block_it(capfd: pytest.CaptureFixture[str]) -> None:
    async with pool_of() as pool:
        assert words(await answers(pool, ["print"])) == ["print"]
    assert capfd.readouterr() == ("", "")


async def test_answers_larger_than_any_buffer_come_whole_and_nothing_is_no_answer() -> None:
    async with pool_of("bad_work:big") as pool:
        values = await answers(pool, [5_000_000, 0, 70_000])
        assert [len(value) for value in values if isinstance(value, bytes)] == [5_000_000, 0, 70_000]
        assert await answers(pool, []) == []


async def test_requests_larger_than_any_buffer_arrive() -> None:
    async with pool_of() as pool:
        assert words(await answers(pool, ["x" * 3_000_000] * 2)) == ["x" * 3_000_000] * 2


async def test_an_answer_that_cannot_be_sent_is_a_bug_of_ours() -> None:
    async with pool_of("bad_work:lambda_back") as pool:
        (failed,) = await answers(pool, [None])
    assert isinstance(failed, Failed)
    assert failed.reason is Failure.BUG


@pytest.mark.parametrize(
    ("work", "complaint"),
    [
        ("no_such_module:work", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("bad_work:nothing", "AttributeError: module 'bad_work' has no attribute 'nothing'"),
    ],
)
async def test_a_reader_that_cannot_be_loaded_is_an_error(work: str, complaint: str) -> None:
    async with pool_of(work) as pool:
        with pytest.raises(MediaForgeError, match=f"the reader '{work}' cannot be loaded: {complaint}"):
            await answers(pool, ["a"])


async def test_a_reader_that_dies_whenever_it_starts_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dies.py").write_text("import os; os._exit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with pool_of("dies:work") as pool:
        with pytest.raises(MediaForgeError, match="'dies:work' does not start"):
            await answers(pool, ["a"])
        assert pool._workers == set()


async def test_a_process_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    before = len(os.listdir("/proc/self/fd"))
    async with pool_of() as pool:
        with pytest.raises(MediaForgeError, match="cannot start a process to read files in: No such file or directory"):
            await answers(pool, ["a"])
    assert len(os.listdir("/proc/self/fd")) == before


async def test_aborting_ends_every_run_and_every_process() -> None:
    seen: list[int] = []

    async def received(_index: int, value: object) -> None:
        seen.extend(pids([value]))

    async with pool_of(slots=2) as pool:
        runs = [asyncio.create_task(pool.run(["a", "sleep", "b"], received)) for _ in range(5)]
        await until(lambda: len(seen) == 2)
        pool.abort()
        await asyncio.gather(*runs)
        await pool.run(["c"], received)
    assert len(seen) == 2
    assert not any(alive(pid) for pid in seen)


async def test_a_run_that_is_cancelled_leaves_no_process_and_no_descriptor() -> None:
    before = len(os.listdir("/proc/self/fd"))
    begun = asyncio.Event()
    async with pool_of() as pool:
        (pid,) = pids(await answers(pool, ["a"]))
        run = asyncio.create_task(answers(pool, ["sleep"], started=lambda _index: begun.set()))
        await begun.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await until(lambda: not alive(pid))
        assert words(await answers(pool, ["b"])) == ["b"]
    assert len(os.listdir("/proc/self/fd")) == before


async def test_leaving_the_pool_ends_runs_that_nobody_waits_for() -> None:
    begun = asyncio.Event()
    async with pool_of() as pool:
        runs = [asyncio.create_task(answers(pool, ["sleep"], started=lambda _index: begun.set())) for _ in range(3)]
        await begun.wait()
    assert [run.done() and run.result() for run in runs] == [[], [], []]


async def test_a_reader_that_hangs_when_it_starts_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_START_SECONDS", 0.5)
    (tmp_path / "hangs.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with pool_of("hangs:work") as pool:
        with pytest.raises(MediaForgeError, match="'hangs:work' does not start"):
            await answers(pool, ["a"])


async def test_started_hears_every_file_before_its_answer() -> None:
    heard: list[int] = []
    async with pool_of() as pool:
        await answers(pool, ["a", "segfault", "b"], started=heard.append)
    assert heard == [0, 1, 1, 2]


async def test_random_kills_lose_nothing_and_blame_nobody() -> None:
    """Each kill waits for an answer since the last: on a busy machine a process that starts would never be left to."""
    chance = random.Random(7)
    kills, done = 0, 0

    async def kill_some() -> None:
        nonlocal kills
        while True:
            before = done
            await asyncio.sleep(chance.uniform(0.05, 0.25))
            while done == before:
                await asyncio.sleep(0.01)
            os.kill(chance.choice([worker.process.pid for worker in pool._workers]), signal.SIGKILL)
            kills += 1

    async def batch() -> list[object]:
        values: list[object] = [None] * 50

        async def received(index: int, value: object) -> None:
            nonlocal done
            done += 1
            values[index] = value

        await pool.run(["sleep 0.004"] * 50, received)
        return values

    async with pool_of(slots=2) as pool:
        killer = asyncio.create_task(kill_some())
        batches = await asyncio.gather(*(batch() for _ in range(10)))
        killer.cancel()
    assert [words(values) for values in batches] == [["sleep 0.004"] * 50] * 10
    assert kills > 5


ORPHANS = """
import asyncio, sys
from mediaforge.build.pool import Pool

async def main():
    async with Pool("bad_work:work", slots=3, deadline=60) as pool:
        async def received(index, value):
            print(value[1], flush=True)
        await asyncio.gather(*(pool.run(["a", word], received) for word in ("sleep", "loop", "b")))

asyncio.run(main())
"""


async def test_no_process_outlives_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        workers = {int(parent.stdout.readline()) for _ in range(4)}  # busy ones and an idle one
        assert len(workers) == 3
        assert all(map(alive, workers))
        parent.kill()
    await until(lambda: not any(map(alive, workers)))


def children() -> list[int]:
    """Return the processes that were started by this one and run."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [pid for pid in map(int, file.read().split()) if alive(pid)]


async def test_processes_that_were_started_ahead_know_what_to_expect_and_do_the_work() -> None:
    async with pool_of("bad_work:expected", slots=2) as pool:
        pool.prepare(3, ["video", "audio"])
        await until(lambda: len(children()) == 2)
        first, second = await asyncio.gather(answers(pool, ["a"]), answers(pool, ["b"]))
        assert words([*first, *second]) == [("video", "audio")] * 2
        assert sorted(pids([*first, *second])) == sorted(children())


async def test_processes_that_nobody_comes_for_go_with_the_pool() -> None:
    before = children()
    async with pool_of(slots=2) as pool:
        pool.prepare(2)
        await until(lambda: len(children()) == len(before) + 2)
    await until(lambda: children() == before)


async def test_a_process_that_was_started_ahead_and_killed_is_replaced() -> None:
    async with pool_of("bad_work:expected") as pool:
        pool.prepare(1, ["image"])
        await until(lambda: len(children()) == 1)
        os.kill(children()[0], signal.SIGKILL)
        assert words(await answers(pool, ["a"])) == [("image",)]
