"""The two passes of a scan: what is there and what follows from it; then the facts that are stale."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from mediaforge.build.pool import Pool
from mediaforge.build.run import Recipe, run
from mediaforge.catalog import facts, libraries, record, regroup, rules, scans
from mediaforge.catalog.paths import join
from mediaforge.errors import VolumeOffline
from mediaforge.events import Counted, Remark, Trouble
from mediaforge.model import LibraryId, MediaId
from mediaforge.operations.facts import FactsTargets
from mediaforge.operations.identify import Identify
from mediaforge.operations.job import Job
from mediaforge.operations.recipes import FACTS, FACTS_AND_SHA256
from mediaforge.operations.roots import Root
from mediaforge.scan import plan as scan_plan
from mediaforge.scan.plan import Action, Match
from mediaforge.scan.walk import Chunk, walk
from mediaforge.scanned import Difference
from mediaforge.text import display_path

log = logging.getLogger(__name__)

_EVER = "9999"  # after every instant in ISO 8601
_AHEAD = 8  # batches for each process that are ready before it is: while outcomes are stored, none can be asked for
_FEW = 16  # files that one process reads in one go, before another could be ready
_NAMED = 3  # of the files that a new one could be


async def first_pass(job: Job) -> None:
    """Walk, compare with what is known, recognise what moved, and plan; nothing of it is written down yet."""
    await job.differences.prepare()
    for root in job.roots:
        if await job.may_go_on():
            await _walk(job, root)
    if job.stop.is_set():
        return
    settle = job.config.settle if job.options.settle is None else job.options.settle
    settling = await job.differences.leave_settling(settle)
    await job.differences.find_gone()
    log.debug("walked: %d found, %d still being written", job.report.found, settling)
    job.known = {library.id: library for library in await libraries.list_libraries(job.catalogue)}
    job.known |= {root.library.id: root.library for root in job.roots}
    identify = Identify(job.differences, job.known, job.config, job.options.hashes)
    await identify.find_touched()
    ambiguous = await identify.recognise()
    await _note_ambiguous(job, ambiguous)
    await _plan(job, sum(len(found.differences) for found in ambiguous), settling)


async def _walk(job: Job, root: Root) -> None:
    """Compare what is below a root with what is known; where the volume is not there, nothing is known."""
    library, report, folders = root.library.id, job.report, 0
    for part, prefix in root.parts():
        await job.differences.scan_below(part, b"" if prefix else root.below)
    if root.offline is None:
        try:
            async with aclosing(walk(root.library.root, root.below, job.rules, silence=job.config.silence)) as chunks:
                async for chunk in chunks:
                    await _compare(job, root, chunk)
                    await job.note(chunk.troubles)
                    report.found += len(chunk.found)
                    folders += chunk.folders
                    job.hear(Counted(report.found, folders))
                    await _prepare_to_read(job)
                    if not await job.may_go_on():
                        return
        except VolumeOffline as error:
            log.debug("%r went offline while it was walked: %s", root.path, error)
            root.offline = str(error)
    if root.offline is not None:
        await job.differences.leave_unknown(library, root.below)
        await job.note_offline(root, root.offline)


async def _prepare_to_read(job: Job) -> None:
    """Start the readers as soon as there is something to read: they get ready while the rest is walked and recorded."""
    if job.pool is None or job.prepared or not (kinds := await job.differences.kinds()):
        return
    job.prepared = True
    few = sum(kinds.values()) <= _FEW
    job.pool.prepare(1 if few else job.config.workers, () if few else [kind for kind in kinds if kinds[kind] > _FEW])


async def _compare(job: Job, root: Root, chunk: Chunk) -> None:
    """Compare what was found with what the libraries below the root know, each by its own paths."""
    left = chunk.found
    for library, prefix in root.parts():
        found = [(file[0][len(prefix) :], *file[1:]) for file in left if file[0].startswith(prefix)] if prefix else left
        left = [file for file in left if not file[0].startswith(prefix)] if prefix else []
        await job.differences.add(library, found)
        for path in chunk.unknown:
            if path.startswith(prefix):
                await job.differences.leave_unknown(library, path[len(prefix) :])
            elif not path or prefix.startswith(path + b"/"):
                await job.differences.leave_unknown(library, b"")


async def _note_ambiguous(job: Job, ambiguous: Sequence[Match]) -> None:
    """Record which new files could be one of several missing ones, or one of them several new ones."""
    for found in ambiguous:
        rows = await job.differences.places(found.rows)
        were = ", ".join(f"'{display_path(join(root, path))}'" for _media, root, path in rows[:_NAMED])
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        message = f"could be {were}{more}, which went missing; it was not guessed"
        new = [_absolute(job, d.library, d.path) for d in await job.differences.some(found.differences)]
        await job.note([Trouble(path, "ambiguous", message) for path in new])


async def _plan(job: Job, ambiguous: int, settling: int) -> None:
    actions: Counter[Action] = Counter()
    async for page in job.differences.all():
        actions.update(scan_plan.action(difference) for difference in page)
        _rehearse(job, [(scan_plan.action(d), d.library, d.path) for d in page])
    async for gone in job.differences.missing():
        actions[Action.MISSING] += len(gone)
        _rehearse(job, [(Action.MISSING, library, path) for _media, library, path in gone])
    unchanged, unknown = await job.differences.counts()
    job.report.plan = scan_plan.summary(actions, unknown=unknown, unchanged=unchanged, ambiguous=ambiguous, settling=settling)
    job.hear(job.report.plan)


def _rehearse(job: Job, actions: Sequence[tuple[Action, LibraryId, bytes]]) -> None:
    """Keep the plan in words, where nothing else is wanted of it."""
    if job.options.dry_run:
        job.report.actions += [(what, _absolute(job, library, path)) for what, library, path in actions]


def _absolute(job: Job, library: LibraryId, path: bytes) -> bytes:
    return join(job.known[library].root, path)


async def record_plan(job: Job) -> None:
    """Write down what moved, what is missing, what changed and what is new."""
    async with job.catalogue.transaction(durable=False):
        await record.record_departures(job.catalogue, job.report.id)
    async for page in job.differences.all():
        by_action: dict[Action, list[Difference]] = {action: [] for action in Action}
        for difference in page:
            by_action[scan_plan.action(difference)].append(difference)
        async with job.catalogue.transaction(durable=False):
            await record.record_moved(job.catalogue, job.report.id, by_action[Action.MOVED])
            moved = [MediaId(d.was) for d in by_action[Action.MOVED] if d.was is not None]
            await rules.mark_due(job.catalogue, moved)
            await regroup.mark_due(job.catalogue, moved)
            await record.record_changed(job.catalogue, by_action[Action.CHANGED])
            await record.record_touched(job.catalogue, by_action[Action.TOUCHED])
            await record.record_new(job.catalogue, by_action[Action.NEW])
        if not await job.may_go_on():
            return


async def rehearse(job: Job) -> None:
    """Find out what a scan would do, also which files it would read."""
    await first_pass(job)
    if not job.stop.is_set():
        wanted = facts.Wanted(FACTS.version, retry=job.options.retry, full=_EVER if job.options.full else None)
        plan = job.report.plan
        job.report.to_read = plan.new + plan.changed + await facts.count_pending(job.catalogue, wanted)


@asynccontextmanager
async def readers(job: Job) -> AsyncIterator[None]:
    """Have processes to read files in, which start when they are wanted."""
    config, work = job.config, _recipe(job).work
    async with Pool(work, slots=config.workers, deadline=config.deadline, memory_limit=config.memory or None) as job.pool:
        yield


def _recipe(job: Job) -> Recipe:
    return FACTS_AND_SHA256 if job.options.hashes else FACTS


async def second_pass(job: Job) -> None:
    """Read the facts that are stale, in worker processes."""
    job.phase = "reading"
    options, config = job.options, job.config
    started = (await scans.find_scan(job.catalogue, job.report.id)).started
    wanted = facts.Wanted(FACTS.version, retry=options.retry, full=started if options.full else None)
    job.total = await facts.count_stale(job.catalogue, wanted)
    log.debug("%d facts are stale for %r", job.total, wanted)
    assert job.pool is not None
    await run(
        FactsTargets(job, wanted),
        _recipe(job),
        facts.stale(job.catalogue, wanted),
        job.pool,
        window=_AHEAD * config.workers,
        stop=job.stop,
        events=job.hear,
        total=job.total,
    )
    job.report.known_failed = await facts.count_failed(job.catalogue) - job.report.failed


async def ask_rules(job: Job) -> None:
    """Let the rules tag what was read or moved; a rule that cannot be asked any more is told of, and left out."""
    if not await rules.are_due(job.catalogue):
        return
    from mediaforge.operations.rules import apply_to_due  # 10 ms of every scan, and most catalogues have no rules

    job.report.tagged, broken = await apply_to_due(job.catalogue)
    for why in broken:
        job.hear(Remark(why))
