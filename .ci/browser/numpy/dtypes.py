"""The kinds of numbers that an array can hold, and what results when they meet."""

from __future__ import annotations

from typing import Any


class generic:
    """The base class of NumPy's scalar types, which exist here only by name: an element is a Python number."""

    def __class_getitem__(cls, kind: Any) -> Any:
        return cls


class number(generic): ...


class integer(number): ...


class floating(number): ...


class float64(floating, float): ...


class float32(floating): ...


class int64(integer, int): ...


class int32(integer): ...


class uint8(integer): ...


class bool_(generic): ...


class object_(generic): ...


class str_(generic): ...


intp = int64


class dtype:
    """The type of the elements of an array.

    Attributes:
        name, kind, char, itemsize, type: as in NumPy.
        code: the code of ``array.array`` that stores such numbers; "" for Python objects, which are stored in a list.
    """

    __slots__ = ("char", "code", "itemsize", "kind", "name", "type")

    def __new__(cls, given: Any = float) -> dtype:
        if isinstance(given, dtype):
            return given
        try:
            return KNOWN[given]
        except (KeyError, TypeError):
            raise TypeError(f"this NumPy has no dtype {given!r}") from None

    def __eq__(self, other: object) -> bool:
        try:
            return self is dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"dtype({self.name!r})"

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return dtype, (self.name,)


KNOWN: dict[Any, dtype] = {}


def _make(name: str, kind: str, char: str, itemsize: int, code: str, kind_of_scalar: type, *others: Any) -> dtype:
    made: dtype = object.__new__(dtype)
    made.name, made.kind, made.char, made.itemsize, made.code, made.type = (
        name,
        kind,
        char,
        itemsize,
        code,
        kind_of_scalar,
    )
    KNOWN.update(dict.fromkeys((name, kind_of_scalar, *others), made))
    return made


BOOL = _make("bool", "b", "?", 1, "b", bool_, bool, "?")
UINT8 = _make("uint8", "u", "B", 1, "B", uint8)
INT32 = _make("int32", "i", "i", 4, "i", int32)
INT = _make("int64", "i", "l", 8, "q", int64, int, "i8", "<i8")
FLOAT32 = _make("float32", "f", "f", 4, "f", float32, "f4", "f", "<f4")
FLOAT = _make("float64", "f", "d", 8, "d", float64, float, "f8", "d", "<f8", None)
TEXT = _make("str", "U", "U", 8, "", str_, str, "U")
OBJECT = _make("object", "O", "O", 8, "", object_, object, "O")
ORDER = (BOOL, UINT8, INT32, INT, FLOAT32, FLOAT, TEXT, OBJECT)


def of_scalar(x: Any) -> dtype:
    """The dtype of a Python number, or of any other object."""
    if isinstance(x, bool):
        return BOOL
    if isinstance(x, int):
        return INT if -(2**63) <= x < 2**63 else OBJECT
    if isinstance(x, float):
        return FLOAT
    return TEXT if isinstance(x, str) else OBJECT


def together(arrays: list[dtype], scalars: list[dtype]) -> dtype:
    """The dtype of a result.  A Python number gives way to an array of the same kind or of a higher one."""
    found = max(arrays, key=ORDER.index) if arrays else max(scalars, key=ORDER.index)
    if found is FLOAT32 and {INT, INT32} & {*arrays}:
        found = FLOAT
    for scalar in scalars if arrays else []:
        rank = {"b": 0, "u": 1, "i": 1, "f": 2, "U": 3, "O": 4}
        if rank[scalar.kind] > rank[found.kind]:
            found = scalar
    return found
