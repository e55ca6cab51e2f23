"""The quiz as a page: by keyboard alone, with an explanation where the learner looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from autograd import quiz


def opened(page: Any, folder: Path) -> Any:
    """The quiz c = a * b, d = c + a, whose gradients are 4 and 2."""
    (folder / "quiz.html").write_text(quiz(seed=5, size=2).page, "utf-8")
    page.goto((folder / "quiz.html").as_uri())
    return page.locator(".autograd-quiz")


def test_answers_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, tmp_path)
    assert root.locator(".lines").inner_text().splitlines()[2] == "c = a * b"
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    assert root.locator(".verdict").inner_text() == "1 of 2 right."
    first, second = root.locator(".answer").all()
    assert "only one of the paths" in first.inner_text()
    assert "✓ right" in second.inner_text()
    for text, said in (
        ("-4", "only the sign is wrong"),
        ("7", "take a hint"),
        ("x", "write a number"),
        ("", "write a number"),
    ):
        first.locator("input").fill(text)
        first.locator("input").press("Enter")
        assert said in first.inner_text()
    first.locator("input").fill("8/2")
    first.locator("input").press("Enter")
    assert "✓ right" in first.inner_text()
    first.locator("input").fill("4,0")
    first.locator("input").press("Enter")
    assert root.locator(".verdict").inner_text() == "All right."


def test_hints_say_more_each_time(page: Any, tmp_path: Path) -> None:
    first = opened(page, tmp_path).locator(".answer").first
    hint = first.locator("button")
    hint.click()
    assert "2 paths from d to a" in first.inner_text()
    assert "dd/da = 3 + 1 = 4" not in first.inner_text()
    hint.click()
    hint.click()
    assert "dd/da = 3 + 1 = 4" in first.inner_text()
    assert hint.is_disabled()


def test_axe_finds_no_violation(page: Any, tmp_path: Path) -> None:
    root = opened(page, tmp_path)
    root.locator(".answer button").first.click()
    root.locator("button[type=submit]").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
