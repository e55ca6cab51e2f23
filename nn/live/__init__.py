"""Training, shown live.

In: a model and its data.  Out: a widget that trains step by step and shows the network, its decision regions, and the
loss; or a page that trains by itself.  Read watching.py first, then panels.py, which draws; watch.js and watch.css are
the widget's script and style.  playground.py writes the page, with playground.js and playground.css.
"""

from nn.live.watching import Watch, watch

__all__ = ["Watch", "watch"]
