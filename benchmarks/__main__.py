"""``make bench``: every measurement in turn, each in a process of its own so that none warms the next.

python -m benchmarks [--quick]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Final

MEASURES: Final = {
    "evaluations through the child process": ("benchmarks.engine", (), ()),
    "review, case by case": ("benchmarks.review", (), ("--cases", "1000")),
    "the ledger and its ticks": ("benchmarks.ledger", (), ("--events", "10000")),
    "file -> ledger -> lights": ("benchmarks.pipeline", (), ("--cases", "1000")),
    "deadline -> receiver": ("benchmarks.notify", (), ("--cards", "1000", "--singles", "4")),
    "pages of the console": (
        "benchmarks.console",
        (),
        ("--cases", "2000", "--cards", "300", "--finished", "200", "--times", "3", "--shared"),
    ),
    "facts over many cases": ("benchmarks.gathering", (), ("--events", "2000", "--gists", "2000")),
    "back-test of past cases": ("benchmarks.backtest", ("--cases", "20000"), ("--cases", "500")),
}
"""What is measured: its module, what is asked of it, and what where time is short."""


def main() -> None:
    """Run every measurement and print what it says under its heading; end with 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    quick = parser.parse_args().quick
    failed = []
    for heading, (module, whole, short) in MEASURES.items():
        print(f"\n── {heading} " + "─" * max(0, 70 - len(heading)), flush=True)
        done = subprocess.run([sys.executable, "-m", module, *(short if quick else whole)], check=False)
        if done.returncode:
            failed.append(module)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
