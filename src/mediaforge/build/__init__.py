"""Targets are built here: stale sources go to isolated worker processes and come back to one writer."""
