"""Names of columns that more than one module needs, without SQLAlchemy, which tables.py costs."""

from __future__ import annotations

FACT_COLUMNS = tuple(
    "format duration bit_rate width height orientation rotation fps pixel_format bit_depth hdr video_codec audio_codec channels"
    " sample_rate chapters taken_local taken_offset taken_source camera_make camera_model lens iso f_number exposure_time"
    " focal_length latitude longitude altitude place title description artist album album_artist composer genre year track disc"
    " keywords show season episode episode_title rating extra origins".split()
)
"""The columns of `media` that hold what was read from a file, in the order of model.Facts."""

FTS_COLUMNS = tuple(
    "title path artist album album_artist composer show episode_title description keywords camera place genre".split()
)
"""The columns of `media_fts`."""

SECONDS = "min(max(CAST(strftime('%s', {}) AS INTEGER), -8589934592), 8589934591)"
"""The first half of `newest`, in SQL: seconds since 1970 of a local time, within 34 bits."""

DERIVED = {
    "newest": f"({SECONDS.format('{taken_local}')} << 29) + ({{id}} & 536870911)",
    "shown_year": "coalesce({year}, CAST(substr({taken_local}, 1, 4) AS INTEGER))",
}
"""The columns of `media` that follow from others, in SQL with these for its fields; whoever writes those writes these."""

COVERED = tuple(
    "missing_at kind suffix size shown_year duration width height rating video_codec audio_codec latitude longitude library_id"
    " facts_failure".split()
)
"""The columns of `media` that the index of the default order holds beside its key."""
