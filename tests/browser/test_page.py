"""The page that explore(y) writes, and the widget's own script against Python, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from random_graphs import small_graph

from autograd import Value, explore
from nn import MLP


def network() -> Value:
    model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    return loss


def opened(page: Any, value: Value, path: Path) -> Any:
    page.goto(explore(value).save(path / "page.html").as_uri())
    root = page.locator(".autograd-explore")
    root.focus()
    return root


def numbers(page: Any, style: str) -> list[str]:
    return page.locator(f".box text.f-{style}").all_text_contents()


def test_both_passes_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    assert "dL/da" in root.locator(".said").inner_text()
    page.keyboard.press("Home")
    assert root.locator(".said").inner_text() == "a = 2"
    assert [x for x in numbers(page, "value") if x] == ["2"]
    assert set(numbers(page, "grad")) == {"–"}
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    assert root.locator(".where").inner_text() == "backward, 1 of 7"
    assert "" not in numbers(page, "value")
    assert [x for x in numbers(page, "grad") if x != "–"] == ["1"]
    page.keyboard.press("End")
    assert "–" not in numbers(page, "grad")
    page.keyboard.press("ArrowLeft")
    assert "–" in numbers(page, "grad")


def test_play_and_pause(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('forward, 3')")
    page.keyboard.press(" ")
    at = root.locator(".where").inner_text()
    page.wait_for_timeout(1000)
    assert root.locator(".where").inner_text() == at


def test_a_click_opens_the_card_of_a_node(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    root.locator(".box").filter(has=page.locator("title", has_text="c")).first.click()
    card = root.locator(".card")
    assert "dL/dc" in card.inner_text()
    assert "-6" in card.inner_text()
    assert root.locator(".box.onpath").count() == 4  # c, the sum, tanh, L
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_modules_open_and_close(page: Any, tmp_path: Path) -> None:
    root = opened(page, network(), tmp_path)
    closed = root.locator(".box").count()
    page.keyboard.press("+")
    assert root.locator(".box").count() > 2 * closed
    for _ in range(4):
        page.keyboard.press("-")
    assert root.locator(".box").count() < closed


def test_a_module_is_opened_by_a_click(page: Any, tmp_path: Path) -> None:
    root = opened(page, network(), tmp_path)
    for _ in range(4):
        page.keyboard.press("-")
    titles = "boxes => boxes.map(box => box.querySelector('title').textContent.split('\\n')[0])"
    root.locator(".handle[aria-label='open mlp']").click()
    root.locator(".handle[aria-label='open mlp/layers.1']").click()
    found = root.locator(".box").evaluate_all(titles)
    assert {"mlp/layers.0", "mlp/layers.1/neurons.2", "mlp/layers.2"} <= set(found)
    assert "mlp/layers.1" not in found
    handle = root.locator(".handle[aria-label='close mlp/layers.1']")
    handle.focus()
    page.keyboard.press("Enter")
    assert "mlp/layers.1" in root.locator(".box").evaluate_all(titles)
    root.locator(".box").filter(has=page.locator("title", has_text="mlp/layers.2")).dblclick()
    assert "mlp/layers.2/neurons.0" in root.locator(".box").evaluate_all(titles)


def test_the_step_is_in_sight(page: Any, tmp_path: Path) -> None:
    """A graph wider than the page is shown at full size and scrolled to where the step is."""
    root = opened(page, network(), tmp_path)
    page.keyboard.press("+")
    stage = root.locator(".stage")
    assert stage.evaluate("stage => stage.scrollWidth > stage.clientWidth")
    page.keyboard.press("Home")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    seen = "box => { const [b, s] = [box, box.closest('.stage')].map(x => x.getBoundingClientRect());"
    assert root.locator(".box.active .mark").evaluate(
        f"{seen} return b.left >= s.left - 3 && b.right <= s.right + 3 }}"
    )
    page.keyboard.press("0")
    assert stage.evaluate("stage => stage.scrollWidth <= stage.clientWidth")


def test_search_marks_what_it_finds(page: Any, tmp_path: Path) -> None:
    root = opened(page, network(), tmp_path)
    root.locator("input[type=search]").fill("neurons.2")
    assert root.locator(".box.found").count() == 2
    root.locator("input[type=search]").fill("")
    assert root.locator(".box.found").count() == 0


def test_a_hostile_label_stays_text(page: Any, tmp_path: Path) -> None:
    hostile = Value(1.0, '</script><img src=x onerror="document.title=1">')
    root = opened(page, hostile * 2.0, tmp_path)
    root.locator(".box").first.click()
    assert page.locator("img").count() == 0
    assert "onerror" in root.locator(".card").inner_text()


def test_the_view_is_saved_as_svg(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    with page.expect_download() as download:
        root.locator("button[title='save this view as SVG']").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert text.startswith("<svg")
    assert "tanh" in text


def test_sliders_ask_python(page: Any, tmp_path: Path) -> None:
    """The script of the widget, with a model whose other end is the Python of the widget."""
    explorer = explore(small_graph())
    page.expose_function("ask", explorer.answer)
    (tmp_path / "bare.html").write_text(explorer.page.replace("data, null);", "data, window.model);").replace(
        "const data = JSON",
        """const handlers = {}; const state = {};
        window.model = { get: (k) => state[k], set: (k, v) => { state[k] = v; }, off: () => {},
          on: (name, f) => { handlers[name] = f; },
          save_changes: async () => { state.reply = await window.ask(state.request); handlers["change:reply"](); } };
        const data = JSON""",
    ), "utf-8")  # fmt: skip
    page.goto((tmp_path / "bare.html").as_uri())
    root = page.locator(".autograd-explore")
    root.locator(".box").filter(has=page.locator("title", has_text="b")).first.click()
    before = numbers(page, "grad")
    slider = root.locator(".card input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.card').textContent.includes('-2.94')")
    assert numbers(page, "grad") != before


def test_two_thousand_nodes_stay_usable(page: Any, tmp_path: Path) -> None:
    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    loss = sum((model([x, -x]) - 1.0) ** 2 for x in (0.5, 1.0, 1.5))
    root = opened(page, loss, tmp_path)
    for _ in range(5):
        page.keyboard.press("+")
    assert root.locator(".box").count() > 2000
    steps = len(explore(loss).data()["nodes"])
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert root.locator(".where").inner_text() == f"backward, {steps - 10} of {steps}"


@pytest.mark.parametrize("depth", [1, 2])
def test_narrow_screens(browser: Any, tmp_path: Path, depth: int) -> None:
    page = browser.new_page(viewport={"width": 420, "height": 700})
    page.goto(explore(network(), depth=depth).save(tmp_path / "page.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= 420")
    page.close()
