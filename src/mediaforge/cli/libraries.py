"""mediaforge library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted, size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.program import PlainCommand, group
from mediaforge.cli.session import confirm, session
from mediaforge.model import Library
from mediaforge.operations import libraries
from mediaforge.operations.roots import absolute
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

library_app = group("List, move and forget the scanned folders.")


def _record(library: Library) -> dict[str, object]:
    return {
        "library": library.slug,
        "root": display_path(library.root),
        "state": "online" if library.online else "offline",
        "items": library.items,
        "size": library.size,
        "volume": library.volume,
        "volume_label": library.volume_label,
        "added": library.added,
        "seen": library.seen,
    }


@library_app.command("list", cls=PlainCommand)
def list_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """List the scanned folders, and how many items each has."""
    rows = [_record(library) for library in session(context).run(libraries.list_libraries)]
    if how is ListFormat.TABLE:
        for row in rows:
            row["size"] = size_text(int(str(row["size"])))
    print_rows(rows, how, ("library", "state", "items", "size", "root"), right=("items", "size"))


@library_app.command("forget", cls=PlainCommand)
def forget_command(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="The library, as library list names it.", metavar="SLUG")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
) -> None:
    """Forget a library with its items; its files stay as they are, and undo brings all of it back."""
    ours = session(context)

    async def act(catalogue: Catalogue) -> None:
        found = await libraries.forgettable(catalogue, slug)
        what = f"the library '{slug}' at '{printable(display_path(found.library.root))}' with {counted(len(found.ids), 'item')}"
        if dry_run:
            return ours.say(f"would forget {what}")
        confirm(f"forget {what}?", yes=yes)
        return ours.say(f"forgot {what}; undo with: mediaforge undo {await libraries.forget(catalogue, slug)}")

    ours.run(act)


@library_app.command("relocate", cls=PlainCommand)
def relocate(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="The library, as library list names it.", metavar="SLUG")],
    new_root: Annotated[str, typer.Argument(help="Where its root is now.", metavar="NEWROOT")],
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
) -> None:
    """Move a library whose mount point or folder is another now; its items keep their ids and tags."""
    ours = session(context)
    library = ours.run(lambda catalogue: libraries.relocate(catalogue, ours.config, slug, new_root, dry_run=dry_run))
    done = "would move" if dry_run else "moved"
    ours.say(f"{done} library '{slug}' from '{display_path(library.root)}' to '{display_path(absolute(new_root))}'")
