"""Scan: from the roots that a person named to the report, whatever happens on the way."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager

from mediaforge.catalog import libraries, scans
from mediaforge.catalog.database import Catalogue, create_catalogue, open_catalogue
from mediaforge.catalog.differences import Differences
from mediaforge.config import Config
from mediaforge.errors import Busy, CatalogueError, MediaForgeError
from mediaforge.events import Event, Listener, Remark, ScanStarted, nobody
from mediaforge.model import ScanId
from mediaforge.operations import roots as scan_roots
from mediaforge.operations.groups import regroup
from mediaforge.operations.job import Job, ScanOptions, ScanReport
from mediaforge.operations.passes import ask_rules, first_pass, readers, record_plan, rehearse, second_pass
from mediaforge.operations.processes import Process, alive, this_process
from mediaforge.scan.ignore import Rules
from mediaforge.scan.volume import look
from mediaforge.scanned import ScanStatus
from mediaforge.text import display_path

__all__ = ["ScanOptions", "ScanReport", "scan"]

log = logging.getLogger(__name__)

_BEAT = 0.5  # seconds between two signs of life, and between two looks for orders


async def scan(
    config: Config,
    paths: Sequence[str],
    options: ScanOptions = ScanOptions(),  # noqa: B008 - frozen
    *,
    stop: asyncio.Event,
    events: Listener = nobody,
) -> ScanReport:
    """Bring the catalogue up to date with what is below `paths`, which a person typed, or with every library.

    Raises RootNotFound, Busy, CatalogueError. A file's failure is counted and stored. Once `stop` is set, what was read
    is stored and the scan ends as cancelled.
    """
    rules = Rules((*config.exclude, *options.exclude))
    roots = [scan_roots.absolute(path) for path in paths]
    async with _catalogue(config, options, events) as catalogue:
        if options.all_libraries:
            roots = [library.root for library in await libraries.list_libraries(catalogue)]
        resolved = await scan_roots.resolve(catalogue, roots, silence=config.silence)
        report = ScanReport(ScanId(str(uuid.uuid4())))
        log.debug("scan %s: %r", report.id, options)
        for root in resolved:
            log.debug("root %r, library %d, %s", root.path, root.library.id, root.offline or "online")
        job = Job(catalogue, config, options, rules, resolved, stop, _recorded(events), report, Differences(catalogue))
        if options.dry_run:
            await _unless_stopped(stop, rehearse(job))
            report.cancelled = stop.is_set()
        else:
            await _perform(job)
    return report


def _recorded(events: Listener) -> Listener:
    def hear(event: Event) -> None:
        log.debug("%r", event)
        events(event)

    return hear


@asynccontextmanager
async def _catalogue(config: Config, options: ScanOptions, events: Listener) -> AsyncIterator[Catalogue]:
    """Open the catalogue, made where there is none; for a dry run it is made where it leaves no trace."""
    path = os.fsencode(config.catalog)
    with tempfile.TemporaryDirectory(prefix="mediaforge-") as scratch:
        if options.dry_run and not os.path.exists(path):
            path = os.path.join(os.fsencode(scratch), b"catalog.db")
        if not options.all_libraries and not os.path.exists(path):
            shared = await on_network(path, config.silence)
            if shared:
                events(Remark(f"the catalogue '{display_path(path)}' is on a network share: use it from one machine at a time"))
            create_catalogue(path, wal=not shared)
        async with open_catalogue(path) as catalogue:
            if catalogue.backup is not None:
                events(Remark(f"brought the catalogue up to date; a copy of it is '{display_path(catalogue.backup)}'"))
            yield catalogue


async def on_network(path: bytes, silence: float) -> bool:
    """Say whether a file would be on a network file system, whose locks and shared memory SQLite's WAL cannot rely on."""
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    volume = await look(folder, silence)
    return volume is not None and volume.network


