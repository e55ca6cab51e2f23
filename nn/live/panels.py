"""The panels of the training picture, as SVG: the network, the plane or the curve, and the loss.

Colors show the sign or the class.  To be readable without color, negative weights are dashed, classes have markers,
and lines separate the decision regions.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.output.raster import pixels_to_png
from nn.classes import margin
from nn.layers import Layer
from nn.plane import COLOURS, Plane

Array = NDArray[np.float64]

WIDTH, HEIGHT = 920, 472  # of the picture, in pixels
NETWORK = (14.0, 24.0, 540.0, 412.0)  # left, top, width, height
SQUARE = (600.0, 24.0, 300.0, 270.0)
LOSS = (600.0, 350.0, 300.0, 84.0)
MAX_NEURONS = 12  # shown in each layer
NEGATIVE, POSITIVE = COLOURS[:2]


def network_panel(
    layers: Sequence[Layer], names: Sequence[str], outputs: Sequence[Array], points: Array, resolution: int
) -> str:
    """The network from left to right: neurons, each with a map of its output, and weights as lines.

    The wider a line, the larger its weight relative to the largest in the layer.

    Arguments:
        layers: the layers; if there are none, only the inputs and the outputs are drawn.
        names: the names of the inputs.
        outputs: for each layer an array with a row for each neuron: its output at each point.
        points: the points, as examples: a square grid or, if there is one column, a line.
        resolution: the number of points in each direction of the square grid.
    """
    left, top, width, height = NETWORK
    names = [name if len(name) <= 16 else name[:15] + "…" for name in names]
    margin = 14.0 + 6.4 * max(map(len, names[:MAX_NEURONS]))
    columns = [points.T, *outputs]
    heads = ["inputs", *(f"layers.{i}, {_clean(layer.activation)}" for i, layer in enumerate(layers))]
    if not layers:
        heads = ["inputs", "outputs"]
    tallest = max(min(len(column), MAX_NEURONS) for column in columns)  # rows
    size = min(36.0, height / tallest - 8.0)
    gap = (width - size - margin) / (len(columns) - 1)
    places: list[list[tuple[float, float]]] = []
    for i, column in enumerate(columns):
        rows = min(len(column), MAX_NEURONS)
        shown = rows - (len(column) > rows)  # the last row says how many are not shown
        pitch = min(height / rows, size + 26.0)
        start = top + 12.0 + (height - pitch * rows) / 2.0
        places.append([(left + margin + gap * i, start + pitch * (j + 0.5)) for j in range(shown)])
    parts = [_edges(i, layer, places[i], places[i + 1], size) for i, layer in enumerate(layers)]
    for i, (column, spots) in enumerate(zip(columns, places, strict=True)):
        for j, (x, y) in enumerate(spots):
            tip = f"output {j}" if i else _clean(names[j])
            if i and layers:
                tip = f"layers.{i - 1}.neurons.{j}\nbias {_slope(layers[i - 1].neurons[j].bias)}"
            parts.append(_neuron(x, y, size, column[j], resolution, points.shape[1] > 1, tip))
            if i == 0:
                parts.append(_text(x - 6.0, y + 4.0, names[j], "nw-muted", "end"))
        x = spots[0][0] + size / 2.0
        heading = next((text for text in (heads[i], heads[i].split(",")[0]) if len(text) * 6.4 < gap), str(i))
        parts.append(_text(x, top - 8.0, heading, "nw-muted"))
        if len(column) > len(spots):
            parts.append(_text(x, top + height - 4.0, f"+ {len(column) - len(spots)} more", "nw-muted"))
    if layers:
        parts.append(_legend(left, top + height + 22.0))
    return "".join(parts)


def _legend(x: float, y: float) -> str:
    """The legend for the lines and the colors of the neurons."""
    return (
        f'<path class="nw-key" d="M{x:.1f} {y:.1f}h28" stroke="{POSITIVE}" stroke-width="3"/>'
        f"{_text(x + 34.0, y + 4.0, 'above zero', 'nw-muted', 'start')}"
        f'<path class="nw-key" d="M{x + 120:.1f} {y:.1f}h28" stroke="{NEGATIVE}" stroke-width="3" '
        f'stroke-dasharray="5 4"/>{_text(x + 154.0, y + 4.0, "below zero", "nw-muted", "start")}'
    )


def _slope(parameter: Any) -> str:
    """The value and the gradient of a parameter, as text."""
    return f"{parameter.data:.4g}, dL/d(this) = {parameter.grad:.4g}"


def _edges(
    number: int, layer: Layer, sources: list[tuple[float, float]], targets: list[tuple[float, float]], size: float
) -> str:
    """A line for each weight between two layers."""
    largest = max(abs(w.data) for neuron in layer.neurons for w in neuron.weights) or 1.0
    parts = []
    for j, (x2, y2) in enumerate(targets):
        for i, (x1, y1) in enumerate(sources):
            w = layer.neurons[j].weights[i]
            strength = float(np.nan_to_num(abs(w.data) / largest, nan=1.0))
            start, middle = x1 + size, (x1 + size + x2) / 2.0
            path = f"M{start:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
            dashes = ' stroke-dasharray="5 4"' if w.data < 0.0 else ""
            parts.append(
                f'<path class="nw-edge" d="{path}" stroke="{POSITIVE if w.data > 0.0 else NEGATIVE}" '
                f'stroke-width="{0.4 + 4.6 * strength:.1f}" opacity="{0.25 + 0.7 * strength:.2f}"{dashes}>'
                f"<title>layers.{number}.neurons.{j}.weights.{i}\n{_slope(w)}</title></path>"
            )
    return "".join(parts)


def _neuron(x: float, y: float, size: float, outputs: Array, resolution: int, square: bool, tip: str) -> str:
    """A neuron, as a small map or curve of its output, scaled by the largest magnitude."""
    top = y - size / 2.0
    finite = np.abs(outputs[np.isfinite(outputs)])
    largest = float(finite.max(initial=0.0)) or 1.0
    if square:
        small = outputs.reshape(resolution, resolution)[::-3, ::3]
        inside = _image(x, top, size, size, (small > 0.0).astype(int), 0.9 * np.abs(small) / largest)
    else:
        ys = y - outputs[:: max(1, len(outputs) // 40)] / largest * (size / 2.0 - 3.0)
        inside = f'<polyline class="nw-curve" points="{_pairs(np.linspace(x, x + size, len(ys)), ys)}"/>'
    return (
        f'<g><title>{escape(tip)}</title><rect class="nw-paper" x="{x:.1f}" y="{top:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}"/>{inside}<rect class="nw-frame" x="{x:.1f}" y="{top:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}"/></g>'
    )


def plane_panel(
    plane: Plane,
    ground: Array,
    rows: Array,
    kinds: Sequence[int],
    right: Sequence[bool],
    title: str,
    classes: Sequence[str] = (),
) -> str:
    """The plane: the decision regions and boundaries, and the examples, outlined where they are misclassified.

    Arguments:
        plane: the plane.
        ground: the scores at each of its points, with a column for each class.
        rows, kinds, right: the examples, their classes, and whether each is classified as it should be.
        title: the heading if the classes have no names.
        classes: the names of the classes.
    """
    left, top, width, height = SQUARE
    n = len(plane.u)
    leads = np.stack([margin(ground, i) for i in range(ground.shape[1])])
    ahead = leads.max(axis=0)
    usual = np.nanmean(ahead) if np.isfinite(ahead).any() else 0.0
    strength = 0.6 * (1.0 - np.exp(-ahead / (usual + 1e-300)))
    parts = [_image(left, top, width, height, ground.argmax(axis=1).reshape(n, n)[::-1], strength.reshape(n, n)[::-1])]

    def place(columns: Any, lines: Any) -> Array:  # a grid point is at the center of its pixel
        across, up = (np.asarray(columns) + 0.5) / n, (np.asarray(lines) + 0.5) / n
        return np.stack([left + across * width, top + (1.0 - up) * height], axis=-1)

    lines = np.array([line for i in range(len(leads) - 1) for line in zero_lines(leads[i].reshape(n, n))])
    if len(lines):
        ends = place(lines[..., 0], lines[..., 1]).reshape(-1, 4)
        path = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in ends)
        parts.append(f'<path class="nw-boundary" d="{path}"/>')
    flat = (np.array(plane.project(rows)) - [plane.u[0], plane.v[0]]) / [np.ptp(plane.u), np.ptp(plane.v)] * (n - 1)
    for (x, y), kind, good in zip(place(*flat.T), kinds, right, strict=True):
        parts.append(_marker(x, y, kind, "nw-right" if good else "nw-wrong"))
    parts.append(_frame(left, top, width, height))
    parts.append(_text(left + width / 2.0, top + height + 16.0, plane.labels[0], "nw-muted"))
    middle = top + height / 2.0
    label = _text(left - 8.0, middle, plane.labels[1], "nw-muted")
    parts.append(f'<g transform="rotate(-90 {left - 8:.1f} {middle:.1f})">{label}</g>')
    parts.append(_names(classes) if classes else _text(left + width / 2.0, top - 8.0, title, "nw-muted"))
    return "".join(parts)


def _names(classes: Sequence[str]) -> str:
    """The names of the classes, each beside its marker, above the plane."""
    left, top, width, _ = SQUARE
    parts = []
    room = max(2, int(width / len(classes) / 6.6 - 2.0))  # in characters
    for i, name in enumerate(classes):
        x = left + width * i / len(classes)
        short = name if len(name) <= room else name[: room - 1] + "…"
        parts += [_marker(x + 6.0, top - 12.0, i, "nw-right"), _text(x + 14.0, top - 8.0, short, "nw-ink", "start")]
    return "".join(parts)


def curve_panel(xs: Array, outputs: Array, inputs: Array, targets: Array, kinds: Sequence[int], name: str) -> str:
    """The outputs as functions of a single input, and the examples.

    Arguments:
        xs, outputs: the values of the input, and a row for each output.
        inputs, targets, kinds: the coordinates of the examples, and the numbers of their markers.
        name: the name of the input.
    """
    left, top, width, height = SQUARE
    seen = np.concatenate([outputs[np.isfinite(outputs)], targets])
    low, high = seen.min(), seen.max()
    span = (high - low) or 1.0

    def place(x: Array, y: Array) -> tuple[Array, Array]:
        across = left + (x - xs[0]) / (xs[-1] - xs[0]) * width
        return across, top + height - 6.0 - (y - low) / span * (height - 12.0)

    thin = slice(None, None, max(1, len(xs) // 200))
    parts = [_marker(x, y, kind, "nw-right") for x, y, kind in zip(*place(inputs, targets), kinds, strict=True)]
    for i, row in enumerate(outputs):
        colour = f' style="stroke:{COLOURS[i % len(COLOURS)]}"' if len(outputs) > 1 else ""
        parts.append(f'<polyline class="nw-line nw-output" points="{_pairs(*place(xs[thin], row[thin]))}"{colour}/>')
    parts.append(_frame(left, top, width, height))
    parts.append(_text(left + width / 2.0, top + height + 16.0, name, "nw-muted"))
    parts.append(_text(left + width / 2.0, top - 8.0, "output, and examples", "nw-muted"))
    parts += [_text(left - 4.0, y, f"{x:.3g}", "nw-muted", "end") for x, y in ((high, top + 10.0), (low, top + height))]
    return "".join(parts)


STEEP = 20.0  # where the largest loss is so many times the smallest, the axis is logarithmic


def loss_panel(losses: Sequence[float], validation: Sequence[float] = (), before: float | None = None) -> str:
    """The loss of each epoch, and dashed the validation loss.

    The axis includes zero, or is logarithmic where losses of very different sizes would flatten the curve.

    Arguments:
        losses, validation: a number for each epoch.
        before: the loss before the first epoch.
    """
    left, top, width, height = LOSS
    finite = [x for x in (*losses, *validation, *([] if before is None else [before])) if math.isfinite(x)]
    steep = bool(finite) and min(finite) > 0.0 and max(finite) > STEEP * min(finite)
    title = "loss of each epoch" + (", dashed: validation" if validation else "") + (", logarithmic" if steep else "")
    parts = [_frame(left, top, width, height), _text(left + width / 2.0, top - 8.0, title, "nw-muted")]
    low, high = (min(finite), max(finite)) if steep else (min(0.0, *finite, 0.0), max(0.0, *finite, 0.0))
    starts = 0 if before is None else 1  # the loss before the first epoch belongs to epoch 0
    last = max(len(losses) - 1 + starts, 1)

    def place(epoch: Array, loss: Array) -> tuple[Array, Array]:
        scaled = np.log(loss / low) / math.log(high / low) if steep else (loss - low) / (high - low or 1.0)
        return left + epoch / last * width, top + height - 4.0 - scaled * (height - 8.0)

    for series, dashes in ((losses, ""), (validation, ' stroke-dasharray="5 4"')):
        if series:
            shown = np.unique(np.linspace(0, len(series) - 1, 300).astype(int))
            epochs, numbers = shown + float(starts), np.array(series)[shown]
            if before is not None and not dashes:
                epochs, numbers = np.append(0.0, epochs), np.append(before, numbers)
            xs, ys = place(epochs, numbers)
            parts.append(f'<polyline class="nw-line nw-loss" points="{_pairs(xs, ys)}"{dashes}/>')
            parts.append(f'<circle class="nw-ink nw-last" cx="{xs[-1]:.1f}" cy="{ys[-1]:.1f}" r="2.5"/>')
    if before is not None and not losses:
        (x,), (y,) = place(np.zeros(1), np.full(1, before))
        parts.append(f'<circle class="nw-ink nw-last" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>')
    if finite:
        parts.append(_text(left - 4.0, top + 10.0, f"{high:.3g}", "nw-muted", "end"))
        parts.append(_text(left - 4.0, top + height, f"{low:.3g}", "nw-muted", "end"))
        parts.append(_text(left + width, top + height + 15.0, f"epoch {len(losses)}", "nw-muted", "end"))
    return "".join(parts)


def zero_lines(square: Array) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The zero contour of a function on a square grid, as line segments from (column, row) to (column, row).

    Each cell is split into two triangles; a segment crosses each triangle whose corners differ in sign.

    Source: Doi and Koide, "An efficient method of triangulating equi-valued surfaces by using tetrahedral cells", IEICE
    Transactions E74, 1991, in two dimensions.

    >>> zero_lines(np.array([[-1.0, 1.0], [-1.0, 1.0]]))
    [((0.5, 0.0), (0.5, 0.5)), ((0.5, 0.5), (0.5, 1.0))]
    """
    rows, columns = np.indices(square.shape)
    points = np.stack([columns, rows, square], axis=-1)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
    triangles = np.stack([np.stack([a, b, c], axis=2), np.stack([b, c, d], axis=2)], axis=2).reshape(-1, 3, 3)
    above = triangles[:, :, 2] > 0.0
    found = []
    crossed = above.any(axis=1) & ~above.all(axis=1) & np.isfinite(triangles).all(axis=(1, 2))
    for triangle in triangles[crossed].tolist():
        ends = []
        for (x1, y1, z1), (x2, y2, z2) in combinations(triangle, 2):
            if (z1 > 0.0) != (z2 > 0.0):
                t = z1 / (z1 - z2)
                ends.append((x1 + t * (x2 - x1), y1 + t * (y2 - y1)))
        found.append((ends[0], ends[1]))
    return found


