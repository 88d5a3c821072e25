"""The one door between a library and us: foreign errors become ExtractError, and nothing is printed on the way."""

from __future__ import annotations

import errno
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from mediaforge.errors import ExtractError

# What mutagen, Pillow and PyAV raised over thousands of broken files beside their own errors. RuntimeError covers
# RecursionError and NotImplementedError, ArithmeticError ZeroDivisionError and OverflowError, LookupError IndexError and
# KeyError. MemoryError is not among them: the worker ends on it.
BROKEN: tuple[type[Exception], ...] = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, RuntimeError, struct.error, SyntaxError,
    SystemError, TypeError, ValueError, zlib.error,
)  # fmt: skip

# These say that the file could not be reached, not that it is broken. Libraries raise OSError for broken files too, most
# without a number.
UNREACHABLE = frozenset({
    errno.EACCES, errno.EBUSY, errno.EHOSTDOWN, errno.EIO, errno.EISDIR, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ENOENT,
    errno.ENOTCONN, errno.ENOTDIR, errno.ENXIO, errno.EPERM, errno.ESTALE, errno.ETIMEDOUT,
})  # fmt: skip

_PATH = re.compile(r"""['"]?/\S.*$|\s*<_io\.\w+.*$|\[Errno -?\d+\] """, re.DOTALL)
_BLANKS = re.compile(r"\s+")


@contextmanager
def door(*foreign: type[Exception]) -> Iterator[None]:
    """Turn whatever a library raises inside into ExtractError.

    `foreign` are the library's own error classes. OSError passes where the file cannot be reached; MemoryError always.
    """
    caught: tuple[type[Exception], ...] = (OSError, *BROKEN, *foreign)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ExtractError:
            raise
        except caught as error:
            number = error.errno if isinstance(error, OSError) else None
            if number in UNREACHABLE:
                raise OSError(number, str(getattr(error, "strerror", error))) from error
            raise ExtractError(sentence(error)) from error


def sentence(error: BaseException) -> str:
    """Return what an error says in one short line without a path; its class where it says nothing."""
    text = _BLANKS.sub(" ", _PATH.sub("", str(error))).strip(" :,'\"[]().")[:120]
    text += ")" * (text.count("(") - text.count(")"))  # what was stripped off a bracket that is open
    return text[:1].lower() + text[1:] if text[1:2].islower() else text or type(error).__name__
