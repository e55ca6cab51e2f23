"""How long ``import autograd`` takes, compared with modules of Python's own.

    python tests/benchmarks/importing.py

Each import runs in a process of its own, all in turn; of 25 runs the fastest counts, less that of an empty program.
Run it twice: the first time Python may still be compiling.
"""

from __future__ import annotations

import subprocess
import sys
import time

PROGRAMS = {
    "import dataclasses, contextvars": "import dataclasses, contextvars",
    "import autograd": "import autograd",
    "from autograd import Value": "from autograd import Value",
    "from autograd import draw": "from autograd import draw",
    "from autograd import Program": "from autograd import Program",
    "import nn": "import nn",
}


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    best = dict.fromkeys(["pass", *PROGRAMS.values()], 1.0)
    for _ in range(25):
        for code in best:
            best[code] = min(best[code], seconds(code))
    unit = best["import dataclasses, contextvars"] - best["pass"]
    for name, code in PROGRAMS.items():
        own = best[code] - best["pass"]
        print(f"{name:<34}{own * 1e3:>8.1f} ms{own / unit:>8.2f}")


if __name__ == "__main__":
    main()
