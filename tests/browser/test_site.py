"""The site of ``.ci/site``: its pages, and lessons run by the Python that is in them, with no other server asked."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urldefrag, urljoin, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe
from course import solved
from lab_server import READY
from steps import step_and_slide

import autograd
import nn

ROOT = Path(__file__).parents[2]
PAGES = (
    *("index.html", "lessons/index.html", "lessons/06_the_loss_surface.html", "gallery.html", "benchmarks.html"),
    *("teachers.html", "api/index.html", "api/operations.html", "api/training.html"),
)
WRITE = """sources => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === "code");
    sources.forEach((source, i) => cells[i].model.sharedModel.setSource(source));
}"""


LOADED = 240_000  # milliseconds for JupyterLab to be loaded, also beside other work


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the site, and its folder."""
    folder = tmp_path_factory.mktemp("lite") / "site"
    built = subprocess.run(
        [sys.executable, ROOT / ".ci" / "site", folder], capture_output=True, text=True, check=False, cwd=folder.parent
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


def test_the_graph_of_the_first_page(page: Any, site: tuple[str, Path]) -> None:
    """It lies in the first screen, and can be stepped and moved."""
    page.goto(f"{site[0]}/index.html")
    frame = page.locator(".hero iframe")
    box = frame.bounding_box()
    assert box["y"] + box["height"] < 700.0
    graph = page.frame_locator(".hero iframe")
    graph.locator("button[title^='to the end']").click()
    assert graph.locator(".outcome b").inner_text() != "?"
    before = graph.locator(".outcome b").inner_text()
    graph.locator(".box").filter(has=page.locator("title", has_text="w")).first.click()
    graph.locator(".card input[type=range]").fill("2")
    page.wait_for_timeout(300)
    assert graph.locator(".outcome b").inner_text() != before


def test_the_network_of_the_first_page_learns_as_one_scrolls(page: Any, site: tuple[str, Path]) -> None:
    page.goto(f"{site[0]}/index.html")
    assert page.locator(".learning .epoch").inner_text() == "0"
    first = float(page.locator(".learning .loss").inner_text())
    page.evaluate("document.querySelector('.learning').scrollIntoView({block: 'end'})")
    page.wait_for_function("document.querySelector('.learning .epoch').textContent === '60'")
    assert float(page.locator(".learning .loss").inner_text()) < 0.3 * first


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [390, 800, 1400])
def test_pages_fit_on_small_and_large_screens(page: Any, site: tuple[str, Path], path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site[0]}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.locator("main h1").count() == 1


def test_everybody_can_use_every_page(page: Any, site: tuple[str, Path]) -> None:
    """Nothing that axe-core finds, in light and dark."""
    pages = [path for path in site[1].rglob("*.html") if "run" not in path.relative_to(site[1]).parts]
    for path in sorted(pages):
        page.goto(f"{site[0]}/{path.relative_to(site[1]).as_posix()}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"


def test_every_link_leads_somewhere(site: tuple[str, Path]) -> None:
    """Links and scripts, from page to page; none leaves the site."""
    address, folder = site
    pages = [path for path in folder.rglob("*.html") if "run" not in path.relative_to(folder).parts]
    assert len(pages) > 15
    for path in pages:
        here = f"{address}/{path.relative_to(folder).as_posix()}"
        text = re.sub(r'srcdoc="[^"]*"', "", path.read_text("utf-8"))
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            if link.startswith(("data:", "#")):
                continue
            target = urlparse(urldefrag(urljoin(here, unescape(link)))[0])
            assert target.netloc == urlparse(address).netloc, f"{path.name} -> {link}"
            assert (folder / target.path.lstrip("/")).is_file(), f"{path.name} -> {link}"
            if target.query.startswith("path="):
                assert (folder / "run" / "files" / target.query[5:]).is_file(), link


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_search(page: Any, site: tuple[str, Path]) -> None:
    page.goto(f"{site[0]}/lessons/index.html")
    page.locator("form[role=search] input").fill("weight decay")
    first = page.locator("form[role=search] li a").first
    assert "Overfitting" in first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/08_overfitting.html")
    page.locator("form[role=search] input").fill("no such word anywhere")
    assert page.locator("form[role=search] li").inner_text() == "nothing found"


def open_notebook(page: Any, address: str) -> None:
    """Follow the link of a lesson to its notebook, and wait for the kernel."""
    page.goto(address)
    page.get_by_role("link", name="Run it in your browser").click()
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=LOADED)
    page.evaluate(READY)


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_lesson_runs_in_the_page(page: Any, site: tuple[str, Path]) -> None:
    open_notebook(page, f"{site[0]}/lessons/03_backpropagation_by_hand.html")
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    step_and_slide(page)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


