"""Output: files that are never half-written, and display in notebooks.

In: bytes or text, or the script, style and data of a widget.  Out: a file, or a live widget with a static picture.
Read files.py first; notebook.py displays widgets in notebooks, with notebook.js and widget.css, which all widgets
share; film.py makes SVG documents move; raster.py makes images and GIF films of them; theme.py is the palette.  This
package imports nothing else from autograd.
"""
