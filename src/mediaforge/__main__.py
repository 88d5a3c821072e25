"""Run as `python -m mediaforge`."""

from mediaforge.cli.app import main

main()
