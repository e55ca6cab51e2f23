"""What is said of a case made at random."""

from __future__ import annotations

import math
from typing import Any


class WrongError(AssertionError):
    """A number is wrong, and nothing has said so."""


def same(found: Any, wanted: Any, tolerance: float = 1e-9) -> bool:
    """Whether two numbers agree, relatively and, near 0, absolutely."""
    if math.isnan(found) or math.isnan(wanted):
        return math.isnan(found) and math.isnan(wanted)
    return bool(found == wanted or abs(found - wanted) <= tolerance * max(1.0, abs(wanted)))
