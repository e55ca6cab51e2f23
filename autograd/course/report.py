"""What a check answers: passed or not yet, what was asked, what came out, and what is probably wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import indent
from typing import Any

from autograd.chart.chart import Chart
from autograd.course.mistakes import Mistake
from autograd.course.recipes import Recipe
from autograd.course.sandbox import Fault
from autograd.course.syllabus import STAGES, stage
from autograd.course.wrong_passes import close
from autograd.engine.notation import short
from autograd.engine.value import Value
from autograd.live.explorer import Explorer
from autograd.picture.diagram import diagram
from autograd.picture.picture import Picture

Row = tuple[str, str, str]  # what is compared, what is expected, what came out


@dataclass(frozen=True)
class Finding:
    """What a stage found out about the learner's code.

    Attributes:
        said: one sentence: what was asked, or what was tried.
        rows: what is compared, what is expected, and what came out.
        mistake: the known mistake that fits.
        picture: the smallest graph that shows it, or for a stage that is passed what was measured.
        alive: for a stage that is passed, what was built, as a graph to explore.
    """

    said: str
    rows: Sequence[Row] = ()
    mistake: Mistake | None = None
    picture: Picture | Chart | None = None
    alive: Value | None = None


class NotYet(Exception):  # noqa: N818  it is not an error, but an answer
    """Ends a check with what is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.said)
        self.finding = finding


