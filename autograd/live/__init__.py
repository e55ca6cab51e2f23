"""Animated and interactive graphs: the forward and backward pass as an animation, and an explorer.

In: a Value.  Out: an animation (SVG or GIF), or an explorer, which is a widget in a notebook and a page in a browser.
Read animation.py first, then views.py, what is drawn where, and explorer.py.  The script of its page is explorer.js,
with stage.js, the graph, card.js, one box, and formulas.js, MathML; explorer.css is its style.
"""

from autograd.live.animation import Animation, animate
from autograd.live.explorer import Explorer, explore

__all__ = ["Animation", "Explorer", "animate", "explore"]
