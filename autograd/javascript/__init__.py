"""JavaScript: the same graphs, computed in a web page.

A graph goes in; JavaScript that computes it comes out: one function (function.py), or rows and data (graph.py) for
engine.js, which computes values and derivatives of a graph whose leaves a reader moves.  Read writing.py first: it
writes operations by their array forms; then rows.py, which writes rows of the table with their derivatives.  math.js
has the functions that JavaScript's ``Math`` lacks, short.js writes numbers.
"""

from autograd.javascript.function import to_javascript
from autograd.javascript.writing import NoJavaScriptError

__all__ = ["NoJavaScriptError", "to_javascript"]
