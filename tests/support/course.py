"""The notebook of the course, and its solutions in three styles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jupytext

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "exercises" / "build_your_own_engine.py"
SOLUTIONS = Path(__file__).parent / "solutions"
STYLES = ("table", "closures", "partials")
CHECK = re.compile(r"^check\.stage(\d+)\(.*\)$", re.MULTILINE)


def cells() -> list[str]:
    """The code cells of the notebook, in order."""
    return [cell.source for cell in jupytext.read(NOTEBOOK).cells if cell.cell_type == "code"]


def solutions(style: str) -> dict[int, str]:
    """The code of each stage in a style: "table", "closures" or "partials"."""
    found = {}
    for name in (style, "networks"):
        text = (SOLUTIONS / f"{name}.py").read_text("utf-8")
        for number, code in re.findall(r"^# %% stage (\d+)\n(.*?)(?=^# %%|\Z)", text, re.MULTILINE | re.DOTALL):
            found[int(number)] = code.strip()
    return found


def solved(style: str) -> list[str]:
    """The code cells of the notebook with the dots replaced; the check at the end of a cell stays.

    A style that needs no cell of its own for a stage, because its class does it all, only has the check there.
    """
    solution = solutions(style)
    written = []
    for cell in cells():
        check = CHECK.search(cell)
        if check is None:
            written.append(cell)
            continue
        number = int(check[1])
        before = cell.partition("\n\n\ndef ")[0] if number == 10 else ""  # the data
        written.append("\n\n".join(part for part in (before, solution.get(number, ""), check[0]) if part))
    return written


def run(sources: list[str]) -> dict[int, Any]:
    """Run the cells one after the other, and return the reports by stage."""
    names: dict[str, Any] = {"__name__": "__main__"}
    reports = {}
    for source in sources:
        check = CHECK.search(source)
        code = source if check is None else source.replace(check[0], f"report = {check[0]}")
        exec(compile(code, "<cell>", "exec"), names)
        if check is not None:
            reports[int(check[1])] = names["report"]
    return reports
