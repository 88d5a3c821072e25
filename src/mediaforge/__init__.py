"""MediaForge: a media cataloguer for the command line."""

__version__ = "0.1.0"
