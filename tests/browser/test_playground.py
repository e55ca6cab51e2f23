"""The page that watch(...) writes: it trains by itself, and as Python does."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

import nn
from autograd import Value
from nn import MLP, data, optim

moons = data.moons(40, seed=1)


def opened(page: Any, training: Any, folder: Path) -> Any:
    page.goto(training.save(folder / "playground.html").as_uri())
    return page.locator(".nn-playground")


def watched(optimizer: Any = "adam", outputs: int = 1, **options: Any) -> nn.Watch:
    loss = "binary_cross_entropy" if outputs == 1 else "cross_entropy"
    model = MLP(2, [5, outputs], activation="tanh", seed=1)
    if callable(optimizer):
        optimizer = optimizer(model.parameters())
    return nn.watch(model, moons.X, moons.y, loss, optimizer, batch_size=len(moons), **options)


def in_order(model: Any) -> list[Value]:
    """The parameters as the page has them: neuron by neuron, the bias last."""
    return [p for layer in model.layers for neuron in layer.neurons for p in (*neuron.weights, neuron.bias)]


def trainer(page: Any, expression: str) -> Any:
    """Something of the page's trainer."""
    return page.evaluate(f"((t) => {expression})(document.querySelector('#root').playground.trainer)")


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: optim.SGD(p, lr=0.3, momentum=0.9, nesterov=True),
        lambda p: optim.Adagrad(p, lr=0.1),
        lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, weight_decay=0.01),
        lambda p: optim.Adam(p, lr=0.05),
        lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1),
    ],
    ids=["sgd", "adagrad", "rmsprop", "adam", "adamw"],
)
def test_the_page_trains_as_python_does(page: Any, tmp_path: Path, optimizer: Any) -> None:
    """With all examples in each batch, so that their order does not matter."""
    opened(page, watched(optimizer), tmp_path)
    page.keyboard.press("e")
    for _ in range(19):
        page.keyboard.press("ArrowRight")
    training = watched(optimizer).training
    for _ in range(20):
        training.step()
    found = [p.data for p in in_order(training.model)]
    assert trainer(page, "t.parameters") == pytest.approx(found, rel=1e-9, abs=1e-12)
    assert page.locator(".status").inner_text().startswith("epoch 20, step 20, loss ")
    assert trainer(page, "t.history.length") == 21
    assert trainer(page, "t.history[0].loss") == pytest.approx(watched(optimizer)._loss(), rel=1e-12)


def test_two_activations_of_one_name(page: Any, tmp_path: Path) -> None:
    layers = nn.Layer(2, 3, lambda x: x.tanh(), seed=1), nn.Layer(3, 3, lambda x: x * x, seed=3)
    model = nn.Sequential(*layers, nn.Layer(3, 1, "linear", seed=2))
    training = nn.watch(model, moons.X, moons.y, "mse", batch_size=len(moons))
    opened(page, training, tmp_path)
    page.keyboard.press("ArrowRight")
    training.step()
    assert trainer(page, "t.parameters") == pytest.approx([p.data for p in in_order(model)], rel=1e-12)


def test_epochs_and_losses_after_a_change(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(), tmp_path)
    page.keyboard.press("e")
    page.keyboard.press("e")
    root.locator("label.control", has_text="batch size").locator("input").fill("5")
    assert root.locator(".status").inner_text().startswith("epoch 2, step 2,")
    before = root.locator(".status").inner_text()
    root.locator("label.control", has_text="noise").locator("input").fill("0.6")
    assert root.locator(".status").inner_text() != before
    assert trainer(page, "t.history.at(-1).loss === t.evaluate().loss")


def test_it_learns_and_can_start_again(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(outputs=2, validation=(moons.X[:9], moons.y[:9])), tmp_path)
    before = trainer(page, "t.parameters")
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('#root').playground.trainer.steps > 400")
    page.keyboard.press(" ")
    assert trainer(page, "t.history.at(-1).accuracy") > 0.95
    assert "held back: loss" in root.locator(".status").inner_text()
    page.keyboard.press("Home")
    assert trainer(page, "t.parameters") == before
    assert trainer(page, "t.history.length") == 1
    root.locator("button", has_text="new weights").click()
    other = trainer(page, "t.parameters")
    assert other != before
    seed = root.locator("label", has_text="seed").locator("input")
    assert seed.input_value() == "2"
    seed.fill("7")
    seed.press("Enter")
    assert trainer(page, "t.parameters") != other
    seed.fill("2")
    seed.press("Enter")
    assert trainer(page, "t.parameters") == other


