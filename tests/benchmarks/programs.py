"""All that programs have to show, one after the other, on one core.

python tests/benchmarks/programs.py
"""

from __future__ import annotations

import chains
import gpt
import mlp
import moons
import scaling
import science


def main() -> None:
    for module in (mlp, moons, gpt, scaling, science, chains):
        print(f"\n{module.__name__}\n{'-' * len(module.__name__)}")
        module.main()


if __name__ == "__main__":
    main()
