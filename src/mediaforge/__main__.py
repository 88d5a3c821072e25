"""Run as `python -m mediaforge`."""

from __future__ import annotations

import os


def main() -> None:
    """Run the program, or tell a shell how its command line may go on, which must not wait for the program to load."""
    if "_MEDIAFORGE_COMPLETE" in os.environ:
        from mediaforge.cli.complete import main as complete

        return complete()
    from mediaforge.cli.app import main as run

    return run()


if __name__ == "__main__":
    main()
