"""Strokes as a PNG or GIF image, with Pillow."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autograd.output.raster import SCALE, images_to_gif
from autograd.output.theme import PALETTE
from autograd.picture.places import Point
from autograd.picture.strokes import Area, Arrowhead, Curve, Polyline, Rectangle, Sketch, Stroke, Text

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

MOST_PIXELS = 40_000_000


def png(page: Sketch) -> bytes:
    """The image as a PNG file, at twice the resolution of a screen, or less where it would exceed 40 million pixels.

    Raises:
        ImportError: Pillow is not installed.
    """
    file = io.BytesIO()
    image(page).save(file, "PNG", optimize=False)
    return file.getvalue()


def gif(pages: Sequence[Sketch], milliseconds: Sequence[int]) -> bytes:
    """The pages as an animated GIF file that loops.

    Arguments:
        pages: the frames, all of the same size.
        milliseconds: how long each is shown.

    Raises:
        ImportError: Pillow is not installed.
    """
    most = MOST_PIXELS / 4 / len(pages)
    frames = [image(page, 1.0, most) for page in pages]
    return images_to_gif(frames, milliseconds)


def image(page: Sketch, scale: float = SCALE, most: float = MOST_PIXELS) -> Any:
    """The page as a Pillow image."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ImportError(
            "a PNG image needs the package Pillow: pip install pillow; an SVG image needs no package"
        ) from error
    scale = min(scale, (most / (page.width * page.height)) ** 0.5)
    # Pillow does not antialias lines: where memory allows, draw at twice the resolution and scale down.
    finer = 2 if page.width * page.height * scale * scale < MOST_PIXELS / 4 else 1
    width, height = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    found = Image.new("RGB", (width * finer, height * finer), PALETTE["paper"][0])
    canvas = _Canvas(ImageDraw.Draw(found), scale * finer)
    for stroke in page.strokes:
        canvas.draw(stroke)
    return found.reduce(finer) if finer > 1 else found


class _Canvas:
    """A Pillow drawing and its scale."""

    def __init__(self, pen: ImageDraw.ImageDraw, scale: float) -> None:
        self.pen = pen
        self.scale = scale
        self.fonts: dict[tuple[float, bool], ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}

    def draw(self, stroke: Stroke) -> None:
        match stroke:
            case Rectangle(x, y, width, height, radius, fill, border, _, opacity):
                self.pen.rounded_rectangle(
                    self.scaled((x, y), (x + width, y + height)),
                    radius * self.scale,
                    fill=_blended(PALETTE[fill][0], opacity) if fill else None,
                    outline=PALETTE[border][0] if border else None,
                    width=max(1, round((2.5 if border == "active" else 1.0) * self.scale)),
                )
            case Text():
                self.text(stroke)
            case Curve(points, upright, style, width, dashed):
                self.line(_flattened(points, upright), style, width, (5.0, 3.0) if dashed else None)
            case Polyline(line, style, width, dash):
                self.line(line, style, width, dash)
            case Area(polygons, fill, border, opacity, _):
                colour = _blended(PALETTE[fill][0], opacity)
                outline = PALETTE[border][0] if border else colour
                for polygon in polygons:
                    self.pen.polygon(self.scaled(*polygon), fill=colour, outline=outline)
            case Arrowhead():
                self.pen.polygon(self.scaled(*stroke.corners()), fill=PALETTE[stroke.style][0])

    def line(self, points: Sequence[Point], style: str, width: float, dash: tuple[float, float] | None) -> None:
        line = self.scaled(*points)
        thick = max(1, round((width - 0.1) * self.scale))
        for piece in _dashes(line, dash[0] * self.scale, dash[1] * self.scale) if dash else [line]:
            self.pen.line(piece, fill=PALETTE[style][0], width=thick, joint="curve")

    def text(self, stroke: Text) -> None:
        self.pen.text(
            self.scaled((stroke.x, stroke.y))[0],
            stroke.text,
            fill=PALETTE[stroke.style][0],
            font=self.font(stroke.size, stroke.bold),
            anchor="ls",
        )

    def font(self, size: float, bold: bool) -> Any:
        """DejaVu Sans Mono, which covers most alphabets, where it is installed; else Pillow's own font."""
        from PIL import ImageFont

        if (size, bold) not in self.fonts:
            name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
            try:
                self.fonts[size, bold] = ImageFont.truetype(name, size * self.scale)
            except OSError:
                self.fonts[size, bold] = ImageFont.load_default(size * self.scale)
        return self.fonts[size, bold]

    def scaled(self, *points: Point) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]


def _blended(colour: str, opacity: float) -> str:
    """A color over white paper."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255.0 + opacity * (part - 255.0)):02x}" for part in parts)


def _dashes(line: list[Point], dash: float, gap: float) -> list[list[Point]]:
    """A polyline cut into dashes."""
    found, left, on = [[line[0]]], dash, True
    for (x0, y0), (x1, y1) in pairwise(line):
        length, at = math.hypot(x1 - x0, y1 - y0), 0.0
        while length - at > left:
            at += left
            point = x0 + (x1 - x0) * at / length, y0 + (y1 - y0) * at / length
            if on:
                found[-1].append(point)
            else:
                found.append([point])
            on = not on
            left = dash if on else gap
        left -= length - at
        if on:
            found[-1].append((x1, y1))
    return [piece for piece in found if len(piece) > 1]


def _flattened(points: tuple[Point, ...], upright: bool) -> list[Point]:
    """The curve as a polyline."""
    found = [points[0]]
    for i in range(1, len(points)):
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        if i % 2 or (x0, y0) == (x1, y1):
            found.append((x1, y1))
            continue
        for step in range(1, 17):
            t = step / 16.0
            along = 1.5 * t * (1.0 - t) + t * t * t  # both control points lie halfway along the flow,
            across = t * t * (3.0 - 2.0 * t)  # and level with the ends across it
            a, b = (across, along) if upright else (along, across)
            found.append((x0 + a * (x1 - x0), y0 + b * (y1 - y0)))
    return found
