"""One real JupyterLab: notebook 2 run from top to bottom, the widget stepped and moved, and what stays of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from steps import step_and_slide

READY = """async () => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    await context.ready;
    await context.session.kernel.info;
}"""
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "2_backpropagation_by_hand.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab with settings of its own, in whose folder the notebook lies."""
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    shutil.copy(NOTEBOOK, work / "notebook.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
    ]
    command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={work}"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        command, env={**os.environ, **folders, "HOME": str(home)}, stdout=log, stderr=log, cwd=work
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1.0).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail(f"JupyterLab did not start: {(home / 'log').read_text()[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


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
