"""JavaScript: the same graphs, computed in a web page.

A graph goes in; JavaScript that computes it comes out, as one function (function.py) or as data for engine.js, which
computes values, gradients and second derivatives of a graph whose leaves a reader moves.  Read writing.py first: it
writes operations by their array forms; rows.py writes rows of the table, with their derivatives.  math.js has the
functions that JavaScript's ``Math`` lacks.
"""

from autograd.javascript.function import to_javascript
from autograd.javascript.writing import NoJavaScriptError

__all__ = ["NoJavaScriptError", "to_javascript"]
