"""How fast the pages and the widget are in Chromium.

    python tests/benchmarks/browser.py

The explorer with 2,000 nodes in sight, the page that trains MLP(2, [8, 8, 2]), and the widget of ``watch`` for the same
network and 500 examples in a JupyterLab.  Needs the extra "test", which has JupyterLab and playwright, and Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from lab_server import READY, jupyterlab, write_notebook

import nn
from autograd import explore, topological_order
from nn import MLP, data

SECONDS = 5  # of playing
WATCH = """\
import nn
moons = nn.data.moons(500, seed=1)
model = nn.MLP(2, [8, 8, 2], activation="tanh", seed=1)
training = nn.watch(model, moons.X, moons.y, "cross_entropy", seed=1)
training"""
LIVE = "[...document.querySelectorAll('*')].find((x) => x.playground).playground"


def explorer(page: Any, folder: Path) -> None:
    model = MLP(10, [16, 16, 16, 1], activation="tanh", seed=1)
    loss = (model([0.1 * i for i in range(10)]) - 1.0) ** 2
    deepest = explore(loss).views.deepest
    page.goto(explore(loss, deepest).save(folder / "explorer.html").as_uri())
    page.reload()
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    stepped = page.evaluate("""async () => {
        const next = document.querySelector("button[title^='one step forward']");
        const start = performance.now();
        for (let i = 0; i < 100; i += 1) {
            next.click();
            await new Promise(requestAnimationFrame);
        }
        return 100 / ((performance.now() - start) / 1000);
    }""")
    print(f"explorer, {len(topological_order(loss)):,} nodes: opens in {opened:.0f} ms, {stepped:.0f} steps a second")


def rates(page: Any, of: str) -> str:
    """Frames and steps a second, while it plays."""
    counts = f"[{of}.frames, {of}.trainer.steps]"
    frames, steps = page.evaluate(counts)
    page.wait_for_timeout(SECONDS * 1000)
    frames_after, steps_after = page.evaluate(counts)
    return f"{(frames_after - frames) / SECONDS:.0f} frames and {(steps_after - steps) / SECONDS:.0f} steps a second"


def playground(page: Any, folder: Path) -> None:
    moons = data.moons(200, seed=1)
    model = MLP(2, [8, 8, 2], activation="tanh", seed=1)
    page.goto(nn.watch(model, moons.X, moons.y, "cross_entropy").save(folder / "playground.html").as_uri())
    page.keyboard.press(" ")
    print("page that trains, 200 examples:", rates(page, LIVE))


def widget(page: Any, folder: Path) -> None:
    notebook = write_notebook(folder / "watch.ipynb", WATCH)
    home = folder / "lab"
    home.mkdir()
    with jupyterlab(home, notebook) as address:
        page.goto(f"{address}/lab/tree/watch.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.evaluate(READY)
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_selector(".nn-playground", timeout=60_000)
        page.locator(".nn-playground button[title^=play]").click()
        print("widget in JupyterLab, 500 examples:", rates(page, LIVE))


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(60_000)
        for measure in (explorer, playground, widget):
            measure(page, folder)
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
