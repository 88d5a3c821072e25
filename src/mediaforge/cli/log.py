"""The log: one line an event, to a file with --log-file and to stderr with -v."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from mediaforge.errors import UsageError
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.events import Event

_LEVELS = ("debug", "info", "warning", "error")
# The events that come many times a second, or are bad news; every other one is news.
_LEVEL_OF = {"counted": "debug", "progress": "debug", "trouble": "warning"}
_PLAIN = re.compile(r"[\w./:+-]+")


class LogFormat(StrEnum):
    """How the lines of a log look."""

    TEXT = "text"
    JSON = "json"


class Log:
    """Writes events to a file and, where `verbose` is 1 or more, to stderr; from 2 on those of level debug, too.

    UsageError where the file cannot be written.
    """

    def __init__(self, path: str | None = None, how: LogFormat = LogFormat.TEXT, *, verbose: int = 0) -> None:
        self.how, self.scan = how, ""
        self._least = 0 if verbose > 1 else 1
        self._streams: list[TextIO] = [sys.stderr] if verbose else []
        if path is not None:
            try:
                self._streams.append(open(path, "a", encoding="utf-8", errors="replace"))  # noqa: SIM115 - open to the end
            except OSError as error:
                raise UsageError(f"cannot write the log file '{path}': {(error.strerror or str(error)).lower()}") from error

    def hear(self, event: Event) -> None:
        """Write one event of an operation down, whatever it is: its class is its name, its fields are what it tells."""
        from mediaforge.events import ScanStarted  # no command but a scan has any events

        if isinstance(event, ScanStarted):
            self.scan = event.scan
        if self._streams:
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
            self.write(_LEVEL_OF.get(name, "info"), name, **asdict(event))

    def write(self, level: str, event: str, **fields: object) -> None:
        """Write one line."""
        if not self._streams or _LEVELS.index(level) < self._least:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {name: _value(value) for name, value in fields.items() if name != "scan" and value is not None}
        head = {"at": at, "level": level, "event": event, "scan": self.scan or None}
        line = _json({**head, **told}) if self.how is LogFormat.JSON else _text(head, told)
        for stream in list(self._streams):
            try:
                stream.write(line + "\n")
                stream.flush()  # a log is read while it grows, and after a kill
            except OSError as error:
                self._streams.remove(stream)
                if stream is not sys.stderr:
                    print(f"warning: the log ends here: {(error.strerror or '').lower()}", file=sys.stderr)  # noqa: T201

    def close(self) -> None:
        """Close the file."""
        for stream in self._streams:
            if stream is not sys.stderr:
                stream.close()


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return display_path(value)
    if isinstance(value, tuple | list):
        return [_value(part) for part in value]
    return value


def _json(record: Mapping[str, object]) -> str:
    return json.dumps({name: value for name, value in record.items() if value is not None}, ensure_ascii=False, default=str)


def _text(head: Mapping[str, object], told: Mapping[str, object]) -> str:
    scan = str(head["scan"] or "-")[:8]
    parts = [str(head["at"]), str(head["level"]), scan, str(head["event"])]
    return " ".join([*parts, *(f"{name}={_word(value)}" for name, value in told.items())])


def _word(value: object) -> str:
    text = printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if not isinstance(value, str) or _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
