"""Tables of what a person did: tags, rules, collections, and the journal of edits."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from mediaforge.catalog.tables_metadata import NOW, media_key, metadata

tag = Table(
    "tag",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # casefolded path: travel/italy
    Column("name", Text, nullable=False),  # as a person wrote it
    Column("description", Text),
    Column("colour", Text),  # a name that everybody knows, or #rrggbb
    Column("added_at", Text, nullable=False, server_default=NOW),
    sqlite_autoincrement=True,  # an edit that can be undone names tags by their ids
)

tag_alias = Table(
    "tag_alias",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    media_key("tag"),
)

media_tag = Table(
    "media_tag",
    metadata,
    media_key(primary_key=True),
    Column("tag_id", Integer, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, nullable=False),  # person, embedded, rule
    Column("added_at", Text, nullable=False, server_default=NOW),
    Column("rule_id", Integer),  # of the rule that put it there; no reference, since a rule may be removed, and come back
    CheckConstraint("source IN ('person', 'embedded', 'rule')", name="source"),
    sqlite_with_rowid=False,
)
Index("ix_media_tag_tag_id", media_tag.c.tag_id, media_tag.c.media_id)

# Tags that files bear or rules put there, and a person took off: neither the next reading nor a rule puts them back.
media_tag_refused = Table(
    "media_tag_refused",
    metadata,
    media_key(primary_key=True),
    Column("tag_id", Integer, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    sqlite_with_rowid=False,
)

tag_rule = Table(
    "tag_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("query", Text, nullable=False),
    Column("added_at", Text, nullable=False, server_default=NOW),
    sqlite_autoincrement=True,
)

tag_rule_tag = Table(
    "tag_rule_tag",
    metadata,
    Column("rule_id", Integer, ForeignKey("tag_rule.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", Integer, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_tag_rule_tag_tag_id", tag_rule_tag.c.tag_id)

# What was read or moved, and not yet asked for by the rules: also of a scan that was killed before it came to them.
tag_rule_due = Table("tag_rule_due", metadata, media_key(primary_key=True))

collection = Table(
    "collection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # casefolded path: family/summer
    Column("name", Text, nullable=False),  # as a person wrote it
    Column("description", Text),
    Column("query", Text),  # null: by hand, otherwise smart
    Column("sort", Text),  # of a smart one; null: newest first
    Column("added_at", Text, nullable=False, server_default=NOW),
    sqlite_autoincrement=True,
)

collection_media = Table(
    "collection_media",
    metadata,
    media_key("collection", primary_key=True),
    media_key(primary_key=True),
    Column("position", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_collection_media_media_id", collection_media.c.media_id)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False, server_default=NOW),
    Column("command", Text, nullable=False),  # as it was typed: tag add holiday beach
    Column("items", Integer, nullable=False),
    Column("aspects", Text, nullable=False),  # JSON array of what it changed of them: ["tag", 3], ["field", "title"]
    Column("undone_at", Text),
)

# What an edit did, page by page, so that it can be taken back and done again.
change_page = Table(
    "change_page",
    metadata,
    Column("change_id", Integer, ForeignKey("change.id", ondelete="CASCADE"), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # zlib of JSON: journal.py
)