async def _perform(job: Job) -> None:
    await _begin(job)
    job.hear(ScanStarted(job.report.id, tuple(root.path for root in job.roots)))
    try:
        await _while_beating(job)
    except BaseException as error:
        await _end_as_failed(job, error)
        raise
    report, catalogue = job.report, job.catalogue
    report.cancelled = job.stop.is_set()
    report.offline_is_failure = bool(report.offline) and (
        not job.options.all_libraries or len(report.offline) == len(job.roots)
    )
    async with catalogue.transaction(durable=False):
        await job.beat()
        status = ScanStatus.CANCELLED if report.cancelled else ScanStatus.FINISHED
        for root in job.roots:
            if not report.cancelled and root.offline is None:
                await scans.set_outcome(catalogue, report.id, root.library.id, "scanned")
        await scans.forget_scans(catalogue, days=job.config.keep_scans)  # while this one runs, so that it is never among them
        await scans.end_scan(catalogue, report.id, status, exit_code=report.exit_code)
    await catalogue.optimize()
    await _build(job)
    log.debug("scan %s is %s: %r", report.id, status, report)


async def _build(job: Job) -> None:
    """Make what the configuration wants to be made after every scan; the scan itself has ended."""
    if job.config.after_scan and not job.stop.is_set():
        from mediaforge.operations.targets import BuildOptions, build_in  # here: most scans build nothing

        options = BuildOptions(job.config.after_scan)
        try:
            job.report.build = await build_in(job.catalogue, job.config, options, stop=job.stop, events=job.listener)
            job.report.cancelled = job.report.build.cancelled
        except MediaForgeError as error:
            job.report.build_error = error


async def _begin(job: Job) -> None:
    """Write the scan and its roots down, unless another one is at work on a library of ours."""
    me, scan, catalogue = this_process(), job.report.id, job.catalogue
    async with catalogue.transaction(durable=False):
        if await scan_roots.outdated(catalogue, job.roots):
            job.roots = await scan_roots.resolve(catalogue, [root.path for root in job.roots], silence=job.config.silence)
        known = [root.library.id for root in job.roots] + [lower.id for root in job.roots for lower in root.takes_over]
        for other in await scans.running_on(catalogue, known):
            if alive(Process(other.host, other.pid, other.pid_started), heartbeat=other.heartbeat):
                raise Busy(
                    f"scan {other.id[:8]} of the same library is running; wait for it, or stop it with:"
                    f" mediaforge scans cancel {other.id[:8]}"
                )
            log.debug("scan %s is recorded as running, but its process %d is dead", other.id, other.pid)
            await scans.end_scan(catalogue, other.id, ScanStatus.INTERRUPTED)
        mode = "full" if job.options.full else "quick"
        await scans.add_scan(catalogue, scan, mode=mode, host=me.host, pid=me.pid, pid_started=me.started)
        for root in job.roots:
            await scan_roots.register(catalogue, root)
            await scans.add_root(catalogue, scan, root.library.id, root.path)


async def _while_beating(job: Job) -> None:
    """Run both passes; a heartbeat that fails (the catalogue is gone) ends them."""
    problem: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            heart = group.create_task(_heart(job))
            await _passes(job)
            heart.cancel()
    except* Exception as errors:  # noqa: BLE001 - unwrapped and raised below, as itself
        problem = errors
        while isinstance(problem, BaseExceptionGroup):
            problem = problem.exceptions[0]
    if problem:
        raise problem


async def _passes(job: Job) -> None:
    async with readers(job):
        await _unless_stopped(job.stop, first_pass(job))
        if not job.stop.is_set():
            await record_plan(job)
        if not job.stop.is_set():
            await second_pass(job)
    await regroup(job.catalogue, job.may_go_on)
    if not job.stop.is_set():
        await ask_rules(job)


async def _unless_stopped(stop: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Await `work`, or give it up once `stop` is set: it may wait for a share that is dead, or for a thousand fingerprints."""
    task, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if not task.cancelled():
        task.result()


async def _heart(job: Job) -> None:
    while True:
        await asyncio.sleep(_BEAT)
        await job.look_for_orders()
        async with job.catalogue.transaction(durable=False):
            await job.beat()


async def _end_as_failed(job: Job, error: BaseException) -> None:
    """Leave a record of why the scan failed, where the catalogue still takes one."""
    log.debug("scan %s failed: %r", job.report.id, error)
    code = getattr(error, "exit_code", 1)
    try:
        async with job.catalogue.transaction(durable=False):
            await scans.end_scan(
                job.catalogue, job.report.id, ScanStatus.FAILED, error=str(error) or repr(error), exit_code=code
            )
    except CatalogueError:
        pass  # the catalogue is what failed: `error` says so, and is raised
