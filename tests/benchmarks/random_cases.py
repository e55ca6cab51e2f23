"""Cases made at random, for as long as you like: each number is right, or refused with an error.

    python tests/benchmarks/random_cases.py --seconds 60 --seed 1
    python tests/benchmarks/random_cases.py --only edges --cases 10000
    python tests/benchmarks/random_cases.py --only edges --case 1234     one case again, with its traceback

For each kind of case it prints how many were right, refused and wrong, and the first of the wrong ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from random_cases import CASES, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long, over all kinds of cases (60)")
    parser.add_argument("--cases", type=int, help="how many of each kind, in the place of a time")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first case (0)")
    parser.add_argument("--only", choices=list(CASES), nargs="+", help="these kinds only")
    parser.add_argument("--case", type=int, help="run just this one")
    given = parser.parse_args()
    names = given.only or list(CASES)
    if given.case is not None:
        for name in names:
            print(f"{name} {given.case}: {run(name, given.case)}")
        return 0
    print(f"{'':<20}{'cases':>10}{'right':>10}{'refused':>10}{'wrong':>8}{'each':>12}")
    share = sum(CASES[name][1] for name in names)
    totals = [0, 0, 0, 0]
    first_wrong = []
    for name in names:
        start = time.perf_counter()
        end = start + given.seconds * CASES[name][1] / share
        counts = {"right": 0, "refused": 0, "wrong": 0}
        seed = given.seed
        while seed - given.seed < given.cases if given.cases else time.perf_counter() < end:
            try:
                counts[run(name, seed)] += 1
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                counts["wrong"] += 1
                if counts["wrong"] == 1:
                    first_wrong.append(f"{name} --case {seed}: {type(error).__name__}: {str(error)[:200]}")
            seed += 1
        row = [seed - given.seed, *counts.values()]
        totals = [a + b for a, b in zip(totals, row, strict=True)]
        each = (time.perf_counter() - start) / max(row[0], 1)
        print(f"{name:<20}{row[0]:>10,}{row[1]:>10,}{row[2]:>10,}{row[3]:>8,}{each * 1e6:>9,.0f} us", flush=True)
    print(f"{'all':<20}{totals[0]:>10,}{totals[1]:>10,}{totals[2]:>10,}{totals[3]:>8,}")
    for line in first_wrong:
        print(f"wrong: {line}")
    return 1 if totals[3] else 0


if __name__ == "__main__":
    sys.exit(main())
