"""The edit that an import is: page by page written down as it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from mediaforge.catalog import cells, journal
from mediaforge.catalog.cells import Aspect, Cells, State
from mediaforge.catalog.database import Catalogue
from mediaforge.model import MediaId

_PAGE = 20_000


@dataclass(slots=True)
class Entry:
    """One edit, in the caller's transaction; what it does is recorded at once, so that none of it is held in memory."""

    catalogue: Catalogue
    number: int
    pages: int = 0
    aspects: dict[Aspect, None] = field(default_factory=dict)

    @classmethod
    async def begin(cls, catalogue: Catalogue, command: str) -> Self:
        """Begin an edit; `command` is what a person typed."""
        return cls(catalogue, await journal.record_change(catalogue, command, items=0))

    async def put(self, some: Sequence[Cells]) -> None:
        """Bring cells into their states after the edit."""
        changed = [one for one in some if one.changes]
        if changed:
            await cells.write(self.catalogue, changed, after=True)
            self.aspects |= dict.fromkeys(one.aspect for one in changed)
            await self._add(journal.Page(tuple(changed)))

    async def define(self, kind: str, wanted: Mapping[int, str]) -> None:
        """Make what is no item (a tag, a collection) what these states say."""
        aspect = (kind, None)
        now = await cells.states(self.catalogue, aspect, list(wanted))
        changes = {one: (now.get(one), state) for one, state in wanted.items() if now.get(one) != state}
        await self.put([Cells(aspect, changes)])

    async def place(self, collection: int, positions: Iterable[tuple[MediaId, int]]) -> None:
        """Put items that are not in it at positions of a collection."""
        changes: dict[int, tuple[State, State]] = {}
        for media, position in positions:
            changes[media] = None, str(position)
            if len(changes) == _PAGE:
                await self.put([Cells(("member", collection), changes)])
                changes = {}
        await self.put([Cells(("member", collection), changes)])

    async def made(self, ids: Sequence[MediaId]) -> None:
        """Record that items were made."""
        self.aspects[journal.MADE] = None
        await self._add(journal.Page(back=tuple(ids), made=True))

    async def end(self, items: int) -> int | None:
        """End the edit, which changed so many items, and return its number; None where it did nothing."""
        await journal.complete_change(self.catalogue, self.number, items=items, aspects=self.aspects)
        return self.number if self.pages else None

    async def _add(self, page: journal.Page) -> None:
        await journal.set_page(self.catalogue, self.number, self.pages, page)
        self.pages += 1
