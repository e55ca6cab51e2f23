"""The page for teachers: plans, what to say to common mistakes, sheets for print, and the figures."""

from __future__ import annotations

import html
from itertools import groupby

from figures import figures, picture_pdf
from page import HERE, Page, markdown, reachable, words
from sheet import sheet

from autograd.course.mistakes import SAID, mistake

COMMON = (
    "overwritten",
    "not topological",
    "operand before its user",
    "visited twice",
    "wrong operand",
    "slope at the wrong value",
    "not multiplied",
    "zero_grad forgotten",
    "constant",
    "recursion limit",
    "loss not averaged",
    "uphill",
)


def teachers() -> Page:
    mistakes = "".join(f"<dt>{name}</dt><dd>{markdown(mistake(name).said)}</dd>" for name in COMMON)
    pictures, files = _figures()
    files |= {"teachers/exercises.pdf": sheet(False), "teachers/solutions.pdf": sheet(True)}
    content = f"""{markdown((HERE / "teachers.md").read_text("utf-8"))}
<h2>What goes wrong, and what to say</h2>
<p>The checks of <em>Build your own engine</em> recognize {len(SAID)} mistakes. These are the most common ones.</p>
<dl class="mistakes">{mistakes}</dl>
<h2>For print</h2>
<p class="buttons"><a class="button first" href="teachers/exercises.pdf">Exercises (PDF)</a>
<a class="button" href="teachers/solutions.pdf">Solutions (PDF)</a></p>
<p>Graphs to differentiate by hand, a network to train by hand, and the questions of all lessons. The lessons themselves
can be printed from the browser.</p>
<h2>Figures</h2>
<p>Every figure of the lessons, for slides and handouts: SVG and PDF, in light colors. Use them as you like.</p>
{pictures}"""
    about = "Plans, common mistakes, exercises for print, figures as SVG and PDF."
    return Page("teachers.html", "For teachers", about, reachable(content), words(content), True, files)


def _figures() -> tuple[str, dict[str, bytes]]:
    """The figures, lesson by lesson, and their files."""
    files: dict[str, bytes] = {}
    parts = []
    for lesson, group in groupby(figures(), lambda figure: figure.lesson):
        items = []
        for figure in group:
            path, caption = f"teachers/{figure.name}", html.escape(figure.caption)
            files |= {f"{path}.svg": figure.svg.encode(), f"{path}.pdf": picture_pdf(figure.svg)}
            which = f'<span class="said"> of {caption}, {figure.name}</span>'
            items.append(
                f'<li><img src="{path}.svg" alt="{caption}" loading="lazy"><p>{caption}<br><a href="{path}.svg" '
                f'download>SVG{which}</a> · <a href="{path}.pdf">PDF{which}</a></p></li>'
            )
        parts.append(f'<h3>{html.escape(lesson)}</h3><ul class="figures">{"".join(items)}</ul>')
    return "".join(parts), files