def test_controls(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(), tmp_path)

    def slide(label: str, to: str) -> None:
        root.locator("label.control", has_text=label).locator("input").fill(to)

    rows = trainer(page, "t.rows")
    slide("learning rate", "-1")
    slide("batch size", "7")
    slide("L2", "-2")
    slide("noise", "0.5")
    assert trainer(page, "[t.rate, t.batch, t.decay, t.noise]") == [0.1, 7, 0.01, 0.5]
    assert trainer(page, "t.rows") != rows
    assert [row[2] for row in trainer(page, "t.rows")] == [row[2] for row in rows]  # targets stay
    slide("noise", "0")
    assert trainer(page, "t.rows") == rows
    picture = "document.querySelector('canvas.plane').toDataURL()"
    smooth = page.evaluate(picture)
    root.locator("label", has_text="discretize").locator("input").check()
    assert page.evaluate(picture) != smooth
    network = root.locator("canvas.network").bounding_box()
    spot = page.evaluate("() => document.querySelector('#root').playground.scene.spots[1][2]")
    page.mouse.move(network["x"] + spot[0], network["y"] + spot[1])
    assert root.locator(".formula").first.inner_text().startswith("layers.0.neurons.2 = tanh(")
    page.mouse.move(0, 0)
    assert root.locator(".formula").first.inner_text() == ""


def test_the_buttons(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(), tmp_path)
    steps = []
    for title in ("one step", "one epoch", "start again (Home)"):
        root.locator(f"button[title^='{title}']").click()
        steps.append(trainer(page, "t.steps"))
    assert steps == [1, 2, 0]  # an epoch is one step of all examples
    play = root.locator("button[title^=play]")
    play.click()
    page.wait_for_function("document.querySelector('#root').playground.trainer.steps > 2")
    assert play.get_attribute("aria-pressed") == "true"
    play.click()
    assert play.get_attribute("aria-pressed") == "false"
    root.locator("button", has_text="− neuron").click()
    assert trainer(page, "t.layers[0].units") == 4
    root.locator("button", has_text="+ neuron").click()
    root.locator("button", has_text="explore").click()
    root.locator(".example button", has_text="close").click()
    assert root.locator("iframe").count() == 0


def test_another_network(page: Any, tmp_path: Path) -> None:
    """The reader changes layers, neurons, activation and weights; the engine finds the gradient of the new graph."""
    root = opened(page, watched(outputs=2), tmp_path)
    root.locator("button", has_text="+ layer").click()
    root.locator("button", has_text="+ neuron").click()
    hidden = root.locator("label", has_text="hidden layers").locator("output")
    assert hidden.inner_text() == "6, 6"
    root.locator("label", has_text="activation").locator("select").select_option("gelu")
    model = MLP(2, [6, 6, 2], activation="gelu", seed=1)
    parameters = in_order(model)
    for parameter, number in zip(parameters, trainer(page, "t.parameters"), strict=True):
        parameter.data = number
    loss = nn.cross_entropy([model(x) for x in moons.X], moons.y)
    loss.backward()
    found = trainer(page, "t.learn(t.rows)")
    assert found["value"] == pytest.approx(loss.data, rel=1e-12)
    assert found["gradient"] == pytest.approx([p.grad for p in parameters], rel=1e-9, abs=1e-14)
    for _ in range(3):
        root.locator("button", has_text="− layer").click()
    assert hidden.inner_text() == "none"
    root.locator("label", has_text="weights").locator("select").select_option("zero")
    assert set(trainer(page, "t.parameters")) == {0}


def test_other_data_and_another_optimizer(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(), tmp_path)
    choice = root.locator("label", has_text="data").first.locator("select")
    assert choice.locator("option").all_text_contents() == ["your data", "moons", "circles", "spiral", "xor"]
    choice.select_option("xor")
    examples = data.xor()
    rows = [[*examples.X[i], float(examples.y[i])] for i in range(3)]
    assert trainer(page, "t.rows.slice(0, 3)") == rows
    root.locator("label", has_text="optimizer").locator("select").select_option("RMSprop")
    assert trainer(page, "[t.optimizer.name, t.rate]") == ["RMSprop", 0.01]
    root.focus()
    page.keyboard.press("e")
    assert "layers.0" in root.locator(".report").inner_text()
    picture = "document.querySelector('canvas.network').toDataURL()"
    weights = page.evaluate(picture)
    root.locator("label", has_text="gradients").locator("input").check()
    assert page.evaluate(picture) != weights


