"""The benchmarks: the tables of the README, and how to run each one."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

from page import ROOT, Page, code, markdown, words

FOLDER = ROOT / "tests" / "benchmarks"
LIBRARY = ("clock.py",)  # what the others import


def benchmarks() -> Page:
    readme = (ROOT / "README.md").read_text("utf-8")
    tables = "".join(_table(readme, *found) for found in TABLES)
    rows = "".join(map(_row, sorted(FOLDER.glob("*.py"))))
    content = (
        "<h1>Benchmarks</h1><p>What is compared ran in turns in one process, on one core, so that both sides had the "
        "same machine. You can run every benchmark in a clone of the repository.</p>"
        f'{tables}<h2>All benchmarks</h2><table class="wide"><tr><th>command</th><th>what it measures</th></tr>{rows}'
        "</table>"
    )
    return Page("benchmarks.html", "Benchmarks", "Measured numbers, with the commands.", content, words(content), True)


# A table of the README: what stands above it here, the heading it has there, and how its first row begins.
TABLES = (
    ("Training", "Training for hours", "| an epoch |"),
    ("From scalars to matrices", "From scalars to matrices", "| the value and all gradients of |"),
    ("On other engines", "Past one machine", "| engine |"),
)


def _table(readme: str, title: str, section: str, start: str) -> str:
    part = readme.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    table = part[part.index(start) :].partition("\n\n")[0]
    commands = re.findall(r"`(?:python )?(tests/benchmarks/\w+\.py|\w+\.py)`", part)
    lines = [f"python {name if '/' in name else f'tests/benchmarks/{name}'}" for name in commands]
    return f"<h2>{title}</h2>{markdown(table)}{code(chr(10).join(lines), 'text')}"


def _row(path: Path) -> str:
    """The commands in the docstring of a benchmark, and its first line."""
    if path.name in LIBRARY:
        return ""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    first = " ".join(text.partition("\n\n")[0].split())
    commands = [line.strip() for line in text.splitlines() if line.strip().startswith(("python ", "pip "))]
    shown = "<br>".join(f"<code>{html.escape(re.split(r'  +', line)[0])}</code>" for line in commands)
    return f"<tr><td>{shown}</td><td>{markdown(first)}</td></tr>"
