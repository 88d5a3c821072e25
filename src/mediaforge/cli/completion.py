"""mediaforge completion: what a shell needs to complete our command lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """A shell that can be taught."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_SCRIPTS = {
    Shell.BASH: """\
_mediaforge() {
    local IFS=$'\\n'
    COMPREPLY=($(_MEDIAFORGE_COMPLETE=bash COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" "$1"))
}
complete -o default -o nospace -F _mediaforge mediaforge
""",
    Shell.ZSH: """\
#compdef mediaforge
_mediaforge() {
    local -a words_given words_shown lines
    lines=("${(@f)$(_MEDIAFORGE_COMPLETE=zsh COMP_LINE="${(j: :)words[1,CURRENT]}" "${words[1]}")}")
    local line
    for line in $lines; do
        words_given+=("${line%%$'\\t'*}")
        words_shown+=("${line#*$'\\t'}")
    done
    if (( ${#words_given} )); then
        compadd -Q -S '' -l -d words_shown -a words_given
    else
        _files
    fi
}
compdef _mediaforge mediaforge
""",
    Shell.FISH: """\
function __mediaforge_complete
    set -l replies (_MEDIAFORGE_COMPLETE=fish COMP_LINE=(commandline -cp) mediaforge)
    if test (count $replies) -gt 0
        printf '%s\\n' $replies
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c mediaforge -f -a '(__mediaforge_complete)'
""",
}


def completion_command(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.", metavar="SHELL")],
) -> None:
    """Print what teaches a shell to complete; for bash: eval "$(mediaforge completion bash)" in ~/.bashrc."""
    typer.echo(_SCRIPTS[shell], nl=False)
