"""Pictures of graphs.

In come Values; out comes a picture, as SVG, PNG or Graphviz's DOT.  Read picture.py first; then, in the order of the
work, diagram.py makes boxes and arrows of nodes, layout.py gives them places, strokes.py makes them rectangles, texts
and curves, and svg.py, png.py and dot.py write these down.
"""

from autograd.picture.picture import Picture, draw, draw_dot

__all__ = ["Picture", "draw", "draw_dot"]
