"""One real JupyterLab: lesson 3 run from top to bottom, the widget stepped and moved, and what stays of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import READY, jupyterlab, write_notebook
from steps import step_and_slide

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_backpropagation_by_hand.ipynb"


# Two widgets of different kinds, and the page of an example.
WIDGETS = (
    "from autograd import Value, explore\nimport nn",
    "x = Value(2.0, 'x')\nexplore(x * x)",
    """moons = nn.data.moons(40, seed=1)
model = nn.MLP(2, [5, 2], activation="tanh", seed=1)
training = nn.watch(model, moons.X, moons.y, "cross_entropy", seed=1)
training""",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("lab")
    widgets = write_notebook(tmp_path_factory.mktemp("notebooks") / "widgets.ipynb", *WIDGETS)
    with jupyterlab(home, NOTEBOOK, widgets) as address:
        yield address


def opened(page: Any, lab: str, notebook: str = NOTEBOOK.name) -> None:
    page.goto(f"{lab}/lab/tree/{notebook}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)


def run_all(page: Any) -> None:
    page.evaluate(READY)
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")


def test_the_saved_notebook_shows_pictures_before_anything_is_run(page: Any, lab: str) -> None:
    """It is not trusted, so that inline SVG is stripped; the images stay."""
    opened(page, lab)
    page.evaluate("document.querySelector('.jp-Notebook').scrollIntoView()")
    page.wait_for_selector(".jp-OutputArea img[src^='data:image/svg+xml']", state="attached", timeout=30_000)


def test_run_all_step_and_slide(page: Any, lab: str) -> None:
    opened(page, lab)
    run_all(page)
    step_and_slide(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_two_kinds_of_widgets_in_one_notebook(page: Any, lab: str) -> None:
    opened(page, lab, "widgets.ipynb")
    run_all(page)
    training = page.locator(".nn-playground")
    training.locator("button[title^='one epoch']").click()
    page.wait_for_function(
        "document.querySelector('.nn-playground .status').textContent.startsWith('epoch 1, step 2,')"
    )
    training.locator("button", has_text="explore").click()
    frame = page.frame_locator(".nn-playground iframe")
    frame.locator("button[title^='to the end']").click()
    assert frame.locator(".outcome b").inner_text() != "?"
    box = page.locator(".box rect").first  # of the explorer, whose style is still there
    assert box.evaluate("box => getComputedStyle(box).fill") not in ("rgb(0, 0, 0)", "none")
