"""Types for annotations."""

from typing import Any

from .array import ndarray


class NDArray(ndarray):
    def __class_getitem__(cls, kind: Any) -> Any:
        return ndarray


ArrayLike = Any
