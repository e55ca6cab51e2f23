"""The figures of the lessons, for slides and handouts: SVG in light, and PDF."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typst
from lessons import NOTEBOOKS

from autograd.output.raster import in_light

# Of Typst's own fonts, since those of the system differ from one to the next.
FONTS = ("system-ui,sans-serif", "system-ui, sans-serif", "ui-monospace,SFMono-Regular,Menlo,Consolas,")
FONT = "'DejaVu Sans Mono',"


@dataclass
class Figure:
    """A picture of a lesson.

    Attributes:
        name: of its files.
        lesson: the title of the lesson.
        caption: the heading that it stands under.
        svg: the document.
    """

    name: str
    lesson: str
    caption: str
    svg: str


def figures() -> list[Figure]:
    """The still pictures of all lessons, in order."""
    found = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        caption = lesson = ""
        number = 0
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                for level, heading in re.findall(r"^(#+) (.*)$", "".join(cell["source"]), re.M):
                    caption = heading
                    lesson = heading if level == "#" else lesson
                continue
            for output in cell["outputs"]:
                shown = "".join(output.get("data", {}).get("text/html", ""))
                image = re.search(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', shown)
                svg = base64.b64decode(image[1]).decode() if image else "@keyframes"
                if "<iframe" not in shown and "@keyframes" not in svg:
                    number += 1
                    found.append(Figure(f"{path.stem[:2]}_{number}", lesson, caption, in_light(svg)))
    return found


def to_pdf(source: str, pictures: dict[str, str] | None = None) -> bytes:
    """A document in Typst's language as PDF.

    Arguments:
        source: the document.
        pictures: the SVG documents that it shows, by the name of their file.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, svg in (pictures or {}).items():
            for font in FONTS:
                svg = svg.replace(font, FONT)
            (folder / file).write_text(svg, "utf-8")
        (folder / "document.typ").write_text(source, "utf-8")
        return typst.compile(folder / "document.typ", root=folder)


def picture_pdf(svg: str) -> bytes:
    """One picture as a PDF of its size."""
    return to_pdf('#set page(width: auto, height: auto, margin: 4pt)\n#image("picture.svg")\n', {"picture.svg": svg})
