"""Display in a notebook: a static picture and, if anywidget is installed, a live widget."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any

from autograd.output import theme


def asset(package: str, name: str) -> str:
    """The text of a data file in a package."""
    return resources.files(package).joinpath(name).read_text("utf-8")


def style(package: str = "", name: str = "") -> str:
    """The style sheet of a widget: the palette, the shared style, and its own file."""
    own = asset(package, name) if name else ""
    return theme.widget_css(".autograd-explore") + asset("autograd.output", "widget.css") + own


def script(*parts: str) -> str:
    """The script of a widget: its parts, preceded by the code that all widgets share."""
    return "\n".join([asset("autograd.output", "notebook.js"), *parts])


def to_json(data: Any) -> str:
    """Data as JSON that can stand inside a script in a page."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")


def page(title: str, code: str, style: str, data: Any) -> str:
    """A page of its own for a widget: it needs no server, no network and no other file.

    Arguments:
        title: the title, and for screen readers the heading.
        code: the script of the widget, whose default export has a function ``show(root, data, model)``.
        style: the style sheet.
        data: what the widget shows.
    """
    around = (
        ":root{color-scheme:light dark}body{margin:0}#root{min-height:100vh}#root:focus{outline:none}"
        "h1{position:absolute;clip-path:inset(50%)}"  # for screen readers
    )
    script = code.replace("export default", "const widget =")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(title)}</title>
<style>{around}
{style}</style></head>
<body><main><h1>{escape(title)}</h1><div id="root"></div></main>
<script type="application/json" id="data">{to_json(data)}</script>
<script type="module">
{script}
const data = JSON.parse(document.getElementById("data").textContent);
const root = document.getElementById("root");
widget.show(root, data, null);
root.focus();
</script></body></html>
"""


def framed(page: str, title: str, still: str, height: int = 640) -> str:
    """A page in a frame, for the HTML of a notebook, with a picture for where scripts are removed.

    A notebook that is not trusted removes the frame, and the style that hides the picture.

    Arguments:
        page, title: the page and its title.
        still: the picture, as HTML.
        height: the height of the frame, in pixels.
    """
    return (
        f'<style>.autograd-still{{display:none}}</style><div class="autograd-still">{still}</div>'
        f'<iframe title="{escape(title)}" sandbox="allow-scripts allow-forms allow-downloads" '
        f'style="width:100%;height:{height}px;border:0" srcdoc="{escape(page)}"></iframe>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table, with text aligned left and numbers aligned right."""

    def cell(text: str) -> str:
        left = "" if re.fullmatch(r"[-+\d.,e%]+|nan|-?inf", text) else " style='text-align:left'"
        return f"<td{left}>{escape(text)}</td>"

    lines = ["".join(f"<th>{escape(text)}</th>" for text in head), *("".join(map(cell, row)) for row in rows)]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def mimebundle(widget: Callable[[], Any], still: Mapping[str, str], options: Mapping[str, Any]) -> Any:
    """The MIME bundle for a notebook: the widget, if anywidget is installed, and the static picture.

    Arguments:
        widget: a function that creates the widget, or raises ImportError.
        still: the static picture, as text by MIME type.
        options: the keyword arguments of ``_repr_mimebundle_``.
    """
    try:
        live = widget()
    except ImportError:
        return dict(still)
    bundle = live._repr_mimebundle_(**options)
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**(data or {}), **still}, metadata


def widget(
    name: str,
    code: str,
    style: str,
    data: dict[str, Any],
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    state: Callable[[], dict[str, Any]] | None = None,
) -> Any:
    """A widget whose script shows ``data``, sends a ``request``, and receives a ``reply``.

    Arguments:
        name: what it shows; widgets of one name share a style sheet.
        code, style: JavaScript that exports ``render`` for anywidget, and CSS.
        data: the initial data.
        answer: a function that takes a request and returns the reply; the message of an error goes to ``error``.
        state: a function that returns the reply after an error, for what may have changed before it; None to leave the
            last reply.

    Raises:
        ImportError: anywidget is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError("the live widget needs anywidget: pip install anywidget") from error
    first = data

    class Widget(anywidget.AnyWidget):
        _esm = code
        _css = style
        data = traitlets.Dict(first).tag(sync=True)
        request = traitlets.Dict().tag(sync=True)
        reply = traitlets.Dict().tag(sync=True)
        error = traitlets.Unicode("").tag(sync=True)

        @traitlets.observe("request")
        def _answer(self, change: Any) -> None:
            self.error = ""  # so that repeating an error still triggers a change event
            try:
                self.reply = answer(change["new"])
            except (ArithmeticError, ValueError, TypeError) as error:
                with self.hold_sync():  # both at once
                    self.reply, self.error = state() if state else self.reply, str(error)

    # anywidget has one style sheet for each class name: of two classes named Widget in a notebook, the one that is
    # shown last would take the style of the other.
    Widget.__name__ = name
    return Widget()
