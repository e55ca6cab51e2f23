"""Strokes as SVG: a complete document, or part of a page that follows the page's light or dark theme."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from autograd.output.film import film_css
from autograd.output.theme import PALETTE
from autograd.picture.places import Point
from autograd.picture.strokes import Area, Arrowhead, Curve, Polyline, Rectangle, Sketch, Stroke, Text

# The background of a notebook, so that a picture lies on the page and not on a slab of another color.
HOST = "var(--jp-layout-color0,var(--vscode-editor-background,{}))"
_FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"


def svg(page: Sketch, title: str = "") -> str:
    """A complete SVG document, light or dark according to the reader's system."""
    night = f"@media (prefers-color-scheme:dark){{{_colours(page, '', 1)}}}"
    return _element(page, title, f"<style>{_rules('')}{_colours(page, '', 0)}{night}</style>")


def html(page: Sketch, title: str = "") -> str:
    """The picture for a notebook.

    A trusted notebook shows the inline SVG: its text can be selected, and it follows the notebook's theme.
    An untrusted notebook removes the style and the inline SVG; then an image of the same picture is left.
    """
    image = base64.b64encode(svg(page, title).encode()).decode()
    live = ".autograd-live "
    dark_hosts = ("[data-jp-theme-light='false'] ", ".vscode-dark ", "[data-theme='dark'] ")
    light_hosts = ("[data-jp-theme-light='true'] ", ".vscode-light ", "[data-theme='light'] ")
    style = (
        ".autograd-static{display:none}.autograd-live{display:block!important}"
        + _rules(live)
        + _colours(page, live, 0, HOST)
        + f"@media (prefers-color-scheme:dark){{{_colours(page, live, 1, HOST)}}}"
        + "".join(_colours(page, host + live, 0, HOST) for host in light_hosts)
        + "".join(_colours(page, host + live, 1, HOST) for host in dark_hosts)
    )
    return (
        f'<div style="overflow:auto;max-height:80vh"><style>{style}</style>'
        f'<img class="autograd-static" style="max-width:none" alt="{escape(title)}" '
        f'width="{page.width:.0f}" height="{page.height:.0f}" src="data:image/svg+xml;base64,{image}">'
        f'<div class="autograd-live" style="display:none">{_element(page, title, "")}</div></div>'
    )


def animated(
    page: Sketch, layers: Sequence[Sequence[Stroke]], seconds: Sequence[tuple[float, float]], title: str
) -> str:
    """A complete SVG document in which each layer of strokes is visible for a while.

    Arguments:
        page: the strokes that are always visible.
        layers: the strokes that appear and disappear.
        seconds: when each layer appears and disappears; after the last time the animation starts again.
        title: the title of the document.
    """
    night = f"@media (prefers-color-scheme:dark){{{_colours(page, '', 1)}}}"
    style = f"<style>{_rules('')}{_colours(page, '', 0)}{night}{film_css(seconds)}</style>"
    groups = [f'<g class="k{i}">' + "".join(map(stroke_markup, layer)) + "</g>" for i, layer in enumerate(layers)]
    return _element(page, title, style).replace("</svg>\n", "\n".join([*groups, "</svg>\n"]))


def _element(page: Sketch, title: str, style: str) -> str:
    width, height = f"{page.width:.0f}", f"{page.height:.0f}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img"><title>{_text(title)}</title>'
    )
    return "\n".join([head + style, *map(stroke_markup, page.strokes), "</svg>\n"])


def _rules(scope: str) -> str:
    """The style rules that are the same in both themes."""
    return (
        f"{scope}text{{font-family:{_FONTS};font-size:12px;white-space:pre}}"
        f"{scope}text.b{{font-weight:700}}"
        f"{scope}path.s-edge{{fill:none;stroke-width:1.2}}"
        f"{scope}rect.s-active{{fill:none;stroke-width:2.5}}"
    )


def _colours(page: Sketch, scope: str, night: int, paper: str = "{}") -> str:
    """The style rules for the colors of the light theme (0) or the dark one (1), with a template for the paper."""
    used = {name for stroke in page.strokes for name in _styles(stroke)}
    colours = {
        name: paper.format(pair[night]) if name == "paper" else pair[night]
        for name, pair in PALETTE.items()
        if name in used or not name.startswith("path")
    }
    return "".join(f"{scope}.f-{x}{{fill:{colour}}}{scope}.s-{x}{{stroke:{colour}}}" for x, colour in colours.items())


def _styles(stroke: Stroke) -> tuple[str, ...]:
    """The names of the colors of a stroke."""
    return (stroke.fill, stroke.border) if isinstance(stroke, Rectangle | Area) else (stroke.style,)


def stroke_markup(stroke: Stroke) -> str:
    match stroke:
        case Rectangle(x, y, width, height, radius, fill, border, tooltip, opacity):
            shape = (
                f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(radius)}" '
                f'class="f-{fill} s-{border}"' + (f' opacity="{opacity:.2f}"' if opacity < 1.0 else "")
            )
            return f"{shape}><title>{_text(tooltip)}</title></rect>" if tooltip else f"{shape}/>"
        case Text(x, y, text, style, size, bold):
            kind = f"f-{style} b" if bold else f"f-{style}"
            more = f' style="font-size:{_n(size)}px"' if size != 12.0 else ""
            return f'<text x="{_n(x)}" y="{_n(y)}" class="{kind}"{more}>{_text(text)}</text>'
        case Curve(points, upright, style, width, dashed):
            more = "" if style == "edge" else f' fill="none" stroke-width="{_n(width)}"'
            more += ' stroke-dasharray="5 3"' if dashed else ""
            return f'<path d="{curve_path(points, upright)}" class="s-{style}"{more}/>'
        case Polyline(points, style, width, dash):
            more = f' stroke-dasharray="{_n(dash[0])} {_n(dash[1])}"' if dash else ""
            return (
                f'<polyline points="{_points(points)}" class="s-{style}" fill="none" stroke-width="{_n(width)}" '
                f'stroke-linejoin="round"{more}/>'
            )
        case Area(polygons, fill, border, opacity, tooltip):
            outline = "".join(f"M{_points(polygon)}Z" for polygon in polygons)
            style = f"f-{fill} s-{border}" if border else f"f-{fill}"
            shape = f'<path d="{outline}" class="{style}"' + (f' opacity="{opacity:.2f}"' if opacity < 1.0 else "")
            return f"{shape}><title>{_text(tooltip)}</title></path>" if tooltip else f"{shape}/>"
        case Arrowhead():
            return f'<polygon points="{_points(stroke.corners())}" class="f-{stroke.style}"/>'


def curve_path(points: tuple[Point, ...], upright: bool) -> str:
    commands = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for i in range(1, len(points)):
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        if (x0, y0) == (x1, y1):
            continue
        if i % 2:
            commands.append(f"L{_n(x1)} {_n(y1)}")
        else:
            a, b = (
                ((x0, (y0 + y1) / 2.0), (x1, (y0 + y1) / 2.0))
                if upright
                else (((x0 + x1) / 2.0, y0), ((x0 + x1) / 2.0, y1))
            )
            commands.append(f"C{_n(a[0])} {_n(a[1])} {_n(b[0])} {_n(b[1])} {_n(x1)} {_n(y1)}")
    return "".join(commands)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(x: float) -> str:
    """A coordinate, rounded to a tenth of a pixel."""
    return f"{x:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    """Text that is safe in XML: escaped, and without the control characters that XML forbids."""
    return escape("".join(letter for letter in text if letter.isprintable() or letter == "\n"))
