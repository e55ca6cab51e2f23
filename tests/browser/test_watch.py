"""The widget of a training, against the Python at its other end, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value
from nn import MLP, data
from nn.live.playground import parameters_of

PAGE = """<!doctype html><meta charset="utf-8"><style>:root{color-scheme:light dark}body{margin:0}STYLE</style>
<div id="root"></div><script type="module">
SCRIPT
const handlers = {}, state = START;
const model = { get: (k) => state[k], set: (k, v) => { state[k] = v; }, off: () => {},
  on: (name, f) => { handlers[name] = f; },
  save_changes: async () => {
    const [reply, error] = await window.ask(state.request);
    Object.assign(state, { reply, error });
    handlers["change:reply"]();
    if (error) handlers["change:error"]();
  } };
widget.render({ model, el: document.getElementById("root") });
</script>"""


def opened(page: Any, path: Path, training: nn.Watch) -> Any:
    widget = training.widget()

    def ask(request: dict[str, Any]) -> list[Any]:
        widget.request = request
        return [widget.reply, widget.error]

    page.expose_function("ask", ask)
    text = PAGE.replace("STYLE", str(widget._css))
    text = text.replace("SCRIPT", str(widget._esm).replace("export default", "const widget ="))
    (path / "page.html").write_text(text.replace("START", json.dumps({"data": widget.data})), "utf-8")
    page.goto((path / "page.html").as_uri())
    root = page.locator("#root")
    root.focus()
    return root


def moons(**options: Any) -> nn.Watch:
    examples = data.moons(60, seed=1)
    settings = {"loss": "binary_cross_entropy", "batch_size": 20, "seed": 3, **options}
    return nn.watch(MLP(2, [6, 6, 1], activation="tanh", seed=1), examples.X, examples.y, **settings)


def waits(page: Any, text: str, where: str = ".status") -> None:
    page.wait_for_function(f"document.querySelector('{where}').textContent.includes({json.dumps(text)})")


def trainer(page: Any, expression: str) -> Any:
    return page.evaluate(f"((t) => {expression})(document.querySelector('#root').playground.trainer)")


def test_step_epoch_and_new_start_by_keyboard(page: Any, tmp_path: Path) -> None:
    training = moons(validation=(data.moons(9).X, data.moons(9).y))
    root = opened(page, tmp_path, training)
    assert root.locator(".status").inner_text().startswith("epoch 0, step 0, loss before training")
    page.keyboard.press("ArrowRight")
    waits(page, "step 1,")
    page.keyboard.press("e")
    waits(page, "step 3,")
    parameters = [p.data for p in parameters_of(training.training.model.layers)]
    assert trainer(page, "t.parameters") == parameters
    assert trainer(page, "t.history.map((x) => x.epoch)") == [0, 1]
    assert trainer(page, "t.history[1].heldLoss") == training.history.validation_loss[0]
    page.keyboard.press("Home")
    waits(page, "epoch 0, step 0")


def test_the_network_is_that_of_python(page: Any, tmp_path: Path) -> None:
    training = moons()
    opened(page, tmp_path, training)
    page.keyboard.press("e")
    waits(page, "step 3,")
    outputs = training.training.model.predict(data.moons(60, seed=1).X)
    assert trainer(page, "t.rows.map((row) => t.outputs(row)[0])") == pytest.approx(outputs, rel=1e-12)


def test_play_and_pause(page: Any, tmp_path: Path) -> None:
    root = opened(page, tmp_path, moons())
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('#root').playground.trainer.steps > 15")
    root.locator("button[aria-pressed=true]").click()
    page.wait_for_timeout(500)
    stopped = root.locator(".status").inner_text()
    page.wait_for_timeout(500)
    assert root.locator(".status").inner_text() == stopped


def test_the_slider_sets_the_learning_rate(page: Any, tmp_path: Path) -> None:
    training = moons(optimizer="sgd")
    root = opened(page, tmp_path, training)
    slider = root.locator("label.control", has_text="learning rate")
    slider.locator("input").focus()
    page.keyboard.press("End")
    assert slider.locator("output").inner_text() == "10"
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
    assert root.locator(".status.wrong").count() == 1
    assert root.locator("button[aria-pressed=true]").count() == 0
    page.keyboard.press("Home")
    waits(page, "epoch 0, step 0")


def test_both_passes_for_an_example(page: Any, tmp_path: Path) -> None:
    training = moons()
    root = opened(page, tmp_path, training)
    page.keyboard.press("e")
    waits(page, "step 3,")
    root.locator("input[type=number]").fill("7")
    root.locator("button", has_text="explore").click()
    frame = page.frame_locator("iframe")
    frame.locator("button[title^='to the end']").click()
    examples = data.moons(60, seed=1)
    loss = nn.binary_cross_entropy([training.training.model(examples.X[7])], [examples.y[7]])
    assert float(frame.locator(".outcome b").inner_text()) == pytest.approx(loss.data, rel=1e-3)


class Ring(nn.Module):
    """A model without layers, which Python draws."""

    def __init__(self) -> None:
        self.radius = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return x[0] * x[0] + x[1] * x[1] - self.radius * self.radius


def test_a_model_without_layers(page: Any, tmp_path: Path) -> None:
    examples = data.moons(60, seed=1)
    root = opened(page, tmp_path, nn.watch(Ring(), examples.X, examples.y, "binary_cross_entropy", batch_size=20))
    assert root.locator(".nw-marker").count() == 60
    page.keyboard.press("e")
    waits(page, "step 3,", ".said")
    root.locator("input[type=range]").focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.rate').textContent === 'learning rate 10'")
    root.focus()
    page.keyboard.press(" ")
    page.wait_for_function("Number(/step (\\d+)/.exec(document.querySelector('.said').textContent)[1]) > 9")
    page.keyboard.press(" ")
