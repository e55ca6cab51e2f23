"""Each notebook is the executed twin of its source."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from autograd.lessons.exercises import LESSONS

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("*.py"))
EXERCISES = sorted((NOTEBOOKS / "exercises").glob("*.py"))


def cells(notebook: dict) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"].strip()) for cell in notebook["cells"]]


@pytest.mark.parametrize("path", [*SOURCES, *EXERCISES], ids=lambda path: path.stem)
def test_source_and_notebook_say_the_same(path: Path) -> None:
    source = jupytext.read(path)
    notebook = jupytext.read(path.with_suffix(".ipynb"))
    assert cells(source) == cells(notebook), "run: python .ci/notebooks"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_notebook_is_executed_and_short(path: Path) -> None:
    notebook = json.loads(path.with_suffix(".ipynb").read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not any(output["output_type"] == "error" for cell in code for output in cell["outputs"])
    assert len(notebook["cells"]) < 30
    assert "widgets" not in notebook["metadata"]


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_exercises_are_not_executed(path: Path) -> None:
    notebook = json.loads(path.with_suffix(".ipynb").read_text("utf-8"))
    assert not any(cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code")


def test_every_notebook_has_a_source() -> None:
    assert {path.stem for path in NOTEBOOKS.rglob("*.ipynb")} == {path.stem for path in [*SOURCES, *EXERCISES]}


WITHOUT_NUMPY = [path for path in SOURCES if path.name[:2] in ("00", "01", "02", "03", "06", "11", "12")]


@pytest.mark.parametrize("path", WITHOUT_NUMPY, ids=lambda path: path.stem)
def test_lessons_do_without_arrays(path: Path) -> None:
    """Without NumPy, training is eager; the lessons with the long trainings are left out here."""
    code = (
        f"import sys, runpy; sys.modules.update(dict.fromkeys(['numpy', 'PIL', 'tqdm'])); runpy.run_path({str(path)!r})"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, cwd=path.parent)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_asks_tests_and_leads_on(path: Path) -> None:
    """It begins with a question, ends with three exercises and a link, and the pages that it links to exist."""
    text = path.read_text("utf-8")
    assert re.search(r"\*\*[^*]+\?\*\*", text)
    for link in re.findall(r"\]\(([^)]+\.ipynb)\)", text):
        assert (path.parent / link).exists(), link
    if path.name[:2] != "00":
        (name,) = re.findall(r'^exercises\("(.+)"\)$', text, re.MULTILINE)
        assert len(LESSONS[name]) == 3
        assert re.search(r"\.ipynb\)", text.rsplit("# %%", 1)[1])


def test_every_lesson_has_its_own_exercises() -> None:
    used = [name for path in SOURCES for name in re.findall(r'^exercises\("(.+)"\)$', path.read_text("utf-8"), re.M)]
    assert sorted(used) == sorted(LESSONS)
