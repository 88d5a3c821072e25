"""Tables of what is on disk: libraries, files, what was read of them and made from them, and how they were recognised."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from mediaforge.catalog.columns import COVERED
from mediaforge.catalog.tables_metadata import NOW, media_key, metadata

library = Table(
    "library",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("root", LargeBinary, nullable=False, unique=True),  # absolute
    Column("root_display", Text, nullable=False),
    Column("volume", Text),  # filesystem UUID or id, where one is known that outlives a reboot
    Column("volume_label", Text),
    Column("mount_point", Integer, nullable=False, server_default="0"),  # the root is one: then it must be mounted
    Column("online", Integer, nullable=False, server_default="1"),
    Column("added_at", Text, nullable=False, server_default=NOW),
    Column("seen_at", Text),  # when its root was last there; a present item was last seen then, too
    sqlite_autoincrement=True,  # an edit that can be undone names libraries by their ids
)

media = Table(
    "media",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", Integer, ForeignKey("library.id", ondelete="CASCADE"), nullable=False),
    # What the walk saw.
    Column("path", LargeBinary, nullable=False),  # relative to the library's root
    Column("path_text", Text, nullable=False),  # the same to show and to search: NFC, U+FFFD for what is not UTF-8
    Column("suffix", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("inode", Integer, nullable=False),
    Column("companions", LargeBinary),  # sidecars.pack; null: none
    Column("missing_at", Text),  # null: present
    Column("added_at", Text, nullable=False, server_default=NOW),
    # What follows from the facts, written with them (columns.DERIVED): SQLite answers no query by an index alone that asks for
    # a generated column, or for one beyond the 63rd. `newest` sorts as items are shown and is the rowid of the full text,
    # which so gives its hits in that order: seconds since 1970 of the local time (34 bits: 1697 to 2242, others stand at the
    # ends), then the id (29 bits). `shown_year` is that of release, otherwise that of the local time.
    Column("newest", Integer, nullable=False),
    Column("shown_year", Integer, nullable=False),
    Column("rating", Integer),
    Column("favourite", Integer),
    # The target `facts`: its state, like a row of `target`.
    Column("facts_version", Integer),
    Column("facts_size", Integer),
    Column("facts_mtime_ns", Integer),
    Column("facts_companions", LargeBinary),
    Column("facts_attempts", Integer, nullable=False, server_default="0"),
    Column("facts_failure", Text),  # model.Failure
    Column("facts_error", Text),
    Column("facts_at", Text),
    Column("reader", Text),
    Column("fingerprint", Text),
    Column("sha256", Text),
    # The typed facts, in the order of model.Facts.
    Column("format", Text),
    Column("duration", Float),
    Column("bit_rate", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("orientation", Integer),
    Column("rotation", Integer),
    Column("fps", Float),
    Column("pixel_format", Text),
    Column("bit_depth", Integer),
    Column("hdr", Text),
    Column("interlaced", Integer),
    Column("variable_frame_rate", Integer),
    Column("video_codec", Text),
    Column("audio_codec", Text),
    Column("channels", Integer),
    Column("sample_rate", Integer),
    Column("cover", Integer),
    Column("motion", Integer),
    Column("chapters", Text),  # JSON array of {start, end, title}
    Column("taken_local", Text, nullable=False),  # local time at the place, without offset; mtime until facts are read
    Column("taken_offset", Integer),  # seconds east of UTC, where known
    Column("taken_source", Text, nullable=False),
    Column("camera_make", Text),
    Column("camera_model", Text),
    Column("lens", Text),
    Column("iso", Integer),
    Column("f_number", Float),
    Column("exposure_time", Float),
    Column("focal_length", Float),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("altitude", Float),
    Column("place", Text),
    Column("title", Text),
    Column("description", Text),
    Column("artist", Text),
    Column("album", Text),
    Column("album_artist", Text),
    Column("composer", Text),
    Column("genre", Text),
    Column("year", Integer),
    Column("track", Integer),
    Column("disc", Integer),
    Column("keywords", Text),  # JSON array
    Column("show", Text),
    Column("season", Integer),
    Column("episode", Integer),
    Column("episode_title", Text),
    Column("live_id", Text),
    Column("burst_id", Text),
    Column("extra", Text),  # JSON object
    Column("origins", Text),  # JSON object
    Column("note", Text),
    # What belongs together is one group, led by one of its items; found anew after each scan that touched any of them.
    Column("group_id", Integer),  # of the item that leads; null: it is alone
    Column("group_kind", Text),  # model.GroupKind
    CheckConstraint("kind IN ('video', 'audio', 'image')", name="kind"),
    sqlite_autoincrement=True,  # an id that was forgotten is never given again: it may come back by undo, or stand in a script
)
# Only present rows own their path: a missing one stays where it was last seen, whatever stands there now.
Index("uq_media_library_id_path", media.c.library_id, media.c.path, unique=True, sqlite_where=text("missing_at IS NULL"))
# Newest first is the default order of every search. The columns behind are those that most queries ask for: they are told
# by the index alone, at a tenth of what a look at the row costs.
Index("ix_media_newest", media.c.newest, *(media.c[name] for name in COVERED))
# `year:` and `near:` of a million rows: 412 ms and 514 ms without these, below 1 ms with them (300,000 rows, newest 50).
Index("ix_media_year", media.c.shown_year, media.c.newest, sqlite_where=text("missing_at IS NULL"))
Index("ix_media_place", media.c.latitude, media.c.longitude, sqlite_where=text("latitude IS NOT NULL"))
Index("ix_media_missing", media.c.size, sqlite_where=text("missing_at IS NOT NULL"))
Index("ix_media_size", media.c.size)
Index("ix_media_fingerprint", media.c.fingerprint)
Index("ix_media_sha256", media.c.sha256, sqlite_where=text("sha256 IS NOT NULL"))
Index("ix_media_facts_version", media.c.facts_version)
# Groups, and what stands beside files: partial, since most have none.
Index("ix_media_group_id", media.c.group_id, sqlite_where=text("group_id IS NOT NULL"))
Index("ix_media_live_id", media.c.live_id, sqlite_where=text("live_id IS NOT NULL"))
Index("ix_media_burst_id", media.c.burst_id, sqlite_where=text("burst_id IS NOT NULL"))
Index("ix_media_companions", media.c.id, sqlite_where=text("companions IS NOT NULL"))
# What the recipe `facts` still has to read; partial, so that it holds only the few rows that are stale.
Index(
    "ix_media_stale",
    media.c.id,
    sqlite_where=text(
        "facts_version IS NULL OR facts_size IS NOT size OR facts_mtime_ns IS NOT mtime_ns"
        " OR facts_companions IS NOT companions OR facts_failure IS NOT NULL"
    ),
)

stream = Table(
    "stream",
    metadata,
    media_key(primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("codec", Text),
    Column("profile", Text),
    Column("level", Float),
    Column("language", Text),
    Column("title", Text),
    Column("bit_rate", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("fps", Float),
    Column("pixel_format", Text),
    Column("bit_depth", Integer),
    Column("channels", Integer),
    Column("sample_rate", Integer),
    Column("is_default", Integer, nullable=False, server_default="0"),
    Column("is_forced", Integer, nullable=False, server_default="0"),
    Column("is_attached_picture", Integer, nullable=False, server_default="0"),
    Column("file", Text),  # of subtitles beside the video: its name
    sqlite_with_rowid=False,
)
Index("ix_stream_codec", stream.c.codec)
Index("ix_stream_language", stream.c.type, stream.c.language)

# What a person set. The columns of `media` hold it, too, so that it is found and sorted by like any fact; `read` is what the
# file says instead, and goes back into them when the person takes the correction back.
correction = Table(
    "correction",
    metadata,
    media_key(primary_key=True),
    Column("field", Text, primary_key=True),  # corrections.SETTABLE
    Column("value", Text, nullable=False),  # JSON: a value, or an array where a field has several columns
    Column("read", Text),  # likewise; null where the file says nothing
    Column("added_at", Text, nullable=False, server_default=NOW),
    sqlite_with_rowid=False,
)

target = Table(
    "target",
    metadata,
    media_key(primary_key=True),
    Column("recipe", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # the source's stamp
    Column("mtime_ns", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("error", Text),
    Column("made_at", Text, nullable=False, server_default=NOW),
    Column("value", Text),  # of thumbnail: the name of its files; null: there is nothing to show
    Column("bytes", Integer),  # that are stored of it outside of the catalogue
    Column("seconds", Float),  # that making it took
    sqlite_with_rowid=False,
)
Index("ix_target_recipe_value", target.c.recipe, target.c.value)

# What an item looks like, made by the recipe `phash`: of a picture one row, of a video one for each of its frames that was
# looked at. A picture in which there is nothing to be seen has none.
likeness = Table(
    "likeness",
    metadata,
    media_key(primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at", Float),  # seconds from the beginning of a video
    Column("phash", Integer, nullable=False),  # 64 bits, as SQLite's signed integers hold them
    Column("dhash", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What reading a file again came to: its last time whole, and every other outcome.
verification = Table(
    "verification",
    metadata,
    Column("id", Integer, primary_key=True),
    media_key(),
    Column("at", Text, nullable=False, server_default=NOW),
    Column("outcome", Text, nullable=False),  # verifications.Outcome
    Column("message", Text),
)
Index("ix_verification_media_id", verification.c.media_id, verification.c.at)

# What was read, moved or missed, or was in a group with it, and not yet asked for its group: also of a scan that was killed.
group_due = Table("group_due", metadata, media_key(primary_key=True))

# How an item was recognised through time: found, moved, missed, come back. Kept when the scan's own record is forgotten.
history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("media_id", Integer, ForeignKey("media.id", ondelete="CASCADE")),  # null: everything in the library
    Column("library_id", Integer, ForeignKey("library.id", ondelete="CASCADE")),
    Column("scan_id", Text),
    Column("at", Text, nullable=False, server_default=NOW),
    Column("event", Text, nullable=False),  # moved, missing, relocated
    Column("evidence", Text),  # scanned.Evidence
    Column("before", LargeBinary),  # absolute paths
    Column("after", LargeBinary),
)
Index("ix_history_media_id", history.c.media_id)
Index("ix_history_scan_id", history.c.scan_id)
