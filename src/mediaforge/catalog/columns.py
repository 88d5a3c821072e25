"""Names of columns that more than one module needs, without SQLAlchemy, which tables.py costs."""

from __future__ import annotations

FACT_COLUMNS = tuple(
    "format duration bit_rate width height orientation rotation fps pixel_format bit_depth hdr interlaced"
    " variable_frame_rate video_codec audio_codec channels sample_rate cover motion chapters taken_local taken_offset"
    " taken_source camera_make camera_model lens iso f_number exposure_time focal_length latitude longitude altitude place"
    " title description artist album album_artist composer genre year track disc keywords show season episode"
    " episode_title rating live_id burst_id extra origins".split()
)
"""The columns of `media` that hold what was read from a file, in the order of model.Facts."""

_CAMERA = "coalesce(camera_make, '') || ' ' || coalesce(camera_model, '')"
_SAME = "artist album album_artist composer show episode_title description keywords".split()

FTS_COLUMNS = {
    "title": "title",
    "path": "path_text",
    **{name: name for name in _SAME},
    "camera": _CAMERA,
    "place": "place",
    "genre": "genre",
    "note": "note",
}
"""The columns of `media_fts`, and what of `media` stands in each, in SQL."""

SECONDS = "min(max(CAST(strftime('%s', {}) AS INTEGER), -8589934592), 8589934591)"
"""The first half of `newest`, in SQL: seconds since 1970 of a local time, within 34 bits."""

DERIVED = {
    "newest": f"({SECONDS.format('{taken_local}')} << 29) + ({{id}} & 536870911)",
    "shown_year": "coalesce({year}, CAST(substr({taken_local}, 1, 4) AS INTEGER))",
}
"""The columns of `media` that follow from others, in SQL with these for its fields; whoever writes those writes these."""

COVERED = tuple(
    "missing_at kind suffix size shown_year duration width height rating favourite video_codec audio_codec latitude longitude"
    " library_id facts_failure".split()
)
"""The columns of `media` that the index of the default order holds beside its key."""