def test_the_report_is_that_of_python(page: Any, tmp_path: Path) -> None:
    """With relu, of which one unit is dead."""
    model = MLP(2, [4, 3, 1], activation="relu", seed=2)
    model.layers[0].neurons[1].bias.data = -100.0
    training = nn.watch(model, moons.X, moons.y, "binary_cross_entropy", optim.SGD(model.parameters(), lr=0.01))
    report = opened(page, training, tmp_path).locator(".report")
    loss = nn.binary_cross_entropy([model(x) for x in moons.X], moons.y)
    expected = nn.layer_report(model, loss, lr=0.01)
    assert expected[0].dead == 0.25
    heads = report.locator("thead th").all_text_contents()
    assert heads == [name.replace("_", " ") for name in expected[0].__dataclass_fields__]
    keys = ["mean", "spread", "saturated", "dead", "delta", "weightGradient", "updateRatio"]
    found = trainer(page, f"t.report().map((row) => {json.dumps(keys)}.map((key) => row[key]))")
    for row, ours in zip(expected, found, strict=True):
        theirs = [row.mean, row.spread, row.saturated, row.dead, row.delta, row.weight_gradient, row.update_ratio]
        assert ours == pytest.approx(theirs, rel=1e-12)
    first = report.locator("tbody tr").first.locator("th, td").all_text_contents()
    assert first[:3] == ["layers.0", "4", "relu"]
    assert first[6] == "25%"


def test_both_passes_for_an_example(page: Any, tmp_path: Path) -> None:
    """With the weights of now: the result of the explorer is the loss of the example."""
    root = opened(page, watched(), tmp_path)
    page.keyboard.press("e")
    root.locator("label", has_text="example").locator("input").fill("7")
    root.locator("button", has_text="explore").click()
    frame = page.frame_locator("iframe")
    frame.locator("button[title^='to the end']").click()
    loss = trainer(page, "t.network.learn(t.rows[7], t.parameters, t.parameters.map(() => 0))")
    assert float(frame.locator(".outcome b").inner_text()) == pytest.approx(loss, rel=1e-3)
    spot = page.evaluate("() => document.querySelector('#root').playground.scene.marks[12]")
    root.locator("canvas.plane").click(position={"x": spot[0], "y": spot[1]})
    assert root.locator(".example p").inner_text().startswith("example 12, with the weights of step 1")
    root.locator("button", has_text="+ neuron").click()
    root.locator("button", has_text="explore").click()
    assert "put its layers back" in root.locator(".example").inner_text()
    root.locator("label", has_text="example").locator("input").fill("99")
    root.locator("button", has_text="explore").click()
    assert root.locator(".example").inner_text() == "There are the examples 0 to 39."


def test_neurons_by_keyboard(page: Any, tmp_path: Path) -> None:
    root = opened(page, watched(), tmp_path)
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert root.locator(".formula").inner_text().startswith("layers.0.neurons.1 = tanh(")
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert root.locator(".formula").inner_text().startswith("layers.1.neurons.0 = linear(")
    page.keyboard.press("Escape")
    assert root.locator(".formula").inner_text() == ""


def test_a_loss_that_is_not_finite_stops_the_training(page: Any, tmp_path: Path) -> None:
    model = MLP(1, [4, 1], activation="relu", seed=1)
    curve = [[i / 10.0 - 1.5] for i in range(31)]
    training = nn.watch(
        model, curve, [math.sin(2.0 * x) for (x,) in curve], "mse", optim.SGD(model.parameters(), lr=1e30)
    )
    root = opened(page, training, tmp_path)
    for _ in range(12):
        page.keyboard.press("e")
    assert "Choose a smaller learning rate" in root.locator(".status").inner_text()
    assert all(map(math.isfinite, trainer(page, "t.parameters")))


def test_more_inputs_and_numbers_as_targets(page: Any, tmp_path: Path) -> None:
    iris = data.iris()
    model = MLP(4, [3, 3], seed=1)
    opened(page, nn.watch(model, iris.X, iris.y, "cross_entropy", names=["<b>", "b", "c", "d"], seed=1), tmp_path)
    page.keyboard.press("e")
    assert page.locator("b").count() == 0
    assert trainer(page, "t.history.length") == 2


