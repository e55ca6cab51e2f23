"""Pictures compared with those that were looked at and approved: the same words, and all numbers to a tenth of a pixel.

A picture that has changed on purpose is written anew by ``pytest --force-regen``; look at it before you commit it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def assert_same_picture(obtained: Path, expected: Path) -> None:
    """The two files have the same text, and numbers that differ by a rounding error at most."""
    ours, theirs = obtained.read_text("utf-8"), expected.read_text("utf-8")
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs), f"{expected.name} has another form"
    numbers, others = map(float, NUMBER.findall(ours)), map(float, NUMBER.findall(theirs))
    for i, (a, b) in enumerate(zip(numbers, others, strict=True)):
        assert a == pytest.approx(b, abs=0.11), f"number {i} of {expected.name}"
