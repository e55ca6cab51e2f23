"""One page of the site: its frame, and how text, formulas and code become HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# What the top of every page links to.
LINKS = {
    "lessons/index.html": "Lessons",
    "exercises/build_your_own_engine.html": "Build it yourself",
    "gallery.html": "Gallery",
    "api/index.html": "Reference",
    "benchmarks.html": "Benchmarks",
    "teachers.html": "For teachers",
}


@dataclass
class Page:
    """One page.

    Attributes:
        path: where it is, from the root of the site.
        title, description: what it is called, and what it is about.
        content: its HTML.
        text: its words, for the search.
        wide: whether it is as wide as the window allows.
        files: what lies beside it, such as pictures to download: the bytes of each by its path from the root.
    """

    path: str
    title: str
    description: str
    content: str
    text: str = ""
    wide: bool = False
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The way to the root of the site."""
        return "../" * self.path.count("/")

    def html(self) -> str:
        links = []
        for path, name in LINKS.items():
            here = path == self.path or (path.endswith("/index.html") and self.path.startswith(path[:-10]))
            links.append(f'<a href="{self.root}{path}"{" aria-current=page" * here}>{name}</a>')
        parts = {
            "title": html.escape(self.title),
            "description": html.escape(self.description),
            "root": self.root,
            "navigation": "".join(links),
            "class": "wide" if self.wide else "",
            "content": self.content,
        }
        frame = (HERE / "frame.html").read_text("utf-8")
        return re.sub(r"\{(\w+)\}", lambda found: parts.get(found[1], found[0]), frame)


def _math(text: str, options: dict) -> str:
    text = text.replace("{aligned}", "{align*}")  # the same in a block; the converter knows the second only
    return convert(text, display="block" if options.get("display_mode") else "inline")


def _parser(is_html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": is_html}).enable("table")
    return parser.use(dollarmath_plugin, renderer=_math, double_inline=True)


PARSERS = {is_html: _parser(is_html) for is_html in (True, False)}


def markdown(text: str, is_html: bool = True) -> str:
    """Markdown as HTML, with formulas as MathML.

    Arguments:
        is_html: whether there may be HTML in it; otherwise it is shown as it stands.
    """
    return reachable(PARSERS[is_html].render(text))


def reachable(text: str) -> str:
    """HTML in which what may scroll can be reached by keyboard."""
    return re.sub(
        r"<(pre|table|div class=\"math block\"|div style=\"overflow:auto[^\"]*\")>", r'<\1 tabindex="0">', text
    )


def code(text: str, language: str = "python") -> str:
    """Code in color.  ``pycon`` is what an interpreter shows."""
    return reachable(highlight(text, get_lexer_by_name(language), HtmlFormatter()))


def words(text: str) -> str:
    """The words of a text in Markdown or HTML."""
    return " ".join(re.sub(r"<[^>]+>|[*#`|$\\]+", " ", text).split())
