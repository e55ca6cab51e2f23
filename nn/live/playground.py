"""A training as JavaScript: for a page that trains by itself, and for the widget, which draws what Python trains.

The rows of the table, the pieces of the network, the loss and the optimizers are written in Python; the script puts
them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from autograd import NoJavaScriptError, Value, explore, to_javascript, topological_order
from autograd.javascript.graph import Rows, engine
from autograd.output import notebook
from nn import data
from nn.classes import class_numbers, right_answers
from nn.layers import ACTIVATIONS, Layer, Neuron
from nn.losses import CLASSIFICATION_LOSSES
from nn.optim.optimizers import BY_NAME, RATES, Optimizer
from nn.optim.rules import update_rule
from nn.plane import COLOURS, Plane, spread
from nn.train.diagnosis import flat_below
from nn.train.recorded import Recorded
from nn.train.training import Training

SETS = ("moons", "circles", "spiral", "xor", "blobs")  # data sets that the reader may choose
EXAMPLES = 200  # in each of them
SCRIPTS = (
    *("network", "numbers", "trainer", "follower"),  # numbers
    *("scene", "report", "controls", "playground"),  # what is seen
    *("picture", "widget"),
)
MOST_PARAMETERS = 2_000  # of a network that the script draws for Python: browsers run longer functions slowly
MOST_EXPLORED = 500  # nodes of an example's graph in the page


def playground(
    training: Training,
    layers: list[Layer],
    names: list[str],
    classes: list[str],
    features: tuple[int, int] | None = None,
) -> str:
    """A page that trains.

    Arguments:
        training: the training, at the parameters with which the page starts.
        layers: the layers of its model.
        names, classes: the names of the inputs and of the classes.
        features: the two inputs that span the plane; None for both, or for the principal components.

    Raises:
        ValueError: the training cannot be replayed; the model does not consist of layers, or uses a weight twice; the
            optimizer has other parameters than the model, or a schedule.
        NoJavaScriptError: an operation of your own has no array form.
    """
    recorded = training.engine
    if not isinstance(recorded, Recorded) or not layers or not all(map(_is_plain, layers)):
        raise ValueError("a page can train a Sequential of Layers, or an MLP, with engine='program'; this one cannot")
    parameters = parameters_of(layers)
    if len(set(parameters)) < len(parameters):
        raise ValueError("a page cannot train a model that uses a layer, or a weight, in two places")
    if {*training.optimizer.parameters} != {*parameters}:
        raise ValueError("a page trains all parameters of the model; this optimizer has others, or only some of them")
    if type(training.optimizer).step is not Optimizer.step:
        raise ValueError(
            f"a page replays the rule of an optimizer; {type(training.optimizer).__name__} has its own step()"
        )
    if not all(isfinite(p.data) for p in parameters):
        raise ValueError("a page cannot start from parameters that are not finite: restart the training")
    if training.weights is not None or training.optimizer.clip_norm is not None:
        raise ValueError("a page trains without sample weights and without clip_norm")
    if callable(training.optimizer.lr):
        raise ValueError(
            "a page has a slider for the learning rate, and no schedule: set the optimizer's lr to a number"
        )
    rows = Rows()
    optimizers, updates = _optimizers(training.optimizer)
    held: Any = training.validation or ((), ())
    found = {
        **_drawn(rows, training, recorded, layers, names, classes, features, recorded.rows.tolist()),
        "kinds": class_numbers(training.y) if counts(training) else None,
        "answers": right_answers(training.y) if counts(training) else None,
        "held": recorded.rows_of(*held).tolist() if training.validation else [],
        "heldAnswers": right_answers(held[1]) if counts(training) and len(held[1]) else None,
        "decay": training.optimizer.weight_decay,
        "batch": training.batch_size,
        "parameters": [p.data for p in parameters],
        "sets": _sets(training, recorded, names),
        "optimizers": optimizers,
        "example": _example(training, recorded, parameters, names),
    }
    return notebook.page(f"training {training.model!r}", script(rows.code, updates), style(), found)


def follower(
    training: Training,
    layers: list[Layer],
    names: list[str],
    classes: list[str],
    features: tuple[int, int] | None,
    chosen: Sequence[int],
) -> tuple[str, dict[str, Any]] | None:
    """A script that draws a network while Python trains it, and its data; None for a network that it cannot draw.

    Arguments:
        training, layers, names, classes, features: as for ``playground``.
        chosen: the examples that are shown.
    """
    recorded = training.engine
    if not isinstance(recorded, Recorded) or not all(map(_is_plain, layers)):
        return None
    parameters = parameters_of(layers)
    if not 0 < len(parameters) <= MOST_PARAMETERS or len(set(parameters)) < len(parameters):
        return None
    rows, shown = Rows(), recorded.rows[list(chosen)].tolist()
    try:
        found = _drawn(rows, training, recorded, layers, names, classes, features, shown)
    except NoJavaScriptError:
        return None
    # Of all targets: those that are chosen may not show that the classes are -1 and 1.
    for key, numbers in (("kinds", class_numbers), ("answers", right_answers)):
        of_all: Any = numbers(training.y) if counts(training) else None
        found[key] = of_all and [of_all[i] for i in chosen]
    return script(rows.code), found


def counts(training: Training) -> bool:
    """Whether the targets are classes, so that right answers can be counted."""
    return training.loss in CLASSIFICATION_LOSSES


def middle_of(targets: Sequence[float]) -> float:
    """Where the plane of a regression is split: halfway between the lowest and the highest target."""
    return (min(targets) + max(targets)) / 2.0


def parameters_of(layers: Sequence[Layer]) -> list[Value]:
    """The parameters as the script has them: neuron by neuron, the bias last."""
    return [p for layer in layers for neuron in layer.neurons for p in (*neuron.weights, neuron.bias)]


def style() -> str:
    """The style sheet of the page and of the widget."""
    return notebook.style("nn.live", "playground.css")


def script(rows: str = "const rows = [];", updates: str = "") -> str:
    """The script of the page and of the widget.

    Arguments:
        rows, updates: the rows of the table, and the rules of the optimizers, as JavaScript.
    """
    parts = [notebook.asset("nn.live", f"{name}.js") for name in SCRIPTS]
    return notebook.script(engine(), rows, updates, *parts)


def _example(
    training: Training, recorded: Recorded, parameters: list[Value], names: list[str]
) -> dict[str, Any] | None:
    """A page that explores the loss of an example, without its data; the data; and the places of the numbers in it.

    The numbers are the inputs, the target and the parameters.  None if the graph is too large.
    """
    loss, leaves = example_loss(training, recorded, recorded.rows[0], names)
    order = topological_order(loss)
    if len(order) > MOST_EXPLORED:
        return None
    explorer = explore(loss)
    place = {node: i for i, node in enumerate(order)}
    return {
        "page": notebook.page("an example", explorer.script, explorer.style, "EXAMPLE"),
        "data": explorer.data(every=True),
        "places": [place.get(x) for x in (*leaves, *parameters)],
    }


def example_loss(
    training: Training, recorded: Recorded, row: Sequence[float], names: Sequence[str]
) -> tuple[Value, list[Value]]:
    """The loss of one example, and the leaves that are its inputs and its target."""
    inputs = [Value(x, name) for x, name in zip(row[: recorded.inputs], names, strict=True)]
    count = len(row) - recorded.inputs
    targets = [Value(x, f"t{i}" if count > 1 else "t") for i, x in enumerate(row[recorded.inputs :])]
    outputs = training.model(inputs)
    loss = training.loss([outputs], [targets if count > 1 or recorded.classes else targets[0]])
    loss.label = "loss"
    return loss, [*inputs, *targets]


def _optimizers(first: Optimizer) -> tuple[list[dict[str, Any]], str]:
    """The optimizers that the reader may choose, that of the training first, and their update rules as JavaScript."""
    usual = {make.__name__: make([Value(0.0)], lr=RATES[name]) for name, make in BY_NAME.items()}
    optimizers = {type(first).__name__: first, **{name: x for name, x in usual.items() if name != type(first).__name__}}
    listed = [{"name": name, "state": len(x.state_names), "rate": x.rate} for name, x in optimizers.items()]
    rules = []
    for name, optimizer in optimizers.items():
        rule = update_rule(optimizer, any_decay=True)
        code = to_javascript(rule.outputs, rule.inputs, name="update")
        rules.append(f"{name}: (() => {{\n{code}\nreturn update;\n}})()")
    return listed, "const updates = {\n" + ",\n".join(rules) + "\n};"


def _is_plain(layer: Layer) -> bool:
    """Whether a layer computes what a Layer does, with one activation for all of its neurons."""
    neurons = layer.neurons
    same = all(type(n).__call__ is Neuron.__call__ and n._activate is neurons[0]._activate for n in neurons)
    return same and type(layer).__call__ is Layer.__call__ and all(len(n.weights) == layer.nin for n in neurons)


def _activation_names(layers: Sequence[Layer]) -> list[str]:
    """A name for the activation of each layer, another one for each function."""
    functions: dict[str, Any] = dict(ACTIVATIONS)
    names = []
    for layer in layers:
        name, function = layer.activation, layer.neurons[0]._activate
        while functions.setdefault(name, function) is not function:
            name += "'"
        names.append(name)
    return names


def _drawn(
    rows: Rows,
    training: Training,
    recorded: Recorded,
    layers: list[Layer],
    names: list[str],
    classes: list[str],
    features: tuple[int, int] | None,
    shown: list[list[float]],
) -> dict[str, Any]:
    """What the script draws: the network and the loss, as pieces of graphs that it puts together, and the examples."""
    count = len(shown[0]) - recorded.inputs  # numbers of a target
    outputs = [Value(0.3 + 0.1 * i) for i in range(layers[-1].nout)]
    targets = [Value(float(x)) for x in shown[0][recorded.inputs :]]
    single = outputs[0] if len(outputs) == 1 else outputs
    loss = training.loss([single], [targets[0] if count == 1 and not recorded.classes else targets])
    activations = _activation_names(layers)
    functions = {
        **ACTIVATIONS,
        **{name: layer.neurons[0]._activate for name, layer in zip(activations, layers, strict=True)},
    }
    return {
        "product": _piece(rows, lambda x, y: x * y, 2),
        "sum": _piece(rows, lambda x, y: x + y, 2),
        "activations": {
            name: f and {"piece": _piece(rows, f, 1), "flat": flat_below(name)} for name, f in functions.items()
        },
        "lossPiece": _template(rows, loss, [*outputs, *targets]),
        "loss": getattr(training.loss, "__name__", "loss"),
        "layers": [{"activation": name, "units": x.nout} for name, x in zip(activations, layers, strict=True)],
        "inputs": recorded.inputs,
        "rows": shown,
        "middle": middle_of([row[recorded.inputs] for row in shown]),
        "ground": _ground([row[: recorded.inputs] for row in shown], names, features),
        "names": names,
        "classes": classes,
        "colours": COLOURS,
    }


def _piece(rows: Rows, f: Callable[..., Any], count: int) -> dict[str, Any]:
    """A function of so many Values as a piece of a graph."""
    leaves = [Value(0.5) for _ in range(count)]
    return _template(rows, f(*leaves), leaves)


def _template(rows: Rows, end: Value, leaves: Sequence[Value]) -> dict[str, Any]:
    """A graph whose leaves the page replaces by other nodes: its nodes, and where each leaf is among them."""
    order = topological_order(end)
    place = {node: i for i, node in enumerate(order)}
    return {"nodes": rows.nodes(order), "leaves": [place.get(leaf, -1) for leaf in leaves]}


def _sets(training: Training, recorded: Recorded, names: list[str]) -> list[dict[str, Any]]:
    """Data sets of two classes for a model that can tell these apart, as the loss takes them."""
    found = []
    plain = recorded.classes or not hasattr(recorded.like[1], "__len__")  # one number, or a class, for each target
    for name in SETS if recorded.inputs == 2 and counts(training) and plain else ():
        examples = data.BY_NAME[name]()
        kinds = class_numbers(examples.y)
        width = recorded.classes or 2
        if max(kinds) >= width or (recorded.classes == 0 and _signed(recorded)):
            continue
        rows = recorded.rows_of(examples.X[:EXAMPLES], examples.y[:EXAMPLES]).tolist()
        ground = _ground([row[:2] for row in rows], names)
        kinds = kinds[: len(rows)]
        found.append({"name": name, "rows": rows, "kinds": kinds, "answers": kinds, "ground": ground})
    return found


def _signed(recorded: Recorded) -> bool:
    """Whether the targets are -1 and 1."""
    return bool((recorded.rows[:, -1] < 0.0).any())


def _ground(rows: list[list[float]], names: list[str], features: tuple[int, int] | None = None) -> dict[str, Any]:
    """The part of the input space that is shown: a line for one input, else a plane, as Python draws it."""
    if len(rows[0]) == 1:
        (low,), (high,) = spread(rows)
        return {"u": [low, high], "labels": names}
    plane = Plane(rows, features, names, 2)  # its four corners
    corner, right, top, _ = plane.points
    return {
        "u": plane.u,
        "v": plane.v,
        "labels": plane.labels,
        "corner": corner,
        "across": [b - a for a, b in zip(corner, right, strict=True)],
        "up": [b - a for a, b in zip(corner, top, strict=True)],
        "places": plane.project(rows),
    }
