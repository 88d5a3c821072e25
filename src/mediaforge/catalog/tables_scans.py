"""Tables of scans, and of what went wrong in them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from mediaforge.catalog.tables_metadata import NOW, metadata

scan = Table(
    "scan",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv4
    Column("mode", Text, nullable=False),  # quick, full
    Column("status", Text, nullable=False),  # running, finished, cancelled, failed, interrupted
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Text, nullable=False),  # tells a process from a later one with its number
    Column("started_at", Text, nullable=False, server_default=NOW),
    Column("heartbeat_at", Text, nullable=False, server_default=NOW),
    Column("ended_at", Text),
    Column("cancel_requested", Integer, nullable=False, server_default="0"),
    Column("pause_requested", Integer, nullable=False, server_default="0"),
    Column("exit_code", Integer),
    Column("phase", Text, nullable=False, server_default="counting"),  # counting, reading
    Column("current_file", Text),
    Column("error", Text),
    *(
        Column(name, Integer, nullable=False, server_default="0")
        for name in "found new changed moved missing unknown unchanged ambiguous settling touched total done failed"
        " known_failed".split()
    ),
)
Index("ix_scan_started_at", scan.c.started_at)

scan_root = Table(
    "scan_root",
    metadata,
    Column("scan_id", Text, ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True),
    Column("library_id", Integer, ForeignKey("library.id", ondelete="CASCADE"), primary_key=True),
    Column("root", LargeBinary, primary_key=True),  # absolute: the library's root, or what is scanned below it
    Column("root_display", Text, nullable=False),
    Column("outcome", Text),  # scanned, offline
)

scan_problem = Table(
    "scan_problem",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scan_id", Text, ForeignKey("scan.id", ondelete="CASCADE"), nullable=False),
    Column("media_id", Integer, ForeignKey("media.id", ondelete="SET NULL")),
    Column("path", LargeBinary, nullable=False),  # absolute
    Column("path_text", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Text, nullable=False, server_default=NOW),
)
Index("ix_scan_problem_scan_id", scan_problem.c.scan_id)
Index("ix_scan_problem_media_id", scan_problem.c.media_id)
