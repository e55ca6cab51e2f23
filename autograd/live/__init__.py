"""Animated and interactive graphs: the forward and backward pass as an animation, and an explorer.

In: a Value.  Out: an animation (SVG or GIF), or an explorer, which is a widget in a notebook and a page in a browser.
Read animation.py first, then explorer.py with explorer.js.
"""

from autograd.live.animation import Animation, animate
from autograd.live.explorer import Explorer, explore

__all__ = ["Animation", "Explorer", "animate", "explore"]
