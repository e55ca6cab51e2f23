"""Charts: lines, points, bars, contour lines and regions, as SVG and PNG.

In: numbers.  Out: a picture, drawn with the strokes of autograd/picture/.  Read panel.py first: what a chart is given.
chart.py shows and saves it; drawing.py lays out its panels; scale.py maps numbers to places and chooses the ticks;
contours.py follows the lines of equal height on a grid, and marks.py draws the points.
"""

from autograd.chart.chart import Chart
from autograd.chart.panel import Panel

__all__ = ["Chart", "Panel"]
