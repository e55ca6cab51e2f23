"""The course in a real JupyterLab: given out, then solved from start to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from course import NOTEBOOK, solved
from lab_server import READY, jupyterlab
from playwright.sync_api import expect

# JavaScript that writes the code cells of the notebook that is open.
WRITE = """sources => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === "code");
    cells.forEach((cell, i) => cell.model.sharedModel.setSource(sources[i]));
}"""
STAGES = 16


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(tmp_path_factory.mktemp("lab"), NOTEBOOK.with_suffix(".ipynb")) as address:
        yield address


def run_all(page: Any) -> None:
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_course_is_solved(page: Any, lab: str) -> None:
    page.goto(f"{lab}/lab/tree/{NOTEBOOK.stem}.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.evaluate(READY)
    run_all(page)
    titles = page.locator(".autograd-check h4")
    # JupyterLab shows the output of a cell some time after the kernel has sent it, so that this waits.
    expect(titles).to_have_text([re.compile("not yet$")] * STAGES, timeout=60_000)
    hint = page.locator(".autograd-check details").first
    hint.locator("summary").first.click()
    assert "three things" in hint.inner_text()

    page.evaluate(WRITE, solved("table"))
    run_all(page)
    expect(titles).to_have_text([re.compile("passed$")] * STAGES, timeout=60_000)
    assert page.locator(".autograd-check ol").last.get_attribute("aria-label") == f"{STAGES} of {STAGES} stages passed"
    alive = page.frame_locator(".autograd-check iframe").first
    alive.locator("button[title^='to the end']").click()
    assert alive.locator(".outcome b").inner_text() != "?"
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