@dataclass(frozen=True)
class Report:
    """The answer of a check; it is true if the stage is passed.  A notebook shows it with a picture.

    Attributes:
        stage: the number of the stage.
        passed: whether the code does what the stage asks for.
        finding: what was found.
        fault: the exception that the code raised, if it did.
        printed: what the code printed.
        done: the stages that have been passed so far.
    """

    stage: int
    passed: bool
    finding: Finding
    fault: Fault | None = None
    printed: str = ""
    done: frozenset[int] = field(default=frozenset(), repr=False)

    @property
    def mistake(self) -> str:
        """The name of the known mistake that fits; empty if none does."""
        return self.finding.mistake.name if self.finding.mistake else ""

    def __bool__(self) -> bool:
        return self.passed

    @property
    def title(self) -> str:
        return f"Stage {self.stage}, {stage(self.stage).title}: {'passed' if self.passed else 'not yet'}"

    def __str__(self) -> str:
        finding = self.finding
        parts = [self.title, "" if self.passed else f"Asked: {stage(self.stage).asks}", finding.said]
        if self.fault:
            parts.append(str(self.fault))
        if finding.rows:
            parts.append("\n".join(_columns([("", "expected", "yours"), *finding.rows])))
        if finding.mistake:
            parts.append(finding.mistake.said)
        if self.printed:
            parts.append("Your code printed:\n" + _beginning(self.printed))
        if not self.passed:
            parts.append(f"A hint: check.hint({self.stage})")
        return "\n\n".join(part for part in parts if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        finding = self.finding
        color = "var(--autograd-right)" if self.passed else "var(--autograd-wrong)"
        sign = "✓" if self.passed else "✗"
        parts = [
            f"<style>{STYLE}</style>",
            f'<h4 style="color:{color}">{sign} {escape(self.title)}</h4>',
            "" if self.passed else f"<p>{marked(stage(self.stage).asks)}</p>",
            f"<p>{marked(finding.said)}</p>",
        ]
        if self.fault:
            parts.append(f"<pre>{escape(str(self.fault))}</pre>")
        if finding.rows:
            parts.append(_table(finding.rows))
        if finding.mistake:
            parts.append(f'<p class="fits"><b>Probable cause: {escape(finding.mistake.name)}.</b> ')
            parts.append(f"{marked(finding.mistake.said)}</p>")
        if finding.picture:
            parts.append(finding.picture._repr_html_())
        if self.printed:
            parts.append(f"<p>Your code printed:</p><pre>{escape(_beginning(self.printed))}</pre>")
        if not self.passed:
            parts.append(Hints(self.stage)._repr_html_())
        if finding.alive is not None:
            parts.append(f"<p>{BUILT if self.stage > 4 else BUILT_SO_FAR}</p>")
            parts.append(Explorer(finding.alive).framed(height=500))
        parts.append(strip(self.done))
        return f'<div class="autograd-check">{"".join(parts)}</div>'


BUILT = "This is what you built: ▶ plays both passes, › goes one step, and a click on a leaf shows its slider."
BUILT_SO_FAR = f"{BUILT} (How the gradients are found is what you build up to stage 6.)"
STYLE = (
    ".autograd-check{--autograd-right:#137333;--autograd-wrong:#b06000;max-width:62em}"
    "@media (prefers-color-scheme:dark){.autograd-check{--autograd-right:#56d364;--autograd-wrong:#f2cc60}}"
    "[data-jp-theme-light='true'] .autograd-check{--autograd-right:#137333;--autograd-wrong:#b06000}"
    "[data-jp-theme-light='false'] .autograd-check{--autograd-right:#56d364;--autograd-wrong:#f2cc60}"
    ".autograd-check h4{margin:.4em 0;font-size:1.1em}.autograd-check p{margin:.5em 0;line-height:1.5}"
    ".autograd-check .fits{border-left:3px solid var(--autograd-wrong);padding-left:.8em}"
    ".autograd-check table{margin:.5em 0;border-collapse:collapse}"
    ".autograd-check th,.autograd-check td{padding:.2em .9em;text-align:right!important}"
    ".autograd-check th:first-child,.autograd-check td:first-child{text-align:left!important}"
    ".autograd-check .wrong{color:var(--autograd-wrong);font-weight:bold}"
    ".autograd-check pre{white-space:pre-wrap}"
    ".autograd-check ol{display:flex;flex-wrap:wrap;gap:.3em;list-style:none}"
    ".autograd-check ol{padding:0!important;margin:.8em 0 0!important}"
    ".autograd-check ol li{min-width:1.9em;padding:.15em 0;margin:0;text-align:center;font-size:.85em;"
    "border:1px solid;border-radius:.3em;opacity:.55}"
    ".autograd-check ol li.done{opacity:1;font-weight:bold;color:var(--autograd-right)}"
)


@dataclass(frozen=True)
class Hints:
    """Three hints for a stage; each says more than the one before.  A notebook shows them folded up.

    Attributes:
        stage: the number of the stage.
        step: the number of the hint to print, from 1 to 3.
    """

    stage: int
    step: int = 1

    def __str__(self) -> str:
        here = stage(self.stage)
        text = f"Hint {self.step} of 3 for stage {self.stage}: {here.hints[self.step - 1]}\n"
        return text + (
            f"More: check.hint({self.stage}, {self.step + 1})" if self.step < 3 else indent(here.code, "    ")
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        here = stage(self.stage)
        folded = f"<pre>{escape(here.code)}</pre>"
        for number, text in reversed(list(enumerate(here.hints, 1))):
            name = "A hint" if number == 1 else f"Hint {number}"
            opened = " open" if 1 < number <= self.step else ""
            folded = f"<details{opened}><summary>{name}</summary><p>{marked(text)}</p>{folded}</details>"
        return folded


@dataclass(frozen=True)
class Progress:
    """The stages that have been passed since Python was started.

    Attributes:
        done: their numbers.
    """

    done: frozenset[int]

    def __str__(self) -> str:
        lines = [f"{len(self.done)} of {len(STAGES)} stages passed"]
        for number, here in enumerate(STAGES, 1):
            lines.append(f"  {'x' if number in self.done else '.'} {number:>2}  {here.title}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = [
            f"<tr><td>{number}</td><td style='text-align:left!important'>{escape(here.title)}</td>"
            f"<td>{'✓' if number in self.done else ''}</td></tr>"
            for number, here in enumerate(STAGES, 1)
        ]
        said = f"<p>{len(self.done)} of {len(STAGES)} stages passed</p>"
        return f'<div class="autograd-check"><style>{STYLE}</style>{said}<table>{"".join(items)}</table></div>'


def strip(done: frozenset[int]) -> str:
    """One box for each stage, as HTML."""
    items = "".join(
        f'<li{" class=done" if number in done else ""} title="{escape(here.title)}">'
        f"{'✓' if number in done else number}</li>"
        for number, here in enumerate(STAGES, 1)
    )
    return f'<ol aria-label="{len(done)} of {len(STAGES)} stages passed">{items}</ol>'


def _beginning(printed: str, most: int = 5) -> str:
    """The first lines of a text, and how many there are more."""
    lines = printed.rstrip("\n").split("\n")
    more = len(lines) - most
    return "\n".join(lines[:most] + ([f"... and {more} more lines"] if more > 0 else []))


def marked(text: str) -> str:
    """A text as HTML; code stands between backticks."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


def _table(rows: Sequence[Row]) -> str:
    lines = ["<tr><td></td><th>expected</th><th>yours</th></tr>"]
    for name, expected, given in rows:
        wrong = ' class="wrong"' if expected != given else ""
        lines.append(f"<tr><td>{escape(name)}</td><td>{escape(expected)}</td><td{wrong}>{escape(given)}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _columns(rows: Sequence[Row]) -> list[str]:
    """Rows of text, aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in rows]


# ---------------------------------------------------------------------------------------------------------- comparisons


def rows_of(names: Sequence[str], expected: Sequence[Any], given: Sequence[Any]) -> list[Row]:
    """One row for each pair of numbers.  Two that differ are written so that it can be seen."""
    rows = []
    for name, x, y in zip(names, expected, given, strict=True):
        if isinstance(x, float) and isinstance(y, float):
            a, b = short(x), short(y)
            rows.append((name, a, a) if close(x, y) else (name, a, b) if a != b else (name, repr(x), repr(y)))
        else:
            rows.append((name, _text(x), _text(y)))
    return rows


def _text(x: Any) -> str:
    return short(x) if isinstance(x, float) else f"{x!r:.60}" if not isinstance(x, str) else x


def compared(recipe: Recipe, given: Sequence[float | None], gradients: bool = True, seed: float = 1.0) -> Picture:
    """The graph, with the learner's numbers below the right ones.

    Arguments:
        recipe: the graph.
        given: the learner's number for each node; None where there is none.
        gradients: whether these are gradients; otherwise they are the numbers of the nodes.
        seed: the gradient of the last node.
    """
    right = {node: seed * x for node, x in zip(recipe.nodes, recipe.gradients, strict=True)}
    expected = list(right.values()) if gradients else [node.data for node in recipe.nodes]
    remarks = {}
    for node, x, y in zip(recipe.nodes, expected, given, strict=True):
        if y is not None:
            remarks[node] = (f"yours {short(y)}", "muted" if close(x, y) else "active")
    found = diagram(recipe.nodes[-1], gradients=right, remarks=remarks)
    return Picture(found, gradients=gradients)
