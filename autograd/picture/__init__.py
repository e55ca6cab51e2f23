"""Pictures of graphs.

Values go in; a picture comes out, as SVG, PNG or Graphviz's DOT.  Read picture.py first, then the steps in their order:
diagram.py turns nodes into boxes and arrows, and with folding.py sums of products into one box; boxes.py decides the
text and the size of a box; layout.py, with area.py, columns.py, frames.py and places.py, places the boxes; page.py
draws them with the strokes of strokes.py, legends.py says what widths and shades mean; svg.py and png.py write the
strokes to a file.  dot.py writes the boxes and arrows for Graphviz instead.
"""

from autograd.picture.picture import Picture, draw, draw_dot

__all__ = ["Picture", "draw", "draw_dot"]
