"""What all tables have in common."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, text

NOW = text("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def media_key(table: str = "media", *, primary_key: bool = False) -> Column[int]:
    """Return the column that says whose a row is: it goes with that one."""
    return Column(
        f"{table}_id", Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, primary_key=primary_key
    )
