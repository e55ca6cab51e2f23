"""Pictures of graphs.

In come Values; out comes a picture, as SVG, PNG or Graphviz's DOT.  Read picture.py first; then, in the order of the
work: diagram.py makes boxes and arrows of nodes, boxes.py says what is in a box, layout.py, with area.py, columns.py,
frames.py and places.py, finds a place for each, page.py draws them, with the strokes of strokes.py, and svg.py, png.py
and dot.py write these down.
"""

from autograd.picture.picture import Picture, draw, draw_dot

__all__ = ["Picture", "draw", "draw_dot"]
