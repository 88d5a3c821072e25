"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NOW = sa.text("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))")


def upgrade() -> None:
    """Create every table, index and trigger, and the full-text index."""
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("aspects", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("query", sa.Text()),
        sa.Column("sort", sa.Text()),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("key", name=op.f("uq_collection_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "library",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("root_display", sa.Text(), nullable=False),
        sa.Column("volume", sa.Text()),
        sa.Column("volume_label", sa.Text()),
        sa.Column("mount_point", sa.Integer(), server_default="0", nullable=False),
        sa.Column("online", sa.Integer(), server_default="1", nullable=False),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("seen_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
        sa.UniqueConstraint("root", name=op.f("uq_library_root")),
        sa.UniqueConstraint("slug", name=op.f("uq_library_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("heartbeat_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("ended_at", sa.Text()),
        sa.Column("cancel_requested", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pause_requested", sa.Integer(), server_default="0", nullable=False),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("phase", sa.Text(), server_default="counting", nullable=False),
        sa.Column("current_file", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknown", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ambiguous", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settling", sa.Integer(), server_default="0", nullable=False),
        sa.Column("touched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("known_failed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_started_at", "scan", ["started_at"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("colour", sa.Text()),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("key", name=op.f("uq_tag_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tag_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_rule")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change_page",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_change_page_change_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("change_id", "page", name=op.f("pk_change_page")),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_text", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mtime_ns", sa.Integer(), nullable=False),
        sa.Column("inode", sa.Integer(), nullable=False),
        sa.Column("companions", sa.LargeBinary()),
        sa.Column("missing_at", sa.Text()),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("shown_year", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer()),
        sa.Column("favourite", sa.Integer()),
        sa.Column("facts_version", sa.Integer()),
        sa.Column("facts_size", sa.Integer()),
        sa.Column("facts_mtime_ns", sa.Integer()),
        sa.Column("facts_companions", sa.LargeBinary()),
        sa.Column("facts_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("facts_failure", sa.Text()),
        sa.Column("facts_error", sa.Text()),
        sa.Column("facts_at", sa.Text()),
        sa.Column("reader", sa.Text()),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("sha256", sa.Text()),
        sa.Column("format", sa.Text()),
        sa.Column("duration", sa.Float()),
        sa.Column("bit_rate", sa.Integer()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("orientation", sa.Integer()),
        sa.Column("rotation", sa.Integer()),
        sa.Column("fps", sa.Float()),
        sa.Column("pixel_format", sa.Text()),
        sa.Column("bit_depth", sa.Integer()),
        sa.Column("hdr", sa.Text()),
        sa.Column("interlaced", sa.Integer()),
        sa.Column("variable_frame_rate", sa.Integer()),
        sa.Column("video_codec", sa.Text()),
        sa.Column("audio_codec", sa.Text()),
        sa.Column("channels", sa.Integer()),
        sa.Column("sample_rate", sa.Integer()),
        sa.Column("cover", sa.Integer()),
        sa.Column("motion", sa.Integer()),
        sa.Column("chapters", sa.Text()),
        sa.Column("taken_local", sa.Text(), nullable=False),
        sa.Column("taken_offset", sa.Integer()),
        sa.Column("taken_source", sa.Text(), nullable=False),
        sa.Column("camera_make", sa.Text()),
        sa.Column("camera_model", sa.Text()),
        sa.Column("lens", sa.Text()),
        sa.Column("iso", sa.Integer()),
        sa.Column("f_number", sa.Float()),
        sa.Column("exposure_time", sa.Float()),
        sa.Column("focal_length", sa.Float()),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("altitude", sa.Float()),
        sa.Column("place", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("artist", sa.Text()),
        sa.Column("album", sa.Text()),
        sa.Column("album_artist", sa.Text()),
        sa.Column("composer", sa.Text()),
        sa.Column("genre", sa.Text()),
        sa.Column("year", sa.Integer()),
        sa.Column("track", sa.Integer()),
        sa.Column("disc", sa.Integer()),
        sa.Column("keywords", sa.Text()),
        sa.Column("show", sa.Text()),
        sa.Column("season", sa.Integer()),
        sa.Column("episode", sa.Integer()),
        sa.Column("episode_title", sa.Text()),
        sa.Column("live_id", sa.Text()),
        sa.Column("burst_id", sa.Text()),
        sa.Column("extra", sa.Text()),
        sa.Column("origins", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("group_id", sa.Integer()),
        sa.Column("group_kind", sa.Text()),
        sa.CheckConstraint("kind IN ('video', 'audio', 'image')", name=op.f("ck_media_kind")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_media_library_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_burst_id", "media", ["burst_id"], unique=False, sqlite_where=sa.text("burst_id IS NOT NULL"))
    op.create_index("ix_media_companions", "media", ["id"], unique=False, sqlite_where=sa.text("companions IS NOT NULL"))
    op.create_index("ix_media_facts_version", "media", ["facts_version"], unique=False)
    op.create_index("ix_media_fingerprint", "media", ["fingerprint"], unique=False)
    op.create_index("ix_media_group_id", "media", ["group_id"], unique=False, sqlite_where=sa.text("group_id IS NOT NULL"))
    op.create_index("ix_media_live_id", "media", ["live_id"], unique=False, sqlite_where=sa.text("live_id IS NOT NULL"))
    op.create_index("ix_media_missing", "media", ["size"], unique=False, sqlite_where=sa.text("missing_at IS NOT NULL"))
    op.create_index(
        "ix_media_newest",
        "media",
        [
            "newest",
            "missing_at",
            "kind",
            "suffix",
            "size",
            "shown_year",
            "duration",
            "width",
            "height",
            "rating",
            "favourite",
            "video_codec",
            "audio_codec",
            "latitude",
            "longitude",
            "library_id",
            "facts_failure",
        ],
        unique=False,
    )
    op.create_index(
        "ix_media_place", "media", ["latitude", "longitude"], unique=False, sqlite_where=sa.text("latitude IS NOT NULL")
    )
    op.create_index("ix_media_sha256", "media", ["sha256"], unique=False, sqlite_where=sa.text("sha256 IS NOT NULL"))
    op.create_index("ix_media_size", "media", ["size"], unique=False)
    op.create_index(
        "ix_media_stale",
        "media",
        ["id"],
        unique=False,
        sqlite_where=sa.text(
            "facts_version IS NULL OR facts_size IS NOT size OR facts_mtime_ns IS NOT mtime_ns OR "
            "facts_companions IS NOT companions OR facts_failure IS NOT NULL"
        ),
    )
    op.create_index(
        "ix_media_year", "media", ["shown_year", "newest"], unique=False, sqlite_where=sa.text("missing_at IS NULL")
    )
    op.create_index(
        "uq_media_library_id_path", "media", ["library_id", "path"], unique=True, sqlite_where=sa.text("missing_at IS NULL")
    )
    op.create_table(
        "scan_root",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("root_display", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_scan_root_library_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_scan_root_scan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan_id", "library_id", "root", name=op.f("pk_scan_root")),
    )
    op.create_table(
        "tag_alias",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_alias_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tag_alias")),
    )
    op.create_table(
        "tag_rule_tag",
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["tag_rule.id"], name=op.f("fk_tag_rule_tag_rule_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_rule_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rule_id", "tag_id", name=op.f("pk_tag_rule_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tag_rule_tag_tag_id", "tag_rule_tag", ["tag_id"], unique=False)
    op.create_table(
        "collection_media",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("fk_collection_media_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_collection_media_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("collection_id", "media_id", name=op.f("pk_collection_media")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_collection_media_media_id", "collection_media", ["media_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("read", sa.Text()),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_correction_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "field", name=op.f("pk_correction")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "group_due",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_group_due_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_group_due")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer()),
        sa.Column("library_id", sa.Integer()),
        sa.Column("scan_id", sa.Text()),
        sa.Column("at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.Column("before", sa.LargeBinary()),
        sa.Column("after", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_history_library_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_history_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_media_id", "history", ["media_id"], unique=False)
    op.create_index("ix_history_scan_id", "history", ["scan_id"], unique=False)
    op.create_table(
        "likeness",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float()),
        sa.Column("phash", sa.Integer(), nullable=False),
        sa.Column("dhash", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_likeness_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "position", name=op.f("pk_likeness")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "media_tag",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("rule_id", sa.Integer()),
        sa.CheckConstraint("source IN ('person', 'embedded', 'rule')", name=op.f("ck_media_tag_source")),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_media_tag_media_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_media_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "tag_id", name=op.f("pk_media_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_media_tag_tag_id", "media_tag", ["tag_id", "media_id"], unique=False)
    op.create_table(
        "media_tag_refused",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_media_tag_refused_media_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_media_tag_refused_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "tag_id", name=op.f("pk_media_tag_refused")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scan_problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Integer()),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_scan_problem_media_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_scan_problem_scan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_problem")),
    )
    op.create_index("ix_scan_problem_media_id", "scan_problem", ["media_id"], unique=False)
    op.create_index("ix_scan_problem_scan_id", "scan_problem", ["scan_id"], unique=False)
    op.create_table(
        "stream",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("codec", sa.Text()),
        sa.Column("profile", sa.Text()),
        sa.Column("level", sa.Float()),
        sa.Column("language", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("bit_rate", sa.Integer()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("fps", sa.Float()),
        sa.Column("pixel_format", sa.Text()),
        sa.Column("bit_depth", sa.Integer()),
        sa.Column("channels", sa.Integer()),
        sa.Column("sample_rate", sa.Integer()),
        sa.Column("is_default", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_forced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_attached_picture", sa.Integer(), server_default="0", nullable=False),
        sa.Column("file", sa.Text()),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_stream_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "idx", name=op.f("pk_stream")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_stream_codec", "stream", ["codec"], unique=False)
    op.create_index("ix_stream_language", "stream", ["type", "language"], unique=False)
    op.create_table(
        "tag_rule_due",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_tag_rule_due_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_tag_rule_due")),
    )
    op.create_table(
        "target",
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mtime_ns", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("made_at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("bytes", sa.Integer()),
        sa.Column("seconds", sa.Float()),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_target_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("media_id", "recipe", name=op.f("pk_target")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_target_recipe_value", "target", ["recipe", "value"], unique=False)
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), server_default=NOW, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_verification_media_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_media_id", "verification", ["media_id", "at"], unique=False)
    op.execute(
        "CREATE VIRTUAL TABLE media_fts USING fts5(title, path, artist, album, album_artist, composer, show, "
        "episode_title, description, keywords, camera, place, genre, note, tokenize='unicode61 "
        "remove_diacritics 2', prefix='2 3')"
    )
    op.execute(
        "CREATE TRIGGER media_fts_delete AFTER DELETE ON media BEGIN DELETE FROM media_fts WHERE rowid = old.newest; END"
    )
    op.execute(
        "CREATE TRIGGER media_fts_move AFTER UPDATE OF newest ON media WHEN old.newest <> new.newest BEGIN "
        "UPDATE media_fts SET rowid = new.newest WHERE rowid = old.newest; END"
    )
