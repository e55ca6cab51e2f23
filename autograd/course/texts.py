"""Texts for learners, written in entries."""

from __future__ import annotations

import re
import textwrap


def entries(text: str) -> dict[str, str]:
    """A text in entries, by name: the name on a line of its own, and below it, indented, what is said."""
    found = re.findall(r"^(\S.*)\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    return {name: textwrap.dedent(said) for name, said in found}
