"""The command line ``mingdeng``: one file for each command."""

from daemon.cli.main import main

__all__ = ["main"]
