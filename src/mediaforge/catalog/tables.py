"""The schema: the one truth that Alembic migrates to. Importing this costs SQLAlchemy: only migrations and tests do.

Instants are ISO 8601 text in UTC with milliseconds, stamped by the database's clock. Booleans are 0 and 1. Paths are bytes.
"""

from __future__ import annotations

from mediaforge.catalog import tables_media, tables_organised, tables_scans
from mediaforge.catalog.columns import FTS_COLUMNS
from mediaforge.catalog.tables_metadata import metadata

__all__ = ["FTS_DDL", "PARTS", "metadata"]

PARTS = (tables_media, tables_organised, tables_scans)
"""Where the tables stand; who imports this has them all."""

# FTS5 is not SQLAlchemy's to describe. It keeps its own text (not external content), since what is indexed is not what is
# shown: runs of CJK are split into characters. A row goes when its media row goes; everything else writes it by name.
FTS_DDL = (
    f"CREATE VIRTUAL TABLE media_fts USING fts5({', '.join(FTS_COLUMNS)},"
    " tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "CREATE TRIGGER media_fts_delete AFTER DELETE ON media BEGIN DELETE FROM media_fts WHERE rowid = old.newest; END",
    "CREATE TRIGGER media_fts_move AFTER UPDATE OF newest ON media WHEN old.newest <> new.newest"
    " BEGIN UPDATE media_fts SET rowid = new.newest WHERE rowid = old.newest; END",
)
