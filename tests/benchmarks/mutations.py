"""How strong the tests are: random single changes to the source, and how many of them the tests notice.

    pip install cosmic-ray
    python tests/benchmarks/mutations.py engine --count 40 --seed 1
    python tests/benchmarks/mutations.py nn --count 60

cosmic-ray makes the changes: another operator, another comparison, a number plus or minus one, a condition negated, a
loop that never runs.  Each is tried in a copy of the repository.  Printed are those that no test noticed; some of them
make no difference at all, which a person must decide.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

try:
    import cosmic_ray.plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
except ImportError:
    sys.exit("this needs cosmic-ray: pip install cosmic-ray")

ROOT = Path(__file__).parents[2]
# The folders that are changed, and the tests that must notice it, those that are likely to first.
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "engine": (
        ["autograd/engine"],
        [
            "tests/autograd/engine",
            "autograd/engine",
            "tests/autograd/functional",
            "autograd/functional",
            "tests/support",
        ],
    ),
    "functional": (
        ["autograd/functional"],
        ["tests/autograd/functional", "autograd/functional", "tests/autograd/program", "tests/support"],
    ),
    "program": (
        ["autograd/program"],
        ["tests/autograd/program", "autograd/program", "tests/support", "tests/test_readme.py"],
    ),
    "nn": (["nn"], ["tests/nn", "nn", "tests/support"]),
    "pictures": (
        ["autograd/picture", "autograd/live", "autograd/output"],
        ["tests/autograd/picture", "tests/autograd/live", "tests/autograd/output", "autograd/picture", "autograd/live"],
    ),
    "lessons": (
        ["autograd/explanations", "autograd/course", "autograd/lessons", "autograd/command"],
        ["tests/autograd/explanations", "tests/autograd/course", "tests/autograd/lessons", "tests/autograd/command"],
    ),
}
ARITHMETIC = ("Add", "Sub", "Mul", "Div", "Pow", "BitOr", "BitAnd")
COMPARISONS = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot")
OTHERS = ("NumberReplacer", "AddNot", "ZeroIterationForLoop", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue")
OTHERS += ("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak")
OTHERS += ("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub")

Change = tuple[Path, str, int]  # the file, the operator of cosmic-ray, and which of its places in the file


def operators() -> list[str]:
    """The changes that are tried."""
    names = [f"ReplaceBinaryOperator_{a}_{b}" for a in ARITHMETIC for b in ARITHMETIC if a != b]
    names += [f"ReplaceComparisonOperator_{a}_{b}" for a in COMPARISONS for b in COMPARISONS if a != b]
    known = set(cosmic_ray.plugins.operator_names())
    return [name for name in (f"core/{name}" for name in (*names, *OTHERS)) if name in known]


def changes(folders: list[str]) -> list[list[Change]]:
    """All changes to the files of some folders, those at one place together."""
    found: dict[tuple[Path, Any, str], list[Change]] = {}
    makers = {name: cosmic_ray.plugins.get_operator(name)() for name in operators()}
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        nodes = list(ast_nodes(get_ast(path.read_text("utf-8"))))
        for name, maker in makers.items():
            count = 0
            for node in nodes:
                for start, _ in maker.mutation_positions(node):
                    if not in_annotation(node):
                        key = path, start, name.split("_")[0]
                        found.setdefault(key, []).append((path.relative_to(ROOT), name, count))
                    count += 1
    return list(found.values())


def in_annotation(node: Any) -> bool:
    """Whether a node is part of a type annotation, which no test can notice."""
    while node.parent is not None:
        parent = node.parent
        annotated = parent.type in ("annassign", "tfpdef") and node is not parent.children[0]
        if node is getattr(parent, "annotation", None) or (annotated and parent.children.index(node) < 3):
            return True
        node = parent
    return False


def survives(change: Change, copy: Path, tests: list[str]) -> str:
    """The change as a diff, if all tests pass with it; else an empty text."""
    path, name, occurrence = change
    before = (ROOT / path).read_text("utf-8")
    after = mutate_code(before, cosmic_ray.plugins.get_operator(name)(), occurrence)
    if after is None or after == before:
        return ""
    (copy / path).write_text(after, "utf-8")
    try:
        passed = run(tests, copy).returncode == 0
    except subprocess.TimeoutExpired:  # a loop that does not end is noticed
        passed = False
    finally:
        (copy / path).write_text(before, "utf-8")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith("---")) if passed else ""


def run(tests: list[str], copy: Path) -> subprocess.CompletedProcess[str]:
    """The tests, up to the first that fails, in a copy of the repository."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=list(PARTS), help="which part of the source")
    parser.add_argument("--count", type=int, default=40, help="how many changes (40)")
    parser.add_argument("--seed", type=int, default=0, help="another number, other changes (0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many at a time")
    given = parser.parse_args()
    folders, tests = PARTS[given.part]
    rng = random.Random(given.seed)
    places = changes(folders)
    chosen = [rng.choice(place) for place in rng.sample(places, min(given.count, len(places)))]
    print(f"{len(places):,} places; {len(chosen)} changes")
    with tempfile.TemporaryDirectory() as folder:
        copies: Queue[Path] = Queue()
        for i in range(given.workers):
            copy = Path(folder) / str(i)
            for name in ("autograd", "nn", "tests", "notebooks", "pyproject.toml", "README.md"):
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, copy / name)
            copies.put(copy)
        unchanged = run(tests, copy)
        if unchanged.returncode:  # else every change would count as noticed
            print(unchanged.stdout[-2000:], unchanged.stderr[-2000:], sep="\n")
            return 1

        def attempt(change: Change) -> str:
            copy = copies.get()
            try:
                return survives(change, copy, tests)
            finally:
                copies.put(copy)

        survivors = 0
        with ThreadPoolExecutor(given.workers) as pool:
            for survivor in pool.map(attempt, chosen):
                if survivor:
                    survivors += 1
                    print(survivor, end="\n\n", flush=True)
    print(f"noticed: {len(chosen) - survivors} of {len(chosen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
