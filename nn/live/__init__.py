"""Training, shown live.

In: a model and its data.  Out: a widget that trains step by step, or a page that trains by itself.  Read watching.py
first, then panels.py, which draws still pictures (watch.css, picture.js) of what activations.py computes, and
playground.py, which writes the script: network.js is the graph, trainer.js trains it or follower.js asks Python to,
numbers.js is what both know; playground.js shows them with scene.js, report.js, controls.js, playground.css; widget.js
starts it.
"""

from nn.live.watching import Watch, watch

__all__ = ["Watch", "watch"]
