"""A chain of a million nodes: built, differentiated, pickled, copied, drawn and freed, with the time of each.

python tests/benchmarks/million.py
"""

from __future__ import annotations

import copy
import gc
import pickle
import time

from autograd import Value, draw

NODES = 1_000_000


def main() -> None:
    last = time.perf_counter()

    def lap(what: str) -> None:
        nonlocal last
        now = time.perf_counter()
        print(f"{what:<22}{now - last:6.2f} s")
        last = time.perf_counter()

    x = first = Value(1.0)
    for _ in range(NODES):
        x = x * 1.0000001
    lap("built")
    x.backward()
    lap("differentiated")
    assert abs(first.grad - 1.0000001**NODES) < 1e-9
    text = pickle.dumps(x)
    lap(f"pickled, {len(text) / 1e6:.0f} MB")
    again = pickle.loads(text)
    lap("unpickled")
    assert again.data == x.data
    copied = copy.deepcopy(x)
    lap("copied")
    assert len(draw(x).svg) < 1_000_000
    lap("drawn, collapsed")
    del x, first, again, copied
    gc.collect()
    lap("three chains freed")


if __name__ == "__main__":
    main()
