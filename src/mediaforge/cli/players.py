"""What players play, as `mediaforge help playable` tells it."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import typer

from mediaforge.cli.output import ListFormat, print_rows
from mediaforge.players import PLAYERS, Codecs, Limits, Player


def print_players(own: Mapping[str, Player], how: ListFormat) -> None:
    """Print the players that everybody knows and the person's own."""
    players = {**PLAYERS, **own}
    if how is not ListFormat.TABLE:
        return print_rows([_row(name, player) for name, player in players.items()], how, ("player",))
    width = min(shutil.get_terminal_size().columns, 120)
    for number, (name, player) in enumerate(players.items()):
        typer.echo(f"{'' if number == 0 else chr(10)}playable:{name}  {player.title}")
        for key, text in _parts(player):
            typer.echo(textwrap.fill(f"  {key:10}  {text}", width, subsequent_indent=" " * 14, break_on_hyphens=False))
    return None


def _parts(player: Player) -> Iterator[tuple[str, str]]:
    yield "containers", _listed(player.containers)
    for key, codecs in (("video", player.video), ("audio", player.audio), ("images", player.images)):
        yield key, _listed(None if codecs is None else [_codec(name, limits) for name, limits in codecs.items()], ", ")
    yield "hdr", _listed(player.hdr)


def _listed(names: tuple[str, ...] | list[str] | None, between: str = " ") -> str:
    return "any" if names is None else between.join(names) or "none"


def _codec(name: str, limits: Limits) -> str:
    parts = [
        " ".join(limits.profiles),
        " ".join(limits.pixel_formats),
        f"level {limits.level:g}" if limits.level else "",
        limits.size or "",
        f"{limits.fps:g} fps" if limits.fps else "",
        f"{limits.bit_depth} bits" if limits.bit_depth else "",
        f"{limits.channels} channels" if limits.channels else "",
        f"{limits.sample_rate} Hz" if limits.sample_rate else "",
        f"in {' '.join(limits.containers)}" if limits.containers else "",
    ]
    told = "; ".join(part for part in parts if part)
    return f"{name} ({told})" if told else name


def _row(name: str, player: Player) -> dict[str, object]:
    codecs = {"video": _limits(player.video), "audio": _limits(player.audio), "images": _limits(player.images)}
    lists = {
        key: None if names is None else list(names) for key, names in (("containers", player.containers), ("hdr", player.hdr))
    }
    return {"player": name, "title": player.title, "containers": lists["containers"], **codecs, "hdr": lists["hdr"]}


def _limits(codecs: Codecs | None) -> dict[str, dict[str, object]] | None:
    if codecs is None:
        return None
    return {name: {key: value for key, value in asdict(limits).items() if value} for name, limits in codecs.items()}
