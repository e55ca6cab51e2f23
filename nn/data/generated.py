"""Small data sets."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from nn.data.dataset import Dataset, generator
from nn.data.table import read_csv


def iris() -> Dataset:
    """150 irises of three species: length and width of sepals and petals, in cm.

    Source: Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936, with the
    measurements of Anderson, "The irises of the Gaspe peninsula", 1935.  The table is that of the paper, without the
    two errors in the copy of the UCI repository.  UCI licenses its copy under CC BY 4.0; facts are not copyrightable.

    >>> iris()
    <Dataset iris: 150 examples, 4 features, 3 classes>
    """
    found = read_csv(Path(__file__).with_name("iris.csv"))
    found.source = "Fisher, Annals of Eugenics 7, 1936"
    return found


def moons(n: int = 200, noise: float = 0.1, seed: int | None = 0) -> Dataset:
    """Two interleaving half circles.

    Arguments:
        n: the number of points.
        noise: the standard deviation of the normal noise added to both coordinates.
        seed: an integer for reproducible points.
    """

    def point(i: int, of: int, side: int) -> tuple[float, float]:
        angle = math.pi * i / max(of - 1, 1)
        if side == 0:
            return math.cos(angle), math.sin(angle)
        return 1.0 - math.cos(angle), 0.5 - math.sin(angle)

    return _points("moons", point, n, 2, noise, seed)


def circles(n: int = 200, noise: float = 0.08, seed: int | None = 0) -> Dataset:
    """A circle inside a circle.  Arguments as for ``moons``."""

    def point(i: int, of: int, ring: int) -> tuple[float, float]:
        angle = 2.0 * math.pi * i / of
        radius = 1.0 if ring == 0 else 0.5
        return radius * math.cos(angle), radius * math.sin(angle)

    return _points("circles", point, n, 2, noise, seed)


def spiral(n: int = 200, noise: float = 0.03, seed: int | None = 0, arms: int = 2) -> Dataset:
    """Interleaving spiral arms.  Arguments as for ``moons``; ``arms`` is the number of classes."""

    def point(i: int, of: int, arm: int) -> tuple[float, float]:
        radius = 0.1 + 0.9 * i / max(of - 1, 1)
        angle = 1.25 * 2.0 * math.pi * radius + 2.0 * math.pi * arm / arms
        return radius * math.cos(angle), radius * math.sin(angle)

    return _points("spiral", point, n, arms, noise, seed)


def xor(n: int = 200, noise: float = 0.15, seed: int | None = 0) -> Dataset:
    """Four clouds at the corners of a square, with one class on each diagonal.  Arguments as for ``moons``."""

    def point(i: int, of: int, kind: int) -> tuple[float, float]:
        sign = 1.0 if i % 2 else -1.0
        return sign, sign if kind == 0 else -sign

    return _points("xor", point, n, 2, noise * 2.0, seed)


def blobs(n: int = 200, noise: float = 0.25, seed: int | None = 0, centres: int = 3) -> Dataset:
    """Round clouds, centered on a circle.  Arguments as for ``moons``; ``centres`` is the number of classes."""

    def point(i: int, of: int, centre: int) -> tuple[float, float]:
        angle = 2.0 * math.pi * centre / centres
        return math.cos(angle), math.sin(angle)

    return _points("blobs", point, n, centres, noise, seed)


BY_NAME: dict[str, Callable[[], Dataset]] = {f.__name__: f for f in (iris, moons, circles, spiral, xor, blobs)}


def _points(
    name: str,
    point: Callable[[int, int, int], tuple[float, float]],
    n: int,
    classes: int,
    noise: float,
    seed: int | None,
) -> Dataset:
    """n noisy points, divided as evenly as possible among the classes, in random order."""
    if classes < 1 or n < classes:
        raise ValueError(f"{name} needs at least one point for each class: n = {n}, classes = {classes}")
    if not noise >= 0.0:
        raise ValueError(f"noise must be a non-negative number, not {noise!r}")
    rng = generator(seed)
    points = []
    for kind in range(classes):
        of = n // classes + (kind < n % classes)
        for i in range(of):
            x, y = point(i, of, kind)
            points.append(([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)], kind))
    rng.shuffle(points)
    X, y_ = [x for x, _ in points], [kind for _, kind in points]
    return Dataset(X, y_, ["x1", "x2"], [str(kind) for kind in range(classes)], "class", name, "generated")
