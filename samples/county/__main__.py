"""``python -m samples.county prepare|serve|score``: the county without the daemon."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from samples.county import score, truth
from samples.county.run import prepare


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m samples.county", description=__doc__)
    parser.add_argument("verb", choices=("prepare", "serve", "score"))
    parser.add_argument("--home", type=Path, default=Path("var/county"))
    parser.add_argument("--seed", type=int, default=2010)
    parser.add_argument("--size", type=int, default=400, help="cases of the first day")
    parser.add_argument("--findings", type=Path, help="CSV or JSON with case_no and rules, for score")
    asked = parser.parse_args()
    if asked.verb == "score":
        if asked.findings is None:
            parser.error("score needs --findings FILE")
        found = score.score(truth.read(asked.home), score.read_findings(asked.findings), int(time.time()))
        for each in found:
            print(f"{each.rule}  precision {each.precision:.3f}  recall {each.recall:.3f}  {' '.join(each.wrong[:8])}")
        return
    county = prepare(asked.home, asked.seed, asked.size)
    print(f"{county.home}: {len(truth.read(county.home))} entries of truth; settings in {county.config}")
    if asked.verb == "serve":
        county.serve()
        print(f"{county.url}/api/v1/cases; Ctrl-C stops")
        try:
            while True:
                time.sleep(3_600)
        except KeyboardInterrupt:
            county.stop()


if __name__ == "__main__":
    main()
