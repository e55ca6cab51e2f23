"""The page of the exercises: what it says to right and wrong answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from autograd import exercises


def test_answers_are_checked_in_the_page(page: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(exercises("softmax").page, "utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    assert Axe().run(page).violations_count == 0
    ratio, gradient, choice = (page.locator("form").nth(i) for i in range(3))
    ratio.locator("button").click()
    assert ratio.locator(".verdict").inner_text() == "Write a number, such as -1.5 or 3/2."
    ratio.locator("input").fill("2")
    page.keyboard.press("Enter")
    assert "difference of the logits" in ratio.locator(".verdict").inner_text()
    gradient.locator("input").fill("−3/4")
    gradient.locator("button").click()
    assert gradient.locator(".verdict").inner_text() == "✓ Right. p - y = 0.25 - 1."
    choice.locator("button").click()
    assert choice.locator(".verdict").inner_text() == "Choose one of the answers."
    choice.locator("label", has_text="sure of wrong answers").click()
    choice.locator("button").click()
    assert choice.locator(".verdict").inner_text().startswith("✓ Right.")
    assert Axe().run(page).violations_count == 0
