"""NumPy in Python, for browsers: the part that this library and its lessons use.

NumPy itself is compiled, and no package index has it for browsers.  Here an array is a flat buffer of Python numbers.
The results are the same, to the last digits of sums; everything takes longer.  What is missing raises an
AttributeError, and what is there but not for these arguments a NotImplementedError.

Read array.py first; then elementwise.py (functions of each element, and floating-point errors), functions.py, and
products.py.  dtypes.py, printing.py and random.py are what they say.
"""

from __future__ import annotations

import math
from typing import Any

from .dtypes import (
    bool_,
    dtype,
    float32,
    float64,
    floating,
    generic,
    int32,
    int64,
    integer,
    intp,
    number,
    object_,
    str_,
    uint8,
)

from .array import broadcast_shapes, ndarray  # isort: skip
from . import elementwise, linalg, ma, printing, random, typing
from .elementwise import errstate, frompyfunc, geterr, ufunc, vectorize
from .functions import *
from .functions import all_ as all
from .functions import any_ as any
from .functions import divmod as divmod
from .functions import max_ as max
from .functions import min_ as min
from .functions import round_ as round
from .functions import sum_ as sum
from .products import dot, einsum, matmul, tensordot, vecdot

__version__ = "2.0+python"

globals().update(elementwise.BY_NAME)
inf, nan, pi, e = math.inf, math.nan, math.pi, math.e
amax, amin, concat = max, min, concatenate


def getbufsize() -> int:
    return 8192


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'numpy' has no attribute {name!r}: this is the small NumPy in Python, for browsers")
