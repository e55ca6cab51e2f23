"""A chart as strokes: where its panels are, and what is drawn in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.chart.contours import contour, region
from autograd.chart.marks import mark
from autograd.chart.panel import DASHES, Bars, Contours, Line, Panel, Points, Region, Series
from autograd.chart.scale import Scale, scale
from autograd.picture.strokes import Area, Polyline, Rectangle, Sketch, Stroke, Text, text_width

MARGIN = 12.0
SIZE = 11.0  # of all texts but the titles
ROW = 16.0
SAMPLE = 22.0  # the width of a line in the legend

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The rectangle in which numbers are drawn, in pixels, and its scales."""

    left: float
    top: float
    right: float
    bottom: float
    across: Scale
    up: Scale

    def point(self, x: float, y: float) -> Point:
        """Where a pair of numbers lies; plus and minus infinity are the ends of the axes."""
        return (
            self._along(self.across, x, self.left, self.right),
            self._along(self.up, y, self.bottom, self.top),
        )

    @staticmethod
    def _along(axis: Scale, x: float, start: float, end: float) -> float:
        if math.isinf(x):
            return end if x > 0.0 else start
        return start + axis.place(x) * (end - start)

    def contains(self, point: Point) -> bool:
        x, y = point
        return self.left - 0.5 <= x <= self.right + 0.5 and self.top - 0.5 <= y <= self.bottom + 0.5


def sketch(panels: Sequence[Panel], width: float, height: float) -> Sketch:
    """The strokes of a chart of this size."""
    page = Sketch(width, height)
    page.strokes.append(Rectangle(0.0, 0.0, width, height, 0.0, "paper", "paper"))
    each = width / max(len(panels), 1)
    for i, panel in enumerate(panels):
        page.strokes += _panel(panel, i * each, each, height)
    return page


def _panel(panel: Panel, left: float, width: float, height: float) -> list[Stroke]:
    across, up = scales(panel)
    head: list[Stroke] = []
    y = MARGIN
    if panel.title:
        head.append(Text(left + MARGIN, y + 9.0, panel.title, "ink", 12.0, bold=True))
        y += ROW + 2.0
    legend, y = _legend(panel, left + MARGIN, left + width - MARGIN, y)
    if panel.y:
        head.append(Text(left + MARGIN, y + 8.0, panel.y, "muted", SIZE))
        y += ROW
    bottom = height - MARGIN - ROW - (ROW if panel.x else 0.0)
    up_ticks = up.ticks(max(2, int((bottom - y) / 36.0)))
    widest = max((text_width(text, SIZE) for _, text in up_ticks), default=0.0)
    frame = Frame(left + MARGIN + widest + 6.0, y + 4.0, left + width - MARGIN - 4.0, bottom, across, up)
    if panel.x:
        end = frame.right - text_width(panel.x, SIZE)
        head.append(Text(max(end, left + MARGIN), height - MARGIN, panel.x, "muted", SIZE))
    strokes = [stroke for series in panel.series if isinstance(series, Region) for stroke in _filled(series, frame)]
    strokes += _axes(frame, up_ticks)
    for series in panel.series:
        strokes += _series(series, frame, [x for x in panel.series if isinstance(x, Bars)])
    for note in panel.notes:
        strokes += _note(frame, note.x, note.y, note.text, note.side)
    return [*head, *legend, *strokes]


def scales(panel: Panel) -> tuple[Scale, Scale]:
    """The horizontal and the vertical scale of a panel."""
    xs: list[float] = []
    ys: list[float] = []
    for series in panel.series:
        match series:
            case Line() | Points():
                xs += series.xs
                ys += series.ys
            case Bars(heights=heights):
                xs += [-0.6, len(heights) - 0.4]
                ys += [*heights, *([] if panel.y_log else [0.0])]
            case Contours() | Region():
                xs += [series.us[0], series.us[-1]]
                ys += [series.vs[0], series.vs[-1]]
    fields = any(isinstance(series, Contours | Region) for series in panel.series)
    margin = 0.0 if fields else 0.04
    across = scale(xs, panel.x_range, panel.x_log, panel.names, margin)
    up = scale(ys, panel.y_range, panel.y_log, (), margin)
    if panel.y_range is None and not panel.y_log and ys and any(isinstance(x, Bars) for x in panel.series):
        up = Scale(min(0.0, up.low) if min(ys) < 0.0 else 0.0, up.high)
    return across, up


def _legend(panel: Panel, left: float, right: float, top: float) -> tuple[list[Stroke], float]:
    """The entries of the legend above the panel, in as many rows as they need, and where it ends."""
    strokes: list[Stroke] = []
    entries = [series for series in panel.series if series.label]
    x, y = left, top
    for series in entries:
        room = SAMPLE + 6.0 + text_width(series.label, SIZE) + 16.0
        if x > left and x + room > right + 16.0:
            x, y = left, y + ROW
        strokes += _sample(series, x, y + 4.0)
        strokes.append(Text(x + SAMPLE + 6.0, y + 8.0, series.label, "ink", SIZE))
        x += room
    return strokes, y + ROW + 2.0 if entries else top


def _sample(series: Series, x: float, y: float) -> list[Stroke]:
    middle = (x + SAMPLE / 2.0, y)
    match series:
        case Line():
            line: list[Stroke] = [Polyline(((x, y), (x + SAMPLE, y)), series.style, series.width, DASHES[series.dash])]
            return [*line, *_marks([middle], series.mark, series.style, 3.5)]
        case Points():
            return _marks([middle], series.mark, series.style, 4.5)
        case _:
            return [Rectangle(middle[0] - 5.0, y - 5.0, 10.0, 10.0, 2.0, series.style, series.style)]


