from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest

from mediaforge.build.pool import Pool
from mediaforge.build.run import Recipe, Source, Tally, run
from mediaforge.errors import CatalogueError, MediaForgeError
from mediaforge.events import Event, Progress, Trouble
from mediaforge.model import Failure, MediaId, Stamp
from mediaforge.scanned import Failed

RECIPE = Recipe("bad", 3, "bad_work:work")


class Memory:
    """A catalogue of payloads: what is stored is no longer stale."""

    def __init__(self, payloads: Sequence[str]) -> None:
        self.payloads = payloads
        self.stored: dict[int, object] = {}
        self.groups: list[int] = []
        self.asked: list[int] = []

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> Sequence[Source]:
        assert (recipe, version) == ("bad", 3)
        self.asked.append(len(ids))
        return [Source(n, b"/media/%d" % n, self.payloads[n], Stamp(n, 0)) for n in ids if n not in self.stored]

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        assert (recipe, version) == ("bad", 3)
        assert not {source.id for source, _ in outcomes} & self.stored.keys()
        self.stored.update((source.id, value) for source, value in outcomes)
        self.groups.append(len(outcomes))

    def pids(self) -> set[int]:
        return {value[1] for value in self.stored.values() if isinstance(value, tuple)}


async def stream(ids: Iterable[int]) -> AsyncIterator[MediaId]:
    for number in ids:
        yield MediaId(number)


async def build(
    memory: Memory,
    *,
    ids: AsyncIterator[MediaId] | None = None,
    recipe: Recipe = RECIPE,
    slots: int = 2,
    window: int = 4,
    deadline: float = 20,
    stop: asyncio.Event | None = None,
    events: list[Event] | None = None,
) -> Tally:
    heard = [] if events is None else events
    total = len(memory.payloads)
    async with Pool(recipe.work, slots=slots, deadline=deadline) as pool:
        return await run(
            memory,
            recipe,
            ids or stream(range(total)),
            pool,
            window=window,
            stop=stop or asyncio.Event(),
            events=heard.append,
            total=total,
        )


def gone(pid: int) -> bool:
    return not os.path.exists(f"/proc/{pid}")


async def test_everything_is_stored_once_and_told() -> None:
    payloads = [f"file{number}" for number in range(2000)]
    payloads[1234], payloads[77] = "segfault", "raise extract"
    memory, events = Memory(payloads), list[Event]()
    tally = await build(memory, events=events)
    assert tally == Tally(done=1998, failed=2)
    values = [memory.stored[number] for number in range(2000)]
    failures = {n: value.reason for n, value in enumerate(values) if isinstance(value, Failed)}
    assert failures == {1234: Failure.CRASHED, 77: Failure.UNREADABLE}
    assert [value[0] for value in values if isinstance(value, tuple)] == [
        p for n, p in enumerate(payloads) if n not in failures
    ]
    troubles = {event.path: (event.reason, event.message) for event in events if isinstance(event, Trouble)}
    assert troubles.keys() == {b"/media/1234", b"/media/77"}
    assert troubles[b"/media/77"] == ("unreadable", "is no film")
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[0].path is not None
    assert progress[-1] == Progress(2000, 2000, 2, None)
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert max(memory.groups) <= 512


async def test_a_second_run_has_nothing_to_do() -> None:
    memory = Memory(["a", "b", "raise extract"])
    assert await build(memory) == Tally(done=2, failed=1)
    assert await build(memory) == Tally(skipped=3)


async def test_nothing_to_do_starts_no_process() -> None:
    memory = Memory([])
    assert await build(memory, recipe=Recipe("bad", 3, "no_such_module:work")) == Tally()
    assert memory.groups == []


@pytest.mark.parametrize(("files", "processes"), [(10, 1), (40, 2)])
async def test_few_files_get_few_processes(files: int, processes: int) -> None:
    memory = Memory(["sleep 0.01"] * files)
    await build(memory, slots=2, window=4)
    assert len(memory.pids()) == processes


async def test_batches_are_small_first_and_never_more_than_the_recipe_says() -> None:
    memory = Memory(["a"] * 300)
    await build(memory, window=4)
    assert memory.asked == [16, 16, 16, 16, 64, 64, 64, 44]
    slow = Memory(["a"] * 3)
    await build(slow, recipe=Recipe("bad", 3, "bad_work:work", batch=1))
    assert slow.asked == [1, 1, 1]


