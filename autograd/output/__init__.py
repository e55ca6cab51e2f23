"""What leaves the program: files, and what a notebook shows.

In come bytes, text, scripts and answers; out comes a file that is whole, or a live widget with a still picture beside
it.  Read files.py first; notebook.py, with the script notebook.js and the style widget.css that all widgets share, is
for notebooks; theme.py is the palette.  The rooms that draw use this one; it imports no other.
"""
