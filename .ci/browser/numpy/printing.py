"""Arrays as text, as NumPy writes them."""

from __future__ import annotations

import math
from typing import Any

from .array import give_methods, ndarray
from .dtypes import BOOL, FLOAT, INT

WIDTH, PRECISION, MOST, EDGE = 75, 8, 1000, 3


def _fixed(x: float) -> str:
    """At most eight decimals, and as few as tell the number apart."""
    if not math.isfinite(x):
        return repr(x)
    shortest = repr(x)
    text = shortest if "e" not in shortest else f"{x:.25f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    if len(decimals) > PRECISION:
        whole, _, decimals = f"{x:.{PRECISION}f}".partition(".")
    return f"{whole}.{decimals.rstrip('0')}"


def _scientific(x: float) -> str:
    if not math.isfinite(x):
        return repr(x)
    mantissa, _, exponent = f"{x:.{PRECISION}e}".partition("e")
    return f"{mantissa.rstrip('0')}e{exponent}"


def _aligned(texts: list[str]) -> list[str]:
    """Numbers with their points below each other."""
    split = [text.partition("e") for text in texts]
    digits = max((len(exponent) for _, _, exponent in split), default=0)
    split = [(m, e, exponent[:1] + exponent[1:].rjust(digits - 1, "0") if e else "") for m, e, exponent in split]
    finite = [(*mantissa.partition("."), e + exponent) for mantissa, e, exponent in split if "." in mantissa]
    left = max((len(whole) for whole, _, _, _ in finite), default=0)
    decimals = max((len(decimals) for _, _, decimals, _ in finite), default=0)
    right = decimals + max((len(exponent) for _, _, _, exponent in finite), default=0)
    left = max(left, *(len(text) - right - 1 for text in texts if "." not in text), 0)
    found = []
    for text, (mantissa, e, exponent) in zip(texts, split):
        whole, point, part = mantissa.partition(".")
        part = part.ljust(decimals, "0" if e else " ")
        found.append(f"{whole.rjust(left)}.{part}{e}{exponent}" if point else text.rjust(left + 1 + right))
    return found


def _elements(array: ndarray) -> list[str]:
    values: list[Any] = array.values()
    if array.dtype is BOOL:
        texts = [str(bool(x)).rjust(5) for x in values]
    elif array.dtype.kind == "f":
        seen = [abs(x) for x in values if math.isfinite(x) and x != 0.0]
        large = seen and (max(seen) >= 1e8 or min(seen) < 1e-4 or max(seen) / min(seen) > 1000.0)
        texts = _aligned([(_scientific if large else _fixed)(x) for x in values]) if values else []
    else:
        texts = [repr(x) if array.dtype.kind in "UO" else str(x) for x in values]
    width = max(map(len, texts), default=0)
    return [text.ljust(width) if array.dtype.kind == "U" else text.rjust(width) for text in texts]


def _text(array: ndarray, separator: str = " ", indent: int = 0, width: int = WIDTH) -> str:
    if not array.shape:
        return str(array.item())
    if not array.size:
        return "[]"
    shown = _shortened(array) if array.size > MOST else array
    return _nested(_elements(shown), shown.shape, separator, indent, width)


def _shortened(array: ndarray) -> ndarray:
    """The first and last of each axis.  (NumPy writes dots between them.)"""
    from .functions import concatenate

    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE:
            first: list[Any] = [slice(None)] * array.ndim
            last = list(first)
            first[axis], last[axis] = slice(0, EDGE), slice(n - EDGE, n)
            array = concatenate([array[tuple(first)], array[tuple(last)]], axis)
    return array


def _nested(texts: list[str], shape: tuple[int, ...], separator: str, indent: int, width: int) -> str:
    """Rows in brackets, with line breaks before what would be wider than the page."""
    begin = " " * (indent + 1)
    if len(shape) > 1:
        each = len(texts) // shape[0]
        rows = [texts[i * each : (i + 1) * each] for i in range(shape[0])]
        between = separator.rstrip() + "\n" * (len(shape) - 1) + begin
        return "[" + between.join(_nested(row, shape[1:], separator, indent + 1, width - 1) for row in rows) + "]"
    room = width - max(len(separator.rstrip()), 1)
    lines, line = [], begin
    for i, text in enumerate(texts):
        if len(line) + len(text) > room and len(line) > len(begin):
            lines.append(line.rstrip())
            line = begin
        line += text + (separator if i < len(texts) - 1 else "")
    return "[" + "\n".join([*lines, line])[len(begin) :] + "]"


def _repr(array: ndarray) -> str:
    usual = array.dtype in (FLOAT, INT, BOOL) and array.size
    kind = "" if usual else f", dtype={array.dtype}"
    shape = f", shape={array.shape}" if not array.size and array.shape != (0,) else ""
    return f"array({_text(array, ', ', 6, WIDTH - 1)}{shape}{kind})"


give_methods({"__repr__": _repr, "__str__": _text})
