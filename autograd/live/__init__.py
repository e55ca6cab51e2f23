"""Pictures that move: both passes as an animation, and a graph to explore.

In comes a Value; out comes an animation (SVG or GIF) or an explorer: a widget in a notebook, a page in a browser.
Read animation.py first, then explorer.py with explorer.js and explorer.css.
"""

from autograd.live.animation import Animation, animate
from autograd.live.explorer import Explorer, explore

__all__ = ["Animation", "Explorer", "animate", "explore"]
