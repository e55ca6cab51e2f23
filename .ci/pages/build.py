"""The pages of the site.

    python .ci/pages/build.py FOLDER

The pages are static, and what moves in them is computed by the page itself, so that they also work without a server.
Read page.py first; then first.py (the first page), lessons.py, gallery.py, api.py with formulas.py (the reference),
benchmarks.py and teachers.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api import reference
from benchmarks import benchmarks
from first import first_page
from gallery import gallery
from lessons import lessons
from page import HERE, Page
from teachers import teachers

from autograd.output.theme import FOUND, document_css


def build(site: Path) -> list[Page]:
    """Write all pages into a folder."""
    taught = lessons()
    described, names = reference()
    pages = [first_page(taught), *taught, gallery(), *described, benchmarks(), teachers()]
    for page in pages:
        for path, content in {page.path: page.html().encode(), **page.files}.items():
            file = site / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (site / "site.css").write_text(document_css() + "\n" + colors() + (HERE / "site.css").read_text("utf-8"), "utf-8")
    for name in ("search.js", "learning.js"):
        (site / name).write_text((HERE / name).read_text("utf-8"), "utf-8")
    entries = [{"title": page.title, "url": page.path, "text": page.text or page.description} for page in pages]
    (site / "search-index.js").write_text(f"window.SEARCH_INDEX = {json.dumps(entries + names)};", "utf-8")
    (site / "favicon.svg").write_text(FAVICON, "utf-8")
    return pages


def colors() -> str:
    """The color of links, light and dark, which is not in the palette of pictures."""
    return f":root{{--found:{FOUND[0]}}}@media (prefers-color-scheme:dark){{:root{{--found:{FOUND[1]}}}}}\n"


FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="7" cy="9" r="5" fill="#0072b2"/>'
    '<circle cx="7" cy="24" r="5" fill="#0072b2"/><circle cx="25" cy="16" r="6" fill="#b04a00"/>'
    '<path d="M12 10L19 14M12 22L19 18" stroke="#8a94a3" stroke-width="2"/></svg>'
)

if __name__ == "__main__":
    for page in build(Path(sys.argv[1])):
        print(page.path)