@pytest.mark.parametrize("width", [390, 800, 1400])
def test_no_screen_is_too_narrow(browser: Any, tmp_path: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    opened(page, watched(), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_axe_finds_no_violation(page: Any, tmp_path: Path) -> None:
    opened(page, watched(), tmp_path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def accuracy(training: nn.Watch) -> float:
    return nn.accuracy(training.training.model.predict(training.training.X), training.training.y)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "hinge", "cross_entropy"])
def test_targets_that_are_lists(page: Any, tmp_path: Path, loss: str) -> None:
    low = -1 if loss == "hinge" else 0
    y: list[Any] = [[int(a > 0.5) or low, int(b > 0.2) or low] for a, b in moons.X]
    if loss == "cross_entropy":
        y = [[1 - k, k] for k in moons.y]
    training = nn.watch(MLP(2, [6, 2], "tanh", seed=1), moons.X, y, loss, batch_size=len(moons))
    opened(page, training, tmp_path)
    assert trainer(page, "t.history[0].accuracy") == pytest.approx(accuracy(training))
    assert trainer(page, "t.history[0].loss") == pytest.approx(training._loss(), rel=1e-12)
    page.keyboard.press("e")
    training.step()
    assert trainer(page, "t.history[1].accuracy") == pytest.approx(accuracy(training))


def test_a_regression_is_split_at_the_middle_of_its_targets(page: Any, tmp_path: Path) -> None:
    """As in the picture that Python draws: the first output, and markers by the first target."""
    y = [[100.0 + a, b] for a, b in moons.X]
    opened(page, nn.watch(MLP(2, [4, 2], "tanh", seed=1), moons.X, y, "mse"), tmp_path)
    first = [row[0] for row in y]
    middle = (min(first) + max(first)) / 2.0
    assert trainer(page, "t.data.middle") == pytest.approx(middle)
    kinds = page.evaluate(
        "(() => { const s = document.querySelector('#root').playground.scene; "
        "return s.trainer.rows.map((_, i) => s.kindOf(i)); })()"
    )
    assert kinds == [int(x > middle) for x in first]


def test_inputs_are_shown_with_their_sign_over_principal_components(page: Any, tmp_path: Path) -> None:
    X = [[t / 10.0, -t / 10.0 + 0.05 * (t % 3), 0.1 * (t % 5)] for t in range(-20, 21)]
    opened(page, nn.watch(MLP(3, [3, 1], "tanh", seed=1), X, [x[0] for x in X], "mse"), tmp_path)
    scene = "document.querySelector('#root').playground.scene"
    for k in range(3):
        shown = page.evaluate(
            f"[0, 1].flatMap((s) => [0, 1].map((t) => [{scene}.input(s, t)[{k}], {scene}.relative({k})(null, s, t)]))"
        )
        assert [x for _, x in sorted(shown)] == sorted(x for _, x in shown)
        assert min(x for _, x in shown) == pytest.approx(-1.0)
        assert max(x for _, x in shown) == pytest.approx(1.0)


def test_what_cannot_be_a_page(tmp_path: Path) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Layer(2, 1, seed=1)

        def __call__(self, x: Any) -> Any:
            return self.layer(x)[0]

    for training in (
        nn.watch(Own(), moons.X, moons.y, "binary_cross_entropy"),
        watched(engine="eager"),
    ):
        with pytest.raises(ValueError, match="a page can train a Sequential of Layers"):
            training.save(tmp_path / "a.html")
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    some = nn.watch(model, moons.X, moons.y, "binary_cross_entropy", optim.SGD(model.layers[1].parameters()))
    with pytest.raises(ValueError, match="trains all parameters of the model; this optimizer has others, or only some"):
        some.save(tmp_path / "a.html")
    with pytest.raises(ValueError, match="no schedule"):
        watched(lambda p: optim.SGD(p, lr=lambda step: 1.0 / (1 + step))).save(tmp_path / "a.html")
    layer = nn.Layer(2, 2, "tanh", seed=1)
    tied = nn.watch(nn.Sequential(layer, layer, nn.Layer(2, 1, seed=2)), moons.X, moons.y, "mse")
    with pytest.raises(ValueError, match="uses a layer, or a weight, in two places"):
        tied.save(tmp_path / "a.html")

    class Mine(optim.SGD):
        def step(self) -> None:
            for p in self.parameters:
                p.data -= 10.0 * p.grad

    with pytest.raises(ValueError, match=r"Mine has its own step\(\)"):
        watched(Mine).save(tmp_path / "a.html")
    training = watched()
    training.training.model.layers[0].neurons[0].bias.data = math.inf
    with pytest.raises(ValueError, match="parameters that are not finite"):
        training.save(tmp_path / "a.html")