def _axes(frame: Frame, up_ticks: Iterable[tuple[float, str]]) -> list[Stroke]:
    strokes: list[Stroke] = []
    for y, text in up_ticks:
        _, height = frame.point(frame.across.low, y)
        strokes.append(Polyline(((frame.left, height), (frame.right, height)), "frame-border", 0.7))
        strokes.append(Text(frame.left - 5.0 - text_width(text, SIZE), height + 4.0, text, "muted", SIZE))
    strokes.append(Polyline(((frame.left, frame.bottom), (frame.right, frame.bottom)), "edge", 1.0))
    most = max(2, int((frame.right - frame.left) / 48.0))
    ticks = frame.across.ticks(most)
    room = (frame.right - frame.left) / max(len(ticks), 1)
    every = max(1, math.ceil(max((text_width(text, SIZE) + 8.0 for _, text in ticks), default=0.0) / room))
    for x, text in ticks[::every]:
        place, _ = frame.point(x, frame.up.low)
        strokes.append(Polyline(((place, frame.bottom), (place, frame.bottom + 4.0)), "edge", 1.0))
        wide = text_width(text, SIZE)
        start = min(max(place - wide / 2.0, frame.left - 24.0), frame.right + 8.0 - wide)
        strokes.append(Text(start, frame.bottom + 15.0, text, "muted", SIZE))
    return strokes


def _series(series: Series, frame: Frame, all_bars: Sequence[Bars]) -> list[Stroke]:
    match series:
        case Line():
            places = [frame.point(x, y) for x, y in zip(series.xs, series.ys, strict=True)]
            strokes: list[Stroke] = [
                Polyline(tuple(piece), series.style, series.width, DASHES[series.dash])
                for piece in clipped(places, frame)
            ]
            return [*strokes, *_marks(filter(frame.contains, places), series.mark, series.style, series.size)]
        case Points():
            places = [frame.point(x, y) for x, y in zip(series.xs, series.ys, strict=True)]
            return _marks(filter(frame.contains, places), series.mark, series.style, series.size)
        case Bars():
            return _bars(series, frame, all_bars)
        case Contours():
            lines = [line for level in series.levels for line in contour(series.us, series.vs, series.heights, level)]
            return [
                Polyline(tuple(piece), series.style, 0.8)
                for line in lines
                for piece in clipped([frame.point(*point) for point in line], frame)
            ]
    return []


def _filled(series: Region, frame: Frame) -> list[Stroke]:
    polygons = region(series.us, series.vs, series.heights)
    if not polygons:
        return []
    places = tuple(tuple(frame.point(*point) for point in polygon) for polygon in polygons)
    return [Area(places, series.style, opacity=series.opacity)]


def _bars(series: Bars, frame: Frame, all_bars: Sequence[Bars]) -> list[Stroke]:
    number, count = next(i for i, bars in enumerate(all_bars) if bars is series), len(all_bars)
    strokes: list[Stroke] = []
    for i, height in enumerate(series.heights):
        if math.isnan(height):
            continue
        left, top = frame.point(i - 0.4 + 0.8 * number / count, height)
        right, bottom = frame.point(i - 0.4 + 0.8 * (number + 1) / count, frame.up.low if frame.up.log else 0.0)
        upper, lower = (max(min(y, frame.bottom), frame.top) for y in (min(top, bottom), max(top, bottom)))
        wide = max(right - left - 2.0, 1.0)
        strokes.append(
            Rectangle(left + 1.0, upper, wide, lower - upper, 0.0, series.style, series.style, f"{height:g}")
        )
    return strokes


def _marks(places: Iterable[Point], name: str, style: str, size: float) -> list[Stroke]:
    return [Area((mark(name, x, y, size),), style, "paper") for x, y in places] if name else []


def _note(frame: Frame, x: float, y: float, text: str, side: str) -> list[Stroke]:
    place, height = frame.point(x, y)
    wide = text_width(text, SIZE)
    start = place - wide - 6.0 if side == "left" else place + 6.0
    start = min(max(start, frame.left + 2.0), frame.right - wide)
    return [Text(start, height - 5.0, text, "muted", SIZE)]


def clipped(places: Sequence[Point], frame: Frame) -> list[list[Point]]:
    """The parts of a line inside the frame."""
    pieces: list[list[Point]] = []
    for a, b in pairwise(places):
        inside = _inside(a, b, frame)
        if inside is None:
            continue
        if pieces and pieces[-1][-1] == inside[0]:
            pieces[-1].append(inside[1])
        else:
            pieces.append(list(inside))
    return pieces


def _inside(a: Point, b: Point, frame: Frame) -> tuple[Point, Point] | None:
    """The part of a segment inside the frame, by Liang and Barsky's method; None if there is none."""
    (x0, y0), (x1, y1) = a, b
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        return None
    start, end = 0.0, 1.0
    for direction, room in (
        (x0 - x1, x0 - frame.left),
        (x1 - x0, frame.right - x0),
        (y0 - y1, y0 - frame.top),
        (y1 - y0, frame.bottom - y0),
    ):
        if direction == 0.0:
            if room < 0.0:
                return None
        elif direction < 0.0:
            start = max(start, room / direction)
        else:
            end = min(end, room / direction)
    if start > end:
        return None
    first = a if start == 0.0 else (x0 + start * (x1 - x0), y0 + start * (y1 - y0))
    last = b if end == 1.0 else (x0 + end * (x1 - x0), y0 + end * (y1 - y0))
    return first, last
