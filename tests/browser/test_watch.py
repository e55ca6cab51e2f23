"""The widget of a training, against the Python at its other end, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nn
from autograd.output.notebook import asset, script, style
from nn import MLP, data

PAGE = """<!doctype html><meta charset="utf-8"><style>:root{color-scheme:light dark}body{margin:0}STYLE</style>
<div id="root"></div><script type="module">
SCRIPT
const handlers = {}, state = START;
const model = { get: (k) => state[k], set: (k, v) => { state[k] = v; }, off: () => {},
  on: (name, f) => { handlers[name] = f; },
  save_changes: async () => {
    const [reply, error] = await window.ask(state.request);
    state.error = error;
    if (error) return handlers["change:error"]();
    state.reply = reply;
    handlers["change:reply"]();
  } };
widget.render({ model, el: document.getElementById("root") });
</script>"""


def opened(page: Any, path: Path, training: nn.Watch) -> Any:
    widget = training.widget()

    def ask(request: dict[str, Any]) -> list[Any]:
        widget.request = request
        return [widget.reply, widget.error]

    page.expose_function("ask", ask)
    text = PAGE.replace("STYLE", style("nn.live", "watch.css"))
    code = script(asset("nn.live", "watch.js")).replace("export default", "const widget =")
    text = text.replace("SCRIPT", code)
    (path / "page.html").write_text(text.replace("START", json.dumps({"data": widget.data})), "utf-8")
    page.goto((path / "page.html").as_uri())
    root = page.locator(".nn-watch")
    root.focus()
    return root


def moons(**options: Any) -> nn.Watch:
    examples = data.moons(60, seed=1)
    settings = {"loss": "binary_cross_entropy", "batch_size": 20, "seed": 3, **options}
    return nn.watch(MLP(2, [6, 6, 1], activation="tanh", seed=1), examples.X, examples.y, **settings)


def waits(page: Any, text: str) -> None:
    page.wait_for_function(f"document.querySelector('.said').textContent.includes({json.dumps(text)})")


def test_step_epoch_and_new_start_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, tmp_path, moons())
    assert root.locator(".said").inner_text().startswith("epoch 0, step 0, loss before training")
    page.keyboard.press("ArrowRight")
    waits(page, "step 1,")
    page.keyboard.press("e")
    waits(page, "step 3,")
    assert root.locator(".nw-line").count() == 1
    assert root.locator(".nw-edge").count() == 12 + 36 + 6
    page.keyboard.press("Home")
    waits(page, "epoch 0, step 0")


def test_play_and_pause(page: Any, tmp_path: Path) -> None:
    root = opened(page, tmp_path, moons())
    page.keyboard.press(" ")
    waits(page, "epoch 5,")
    root.locator("button[aria-pressed=true]").click()
    page.wait_for_timeout(500)
    stopped = root.locator(".said").inner_text()
    page.wait_for_timeout(500)
    assert root.locator(".said").inner_text() == stopped


def test_the_slider_sets_the_learning_rate(page: Any, tmp_path: Path) -> None:
    training = moons(optimizer="sgd")
    root = opened(page, tmp_path, training)
    root.locator("input[type=range]").focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.rate').textContent === 'learning rate 10'")
    root.focus()
    page.keyboard.press("ArrowRight")
    waits(page, "step 1,")
    assert training.rate == 10.0


def test_an_error_stops_and_says_why(page: Any, tmp_path: Path) -> None:
    training = moons(optimizer="sgd", loss="mse")
    training.rate = 1e200
    root = opened(page, tmp_path, training)
    page.keyboard.press(" ")
    waits(page, "the loss is")
    assert root.locator(".said.wrong").count() == 1
    assert root.locator("button[aria-pressed=true]").count() == 0
    page.keyboard.press("Home")
    waits(page, "epoch 0, step 0")