# JavaScript: of each code cell whether it has run, and its errors and warnings.
RUN = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code")
    .map(cell => [cell.model.executionCount !== null, cell.model.outputs.toJSON()
        .filter(output => output.output_type === "error" || output.name === "stderr")])"""


@pytest.mark.parametrize("page", ["light"], indirect=True)
@pytest.mark.parametrize("lesson", ["04_neuron_layer_network", "13_from_scalars_to_matrices", "14_past_one_machine"])
def test_lessons_with_arrays_run_in_the_page(page: Any, site: tuple[str, Path], lesson: str) -> None:
    """Programs and live training, by the NumPy in Python; nothing is asked from elsewhere."""
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    open_notebook(page, f"{site[0]}/lessons/{lesson}.html")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    cells = page.evaluate(RUN)
    assert len(cells) > 4
    assert [cell for cell in cells if cell != [True, []]] == []
    assert [url for url in elsewhere if not url.startswith((site[0], "data:", "blob:"))] == []


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_course_is_solved_in_the_page(page: Any, site: tuple[str, Path]) -> None:
    """All stages; and code that never ends is stopped there, too."""
    open_notebook(page, f"{site[0]}/exercises/build_your_own_engine.html")
    endless = "def endless():\n    while True:\n        pass\n\n\ncheck.SECONDS = 0.2\ncheck.stage14(MyValue, endless)"
    page.evaluate(WRITE, [*solved("table")[:-1], endless])
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function("document.querySelectorAll('.autograd-check h4').length === 17", timeout=240_000)
    *titles, last = page.locator(".autograd-check h4").all_text_contents()
    assert [title.rsplit(": ", 1)[1] for title in titles] == ["passed"] * 16
    assert last.endswith("not yet")
    assert "The code does not end." in page.locator(".autograd-check").last.text_content()


def test_the_reference_has_every_public_name(site: tuple[str, Path]) -> None:
    """With its formulas set: no LaTeX is left."""
    pages = {path.stem: path.read_text("utf-8") for path in (site[1] / "api").glob("*.html")}
    anchors = set(re.findall(r' id="((?:autograd|nn)\.[\w.]+)"', "".join(pages.values())))
    names = {f"autograd.{name}" for name in autograd.__all__} | {f"nn.{name}" for name in nn.__all__}
    assert {name for name in names if not isinstance(eval(name), ModuleType)} <= anchors
    assert {"nn.optim.cosine_lr", "nn.data.moons", "autograd.lessons.check.stage4"} <= anchors
    assert "autograd.Value.backward" in anchors
    for name, text in pages.items():
        assert "$" not in re.sub(r"<code>.*?</code>|<pre.*?</pre>", "", text, flags=re.S), name
        assert "<math" in text or name in ("data", "elsewhere", "explanations", "pictures"), name


def test_formulas_are_whole(site: tuple[str, Path]) -> None:
    """No command of LaTeX is left over in them."""
    for path in site[1].rglob("*.html"):
        if "run" not in path.relative_to(site[1]).parts:
            for formula in re.findall(r"<math.*?</math>", path.read_text("utf-8"), re.S):
                assert "\\" not in formula, path.name
                assert "<mi>&</mi>" not in formula, path.name


def test_operations_show_their_derivatives(page: Any, site: tuple[str, Path]) -> None:
    page.goto(f"{site[0]}/api/operations.html#autograd.tanh")
    formulas = page.locator("h2[id='autograd.tanh'] ~ .partials").first
    assert re.sub(r"\s", "", formulas.text_content()) == "∂z∂x=1−z·z"


def test_what_teachers_download(site: tuple[str, Path]) -> None:
    """A sheet with and without solutions, and each figure in light colors, also for programs other than browsers."""
    folder = site[1] / "teachers"
    assert all((folder / name).read_bytes().startswith(b"%PDF") for name in ("exercises.pdf", "solutions.pdf"))
    pictures = sorted(folder.glob("*.svg"))
    assert len(pictures) > 40
    for picture in pictures:
        text = picture.read_text("utf-8")
        assert "var(--" not in text
        assert "@media" not in text
        assert picture.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_benchmarks_can_be_run(site: tuple[str, Path]) -> None:
    text = unescape((site[1] / "benchmarks.html").read_text("utf-8"))
    commands = re.findall(r"python (tests/benchmarks/\w+\.py)", re.sub(r"<[^>]+>", "", text))
    assert len(set(commands)) > 15
    assert all((ROOT / command).is_file() for command in commands)


def test_every_lesson_is_there(site: tuple[str, Path]) -> None:
    """In lesson 14, cells that need JAX or other processes are text."""
    there = sorted((site[1] / "run" / "files").glob("*.ipynb"))
    assert [path.name for path in there] == [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    for path in there:
        code = "".join(
            "".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"
        )
        assert not re.search(r"\b(jax|dask|joblib|distributed)\b", code), path.name
