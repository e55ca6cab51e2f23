"""A JupyterLab of its own: its server, and when its kernel is ready."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

# JavaScript that waits for the kernel of the notebook that is open.
READY = """async () => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    await context.ready;
    await context.session.kernel.info;
}"""


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook of these cells, not yet run."""
    written = [
        {"cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None} for cell in cells
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": written, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}), "utf-8")
    return path


@contextlib.contextmanager
def jupyterlab(home: Path, *notebooks: Path) -> Iterator[str]:
    """The address of a JupyterLab with settings of its own.

    Arguments:
        home: an empty folder for its settings.
        notebooks: notebooks, of which copies lie in its root.
    """
    work = home / "work"
    work.mkdir()
    for notebook in notebooks:
        shutil.copy(notebook, work)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={work}"),
        *("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
    ]
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
            raise RuntimeError(f"JupyterLab did not start: {(home / 'log').read_text()[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()
