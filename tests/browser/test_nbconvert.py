"""A notebook as an HTML file, by nbconvert: its explorer and its quiz are alive, without a kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_backpropagation_by_hand.ipynb"


def test_what_lives_in_an_exported_notebook(browser: Any, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "nbconvert",
        "--to",
        "html",
        "--output-dir",
        str(tmp_path),
        str(NOTEBOOK),
    ]
    subprocess.run(command, check=True, capture_output=True)
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.route("http*://**", lambda route: route.abort())  # fonts and formulas from a server
    page.goto((tmp_path / NOTEBOOK.with_suffix(".html").name).as_uri())
    explorer = page.frame_locator("iframe[title^='graph of']").first
    explorer.locator("button[title^='to the end']").click()
    assert "backward" in explorer.locator(".where").inner_text()
    explorer.locator(".box").first.click()
    before = explorer.locator(".outcome").inner_text()
    field = explorer.locator(".card input[type=number]")
    field.fill("0.5")
    field.press("Enter")
    assert "the slope predicts" in explorer.locator(".outcome").inner_text() != before
    assert page.locator(".autograd-still").first.is_hidden()
    quiz = page.frame_locator("iframe[title='a quiz']").first
    quiz.locator("button", has_text="check").click()
    assert "of" in quiz.locator(".verdict").inner_text()
    page.close()
