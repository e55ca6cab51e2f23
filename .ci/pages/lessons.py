"""The notebooks as pages, with the outputs that are saved in them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from page import ROOT, Page, code, markdown, reachable, words

NOTEBOOKS = ROOT / "notebooks"
SLOWER = (
    "Python runs in the page itself there, three to four times slower. NumPy is a version written in Python: the "
    "numbers are the same, but programs lose most of their speed."
)


def lessons() -> list[Page]:
    """The lessons in order, their index first, and the course at the end."""
    pages = [_lesson(path, "lessons") for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    pages[0].path = "lessons/index.html"
    for page in pages:
        page.content = page.content.replace('href="00_start_here.html"', 'href="index.html"')
    course = _lesson(NOTEBOOKS / "exercises" / "build_your_own_engine.ipynb", "exercises")
    course.content = re.sub(r'href="\.\./(\d)', r'href="../lessons/\1', course.content)
    return [*pages, course]


def exercises_of_lessons() -> dict[str, str]:
    """The name of the exercises at the end of each lesson, with the title of the lesson."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.py")):
        text = path.read_text("utf-8")
        for name in re.findall(r'^exercises\("(.+)"\)$', text, re.M):
            found[name] = re.search(r"^# # (.*)", text, re.M)[1]
    return found


def _lesson(path: Path, folder: str) -> Page:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    first = "".join(cells[0]["source"])
    title = re.search(r"# (.*)", first)[1]
    parts, said = [], []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            linked = re.sub(r"\]\(([^)]+)\.ipynb\)", r"](\1.html)", source).replace("](exercises/", "](../exercises/")
            parts.append(markdown(linked))
            said.append(words(source))
        else:
            parts.append(code(source))
            parts += [f'<div class="output">{output}</div>' for output in map(_output, cell["outputs"]) if output]
    parts.insert(1, _button(path, folder))
    question = re.search(r"\*\*([^*]+\?)\*\*", first)
    about = " ".join(question[1].split()) if question else title
    return Page(f"{folder}/{path.stem}.html", title, about, "\n".join(parts), " ".join(said))


def _button(path: Path, folder: str) -> str:
    """The link to the notebook in JupyterLite."""
    where = path.name if folder == "lessons" else f"exercises/{path.name}"
    run = f'<a class="button first" href="../run/lab/index.html?path={where}">Run it in your browser</a>'
    return f'<p class="buttons">{run}</p><p class="note">{SLOWER}</p>'


def _output(output: dict) -> str:
    """What a cell has shown."""
    if output["output_type"] == "stream":
        return f'<pre tabindex="0">{html.escape("".join(output["text"]))}</pre>'
    shown = output.get("data", {})
    if "text/html" in shown:
        return reachable("".join(shown["text/html"]))
    if "text/latex" in shown:
        return markdown("".join(shown["text/latex"]))
    return f'<pre tabindex="0">{html.escape("".join(shown.get("text/plain", [])))}</pre>'
