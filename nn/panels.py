"""The parts of the picture of a training, as SVG: the network, the plane or the curve, and the loss.

Colours say the sign, or the class, and never alone: negative weights are dashed, and classes have markers.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import combinations
from typing import Any

import numpy as np

from nn.layers import Layer
from nn.plane import COLOURS, Array, Plane, lead

WIDTH, HEIGHT = 920, 460  # of the picture, in pixels
NETWORK = (14.0, 24.0, 540.0, 424.0)  # left, top, width, height
SQUARE = (600.0, 24.0, 300.0, 270.0)
LOSS = (600.0, 350.0, 300.0, 84.0)
MOST = 12  # neurons of a layer that are shown


def network_panel(
    layers: Sequence[Layer], names: Sequence[str], found: Sequence[Array], points: Array, steps: int, square: bool
) -> str:
    """The network from left to right: neurons with what they say, and weights as lines.

    Arguments:
        layers: the layers; none draws the outputs alone.
        names: of the inputs.
        found: for each layer a row for each neuron, with its output at each point.
        points: the points, as examples; ``steps`` in each direction if they are a square, else in a line.
    """
    left, top, width, height = NETWORK
    names = [name if len(name) <= 16 else name[:15] + "…" for name in names]
    margin = 14.0 + 6.4 * max(map(len, names[:MOST]))
    columns = [points.T, *found]
    heads = ["inputs", *(f"layer {i + 1}, {layer.activation}" for i, layer in enumerate(layers))]
    if not layers:
        heads = ["inputs", "outputs"]
    tallest = max(min(len(column), MOST) for column in columns)
    size = min(36.0, height / tallest - 8.0)
    gap = (width - size - margin) / (len(columns) - 1)
    places: list[list[tuple[float, float]]] = []
    for i, column in enumerate(columns):
        shown = min(len(column), MOST)
        pitch = min(height / shown, size + 26.0)
        start = top + 12.0 + (height - pitch * shown) / 2.0
        places.append([(left + margin + gap * i, start + pitch * (j + 0.5)) for j in range(shown)])
    parts = [_edges(layer, a, b, size) for layer, a, b in zip(layers, places, places[1:], strict=False)]
    for i, (column, spots) in enumerate(zip(columns, places, strict=True)):
        for j, (x, y) in enumerate(spots):
            told = f"{heads[i]}, neuron {j}" if i else names[j]
            if i and layers:
                told += f": bias {layers[i - 1].neurons[j].bias.data:.4g}"
            parts.append(_neuron(x, y, size, column[j], steps, square, told))
            if i == 0:
                parts.append(_text(x - 6.0, y + 4.0, names[j], "nw-muted", "end"))
        x = spots[0][0] + size / 2.0
        parts.append(_text(x, top - 8.0, heads[i], "nw-muted"))
        if len(column) > len(spots):
            parts.append(_text(x, spots[-1][1] + size / 2.0 + 14.0, f"+ {len(column) - len(spots)} more", "nw-muted"))
    return "".join(parts)


def _edges(layer: Layer, sources: list[tuple[float, float]], targets: list[tuple[float, float]], size: float) -> str:
    """A line for each weight between two layers."""
    weights = [[w.data for w in neuron.weights] for neuron in layer.neurons]
    largest = max(max(abs(w) for w in row) for row in weights) or 1.0
    parts = []
    for j, (x2, y2) in enumerate(targets):
        for i, (x1, y1) in enumerate(sources):
            w = weights[j][i]
            strength = abs(w) / largest
            start, middle = x1 + size, (x1 + size + x2) / 2.0
            path = f"M{start:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
            dashes = ' stroke-dasharray="5 4"' if w < 0.0 else ""
            parts.append(
                f'<path class="nw-edge" d="{path}" stroke="{COLOURS[int(w > 0.0)]}" stroke-width='
                f'"{0.4 + 4.6 * strength:.1f}" opacity="{0.25 + 0.7 * strength:.2f}"{dashes}>'
                f"<title>w{i} of neuron {j}: {w:.4g}</title></path>"
            )
    return "".join(parts)


def _neuron(x: float, y: float, size: float, outputs: Array, steps: int, square: bool, told: str) -> str:
    """A neuron: a small map of what it says, or a small curve."""
    top = y - size / 2.0
    largest = float(np.abs(outputs).max()) or 1.0
    if square:
        small = outputs.reshape(steps, steps)[::-3, ::3]
        inside = _image(x, top, size, size, (small > 0.0).astype(int), 0.9 * np.abs(small) / largest)
    else:
        ys = y - outputs[:: steps * steps // 40] / largest * (size / 2.0 - 3.0)
        xs = np.linspace(x, x + size, len(ys))
        inside = f'<polyline class="nw-curve" points="{_pairs(xs, ys)}"/>'
    return (
        f'<g><title>{escape(told)}</title><rect class="nw-paper" x="{x:.1f}" y="{top:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}"/>{inside}<rect class="nw-frame" x="{x:.1f}" y="{top:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}"/></g>'
    )


def plane_panel(
    plane: Plane, told: Array, rows: Array, kinds: Sequence[int], at: Array, classes: Sequence[str] | None
) -> str:
    """The plane: which class is told where, the boundaries, and the examples, ringed where they are told wrong.

    Arguments:
        plane: the plane.
        told: the scores at each of its points, a column for each class.
        rows, kinds: the examples and their classes.
        at: the scores at the examples.
        classes: the names of the classes.
    """
    left, top, width, height = SQUARE
    steps = len(plane.u)
    leads = np.stack([lead(told, i) for i in range(told.shape[1])])
    ahead = leads.max(axis=0)
    strength = 0.6 * (1.0 - np.exp(-ahead / (ahead.mean() + 1e-300)))
    shape = (steps, steps)
    parts = [_image(left, top, width, height, told.argmax(axis=1).reshape(shape)[::-1], strength.reshape(shape)[::-1])]

    def place(flat: Array) -> Array:
        across = (flat[:, 0] - plane.u[0]) / (plane.u[-1] - plane.u[0])
        up = (flat[:, 1] - plane.v[0]) / (plane.v[-1] - plane.v[0])
        return np.stack([left + across * width, top + height - up * height], axis=1)

    for i in range(1 if told.shape[1] == 2 else 0, told.shape[1]):
        for a, b in zero_lines(leads[i].reshape(shape)):
            ends = np.array([a, b]) * [width, -height] / (steps - 1) + [left, top + height]
            parts.append("M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*ends.ravel()))
    lines = "".join(parts[1:])
    parts = [parts[0], f'<path class="nw-boundary" d="{lines}"/>']
    right = at.argmax(axis=1)
    for (x, y), kind, answer in zip(place(plane.project(rows)), kinds, right, strict=True):
        parts.append(_marker(x, y, kind, "nw-right" if kind == answer else "nw-wrong"))
    parts.append(_frame(left, top, width, height))
    parts.append(_text(left + width / 2.0, top + height + 16.0, plane.labels[0], "nw-muted"))
    middle = top + height / 2.0
    parts.append(
        f'<g transform="rotate(-90 {left - 8:.1f} {middle:.1f})">'
        f"{_text(left - 8.0, middle, plane.labels[1], 'nw-muted')}</g>"
    )
    if classes:
        for i, name in enumerate(classes[:4]):
            x = left + width * i / min(len(classes), 4)
            parts.append(_marker(x + 6.0, top - 12.0, i, "nw-right"))
            parts.append(_text(x + 14.0, top - 8.0, name, "nw-ink", "start"))
    else:
        parts.append(_text(left + width / 2.0, top - 8.0, "output, and examples", "nw-muted"))
    return "".join(parts)


def curve_panel(xs: Array, outputs: Array, inputs: Array, targets: Sequence[float], name: str) -> str:
    """The output over the one input, and the examples."""
    left, top, width, height = SQUARE
    low, high = min(outputs.min(), *targets), max(outputs.max(), *targets)
    span = (high - low) or 1.0

    def place(x: Any, y: Any) -> tuple[Array, Array]:
        across = left + (np.asarray(x) - xs[0]) / (xs[-1] - xs[0]) * width
        return across, top + height - 6.0 - (np.asarray(y) - low) / span * (height - 12.0)

    thin = slice(None, None, max(1, len(xs) // 200))
    parts = [_marker(x, y, 0, "nw-right") for x, y in zip(*place(inputs, targets), strict=True)]
    parts.append(f'<polyline class="nw-line" points="{_pairs(*place(xs[thin], outputs[thin]))}"/>')
    parts.append(_frame(left, top, width, height))
    parts.append(_text(left + width / 2.0, top + height + 16.0, name, "nw-muted"))
    parts.append(_text(left + width / 2.0, top - 8.0, "output, and examples", "nw-muted"))
    parts += [_text(left - 4.0, y, f"{x:.3g}", "nw-muted", "end") for x, y in ((high, top + 10.0), (low, top + height))]
    return "".join(parts)


def loss_panel(losses: Sequence[float]) -> str:
    """The loss of each epoch, from zero up."""
    left, top, width, height = LOSS
    parts = [_frame(left, top, width, height), _text(left + width / 2.0, top - 8.0, "loss of each epoch", "nw-muted")]
    if losses:
        low, high = min(0.0, *losses), max(0.0, *losses)
        shown = np.unique(np.linspace(0, len(losses) - 1, 300).astype(int))
        xs = left + (shown / max(len(losses) - 1, 1)) * width
        ys = top + height - 4.0 - (np.array(losses)[shown] - low) / (high - low or 1.0) * (height - 8.0)
        parts.append(f'<polyline class="nw-line" points="{_pairs(xs, ys)}"/>')
        parts.append(_text(left - 4.0, top + 10.0, f"{high:.3g}", "nw-muted", "end"))
        parts.append(_text(left - 4.0, top + height, f"{low:.3g}", "nw-muted", "end"))
        parts.append(_text(left + width, top + height + 15.0, f"epoch {len(losses)}", "nw-muted", "end"))
    return "".join(parts)


def zero_lines(square: Array) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where a function on a square grid is zero: short lines from (column, row) to (column, row).

    Each cell is cut into two triangles; a line crosses a triangle where its corners differ in sign.

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
    for triangle in triangles[above.any(axis=1) & ~above.all(axis=1)].tolist():
        ends = []
        for (x1, y1, z1), (x2, y2, z2) in combinations(triangle, 2):
            if (z1 > 0.0) != (z2 > 0.0):
                t = z1 / (z1 - z2)
                ends.append((x1 + t * (x2 - x1), y1 + t * (y2 - y1)))
        found.append((ends[0], ends[1]))
    return found


# ------------------------------------------------------------------------------------------------------------- strokes


def _image(x: float, y: float, width: float, height: float, kinds: Any, strength: Any) -> str:
    """A map of colours, one for each kind, as strong as it says; from the upper row down."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("the picture of a training needs Pillow: pip install pillow") from error
    palette = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in COLOURS], np.uint8)
    opacity = np.clip(np.nan_to_num(strength) * 255.0, 0.0, 255.0).astype(np.uint8)
    pixels = np.concatenate([palette[kinds % len(palette)], opacity[..., None]], axis=-1)
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{b64encode(file.getvalue()).decode()}"/>'
    )


def _marker(x: float, y: float, kind: int, style: str) -> str:
    """The marker of a class: a circle, a square, a triangle or a diamond."""
    shape = (
        f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        f"M{x - 3.6:.1f} {y - 3.6:.1f}h7.2v7.2h-7.2z",
        f"M{x:.1f} {y - 4.6:.1f}l4.6 8.2h-9.2z",
        f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z",
    )[kind % 4]
    return f'<path class="nw-marker {style}" d="{shape}" fill="{COLOURS[kind % len(COLOURS)]}"/>'


def _text(x: float, y: float, text: str, style: str, anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _frame(x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="nw-frame" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _pairs(xs: Any, ys: Any) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