# ------------------------------------------------------------------------------------------------------------- shapes


def _image(x: float, y: float, width: float, height: float, kinds: Any, strength: Any) -> str:
    """An image with the color of each kind, and ``strength`` as its opacity; the first row is at the top."""
    palette = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in COLOURS], np.uint8)
    opacity = np.clip(np.nan_to_num(strength) * 255.0, 0.0, 255.0).astype(np.uint8)
    pixels = np.concatenate([palette[kinds % len(palette)], opacity[..., None]], axis=-1)
    rows, columns, _ = pixels.shape
    image = b64encode(pixels_to_png(pixels.tobytes(), columns, rows)).decode()
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{image}"/>'
    )


def _marker(x: float, y: float, kind: int, style: str) -> str:
    """The marker of a class: one of eight shapes, one for each color."""
    shape = (
        f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",  # a circle
        f"M{x - 3.6:.1f} {y - 3.6:.1f}h7.2v7.2h-7.2z",  # a square
        f"M{x:.1f} {y - 4.6:.1f}l4.6 8.2h-9.2z",  # a triangle
        f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z",  # a diamond
        f"M{x:.1f} {y + 4.6:.1f}l-4.6 -8.2h9.2z",  # a triangle upside down
        f"M{x - 1.6:.1f} {y - 5:.1f}h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z",  # a plus
        f"M{x - 5:.1f} {y - 2.4:.1f}h10v4.8h-10z",  # a bar
        f"M{x - 2.4:.1f} {y - 5:.1f}h4.8v10h-4.8z",  # a pillar
    )[kind % 8]
    return f'<path class="nw-marker {style}" d="{shape}" fill="{COLOURS[kind % 8]}"/>'


def _text(x: float, y: float, text: str, style: str, anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(_clean(text))}</text>'


def _clean(text: str) -> str:
    """A name with a dot for each character that SVG does not allow: control characters and lone surrogates."""
    return "".join(letter if letter.isprintable() else "·" for letter in text)


def _frame(x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="nw-frame" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _pairs(xs: Any, ys: Any) -> str:
    """The points of a line that are finite, as text."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True) if np.isfinite(x) and np.isfinite(y))
