"""Runs the migrations on the connection, in the transaction, that mediaforge.catalog.migrate opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
