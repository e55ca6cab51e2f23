"""One real JupyterLab: notebook 2 run from top to bottom, the widget stepped and moved, and what stays of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import READY, jupyterlab
from steps import step_and_slide

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "2_backpropagation_by_hand.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(tmp_path_factory.mktemp("lab"), NOTEBOOK) as address:
        yield address


def opened(page: Any, lab: str) -> None:
    page.goto(f"{lab}/lab/tree/notebook.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)


def test_the_saved_notebook_shows_pictures_before_anything_is_run(page: Any, lab: str) -> None:
    """It is not trusted, so that inline SVG is stripped; the images stay."""
    opened(page, lab)
    page.evaluate("document.querySelector('.jp-Notebook').scrollIntoView()")
    page.wait_for_selector(".jp-OutputArea img[src^='data:image/svg+xml']", state="attached", timeout=30_000)


def test_run_all_step_and_slide(page: Any, lab: str) -> None:
    opened(page, lab)
    page.evaluate(READY)
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    step_and_slide(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
