"""The site of ``.ci/site``: a notebook run by the Python that is in the page, with no other server asked."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lab_server import READY
from steps import step_and_slide

ROOT = Path(__file__).parents[2]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the site, and its folder."""
    folder = tmp_path_factory.mktemp("lite") / "site"
    built = subprocess.run(
        [sys.executable, ROOT / ".ci" / "site", folder], capture_output=True, text=True, check=False, cwd=folder.parent
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_notebook_runs_in_the_page(page: Any, site: tuple[str, Path]) -> None:
    page.goto(f"{site[0]}/lab/index.html?path=03_backpropagation_by_hand.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.evaluate(READY)
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    step_and_slide(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_notebooks_that_need_arrays_are_left_out(site: tuple[str, Path]) -> None:
    assert [path.name[:2] for path in sorted((site[1] / "files").glob("*.ipynb"))] == [
        *("00", "01", "02", "03", "05", "06", "07", "08", "09", "10", "11", "12")
    ]
