"""Moving pictures: groups of an SVG document that appear and disappear, by CSS alone."""

from __future__ import annotations

from collections.abc import Sequence

SECONDS = 0.02, 60.0  # the shortest and the longest time of a picture: a GIF counts in hundredths of a second


def film_css(seconds: Sequence[tuple[float, float]]) -> str:
    """The style that shows the groups with the classes k0, k1, ... each for a while, again and again.

    With the system's setting for reduced motion, the groups that stay to the end are shown, and nothing moves.

    Arguments:
        seconds: when each group appears and disappears; after the last time the film starts again.
    """
    whole = max(end for _, end in seconds)
    rules = []
    for i, (start, end) in enumerate(seconds):
        first, last = 100.0 * start / whole, 100.0 * end / whole
        hidden = f"0%,{first:.3f}%{{opacity:0}}" if start > 0.0 else ""
        after = f"{last:.3f}%,100%{{opacity:0}}" if end < whole else "100%{opacity:1}"
        rules.append(
            f"@keyframes k{i}{{{hidden}{first + 0.001:.3f}%,{last - 0.001:.3f}%{{opacity:1}}{after}}}"
            f".k{i}{{animation:k{i} {round(whole, 3)}s infinite}}"
        )
    still = "".join(f".k{i}{{opacity:{int(end >= whole)}}}" for i, (_, end) in enumerate(seconds))
    quiet = f"@media (prefers-reduced-motion:reduce){{[class^=k]{{animation:none!important}}{still}}}"
    return "".join([*rules, quiet])
