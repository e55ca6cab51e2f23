"""A training that runs in a web page: the loss, its gradient, the neurons and the optimizer, all as JavaScript."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import to_javascript
from autograd.output import notebook
from nn.classes import class_numbers
from nn.layers import Layer
from nn.losses import CLASSIFICATION_LOSSES
from nn.optim.rules import update_rule
from nn.plane import COLOURS, Plane, spread
from nn.train.engines import Recorded
from nn.train.training import Training


def playground(training: Training, layers: list[Layer], neurons: Any, names: list[str], classes: list[str]) -> str:
    """The page.

    Arguments:
        training: the training, at the parameters with which the page starts.
        layers: the layers of its model.
        neurons: the recording of the outputs of all neurons for one example.
        names, classes: the names of the inputs and of the classes.

    Raises:
        ValueError: the training cannot be replayed, or the model does not consist of layers.
    """
    recorded = training.gradients
    if not isinstance(recorded, Recorded) or not layers or neurons is None:
        raise ValueError("a page can train a Sequential of Layers, or an MLP, with engine='program'; this one cannot")
    parameters = recorded.step.parameters
    rule = update_rule(training.optimizer)
    parts = {
        "value_and_grad": recorded.step.to_javascript(),
        "neurons": to_javascript(neurons.outputs, neurons.inputs, parameters, name="neurons"),
        "update": to_javascript(rule.outputs, rule.inputs, name="update"),
    }
    code = [f"const {name} = (() => {{\n{text}\nreturn {name};\n}})();" for name, text in parts.items()]
    script = [
        notebook.asset("autograd.output", "notebook.js"),
        notebook.asset("autograd.javascript", "short.js"),
        *code,
        notebook.asset("nn.live", "playground.js"),
    ]
    title = f"training {training.model!r}"
    style = notebook.style("nn.live", "playground.css")
    return notebook.page(title, "\n".join(script), style, _data(training, recorded, layers, names, classes))


def _data(
    training: Training, recorded: Recorded, layers: list[Layer], names: list[str], classes: list[str]
) -> dict[str, Any]:
    """Everything else that the page needs, as plain data."""
    place = {parameter: i for i, parameter in enumerate(recorded.step.parameters)}
    rows = [row[: recorded.inputs] for row in recorded.rows]
    counts = training.loss in CLASSIFICATION_LOSSES
    held: Any = training.validation or ((), ())
    return {
        "names": names,
        "classes": classes,
        "colours": COLOURS,
        "rows": recorded.rows,
        "held": [recorded.row(i, held[0][i], held[1][i]) for i in range(len(held[0]))],
        "inputs": recorded.inputs,
        "kinds": class_numbers(training.y) if counts else None,
        "heldKinds": class_numbers(held[1]) if counts and len(held[1]) else None,
        "parameters": [parameter.data for parameter in recorded.step.parameters],
        "layers": [
            {
                "name": f"layers.{i}",
                "activation": layer.activation,
                "neurons": [
                    {"weights": [place[w] for w in neuron.weights], "bias": place[neuron.bias]}
                    for neuron in layer.neurons
                ],
            }
            for i, layer in enumerate(layers)
        ],
        "state": len(training.optimizer.state_names),
        "optimizer": type(training.optimizer).__name__,
        "loss": getattr(training.loss, "__name__", "loss"),
        "rate": training.optimizer.rate,
        "decay": training.optimizer.weight_decay,
        "batch": training.batch_size,
        "ground": _ground(rows, names),
    }


def _ground(rows: list[list[float]], names: list[str]) -> dict[str, Any]:
    """The part of the input space that is shown: a line for one input, else a plane, as Python draws it."""
    if len(rows[0]) == 1:
        (low,), (high,) = (x.tolist() for x in spread(np.array(rows)))
        return {"u": [low, high], "labels": names[:1]}
    plane = Plane(rows, None, names, 2)  # its four corners
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
