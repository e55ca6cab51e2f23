"""The worst relative error of every row of the table: value, first and second derivatives, against mpmath.

    python tests/benchmarks/accuracy.py

The points are those of the tests.  Where the exact number is zero, the error is absolute.
"""

from __future__ import annotations

import sys
from pathlib import Path

import mpmath as mp

from autograd import TABLE, Value, gradients

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from points import POINTS


def error(found: float, exact: mp.mpf) -> float:
    difference = abs(mp.mpf(found) - exact)
    return float(difference / abs(exact)) if abs(exact) > mp.mpf(10) ** -25 else float(difference)


def main() -> None:
    mp.mp.dps = 40
    print(f"{'operation':<12}{'value':>10}{'first':>10}{'second':>10}")
    worst = [0.0, 0.0, 0.0]
    for row in TABLE:
        exact, points = POINTS[row.name]
        arity = len(row.partials)
        first = 1 if row.name == "where" else 0  # the condition has no slope
        errors = [0.0, 0.0, 0.0]
        for point in points:
            place = tuple(map(mp.mpf, point))
            xs = [Value(x) for x in point]
            errors[0] = max(errors[0], error(row(*point), exact(*place)))
            for i, slope in enumerate(gradients(row(*xs), xs)[first:], first):
                one = [int(k == i) for k in range(arity)]
                errors[1] = max(errors[1], error(slope.data, mp.diff(exact, place, tuple(one))))
                for j, curvature in enumerate(gradients(slope, xs)[first:], first):
                    two = tuple(a + (k == j) for k, a in enumerate(one))
                    errors[2] = max(errors[2], error(curvature.data, mp.diff(exact, place, two)))
        worst = [max(pair) for pair in zip(worst, errors, strict=True)]
        print(f"{row.name:<12}" + "".join(f"{e:>10.1e}" for e in errors))
    print(f"{'worst':<12}" + "".join(f"{e:>10.1e}" for e in worst))


if __name__ == "__main__":
    main()
