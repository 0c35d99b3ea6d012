"""``python -m daemon.cli``: the command where no script is installed."""

from daemon.cli import main

main()
