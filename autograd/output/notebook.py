"""What is live in a notebook: a widget where anywidget is installed, and beside it a picture that stays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any


def asset(package: str, name: str) -> str:
    """A file that lies beside the modules of a package, as text."""
    return resources.files(package).joinpath(name).read_text("utf-8")


def script(package: str, name: str) -> str:
    """The script of a widget, after what all of them share."""
    return asset("autograd.output", "notebook.js") + asset(package, name)


def count_in(request: Mapping[str, Any], name: str, most: int) -> int:
    """A count in what a widget asks for; 0 if it is not there.

    Raises:
        ValueError: it is not a whole number from 0 to ``most``.
    """
    count = request.get(name, 0)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= most:
        raise ValueError(f"{name} is a whole number from 0 to {most:,}, not {count!r:.40}")
    return count


def number_in(request: Mapping[Any, Any], name: Any) -> float:
    """A number in what a widget asks for.

    Raises:
        ValueError: it is not a finite number.
    """
    number = request[name]
    try:
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
            return float(number)
    except OverflowError:
        pass
    raise ValueError(f"{name} is a finite number, not {type(number).__name__} {number!r:.40}")


def mimebundle(widget: Callable[[], Any], still: Mapping[str, str], options: Mapping[str, Any]) -> Any:
    """What a notebook shows: the widget, if there can be one, and for all other places what stands still.

    Arguments:
        widget: makes the widget, or raises ImportError.
        still: texts by their type, as "text/html".
        options: as given to ``_repr_mimebundle_``.
    """
    try:
        live = widget()
    except ImportError:
        return dict(still)
    bundle = live._repr_mimebundle_(**options)
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**(data or {}), **still}, metadata


def widget(code: str, style: str, data: dict[str, Any], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A widget whose script shows ``data``, asks by setting ``request``, and finds the answer in ``reply``.

    Arguments:
        code, style: JavaScript, with a ``render`` as anywidget wants it, and CSS.
        data: what to show at first.
        answer: from a request to the reply; an arithmetic error or a wrong value is told in ``error``.

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
            self.error = ""  # so that the same error, told again, is a change again
            try:
                self.reply = answer(change["new"])
            except (ArithmeticError, ValueError) as error:
                self.error = str(error)

    return Widget()
