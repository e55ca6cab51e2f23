"""The course in marimo, where a name belongs to one cell, and cells run in the order of their dependence."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from course import NOTEBOOK, cells, solved


@pytest.mark.parametrize(
    ("sources", "answer"), [(cells(), "not yet"), (solved("table"), "passed")], ids=["given", "solved"]
)
def test_the_course_in_marimo(sources: list[str], answer: str, tmp_path: Path) -> None:
    notebook = jupytext.read(NOTEBOOK)
    for cell, source in zip([cell for cell in notebook.cells if cell.cell_type == "code"], sources, strict=True):
        cell.source = source
    jupytext.write(notebook, tmp_path / "course.ipynb")
    for command in (
        ["convert", "course.ipynb", "-o", "course.py"],
        ["export", "html", "course.py", "-o", "course.html"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "marimo", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    page = html.unescape((tmp_path / "course.html").read_text("utf-8")).replace("\\u0027", "'")
    answers = dict(re.findall(r"Stage (\d+), [^:<]*: (passed|not yet)", page))
    assert answers == {str(number): answer for number in range(1, 17)}
