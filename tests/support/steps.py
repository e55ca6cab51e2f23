"""What a person does with the explorer of lesson 3: step to the end, open a card, move a slider."""

from __future__ import annotations

from typing import Any


def step_and_slide(page: Any) -> None:
    """Step through both passes, then move W4, by mouse and by key, and see that gradients follow."""
    root = page.locator(".autograd-explore")
    root.wait_for(state="visible", timeout=120_000)
    page.wait_for_function("document.querySelector('.autograd-explore .said').textContent.includes('leaves')")
    root.scroll_into_view_if_needed()
    root.locator("button[title^='to the start']").click()
    steps = int(root.locator("input[aria-label=step]").get_attribute("max"))
    for _ in range(steps):
        root.locator("button[title^='one step forward']").click()
    assert root.locator(".where").inner_text().startswith("backward")
    assert "–" not in root.locator(".box text.f-grad").all_text_contents()

    root.locator(".box").filter(has=page.locator("title", has_text="W4")).first.click()
    before = root.locator(".box text.f-grad").all_text_contents()
    slider = root.locator(".card input[type=range]")
    slider.scroll_into_view_if_needed()
    width = slider.evaluate("slider => slider.getBoundingClientRect().width")
    slider.click(position={"x": 0.9 * width, "y": 5.0})
    for _ in range(50):
        if root.locator(".box text.f-grad").all_text_contents() != before:
            break
        page.wait_for_timeout(100)
    assert root.locator(".box text.f-grad").all_text_contents() != before

    slider.focus()
    there = slider.input_value()
    page.keyboard.press("ArrowLeft")  # which a notebook would like to have for itself
    assert slider.input_value() != there
