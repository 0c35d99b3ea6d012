"""The command line ``mingdeng``: one file for each command."""

from daemon.cli.entry import main

__all__ = ["main"]
