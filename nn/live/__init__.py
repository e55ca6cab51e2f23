"""Training, shown live.

In come a model and its data; out comes a widget with buttons to train: the network, the regions of its classes, and
the loss.  Read watching.py first, then panels.py, which draws; watch.js and watch.css are its script and style.
"""

from nn.live.watching import Watch, watch

__all__ = ["Watch", "watch"]