async def test_progress_is_no_flood() -> None:
    events = list[Event]()
    before = time.monotonic()
    await build(Memory(["a"] * 3000), events=events)
    assert len(events) <= (time.monotonic() - before) * 20 + 2


async def test_memory_is_bounded_when_the_writer_is_slow() -> None:
    read = 0

    async def counted() -> AsyncIterator[MediaId]:
        nonlocal read
        for read in range(20_000):
            yield MediaId(read)

    class Slow(Memory):
        async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
            await super().store(recipe, version, outcomes)
            if sum(self.groups) < 1000:
                return
            await asyncio.sleep(0.5)
            assert read <= sum(self.groups) + 512 + 1024 + 4 * 64 + 1
            stop.set()

    stop = asyncio.Event()
    memory = Slow(["a"] * 20_000)
    tally = await build(memory, ids=counted(), stop=stop)
    assert tally.cancelled
    assert tally.done == len(memory.stored)


class Watched(Memory):
    """Asks to stop as soon as something is stored."""

    def __init__(self, payloads: Sequence[str]) -> None:
        super().__init__(payloads)
        self.stop = asyncio.Event()

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        await super().store(recipe, version, outcomes)
        self.stop.set()


async def test_outcomes_do_not_wait_for_a_full_group() -> None:
    memory = Watched(["a", "b", "sleep"])
    assert await build(memory, deadline=60, stop=memory.stop) == Tally(done=2, cancelled=True)


@pytest.mark.parametrize("stuck", ["sleep", "loop"])
async def test_stopping_keeps_what_has_come_and_leaves_no_process(stuck: str) -> None:
    memory = Watched([*["sleep 0.005"] * 200, *[stuck] * 200])
    tally = await build(memory, deadline=60, stop=memory.stop)
    assert tally == Tally(done=len(memory.stored), cancelled=True)
    assert 0 < tally.done <= 200
    assert all(map(gone, memory.pids()))


async def test_stopping_lets_the_batch_in_flight_finish_and_none_begin_that_waits_for_a_process() -> None:
    stop = asyncio.Event()

    class Begun(list[Event]):
        def append(self, event: Event) -> None:
            if isinstance(event, Progress) and event.path:
                stop.set()

    memory = Memory(["sleep 0.002"] * 5000)
    tally = await build(memory, stop=stop, slots=1, window=8, events=Begun())
    assert tally == Tally(done=16, cancelled=True)


async def test_stopping_while_ids_are_awaited_is_at_once() -> None:
    stop = asyncio.Event()

    async def endless() -> AsyncIterator[MediaId]:
        yield MediaId(0)
        stop.set()
        await asyncio.Event().wait()

    memory = Memory(["a"])
    assert await build(memory, ids=endless(), stop=stop) == Tally(cancelled=True)


@pytest.mark.parametrize("method", ["sources", "store"])
async def test_an_error_of_the_catalogue_ends_the_run_as_itself(method: str) -> None:
    async def broken(*_arguments: object) -> Sequence[Source]:
        raise CatalogueError("the disk is full") from OSError(28, "No space left")

    memory = Memory(["a", "sleep"] * 200)
    setattr(memory, method, broken)
    with pytest.raises(CatalogueError, match="the disk is full") as caught:
        await build(memory, deadline=60)
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_reader_that_cannot_be_loaded_ends_the_run() -> None:
    with pytest.raises(MediaForgeError, match="cannot be loaded"):
        await build(Memory(["a"] * 200), recipe=Recipe("bad", 3, "no_such_module:work"))


async def test_an_error_where_ids_come_from_ends_the_run() -> None:
    async def broken() -> AsyncIterator[MediaId]:
        yield MediaId(0)
        raise CatalogueError("the catalogue went away")

    with pytest.raises(CatalogueError, match="went away"):
        await build(Memory(["a"]), ids=broken())


async def test_a_run_that_is_cancelled_from_outside_ends_its_processes() -> None:
    memory = Memory([*["a"] * 16, *["sleep"] * 100])
    task = asyncio.create_task(build(memory, deadline=60))
    async with asyncio.timeout(20):
        while not memory.stored:
            await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(map(gone, memory.pids()))


def test_building_imports_neither_readers_nor_database() -> None:
    heavy = "typer rich sqlalchemy aiosqlite av PIL mutagen multiprocessing mediaforge.extract mediaforge.catalog".split()
    script = f"import sys; had = set(sys.modules); import mediaforge.build.run; print(*(set(sys.modules) - had) & set({heavy}))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("\n", "")
