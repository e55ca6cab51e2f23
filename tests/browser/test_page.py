"""The page that explore(y) writes, and the widget's own script against Python, in a real browser."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from random_graphs import small_graph

from autograd import Op, Value, explore, topological_order
from autograd.engine.graph import evaluate
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


def said(page: Any) -> str:
    """The formula of the step, as text; a browser has letters of its own for names in formulas."""
    return unicodedata.normalize("NFKC", page.locator(".said").inner_text()).replace("\n", "")


def box(page: Any, name: str) -> Any:
    """The box of a node."""
    return page.locator(f".box[aria-label='{name}'], .box[aria-label^='{name},']").first


def test_both_passes_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    assert root.locator(".where").inner_text() == "start"
    assert [x for x in numbers(page, "value") if x] == ["2", "-3"]  # the leaves
    assert set(numbers(page, "grad")) == {"–"}
    page.keyboard.press("ArrowRight")
    assert root.locator(".where").inner_text() == "forward 1 of 5"
    assert said(page) == "c=a·b=2·(−3)=−6"
    assert root.locator(".arrow.lit").count() == 2
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert root.locator(".where").inner_text() == "backward 1 of 8"
    assert "" not in numbers(page, "value")
    assert [x for x in numbers(page, "grad") if x != "–"] == ["1"]
    page.keyboard.press("End")
    assert "–" not in numbers(page, "grad")
    page.keyboard.press("ArrowLeft")
    assert "–" in numbers(page, "grad")


def test_a_step_lights_one_arrow_and_the_total_counts_up(page: Any, tmp_path: Path) -> None:
    a = Value(3.0, "a")
    y = a * a
    y.label = "y"
    root = opened(page, y, tmp_path)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert root.locator(".arrow.lit").count() == 1
    assert root.locator(".note").text_content() == "× 3"
    assert numbers(page, "grad") == ["3", "1"]
    assert root.locator(".box.partial").count() == 1  # the gradient of a is not complete
    page.keyboard.press("ArrowRight")
    assert said(page).endswith("3+3=6")
    assert numbers(page, "grad") == ["6", "1"]
    assert root.locator(".box.partial").count() == 0


def test_play_and_pause(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('forward 3')")
    page.keyboard.press(" ")
    at = root.locator(".where").inner_text()
    page.wait_for_timeout(1200)
    assert root.locator(".where").inner_text() == at
    root.locator("select").select_option("4")
    root.focus()
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.where').textContent === 'backward 8 of 8'")
    assert root.locator("button[title^=play]").get_attribute("aria-pressed") == "false"


def test_the_card_of_a_node_agrees_with_its_box(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    box(page, "a").click()
    card = root.locator(".card")
    for _ in range(13):
        shown = box(page, "a").locator(".f-grad").text_content()
        assert card.locator("p .grad").text_content() == shown
        page.keyboard.press("ArrowRight")
    text = card.inner_text().replace("\n", "")
    assert "where the gradient comes from" in text.lower()
    assert "sum=2.74" in text
    assert "2 paths from L" in card.inner_text()
    card.locator("li button", has_text="c").first.click()
    assert root.locator(".arrow.lit").count() >= 1
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_a_path_is_lit_from_end_to_end(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    box(page, "a").click()
    assert root.locator(".box.onpath").count() == 6  # all but b
    for i in range(2):  # each path in the color that stands beside it
        root.locator(".card li button", has_text="→").nth(i).click()
        line = root.locator(".card li .line").nth(i).evaluate("line => getComputedStyle(line).borderTopColor")
        assert root.locator(".arrow.lit path").first.evaluate("path => getComputedStyle(path).stroke") == line
    root.locator(".card li button", has_text="→").first.click()
    assert root.locator(".arrow.lit").count() == 4  # a, c, the sum, tanh, L


def test_a_number_that_is_not_finite(page: Any, tmp_path: Path) -> None:
    x = Value(1e200, "x")
    root = opened(page, x * x, tmp_path)
    page.keyboard.press("End")
    assert box(page, "y").locator(".f-value").text_content() == "inf"
    box(page, "x").click()
    assert "not finite" in root.locator(".card").inner_text()


def test_the_second_derivative(page: Any, tmp_path: Path) -> None:
    x = Value(2.0, "x")
    root = opened(page, x**3 * 1.0, tmp_path)
    box(page, "x").click()
    root.locator("button", has_text="second derivative").click()
    assert root.locator(".card p [role=status]").inner_text().replace("\n", "").endswith("=12")


def test_a_saved_page_computes_by_itself(page: Any, tmp_path: Path) -> None:
    """Sliders, typed numbers and the step of gradient descent work without Python, and give its numbers."""
    L = small_graph()
    root = opened(page, L, tmp_path)
    page.keyboard.press("End")
    box(page, "b").click()
    root.locator(".card input[type=number]").fill("-2")
    root.locator(".card input[type=number]").press("Enter")
    moved = explore(L).numbers({1: -2.0})
    assert numbers(page, "grad")[:2] == [f"{x:.4g}" for x in moved["adjoints"][:2]]
    predicted = L.data + explore(L).numbers()["adjoints"][1] * 1.0
    outcome = root.locator(".outcome").inner_text()
    assert f"{L.data:.4g} → {moved['values'][-1]:.4g} the slope predicts {predicted:.4g}" in outcome
    slider = root.locator(".card input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert root.locator(".card input[type=number]").input_value() == slider.input_value() != "-2"
    root.locator(".card button[title^='back to']").click()
    assert "→" not in root.locator(".outcome").inner_text() or "4.762 → 4.762" in root.locator(".outcome").inner_text()


def test_a_step_of_gradient_descent(page: Any, tmp_path: Path) -> None:
    loss = network()
    root = opened(page, loss, tmp_path)
    root.locator("summary").click()
    leaves = root.locator(".descent label")
    chosen = leaves.evaluate_all("labels => labels.filter(x => x.firstChild.checked).map(x => x.textContent.trim())")
    assert "x1" not in chosen
    assert len(chosen) == 31
    root.locator(".descent input[type=number]").fill("0.01")
    root.locator(".descent button", has_text="one step").click()
    order = topological_order(loss)
    loss.backward()
    for node in order:
        if node.op is None and node.scope:
            node.data -= 0.01 * node.grad
    after = evaluate(order, {})[loss]
    assert f"→ {after:.4g}" in root.locator(".outcome").inner_text()
    assert root.locator(".changes tbody tr").count() == 12
    root.locator(".descent button", has_text="start again").click()
    assert "→" not in root.locator(".outcome").inner_text()


def test_only_the_parameters_that_are_given_move(page: Any, tmp_path: Path) -> None:
    """Data and targets have no scope either; a step must not move them."""
    w, x, t = Value(0.5, "w"), Value(1.5, "x"), Value(2.0, "t")
    page.goto(explore((w * x - t) ** 2, parameters=[w]).save(tmp_path / "page.html").as_uri())
    page.locator("summary").click()
    labels = page.locator(".descent label")
    chosen = labels.evaluate_all("labels => labels.filter(x => x.firstChild.checked).map(x => x.textContent.trim())")
    assert chosen == ["w"]
    page.locator(".descent input[type=number]").fill("0.1")
    page.locator(".descent button", has_text="one step").click()
    assert page.locator(".changes tbody tr").count() == 1
    assert f"→ {((0.5 + 0.1 * 2.0 * 1.25 * 1.5) * 1.5 - 2.0) ** 2:.4g}" in page.locator(".outcome").inner_text()


def test_a_number_for_which_an_operation_is_not_defined(page: Any, tmp_path: Path) -> None:
    x = Value(1.0, "x")
    y = x.log()
    y.label = "y"
    root = opened(page, y, tmp_path)
    box(page, "x").click()
    root.locator(".card input[type=number]").fill("-1")
    root.locator(".card input[type=number]").press("Enter")
    assert root.locator(".said.wrong").inner_text() == "log(-1) is not defined, at y"
    assert box(page, "x").locator(".f-value").text_content() == "1"


def test_what_cannot_be_done_is_said(page: Any, tmp_path: Path) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    L = x.log() * w
    L.label = "L"
    root = opened(page, L, tmp_path)
    said = root.locator(".said")
    box(page, "x").click()
    field = root.locator(".card input[type=number]")
    for text, message in (("0", "log(0) is infinite, at v1"), ("", "write a finite number")):
        field.fill(text)
        field.press("Enter")
        assert said.inner_text() == message
        assert field.input_value() == "2"  # as before
    root.locator("summary").click()
    rate, go = root.locator(".descent input[type=number]"), root.locator(".descent button", has_text="one step")
    rate.fill("0.1")
    go.click()
    outcome = root.locator(".outcome").inner_text()
    rate.fill("-0.1")
    go.click()
    assert said.inner_text() == "the learning rate must be a positive number"
    rate.fill("100")
    go.click()
    assert "is not defined" in said.inner_text()
    assert root.locator(".outcome").inner_text() == outcome  # of the last step that was possible
    rate.fill("0.1")
    for check in root.locator(".descent input[type=checkbox]").all():
        check.uncheck()
    go.click()
    assert said.inner_text() == "choose at least one leaf"


def test_numbers_that_are_none(page: Any, tmp_path: Path) -> None:
    y = Value(float("nan"), "n") * Value(2.0, "b") + Value(float("inf"), "i")
    opened(page, y, tmp_path)
    page.keyboard.press("End")
    assert set(numbers(page, "value")) == {"nan", "2", "inf"}
    assert "nan" in numbers(page, "grad")


def test_encodings_and_their_legend(page: Any, tmp_path: Path) -> None:
    root = opened(page, network(), tmp_path)
    page.keyboard.press("f")
    assert root.locator(".arrow.positive").count() > 0
    assert root.locator(".arrow.negative path").first.evaluate("x => getComputedStyle(x).strokeDasharray") != "none"
    assert "below 0" in root.locator(".legend").inner_text()
    page.keyboard.press("h")
    assert float(box(page, "loss").locator(".heat").evaluate("x => x.style.opacity")) == 0.45
    page.keyboard.press("f")
    page.keyboard.press("h")
    assert root.locator(".legend").inner_text() == ""
    assert root.locator(".arrow.positive").count() == 0


def test_boxes_are_reached_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, small_graph(), tmp_path)
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert root.locator(".card h2").inner_text() == "b"
    page.keyboard.press("p")
    assert root.locator(".card h2").inner_text() == "a"


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


def test_an_operation_without_javascript_asks_python(page: Any, tmp_path: Path) -> None:
    """The script of the widget, with a model whose other end is the Python of the widget."""
    clipped = Op("clipped", lambda x: min(x, 1.0), (lambda z, x: 1.0 if x < 1.0 else 0.0,))
    x = Value(0.5, "x")
    explorer = explore(clipped(x) * x)
    page.expose_function("ask", explorer.answer)
    text = explorer.page.replace("data, null);", "data, window.model);").replace(
        "const data = JSON",
        """const handlers = {}; const state = {};
        window.model = { get: (k) => state[k], set: (k, v) => { state[k] = v; }, off: () => {},
          on: (name, f) => { handlers[name] = f; },
          save_changes: async () => { state.reply = await window.ask(state.request); handlers["change:reply"](); } };
        const data = JSON""",
    )  # fmt: skip
    (tmp_path / "bare.html").write_text(text, "utf-8")
    page.goto((tmp_path / "bare.html").as_uri())
    page.keyboard.press("End")
    assert numbers(page, "grad") == ["1", "0.5", "1"]
    box(page, "x").click()
    page.locator(".card input[type=number]").fill("3")
    page.locator(".card input[type=number]").press("Enter")
    page.wait_for_function("document.querySelector('.card p .value').textContent === '3'")
    assert numbers(page, "grad") == ["1", "3", "1"]
    explorer.save(tmp_path / "page.html")
    page.goto((tmp_path / "page.html").as_uri())  # without Python the numbers stay as they were recorded
    box(page, "x").click()
    assert page.locator(".card input").count() == 0
    assert "operation 'clipped' has no JavaScript" in page.locator(".card").inner_text()


def test_two_thousand_nodes_stay_usable(page: Any, tmp_path: Path) -> None:
    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    loss = sum((model([x, -x]) - 1.0) ** 2 for x in (0.5, 1.0, 1.5))
    root = opened(page, loss, tmp_path)
    for _ in range(5):
        page.keyboard.press("+")
    assert 10 < root.locator(".box").count() < 1000  # those that are near; there are 2,266
    page.keyboard.press("End")
    assert root.locator(".box.active").count() == 1
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    with page.expect_download() as download:
        root.locator("button[title='save this view as SVG']").click()
    assert Path(download.value.path()).read_text("utf-8").count('class="box') == 2266
    assert root.locator(".box").count() < 1000
    count = int(root.locator("input[aria-label=step]").get_attribute("max"))
    assert root.locator("input[aria-label=step]").input_value() == str(count - 10)


@pytest.mark.parametrize("depth", [1, 2])
def test_narrow_screens(browser: Any, tmp_path: Path, depth: int) -> None:
    page = browser.new_page(viewport={"width": 420, "height": 700})
    page.goto(explore(network(), depth=depth).save(tmp_path / "page.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= 420")
    page.close()


def test_axe_finds_no_violation(page: Any, tmp_path: Path) -> None:
    """axe-core looks for what keeps people with a screen reader, or with little sight, from using a page."""
    root = opened(page, network(), tmp_path)
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("f")
    page.keyboard.press("h")
    root.locator("summary").click()
    root.locator(".descent button", has_text="one step").click()
    box(page, "x1").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
