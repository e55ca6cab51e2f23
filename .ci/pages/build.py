"""The pages of the site: the first page, the lessons with their explorers alive, the gallery, and the search.

    python .ci/pages/build.py FOLDER

The pages are static.  What moves in them is computed by the page itself, so that they also work without a server.
"""

from __future__ import annotations

import html
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograd import Chart, Explorer, Value, animate, draw, explain, explore, quiz, tanh
from autograd.output.theme import FOUND, document_css
from nn import (
    MLP,
    Adam,
    accuracy,
    cross_entropy,
    data,
    fit,
    plot_decision_boundary,
    plot_descent,
    plot_history,
    plot_tangent,
)

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTEBOOKS = ROOT / "notebooks"
PAGES = {
    "lessons/index.html": "Lessons",
    "exercises/build_your_own_engine.html": "Build it yourself",
    "gallery.html": "Gallery",
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
    """

    path: str
    title: str
    description: str
    content: str
    text: str = ""
    wide: bool = False

    @property
    def root(self) -> str:
        """The way to the root of the site."""
        return "../" * self.path.count("/")

    def html(self) -> str:
        frame = (HERE / "frame.html").read_text("utf-8")
        links = []
        for path, name in PAGES.items():
            current = ' aria-current="page"' if path == self.path else ""
            links.append(f'<a href="{self.root}{path}"{current}>{name}</a>')
        parts = {
            "title": html.escape(self.title),
            "description": html.escape(self.description),
            "root": self.root,
            "navigation": "".join(links),
            "content": self.content,
        }
        page = re.sub(r"\{(\w+)\}", lambda m: parts.get(m[1], m[0]), frame)
        return page.replace('<main id="content">', '<main id="content" class="wide">') if self.wide else page


# ------------------------------------------------------------------------------------------------------------ markdown


def _math(text: str, options: dict) -> str:
    return convert(text, display="block" if options.get("display_mode") else "inline")


def markdown(text: str) -> str:
    """Markdown, with formulas as MathML."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.use(dollarmath_plugin, renderer=_math, double_inline=True)
    return reachable(parser.render(text))


def reachable(text: str) -> str:
    """HTML in which what may scroll can be reached by keyboard."""
    return re.sub(
        r"<(pre|table|div class=\"math block\"|div style=\"overflow:auto[^\"]*\")>", r'<\1 tabindex="0">', text
    )


def code(text: str) -> str:
    return reachable(highlight(text, PythonLexer(), HtmlFormatter()))


def words(text: str) -> str:
    """The words of a text in Markdown or HTML."""
    return " ".join(re.sub(r"<[^>]+>|[*#`|$\\]+", " ", text).split())


# ------------------------------------------------------------------------------------------------------------- lessons


def lesson(path: Path, folder: str, site: Path) -> Page:
    """A notebook as a page, with the outputs that are saved in it."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    title = re.search(r"# (.*)", "".join(cells[0]["source"]))[1]
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
    parts.insert(1, buttons(path, folder, site))
    question = re.search(r"\*\*([^*]+\?)\*\*", "".join(cells[0]["source"]))
    about = " ".join(question[1].split()) if question else title
    return Page(f"{folder}/{path.stem}.html", title, about, "\n".join(parts), " ".join(said))


def buttons(path: Path, folder: str, site: Path) -> str:
    """The link to the notebook in JupyterLite, if it is there."""
    where = path.name if folder == "lessons" else f"exercises/{path.name}"
    if not (site / "run" / "files" / where).exists():
        return "<p>The code of this lesson needs NumPy, which browsers do not have. Its pictures are alive.</p>"
    run = f'<a class="button first" href="../run/lab/index.html?path={where}">Run it in your browser</a>'
    return f'<p class="buttons">{run}</p>'


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


# ---------------------------------------------------------------------------------------------------------- first page


def first_page(lessons: list[Page]) -> Page:
    w, x, b, y = Value(0.5, "w"), Value(1.5, "x"), Value(-1.0, "b"), Value(0.8, "y")
    out = tanh(w * x + b)
    out.label = "out"
    loss = (out - y) ** 2
    loss.label = "loss"
    graph = Explorer(loss, plays=True).page
    listed = "".join(
        f'<li><a href="{page.path}">{page.title}</a><p>{page.description}</p></li>' for page in lessons[1:]
    )
    ten = """from autograd import Value, draw
from nn import MLP, data, fit

a, b = Value(2.0, "a"), Value(-3.0, "b")
c = (a * b + 7.0).tanh() + a**2
c.backward()
print(a.grad, b.grad)  # how c changes with a, and with b
draw(c)

moons = data.moons(n=100)
model = MLP(2, [8, 2], "tanh")
fit(model, moons.X, moons.y, "cross_entropy", epochs=60)"""
    content = f"""<section class="hero"><h1>How does a network learn?</h1>
<p>Press ▶, then click <code>w</code> or <code>b</code> and move the slider.</p>
<iframe title="a live computation graph" srcdoc="{html.escape(graph)}"></iframe>
<p class="buttons"><a class="button first" href="lessons/01_the_slope_as_a_tangent.html">Begin with lesson 1</a>
<a class="button" href="exercises/build_your_own_engine.html">Build it yourself</a></p></section>
<h2>Scroll, and watch it learn</h2>
<section class="learning"><div class="held"><canvas width="432" height="432" role="img"
aria-label="two half moons of points, and the two regions into which a network divides the plane"></canvas>
<div><p>Two inputs, eight neurons, two outputs. At first the weights are random, and so is the border between the
colors. Each epoch, the gradient of the loss moves every weight a little.</p>
<p>epoch <span class="number epoch">0</span></p><p>loss <span class="number loss"></span></p>
<p>right <span class="number right"></span></p></div></div></section>
<h2>Ten lines of Python</h2>
{code(ten)}
<h2>The lessons</h2>
<ol class="cards">{listed}</ol>
<script type="application/json" id="learning">{json.dumps(training())}</script>
<script src="learning.js" defer></script>"""
    about = "Write scalars, see every derivative: a live introduction to backpropagation."
    return Page("index.html", "scalar-backprop: how a network learns", about, content, "", True)


def training() -> dict:
    """The weights of a small network, epoch by epoch."""
    moons = data.moons(n=100, seed=1)
    model = MLP(2, [8, 2], activation="tanh", seed=4)
    epochs = []

    def keep(loss: float, right: float) -> None:
        layers = [
            [[[round(w.data, 4) for w in neuron.weights], round(neuron.bias.data, 4)] for neuron in layer.neurons]
            for layer in model.layers
        ]
        epochs.append({"layers": layers, "loss": round(loss, 4), "accuracy": right})

    def note(history) -> None:
        keep(history.loss[-1], history.accuracy[-1])

    outputs = [model(row) for row in moons.X]
    keep(cross_entropy(outputs, moons.y).data, accuracy(outputs, moons.y))
    optimizer = Adam(model.parameters(), lr=0.03)
    options = {"epochs": 60, "callbacks": note, "seed": 1, "progress": False}
    fit(model, moons.X, moons.y, "cross_entropy", optimizer, **options)
    points = [[round(float(u), 3) for u in row] for row in moons.X]
    return {"epochs": epochs, "X": points, "y": list(map(int, moons.y))}


# ------------------------------------------------------------------------------------------------------------- gallery


def gallery() -> Page:
    """Every kind of picture, with the line that makes it."""
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = (a * b + 7.0).tanh() + a**2
    c.label = "c"
    c.backward()
    model = MLP(2, [3, 1], "tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    loss.backward()
    moons = data.moons(n=100, seed=1)
    net = MLP(2, [8, 2], activation="tanh", seed=1)
    history = fit(
        net, moons.X, moons.y, "cross_entropy", Adam(net.parameters(), lr=0.05), epochs=40, seed=1, progress=False
    )
    xs = [i / 10.0 for i in range(-30, 31)]
    chart = Chart(560, 280)
    chart.panel(x="x").line(xs, [x * x / 9.0 for x in xs], "x² / 9").line(
        xs, [abs(x) / 3.0 for x in xs], "|x| / 3", dash="dashed"
    )
    items = [
        ("A graph", "draw(c)", draw(c)._repr_html_()),
        ("Its local derivatives", "draw(c, partials=True)", draw(c, partials=True)._repr_html_()),
        ("Every path", "draw(c, paths=explain(c, a))", draw(c, paths=explain(c, a))._repr_html_()),
        ("A network, closed", "draw(loss, depth=3)", draw(loss, depth=3)._repr_html_()),
        ("What flows back", "draw(loss, fold=True, flow=True)", draw(loss, fold=True, flow=True)._repr_html_()),
        (
            "The size of the gradient",
            "draw(loss, fold=True, heat=True)",
            draw(loss, fold=True, heat=True)._repr_html_(),
        ),
        ("Both passes, as a moving picture", "animate(c)", animate(c)._repr_html_()),
        ("A live graph", "explore(c)", explore(c).framed(height=520)),
        ("A quiz", "quiz(seed=5, size=3)", quiz(seed=5, size=3)._repr_html_()),
        ("A tangent", "plot_tangent(lambda x: x**2, 1.0)", plot_tangent(lambda x: x**2, 1.0)._repr_html_()),
        (
            "Paths of descent",
            "plot_descent(lambda u, v: u * u + 10.0 * v * v, (1.5, 1.0))",
            plot_descent(lambda u, v: u * u + 10.0 * v * v, (1.5, 1.0))._repr_html_(),
        ),
        ("A training", "history.plot()", plot_history(history)._repr_html_()),
        (
            "Decision regions",
            "plot_decision_boundary(net, moons.X, moons.y)",
            plot_decision_boundary(net, moons.X, moons.y)._repr_html_(),
        ),
        ("Any chart", 'Chart().panel(x="x").line(xs, ys, "x² / 9")', chart._repr_html_()),
    ]
    content = (
        "<h1>Gallery</h1><p>Every picture that the library makes, each with the line that makes it.</p>"
        + "".join(
            f"<h2>{title}</h2>{code(line)}<div class='output'>{reachable(picture)}</div>"
            for title, line, picture in items
        )
    )
    return Page(
        "gallery.html",
        "Gallery",
        "Every picture, with the line that makes it.",
        content,
        " ".join(t for t, _, _ in items),
        True,
    )


# ------------------------------------------------------------------------------------------------------------ the site


def build(site: Path) -> list[Page]:
    """Write all pages into a folder."""
    lessons = [lesson(path, "lessons", site) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    course = lesson(NOTEBOOKS / "exercises" / "build_your_own_engine.ipynb", "exercises", site)
    index = lessons[0]
    index.path = "lessons/index.html"
    pages = [first_page(lessons), *lessons, course, gallery()]
    for page in pages:
        file = site / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        content = page.html().replace('href="00_start_here.html"', 'href="index.html"')
        file.write_text(content.replace('href="../02_', 'href="../lessons/02_') if page is course else content, "utf-8")
    (site / "site.css").write_text(document_css() + "\n" + colors() + (HERE / "site.css").read_text("utf-8"), "utf-8")
    for name in ("search.js", "learning.js"):
        (site / name).write_text((HERE / name).read_text("utf-8"), "utf-8")
    entries = [{"title": page.title, "url": page.path, "text": page.text or page.description} for page in pages]
    (site / "search-index.js").write_text(f"window.SEARCH_INDEX = {json.dumps(entries)};", "utf-8")
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
