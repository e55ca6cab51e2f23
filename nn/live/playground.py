"""A training that runs in a web page: the rows of the table, the loss and the optimizers, written as JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Value, to_javascript, topological_order
from autograd.javascript.graph import Rows, engine
from autograd.output import notebook
from nn import data
from nn.classes import class_numbers
from nn.layers import ACTIVATIONS, Layer, Neuron
from nn.losses import CLASSIFICATION_LOSSES
from nn.optim.optimizers import BY_NAME, RATES, Optimizer
from nn.optim.rules import update_rule
from nn.plane import COLOURS, Plane, spread
from nn.train.engines import Recorded
from nn.train.training import Training

SETS = ("moons", "circles", "spiral", "xor", "blobs")  # data sets that the reader may choose
EXAMPLES = 200  # in each of them


def playground(
    training: Training,
    layers: list[Layer],
    names: list[str],
    classes: list[str],
    features: tuple[int, int] | None = None,
) -> str:
    """The page.

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
    recorded = training.gradients
    if not isinstance(recorded, Recorded) or not layers or not all(map(_is_plain, layers)):
        raise ValueError("a page can train a Sequential of Layers, or an MLP, with engine='program'; this one cannot")
    parameters = [p for layer in layers for n in layer.neurons for p in (*n.weights, n.bias)]
    if len(set(parameters)) < len(parameters):
        raise ValueError("a page cannot train a model that uses a layer, or a weight, in two places")
    if {*training.optimizer.parameters} != {*parameters}:
        raise ValueError("a page trains all parameters of the model; this optimizer has others, or only some of them")
    if callable(training.optimizer.lr):
        raise ValueError(
            "a page has a slider for the learning rate, and no schedule: set the optimizer's lr to a number"
        )
    rows = Rows()
    optimizers, updates = _optimizers(training.optimizer)
    found = {
        **_model(rows, training, recorded, layers),
        **_data(training, recorded, names, features),
        "parameters": [p.data for p in parameters],
        "names": names,
        "classes": classes,
        "colours": COLOURS,
        "sets": _sets(recorded, names),
        "optimizers": optimizers,
    }
    script = notebook.script(engine(), rows.code, updates, notebook.asset("nn.live", "playground.js"))
    return notebook.page(f"training {training.model!r}", script, notebook.style("nn.live", "playground.css"), found)


def _optimizers(first: Optimizer) -> tuple[list[dict[str, Any]], str]:
    """The optimizers that the reader may choose, that of the training first, and their update rules as JavaScript."""
    usual = {make.__name__: make([Value(0.0)], lr=RATES[name]) for name, make in BY_NAME.items()}
    optimizers = {type(first).__name__: first, **{name: x for name, x in usual.items() if name != type(first).__name__}}
    listed = [{"name": name, "state": len(x.state_names), "rate": x.rate} for name, x in optimizers.items()]
    rules = []
    for name, optimizer in optimizers.items():
        rule = update_rule(optimizer)
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


def _model(rows: Rows, training: Training, recorded: Recorded, layers: list[Layer]) -> dict[str, Any]:
    """The network and the loss, as pieces of graphs that the page puts together."""
    given = recorded.recorded.recording.inputs
    count = len(given) - recorded.inputs  # numbers of a target
    outputs = [Value(0.3 + 0.1 * i) for i in range(layers[-1].nout)]
    targets = [Value(float(x)) for x in recorded.rows[0][recorded.inputs :]]
    single = outputs[0] if len(outputs) == 1 else outputs
    loss = training.loss([single], [targets[0] if count == 1 and not recorded.classes else targets])
    names = _activation_names(layers)
    functions = {**ACTIVATIONS, **{name: layer.neurons[0]._activate for name, layer in zip(names, layers, strict=True)}}
    return {
        "product": _piece(rows, lambda x, y: x * y, 2),
        "sum": _piece(rows, lambda x, y: x + y, 2),
        "activations": {name: None if f is None else _piece(rows, f, 1) for name, f in functions.items()},
        "lossPiece": _template(rows, loss, [*outputs, *targets]),
        "layers": [{"activation": name, "units": x.nout} for name, x in zip(names, layers, strict=True)],
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


def _data(training: Training, recorded: Recorded, names: list[str], features: tuple[int, int] | None) -> dict[str, Any]:
    """The examples, and how the training goes on."""
    counts = training.loss in CLASSIFICATION_LOSSES
    held: Any = training.validation or ((), ())
    return {
        "rows": recorded.rows,
        "held": [recorded.row(i, held[0][i], held[1][i]) for i in range(len(held[0]))],
        "inputs": recorded.inputs,
        "kinds": class_numbers(training.y) if counts else None,
        "heldKinds": class_numbers(held[1]) if counts and len(held[1]) else None,
        "loss": getattr(training.loss, "__name__", "loss"),
        "decay": training.optimizer.weight_decay,
        "batch": training.batch_size,
        "ground": _ground([row[: recorded.inputs] for row in recorded.rows], names, features),
    }


def _sets(recorded: Recorded, names: list[str]) -> list[dict[str, Any]]:
    """Data sets of two classes for a model that can tell these apart, as the loss takes them."""
    found = []
    for name in SETS if recorded.inputs == 2 and recorded.counts else ():
        examples = data.BY_NAME[name]()
        kinds = class_numbers(examples.y)
        width = recorded.classes or 2
        if max(kinds) >= width or (recorded.classes == 0 and _signed(recorded)):
            continue
        rows = [recorded.row(i, examples.X[i], examples.y[i]) for i in range(min(len(examples), EXAMPLES))]
        ground = _ground([row[:2] for row in rows], names)
        found.append({"name": name, "rows": rows, "kinds": kinds[:EXAMPLES], "ground": ground})
    return found


def _signed(recorded: Recorded) -> bool:
    """Whether the targets are -1 and 1."""
    return any(row[-1] < 0.0 for row in recorded.rows)


def _ground(rows: list[list[float]], names: list[str], features: tuple[int, int] | None = None) -> dict[str, Any]:
    """The part of the input space that is shown: a line for one input, else a plane, as Python draws it."""
    if len(rows[0]) == 1:
        (low,), (high,) = (x.tolist() for x in spread(np.array(rows)))
        return {"u": [low, high], "labels": names}
    plane = Plane(rows, features, names, 2)  # its four corners
    corner, right, top, _ = plane.points.tolist()
    return {
        "u": plane.u.tolist(),
        "v": plane.v.tolist(),
        "labels": plane.labels,
        "corner": corner,
        "across": [b - a for a, b in zip(corner, right, strict=True)],
        "up": [b - a for a, b in zip(corner, top, strict=True)],
        "places": plane.project(rows).tolist(),
    }
