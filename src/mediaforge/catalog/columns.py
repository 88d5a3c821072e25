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

COVERED = tuple(
    "missing_at kind suffix size shown_year duration width height rating video_codec audio_codec latitude longitude library_id"
    " facts_failure".split()
)
"""The columns of `media` that the index of the default order holds beside its key."""
